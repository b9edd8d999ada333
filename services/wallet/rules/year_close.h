// The annual close (R13): what is left of an account year becomes money of prior years, once for
// each person, before any entry of theirs that is dated in the new year.
#ifndef GONGJI_SERVICES_WALLET_RULES_YEAR_CLOSE_H_
#define GONGJI_SERVICES_WALLET_RULES_YEAR_CLOSE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "services/ledger/transaction.h"
#include "services/wallet/rules/book.h"
#include "services/wallet/rules/judge.h"

namespace gongji::wallet {

// True for a person with a personal account whose year is over in `account_year`.
bool IsDue(const std::optional<ledger::Person>& person, int account_year);

// Persons that are due, each with their accounts granted from the current year.
using DueYears = absl::flat_hash_map<std::string, std::vector<std::string>>;

// Adds the keys that the close of `psn_no` reads, besides the person.
void AddKeysOfClose(const std::string& psn_no, const std::vector<std::string>& granted, Keys& keys);

// Closes the years of those of `persons` that are due, each in an entry of its own with the id
// "close/<psn_no>/<year>", and passes each to `use` once its changes are in `rows`; `use` begins
// the next entry. A person whose year is closed already is skipped.
absl::Status CloseYears(const std::vector<std::string>& persons, const DueYears& due, Moment moment,
                        Draft& rows, absl::FunctionRef<void(ledger::Entry)> use);

// The same for every person whom `transaction` touches; must come before the transaction.
absl::Status CloseYearsBefore(const ledger::Transaction& transaction, const DueYears& due,
                              Moment moment, Draft& rows,
                              absl::FunctionRef<void(ledger::Entry)> use);

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_RULES_YEAR_CLOSE_H_
