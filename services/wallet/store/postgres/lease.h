// The lease of a shard in its PostgreSQL database, by the database's clock.
#ifndef GONGJI_SERVICES_WALLET_STORE_POSTGRES_LEASE_H_
#define GONGJI_SERVICES_WALLET_STORE_POSTGRES_LEASE_H_

#include <memory>
#include <string>

#include "services/common/env.h"
#include "services/common/worker.h"
#include "services/wallet/store/lease_store.h"

namespace gongji::wallet {

// In the database of OpenPostgresWalletStore, which must have been opened before. A connection and
// a worker of its own: a lease is renewed while a commit takes long.
std::unique_ptr<LeaseStore> OpenPostgresLeaseStore(Env& env, Worker& worker,
                                                   const std::string& connection);

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_STORE_POSTGRES_LEASE_H_
