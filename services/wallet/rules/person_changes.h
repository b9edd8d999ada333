// The rules for changes of a person other than of money: opening and closing accounts and the
// wallet, and the move to another area (R13, R14, R18, R20).
#ifndef GONGJI_SERVICES_WALLET_RULES_PERSON_CHANGES_H_
#define GONGJI_SERVICES_WALLET_RULES_PERSON_CHANGES_H_

#include <string>

#include "absl/status/status.h"
#include "services/ledger/transaction.h"
#include "services/wallet/rules/book.h"

namespace gongji::wallet {

// Runs before the moves of the transaction: returns the refusal of the change, or makes the change
// as far as the moves need it. `account_year` is that of newly opened accounts.
//   kLeave            ACCOUNT_MISSING, PERSON_LEAVING, PERSON_LEFT
//   kDepart           PERSON_NOT_LEAVING, QUOTA_UNSPENT
//   kCloseWallet      WALLET_NOT_OPENED, QUOTA_UNSPENT
//   kOpenWallet       PERSON_LEAVING, PERSON_LEFT
//   kOpenAccount      PERSON_LEFT
//   kOpenFirstAccount PERSON_LEFT, OPENING_BALANCE_TOO_LATE
//   kOpenFamily       ACCOUNT_MISSING
// kStay and kArrive are never refused.
absl::Status BeginChange(const ledger::PersonChange& change, const std::string& opened_by,
                         int account_year, Draft& rows);

// Runs after the moves: ACCOUNT_NOT_EMPTY if they left money of a departing person in the shard;
// otherwise makes the rest of the change.
absl::Status EndChange(const ledger::PersonChange& change, Draft& rows);

// Area of the new home of a person who has left; "" for others.
std::string NewAreaOf(const ledger::Person& person);

// PERSON_LEAVING or, with the new home's area, PERSON_LEFT; OK for a person who is at home here.
absl::Status AtHome(const std::string& psn_no, const ledger::Person& person);

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_RULES_PERSON_CHANGES_H_
