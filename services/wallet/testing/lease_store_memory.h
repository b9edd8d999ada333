// A lease in memory that outlives the processes that claim it, for tests.
#ifndef GONGJI_SERVICES_WALLET_TESTING_LEASE_STORE_MEMORY_H_
#define GONGJI_SERVICES_WALLET_TESTING_LEASE_STORE_MEMORY_H_

#include <memory>
#include <string>

#include "services/common/env.h"
#include "services/wallet/store/lease_store.h"

namespace gongji::wallet {

// What survives a crash of a process.
struct LeaseDisk {
  Lease lease;
  absl::Duration until = absl::ZeroDuration();  // of the store's clock
  bool away = false;                            // nobody can reach it
  absl::Duration delay = absl::ZeroDuration();  // between a claim that is granted and its answer
};

// `env`, whose monotonic clock is the store's, and `disk` must outlive the store.
std::unique_ptr<LeaseStore> NewMemoryLeaseStore(Env& env, LeaseDisk& disk);

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_TESTING_LEASE_STORE_MEMORY_H_
