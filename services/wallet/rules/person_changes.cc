#include "services/wallet/rules/person_changes.h"

#include <utility>

#include "services/common/errors/check.h"
#include "services/common/errors/reasons.h"
#include "services/ledger/accounts.h"

namespace gongji::wallet {
namespace {

Person PersonOf(const std::string& psn_no, const Draft& rows) {
  return rows.person(psn_no).value_or(Person{});
}

// Of those of his own accounts that there are.
void SetClosed(const std::string& psn_no, bool closed, Draft& rows) {
  for (const std::string& name : OwnAccounts(psn_no)) {
    if (!rows.account(name).has_value()) continue;
    Account account = *rows.account(name);
    account.closed = closed;
    rows.SetAccount(name, account);
  }
}

// Quota in either direction, decided on the exact state: also what the transaction before this one
// granted.
absl::Status NothingUnspent(const std::string& psn_no, const Draft& rows) {
  for (const std::string& name : rows.AccountsOf(psn_no)) {
    const AccountClass account_class = ParseAccount(name)->account_class;
    const bool quota = account_class == AccountClass::kGranted || IsReceived(account_class);
    if (!quota || rows.account(name).value_or(Account{}).balance_fen == 0) continue;
    return Refuse(reason::kQuotaUnspent, {{"psn_no", psn_no}, {"account", name}});
  }
  return absl::OkStatus();
}

void OpenIfMissing(const std::string& name, Draft& rows) {
  if (!rows.account(name).has_value()) rows.SetAccount(name, Account{});
}

void OpenAccounts(const std::string& psn_no, int account_year, Draft& rows) {
  Person person = PersonOf(psn_no, rows);
  if (person.year != 0) return;
  CHECK(account_year > 0);
  person.year = account_year;
  rows.SetPerson(psn_no, std::move(person));
  OpenIfMissing(CurrentAccount(psn_no), rows);
  OpenIfMissing(PriorAccount(psn_no), rows);
}

absl::Status OpenWallet(const std::string& psn_no, const std::string& opened_by, Draft& rows) {
  Person person = PersonOf(psn_no, rows);
  RETURN_IF_ERROR(AtHome(psn_no, person));
  if (person.wallet_open) return absl::OkStatus();
  person.wallet_open = true;
  person.opened_by = opened_by;
  rows.SetPerson(psn_no, std::move(person));
  return absl::OkStatus();
}

absl::Status CloseWallet(const std::string& psn_no, Draft& rows) {
  Person person = PersonOf(psn_no, rows);
  if (!person.wallet_open) return Refuse(reason::kWalletNotOpened, {{"psn_no", psn_no}});
  RETURN_IF_ERROR(NothingUnspent(psn_no, rows));
  person.wallet_open = false;
  person.opened_by.clear();
  rows.SetPerson(psn_no, std::move(person));
  return absl::OkStatus();
}

absl::Status CheckHasAccount(const std::string& psn_no, const Person& person) {
  if (person.year != 0) return absl::OkStatus();
  return Refuse(reason::kAccountMissing, {{"account", CurrentAccount(psn_no)}});
}

absl::Status Leave(const std::string& psn_no, Draft& rows) {
  Person person = PersonOf(psn_no, rows);
  RETURN_IF_ERROR(CheckHasAccount(psn_no, person));
  RETURN_IF_ERROR(AtHome(psn_no, person));
  person.standing = Standing::kLeaving;
  rows.SetPerson(psn_no, std::move(person));
  SetClosed(psn_no, true, rows);
  return absl::OkStatus();
}

// From `left` to normal; a person who has another standing keeps it.
void Return(const std::string& psn_no, Standing left, Draft& rows) {
  Person person = PersonOf(psn_no, rows);
  if (person.standing != left) return;
  person.standing = Standing::kNormal;
  person.forward_to.clear();
  rows.SetPerson(psn_no, std::move(person));
  SetClosed(psn_no, false, rows);
}

absl::Status CheckDeparture(const std::string& psn_no, const Draft& rows) {
  if (PersonOf(psn_no, rows).standing != Standing::kLeaving) {
    return Refuse(reason::kPersonNotLeaving, {{"psn_no", psn_no}});
  }
  return NothingUnspent(psn_no, rows);
}

}  // namespace

absl::Status AtHome(const std::string& psn_no, const Person& person) {
  switch (person.standing) {
    case Standing::kNormal:
      return absl::OkStatus();
    case Standing::kLeaving:
      return Refuse(reason::kPersonLeaving, {{"psn_no", psn_no}});
    case Standing::kLeft:
      break;
  }
  return Refuse(reason::kPersonLeft, {{"psn_no", psn_no}, {"area", NewAreaOf(person)}});
}

std::string NewAreaOf(const Person& person) {
  return person.forward_to.substr(person.forward_to.rfind('/') + 1);
}

absl::Status BeginChange(const PersonChange& change, const std::string& opened_by, int account_year,
                         Draft& rows) {
  const std::string& psn_no = change.psn_no;
  const Person person = PersonOf(psn_no, rows);
  switch (change.change) {
    case Change::kLeave:
      return Leave(psn_no, rows);
    case Change::kStay:
      Return(psn_no, Standing::kLeaving, rows);
      return absl::OkStatus();
    case Change::kDepart:
      return CheckDeparture(psn_no, rows);
    case Change::kArrive:
      Return(psn_no, Standing::kLeft, rows);
      OpenAccounts(psn_no, account_year, rows);
      return absl::OkStatus();
    case Change::kOpenAccount:
    case Change::kOpenFirstAccount:
      // What comes for a person who is leaving goes with him.
      if (person.standing == Standing::kLeft) return AtHome(psn_no, person);
      if (change.change == Change::kOpenFirstAccount && person.year != 0) {
        return Refuse(reason::kOpeningBalanceTooLate, {{"psn_no", psn_no}});
      }
      OpenAccounts(psn_no, account_year, rows);
      return absl::OkStatus();
    case Change::kOpenFamily:
      RETURN_IF_ERROR(CheckHasAccount(psn_no, person));
      RETURN_IF_ERROR(AtHome(psn_no, person));
      OpenIfMissing(FamilyAccount(psn_no), rows);
      return absl::OkStatus();
    case Change::kOpenWallet:
      return OpenWallet(psn_no, opened_by, rows);
    case Change::kCloseWallet:
      return CloseWallet(psn_no, rows);
  }
  CHECK(false);
}

absl::Status EndChange(const PersonChange& change, Draft& rows) {
  if (change.change != Change::kDepart) return absl::OkStatus();
  const std::string& psn_no = change.psn_no;
  for (const std::string& name : OwnAccounts(psn_no)) {
    if (rows.account(name).value_or(Account{}).balance_fen == 0) continue;
    return Refuse(reason::kAccountNotEmpty, {{"account", name}});
  }
  // A refund finds them closed and goes to the giver, as after the end of a relation.
  for (const std::string& name : rows.AccountsOf(psn_no)) {
    Account account = *rows.account(name);
    if (ParseAccount(name)->account_class != AccountClass::kLot || account.closed) continue;
    account.closed = true;
    rows.SetAccount(name, account);
  }
  Person person = PersonOf(psn_no, rows);
  person.standing = Standing::kLeft;
  person.forward_to = change.forward_to;
  person.wallet_open = false;
  person.opened_by.clear();
  rows.SetPerson(psn_no, std::move(person));
  return absl::OkStatus();
}

}  // namespace gongji::wallet
