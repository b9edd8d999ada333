// The lease of a shard: which process writes it now, and until when. Only stores that several
// processes can open have one; an SQLite file is open in one process only. Implementations:
// PostgreSQL (postgres/lease.h), memory (testing/lease_store_memory.h); both pass
// testing/lease_store_contract.h.
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
  std::string holder;     // a different one for each process that ever runs
  std::string address;    // where callers reach it
  absl::Duration length;  // from now, by the store's clock
};

// A lease as the store has it. Nobody holds it if `holder` is "".
struct Lease {
  std::string holder;
  std::string address;
  // Rises with each new holder: if holder and term are as before, nobody else had the lease
  // meanwhile.
  int64_t term = 0;
  absl::Duration left;  // zero or less: it has ended
};

// Any method may fail with UNAVAILABLE; a claim may have been granted all the same.
class LeaseStore {
 public:
  virtual ~LeaseStore() = default;

  // Grants the lease to the claimant if it is the holder or if the lease has ended. Returns the
  // lease as it is afterwards.
  virtual Task<absl::StatusOr<Lease>> Claim(LeaseClaim claim) = 0;

  // Returns the lease as it is now.
  virtual Task<absl::StatusOr<Lease>> Read() = 0;

  // Ends the lease at once, if `holder` has it.
  virtual Task<absl::Status> Release(std::string holder) = 0;
};

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_STORE_LEASE_STORE_H_
