// The lease of a shard: which process writes it now, and until when. Only stores that several
// processes can open have one; who holds an SQLite file holds it alone. Implementations: PostgreSQL
// (postgres/lease.h), memory (lease_store_memory.h); both stand under lease_store_contract.h.
#ifndef GONGJI_SERVICES_WALLET_STORE_LEASE_STORE_H_
#define GONGJI_SERVICES_WALLET_STORE_LEASE_STORE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/common/task.h"

namespace gongji::wallet {

struct LeaseClaim {
  std::string holder;     // another one for each process that ever runs
  std::string address;    // where callers reach it
  absl::Duration length;  // from now, by the store's clock
};

// As the store has it. Nobody holds a lease whose holder is "".
struct Lease {
  std::string holder;
  std::string address;
  // Counts the holders: the same one with the same term had it all the time, or nobody had.
  int64_t term = 0;
  absl::Duration left;  // not above zero: it has ended
};

// Any method may fail with UNAVAILABLE; a claim may have been granted then.
class LeaseStore {
 public:
  virtual ~LeaseStore() = default;

  // Gives the lease to the claimant if he has it or nobody does any more. Tells who has it then.
  virtual Task<absl::StatusOr<Lease>> Claim(LeaseClaim claim) = 0;

  // Tells who has it.
  virtual Task<absl::StatusOr<Lease>> Read() = 0;

  // Ends it at once, if `holder` has it.
  virtual Task<absl::Status> Release(std::string holder) = 0;
};

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_STORE_LEASE_STORE_H_
