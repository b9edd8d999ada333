// The ledger's transactions and answers as messages and back, for the services that send
// transactions and for the shard that answers them.
#ifndef GONGJI_SERVICES_LEDGER_TRANSACTION_WIRE_H_
#define GONGJI_SERVICES_LEDGER_TRANSACTION_WIRE_H_

#include <string>

#include "absl/status/statusor.h"
#include "gongji/wallet/v1/transaction.pb.h"
#include "gongji/wallet/v1/wallet.pb.h"
#include "services/ledger/transaction.h"

namespace gongji::ledger {

// Writes `transaction` into an empty message, which may be in an arena.
void Fill(const Transaction& transaction, wallet::v1::Transaction& message);
// INVALID_FIELD if kind, claim subject, person step or day are unknown. The shard checks everything
// else. The id is put into the name space of steps (StepKey).
absl::StatusOr<Transaction> FromMessage(const wallet::v1::Transaction& message);

// An answer as the outcome of one transaction, and back.
wallet::v1::ApplyOutcome ToMessage(const absl::StatusOr<Answer>& answer);
absl::StatusOr<Answer> FromMessage(const wallet::v1::ApplyOutcome& outcome);

// The id under which the entry of a step is stored; ids of steps and ids of the shard's own callers
// never collide. INVALID_FIELD `field`: not 1..96 printable ASCII characters.
absl::StatusOr<std::string> StepKey(const char* field, const std::string& transaction_id);

}  // namespace gongji::ledger

#endif  // GONGJI_SERVICES_LEDGER_TRANSACTION_WIRE_H_
