// Converts a shard's answers, entries and accounts to messages.
#ifndef GONGJI_SERVICES_WALLET_WALLET_WIRE_H_
#define GONGJI_SERVICES_WALLET_WALLET_WIRE_H_

#include "absl/status/statusor.h"
#include "gongji/wallet/v1/wallet.pb.h"
#include "services/ledger/transaction.h"
#include "services/wallet/store/wallet_store.h"
#include "services/wallet/wallet.h"

namespace gongji::wallet {

v1::WriteOutcome ToWriteOutcome(const absl::StatusOr<ledger::Answer>& answer);

v1::Entry ToMessage(const ledger::Entry& entry);
v1::Balance ToMessage(const AccountRow& row);
// The result has no token of the next page yet.
v1::GetHoldingsResponse ToMessage(const AsOf<Holdings>& read);
v1::StatementLine ToMessage(const StatementLine& line);

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_WALLET_WIRE_H_
