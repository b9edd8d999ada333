#include "services/wallet/rules/year_close.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/errors/status.h"
#include "services/ledger/accounts.h"

namespace gongji::wallet {
namespace {

// Granted money stays granted: it moves to the prior-years bucket of its grant.
ledger::Transaction CloseOf(const std::string& psn_no, const std::vector<std::string>& granted,
                            int year, const Draft& rows) {
  ledger::Transaction close{.id = ledger::CloseId(psn_no, year), .kind = ledger::Kind::kComplete};
  const auto add = [&](const std::string& current) {
    const int64_t left_fen = rows.account(current).value_or(ledger::Account{}).balance_fen;
    if (left_fen == 0) return;
    close.groups.push_back(
        {left_fen,
         left_fen,
         {{.from = current, .to = ledger::PriorBeside(current), .tag = "close"}}});
  };
  add(ledger::CurrentAccount(psn_no));
  for (const std::string& account : granted) add(account);
  close.closed_years.push_back({psn_no, year});
  return close;
}

}  // namespace

bool IsDue(const std::optional<ledger::Person>& person, int account_year) {
  return person.has_value() && person->year != 0 && person->year < account_year;
}

void AddKeysOfClose(const std::string& psn_no, const std::vector<std::string>& granted,
                    Keys& keys) {
  keys.accounts.push_back(ledger::CurrentAccount(psn_no));
  keys.accounts.push_back(ledger::PriorAccount(psn_no));
  for (const std::string& account : granted) {
    keys.accounts.push_back(account);
    keys.accounts.push_back(ledger::PriorBeside(account));
  }
}

absl::Status CloseYears(const std::vector<std::string>& persons, const DueYears& due, Moment moment,
                        Draft& rows, absl::FunctionRef<void(ledger::Entry)> use) {
  for (const std::string& psn_no : persons) {
    const auto found = due.find(psn_no);
    if (found == due.end() || !IsDue(rows.person(psn_no), moment.account_year)) continue;
    ledger::Entry entry =
        Judge(CloseOf(psn_no, found->second, moment.account_year, rows), moment, rows);
    RETURN_IF_ERROR(entry.status);
    use(std::move(entry));
  }
  return absl::OkStatus();
}

absl::Status CloseYearsBefore(const ledger::Transaction& transaction, const DueYears& due,
                              Moment moment, Draft& rows,
                              absl::FunctionRef<void(ledger::Entry)> use) {
  // Except on a few days of a year nobody is due.
  if (due.empty()) return absl::OkStatus();
  Keys keys;
  AddKeysOf(transaction, keys);
  return CloseYears(keys.persons, due, moment, rows, use);
}

}  // namespace gongji::wallet
