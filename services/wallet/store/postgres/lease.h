// The lease of a shard in its PostgreSQL database, by the database's clock.
#ifndef GONGJI_SERVICES_WALLET_STORE_POSTGRES_LEASE_H_
#define GONGJI_SERVICES_WALLET_STORE_POSTGRES_LEASE_H_

#include <memory>
#include <string>

#include "services/common/env.h"
#include "services/common/worker.h"
#include "services/wallet/store/lease_store.h"

namespace gongji::wallet {

// Opens the lease in the database of OpenPostgresWalletStore, which must have been opened before.
// It has a connection and needs a worker of its own, so that the lease is renewed while a commit
// takes long. `env` and `worker` must outlive it.
std::unique_ptr<LeaseStore> OpenPostgresLeaseStore(Env& env, Worker& worker,
                                                   const std::string& connection);

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_STORE_POSTGRES_LEASE_H_
