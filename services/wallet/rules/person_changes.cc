// Residence goes from normal to leaving (kLeave), and from there back (kStay) or to left (kDepart);
// kArrive makes it normal again. Leaving closes the own accounts, which is how Judge learns that
// they cannot be debited; departure also closes the wallet and the lots.
#include "services/wallet/rules/person_changes.h"

#include <utility>

#include "services/common/errors/check.h"
#include "services/common/errors/reasons.h"
#include "services/ledger/accounts.h"

namespace gongji::wallet {
namespace {

ledger::Person PersonOf(const std::string& psn_no, const Draft& rows) {
  return rows.person(psn_no).value_or(ledger::Person{});
}

// Closes or opens those own accounts that exist.
void SetClosed(const std::string& psn_no, bool closed, Draft& rows) {
  for (const std::string& name : ledger::OwnAccounts(psn_no)) {
    if (!rows.account(name).has_value()) continue;
    ledger::Account account = *rows.account(name);
    account.closed = closed;
    rows.SetAccount(name, account);
  }
}

// Refuses if there is quota in either direction. The accounts are exact: they include what the
// transaction before this one granted.
absl::Status NothingUnspent(const std::string& psn_no, const Draft& rows) {
  for (const std::string& name : rows.AccountsOf(psn_no)) {
    const ledger::AccountClass account_class = ledger::ParseAccount(name)->account_class;
    const bool quota =
        account_class == ledger::AccountClass::kGranted || ledger::IsReceived(account_class);
    if (!quota || rows.account(name).value_or(ledger::Account{}).balance_fen == 0) continue;
    return Refuse(reason::kQuotaUnspent, {{"psn_no", psn_no}, {"account", name}});
  }
  return absl::OkStatus();
}

void OpenIfMissing(const std::string& name, Draft& rows) {
  if (!rows.account(name).has_value()) rows.SetAccount(name, ledger::Account{});
}

void OpenAccounts(const std::string& psn_no, int account_year, Draft& rows) {
  ledger::Person person = PersonOf(psn_no, rows);
  if (person.year != 0) return;
  CHECK(account_year > 0);
  person.year = account_year;
  rows.SetPerson(psn_no, std::move(person));
  OpenIfMissing(ledger::CurrentAccount(psn_no), rows);
  OpenIfMissing(ledger::PriorAccount(psn_no), rows);
}

absl::Status OpenWallet(const std::string& psn_no, const std::string& opened_by, Draft& rows) {
  ledger::Person person = PersonOf(psn_no, rows);
  RETURN_IF_ERROR(AtHome(psn_no, person));
  if (person.wallet_open) return absl::OkStatus();
  person.wallet_open = true;
  person.opened_by = opened_by;
  rows.SetPerson(psn_no, std::move(person));
  return absl::OkStatus();
}

absl::Status CloseWallet(const std::string& psn_no, Draft& rows) {
  ledger::Person person = PersonOf(psn_no, rows);
  if (!person.wallet_open) return Refuse(reason::kWalletNotOpened, {{"psn_no", psn_no}});
  RETURN_IF_ERROR(NothingUnspent(psn_no, rows));
  person.wallet_open = false;
  person.opened_by.clear();
  rows.SetPerson(psn_no, std::move(person));
  return absl::OkStatus();
}

absl::Status CheckHasAccount(const std::string& psn_no, const ledger::Person& person) {
  if (person.year != 0) return absl::OkStatus();
  return Refuse(reason::kAccountMissing, {{"account", ledger::CurrentAccount(psn_no)}});
}

absl::Status Leave(const std::string& psn_no, Draft& rows) {
  ledger::Person person = PersonOf(psn_no, rows);
  RETURN_IF_ERROR(CheckHasAccount(psn_no, person));
  RETURN_IF_ERROR(AtHome(psn_no, person));
  person.residence = ledger::Residence::kLeaving;
  rows.SetPerson(psn_no, std::move(person));
  SetClosed(psn_no, true, rows);
  return absl::OkStatus();
}

// Makes a person whose residence is `left` normal again; any other residence stays.
void Return(const std::string& psn_no, ledger::Residence left, Draft& rows) {
  ledger::Person person = PersonOf(psn_no, rows);
  if (person.residence != left) return;
  person.residence = ledger::Residence::kNormal;
  person.forward_to.clear();
  rows.SetPerson(psn_no, std::move(person));
  SetClosed(psn_no, false, rows);
}

absl::Status CheckDeparture(const std::string& psn_no, const Draft& rows) {
  if (PersonOf(psn_no, rows).residence != ledger::Residence::kLeaving) {
    return Refuse(reason::kPersonNotLeaving, {{"psn_no", psn_no}});
  }
  return NothingUnspent(psn_no, rows);
}

}  // namespace

absl::Status AtHome(const std::string& psn_no, const ledger::Person& person) {
  switch (person.residence) {
    case ledger::Residence::kNormal:
      return absl::OkStatus();
    case ledger::Residence::kLeaving:
      return Refuse(reason::kPersonLeaving, {{"psn_no", psn_no}});
    case ledger::Residence::kLeft:
      break;
  }
  return Refuse(reason::kPersonLeft, {{"psn_no", psn_no}, {"area", NewAreaOf(person)}});
}

std::string NewAreaOf(const ledger::Person& person) {
  return person.forward_to.substr(person.forward_to.rfind('/') + 1);
}

absl::Status BeginChange(const ledger::PersonChange& change, const std::string& opened_by,
                         int account_year, Draft& rows) {
  const std::string& psn_no = change.psn_no;
  const ledger::Person person = PersonOf(psn_no, rows);
  switch (change.step) {
    case ledger::PersonStep::kLeave:
      return Leave(psn_no, rows);
    case ledger::PersonStep::kStay:
      Return(psn_no, ledger::Residence::kLeaving, rows);
      return absl::OkStatus();
    case ledger::PersonStep::kDepart:
      return CheckDeparture(psn_no, rows);
    case ledger::PersonStep::kArrive:
      Return(psn_no, ledger::Residence::kLeft, rows);
      OpenAccounts(psn_no, account_year, rows);
      return absl::OkStatus();
    case ledger::PersonStep::kOpenAccount:
    case ledger::PersonStep::kOpenFirstAccount:
      // A contribution for a person who is leaving goes along with them.
      if (person.residence == ledger::Residence::kLeft) return AtHome(psn_no, person);
      if (change.step == ledger::PersonStep::kOpenFirstAccount && person.year != 0) {
        return Refuse(reason::kOpeningBalanceTooLate, {{"psn_no", psn_no}});
      }
      OpenAccounts(psn_no, account_year, rows);
      return absl::OkStatus();
    case ledger::PersonStep::kOpenFamily:
      RETURN_IF_ERROR(CheckHasAccount(psn_no, person));
      RETURN_IF_ERROR(AtHome(psn_no, person));
      OpenIfMissing(ledger::FamilyAccount(psn_no), rows);
      return absl::OkStatus();
    case ledger::PersonStep::kOpenWallet:
      return OpenWallet(psn_no, opened_by, rows);
    case ledger::PersonStep::kCloseWallet:
      return CloseWallet(psn_no, rows);
  }
  CHECK(false);
}

absl::Status EndChange(const ledger::PersonChange& change, Draft& rows) {
  if (change.step != ledger::PersonStep::kDepart) return absl::OkStatus();
  const std::string& psn_no = change.psn_no;
  for (const std::string& name : ledger::OwnAccounts(psn_no)) {
    if (rows.account(name).value_or(ledger::Account{}).balance_fen == 0) continue;
    return Refuse(reason::kAccountNotEmpty, {{"account", name}});
  }
  // Lots are closed, so that a refund goes to the giver, as after the end of a relation.
  for (const std::string& name : rows.AccountsOf(psn_no)) {
    ledger::Account account = *rows.account(name);
    if (ledger::ParseAccount(name)->account_class != ledger::AccountClass::kLot || account.closed) {
      continue;
    }
    account.closed = true;
    rows.SetAccount(name, account);
  }
  ledger::Person person = PersonOf(psn_no, rows);
  person.residence = ledger::Residence::kLeft;
  person.forward_to = change.forward_to;
  person.wallet_open = false;
  person.opened_by.clear();
  rows.SetPerson(psn_no, std::move(person));
  return absl::OkStatus();
}

}  // namespace gongji::wallet
