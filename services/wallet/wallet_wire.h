// Domain types of the ledger as messages and back; used by the service and by its callers.
#ifndef GONGJI_SERVICES_WALLET_WALLET_WIRE_H_
#define GONGJI_SERVICES_WALLET_WALLET_WIRE_H_

#include "absl/status/statusor.h"
#include "gongji/wallet/v1/transaction.pb.h"
#include "gongji/wallet/v1/wallet.pb.h"
#include "services/ledger/transaction.h"
#include "services/wallet/store/wallet_store.h"
#include "services/wallet/wallet.h"

namespace gongji::wallet {

// Into an empty message, which may lie in an arena.
void Fill(const Transaction& transaction, v1::Transaction& message);
// INVALID_FIELD for a kind, claim subject or day that is none. Everything else is checked by the
// ledger. The id is put into the name space of steps.
absl::StatusOr<Transaction> FromMessage(const v1::Transaction& message);

// An answer as the outcome of one transaction, and back.
v1::ApplyOutcome ToMessage(const absl::StatusOr<Answer>& answer);
absl::StatusOr<Answer> FromMessage(const v1::ApplyOutcome& outcome);

v1::WriteOutcome ToWriteOutcome(const absl::StatusOr<Answer>& answer);

v1::Entry ToMessage(const Entry& entry);
v1::Balance ToMessage(const AccountRow& row);
// Without the token of the next page.
v1::GetHoldingsResponse ToMessage(const AsOf<Holdings>& read);
v1::StatementLine ToMessage(const StatementLine& line);

// The id under which a transaction's entry stands: ids of steps and ids of the shard's own callers
// never meet. INVALID_FIELD `field`: not 1..96 printable ASCII characters.
absl::StatusOr<std::string> StepKey(const char* field, const std::string& transaction_id);

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_WALLET_WIRE_H_
