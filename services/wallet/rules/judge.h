// The rules of the ledger: a pure function from a transaction and the present rows to an entry and
// changed rows. It knows no clock, store or wire.
#ifndef GONGJI_SERVICES_WALLET_RULES_JUDGE_H_
#define GONGJI_SERVICES_WALLET_RULES_JUDGE_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/ledger/transaction.h"
#include "services/wallet/rules/book.h"

namespace gongji::wallet {

// The shard's clocks at the time of a batch.
struct Moment {
  absl::Time wall;       // judges not_after
  absl::Time at;         // business time of the entry
  int account_year = 0;  // of `at`, in this shard's area
};

// Judges a well-formed transaction whose id has no entry yet, and whose persons have no year that
// is over (year_close.h). Order of checks:
//   1. refusal       the one that the transaction brings with it
//   2. LATE          past not_after, or another business day (freezes); not for COMPLETE, RELEASE
//   3. claims        let go, then taken: DAILY_TRANSFERS_USED_UP, BILL_ALREADY_SETTLED
//   4. persons       PERSON_LEAVING, PERSON_LEFT, QUOTA_UNSPENT, OPENING_BALANCE_TOO_LATE and what
//                    else a change of a person may meet; WALLET_NOT_OPENED
//   5. sequences     EARLY: an earlier sequence of the grant is not booked yet
//   6. accounts      ACCOUNT_MISSING, ACCOUNT_CLOSED, PERSON_LEAVING, PERSON_LEFT, YEAR_CLOSED;
//                    COMPLETE and RELEASE: EARLY if an account is missing
//   7. groups        in order: AMOUNT_OVERFLOW, INSUFFICIENT_FUNDS; COMPLETE and RELEASE: EARLY
//                    instead of INSUFFICIENT_FUNDS
// Own accounts of a person who is leaving or has left cannot be debited, but still accept
// completions and refunds. Once the person has left, such a credit goes to `forward_to`, and the
// answer names that account as the one credited, so that one more completion can bring the money to
// the new home (R20).
//
// If the entry is applied, `rows` holds the changes; otherwise `rows` is as before. The entry has
// the number of the draft. An entry whose status is not final (LATE, EARLY) must not be stored.
ledger::Entry Judge(const ledger::Transaction& transaction, Moment moment, Draft& rows);

// The entry that makes `id` impossible.
ledger::Entry Tombstone(const std::string& id, Moment moment);

// True if `entry` is an answer for ever, which must be stored before it is returned.
bool IsStored(const ledger::Entry& entry);

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_RULES_JUDGE_H_
