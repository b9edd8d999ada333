// Follows relation's changes and returns the quota of every relation that has ended (R15, R02,
// R10), including those that ended while this service was down.
#ifndef GONGJI_SERVICES_SETTLEMENT_FOLLOWER_H_
#define GONGJI_SERVICES_SETTLEMENT_FOLLOWER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/common/env.h"
#include "services/common/metrics.h"
#include "services/common/task.h"
#include "services/settlement/driver.h"
#include "services/settlement/settlement_peers.h"
#include "services/settlement/settlement_store.h"

namespace gongji::settlement {

// The cursor that says how far relation's changes have been followed.
inline constexpr char kRelationStream[] = "relation";
// The caller of the operations that the follower begins.
inline constexpr char kFollowerIdentity[] = "settlement";
// The request id of the operation that returns the quota of this relation.
std::string EndRequestId(const std::string& relation_id);

// All on the executor thread; the constructor's references must outlive it.
class Follower {
 public:
  // Asks again `pace` after an answer that nothing has changed.
  Follower(Env& env, SettlementStore& store, SettlementPeers& peers, Driver& driver,
           absl::Duration pace, Metrics& metrics);

  // Runs until another process is the store's writer. The driver must have been started.
  Task<void> Follow();

 private:
  // Begins an operation for each ended relation in `changes`, then moves the cursor. If it is
  // repeated, it finds that the operations exist.
  Task<absl::Status> Take(RelationChanges changes);
  Task<absl::Status> Begin(RelationState relation);

  Env& env_;
  SettlementStore& store_;
  SettlementPeers& peers_;
  Driver& driver_;
  const absl::Duration pace_;
  Counter& ended_total_;
};

}  // namespace gongji::settlement

#endif  // GONGJI_SERVICES_SETTLEMENT_FOLLOWER_H_
