// The gRPC service of a shard (proto/gongji/wallet/v1/wallet.proto).
#ifndef GONGJI_SERVICES_WALLET_WALLET_SERVICE_H_
#define GONGJI_SERVICES_WALLET_WALLET_SERVICE_H_

#include "services/common/rpc/methods.h"
#include "services/wallet/wallet.h"

namespace gongji::wallet {

// Adds the methods to `methods`. `wallet` must outlive it.
void AddWalletService(rpc::Methods& methods, Wallet& wallet);

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_WALLET_SERVICE_H_
