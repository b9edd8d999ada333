// Drives operations to an end, whatever fails on the way: one driver per operation, fenced by the
// store's epoch.
#ifndef GONGJI_SERVICES_SETTLEMENT_DRIVER_H_
#define GONGJI_SERVICES_SETTLEMENT_DRIVER_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/common/env.h"
#include "services/common/metrics.h"
#include "services/common/task.h"
#include "services/settlement/operation.h"
#include "services/settlement/settlement_peers.h"
#include "services/settlement/settlement_store.h"

namespace gongji::settlement {

// Recovery is paced, not capped: a place held by an operation that waits for its shard or its turn
// could keep out the one it waits for.
inline constexpr int kRecoveredAtOnce = 64;
inline constexpr absl::Duration kRecoveryPace = absl::Milliseconds(20);

// All on the executor thread; everything given must outlive the driver.
class Driver {
 public:
  Driver(Env& env, TaskScope& scope, SettlementStore& store, SettlementPeers& peers,
         Metrics& metrics);

  // Becomes the store's only driver and begins to drive what is open there.
  Task<absl::Status> Start();

  // Stores a new version of an operation that nobody drives and, if it is kDeciding, drives it.
  // Errors as SettlementStore::Write; then nothing was begun.
  Task<absl::Status> Begin(Operation operation);

  // The operation as soon as it is decided; nothing if it is not by `deadline` (wall clock), or if
  // this process does not drive it.
  Task<std::optional<Operation>> Decision(std::string operation_id, absl::Time deadline);

 private:
  // Whose attempt it is: one that this process began may go on forward; one found in the store
  // is decided, because an older driver may have got anywhere with it.
  enum class Origin { kFresh, kFound };

  struct Driven {
    // Who waits for the decision, until there is one.
    std::vector<Promise<std::optional<Operation>>> waiting;
    std::optional<Operation> decided;
  };

  Task<void> Run(Operation operation, Origin origin);
  Task<Operation> DecideSettle(Operation operation, Origin origin);
  Task<Operation> DecideTransfer(Operation operation, Origin origin);
  // Forward as far as it goes: an operation that left kDeciding, or the pivot's refusal, or
  // nothing.
  struct Forward {
    std::optional<Operation> ended;
    std::optional<wallet::Answer> pivot;
  };
  Task<Forward> ForwardTransfer(Operation operation);
  Task<Operation> UndoTransfer(Operation operation, std::optional<wallet::Answer> pivot);
  Task<Operation> Charged(Operation operation, wallet::Answer pivot);
  Task<void> Complete(Operation operation);
  Task<Operation> Record(Operation operation, State state, std::vector<Total> totals);
  Task<Operation> RecordRefused(Operation operation, absl::Status refusal);

  // The step's entry; nothing once decide_by has passed without one.
  Task<std::optional<wallet::Answer>> TryStep(std::string province, wallet::Transaction transaction,
                                              absl::Time decide_by);
  // The step's entry, however long it takes; nothing if the shard refuses what cannot be refused,
  // which is a mistake of ours: the operation then stays open and is counted.
  Task<std::optional<wallet::Answer>> FinishStep(std::string province,
                                                 wallet::Transaction transaction);
  Task<wallet::Answer> DecideStep(std::string province, std::string id);
  Task<void> Pause(int tries);

  Task<void> Recover(std::vector<Operation> open);
  // Limits may be told late or not at all.
  Task<void> TellLimits(Operation operation, std::vector<wallet::ClaimResult> claims, bool holds);
  void Tell(const Operation& operation);
  // The operation is not driven any more; who still waits learns that it is undecided.
  void Leave(const std::string& operation_id);

  Env& env_;
  TaskScope& scope_;
  SettlementStore& store_;
  SettlementPeers& peers_;
  int64_t epoch_ = 0;
  // Operations being driven.
  std::map<std::string, Driven> driven_;
  Counter& recovered_total_;
  Counter& decided_pivots_total_;
  Counter& released_total_;
  Counter& repeated_completions_total_;
  Counter& stuck_total_;
};

}  // namespace gongji::settlement

#endif  // GONGJI_SERVICES_SETTLEMENT_DRIVER_H_
