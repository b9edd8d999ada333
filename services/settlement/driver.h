// Drives operations to an end, whatever fails on the way: one driver per operation, fenced by the
// store's epoch. The protocol's specification is docs/model.
#ifndef GONGJI_SERVICES_SETTLEMENT_DRIVER_H_
#define GONGJI_SERVICES_SETTLEMENT_DRIVER_H_

#include <cstdint>
#include <functional>
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
#include "services/settlement/step_sender.h"

namespace gongji::settlement {

// Recovery is paced, not capped: a place held by an operation that waits for its shard or its turn
// could keep out the one it waits for.
inline constexpr int kRecoveredAtOnce = 64;
inline constexpr absl::Duration kRecoveryPace = absl::Milliseconds(20);

// All on the executor thread; everything given must outlive the driver.
class Driver {
 public:
  // `on_deposed` is called when another driver has taken over.
  Driver(Env& env, TaskScope& scope, SettlementStore& store, SettlementPeers& peers,
         std::function<void()> on_deposed, Metrics& metrics);

  // Becomes the store's only driver and begins to drive what is open there.
  Task<absl::Status> Start();

  // Stores a version of an operation that nobody drives and, if it is kDeciding, drives it.
  // Null: it is begun. An operation: somebody else's version of the request stands. Errors as
  // SettlementStore::Write; then nothing was begun.
  Task<absl::StatusOr<OperationPtr>> Begin(ChangePtr change);

  // The operation as soon as it is decided; null if it is not by `deadline` (wall clock), or if
  // this process does not drive it.
  Task<OperationPtr> Decision(std::string operation_id, absl::Time deadline);

  int64_t epoch() const { return epoch_; }

  // Another driver has taken over: told by whoever finds it first.
  void Deposed() const { on_deposed_(); }

 private:
  // Whose attempt it is: one that this process began may go on forward; one found in the store
  // is decided, because an older driver may have got anywhere with it.
  enum class Origin { kFresh, kFound };

  struct Driven {
    // Who waits for the decision, until there is one.
    std::vector<Promise<OperationPtr>> waiting;
    OperationPtr decided;
  };

  Task<void> Recover(std::vector<Operation> open);
  Task<void> Run(OperationPtr operation, Origin origin);

  // Deciding. What comes back is charged (kCompleting, told, and not recorded yet), or recorded as
  // something else, or still kDeciding because this process cannot go on with it.
  Task<OperationPtr> Decide(OperationPtr operation, Origin origin);
  Task<OperationPtr> DecideByPivot(OperationPtr operation, Origin origin);
  Task<OperationPtr> DecideTransfer(OperationPtr operation, Origin origin);
  // Forward as far as it goes: an operation that is decided, or the pivot's refusal, or nothing.
  struct Forward {
    OperationPtr ended;
    AnswerPtr pivot;
  };
  Task<Forward> ForwardTransfer(OperationPtr operation);
  Task<OperationPtr> UndoTransfer(OperationPtr operation, AnswerPtr pivot);
  // The outcome of an attempt whose pivot is refused or tombstoned, and which holds nothing.
  Task<OperationPtr> RecordUndone(OperationPtr operation, AnswerPtr answer,
                                  std::vector<BookedStep> booked = {});
  // A step that its shard has applied.
  struct Applied {
    Step step;
    AnswerPtr answer;
  };
  // `freeze` is that of a transfer, null for the others.
  OperationPtr Charged(const Operation& operation, Applied* freeze, Applied pivot);

  // Completing.
  Task<void> Complete(OperationPtr operation, bool recorded);
  // The operation once it is kDone: what it brought about elsewhere is known then.
  Task<OperationPtr> Booked(std::string settlement_id);

  // Writes the next version in `state`, with what the outcome changes elsewhere in the store unless
  // it was written before, and gives it. kIdle instead if another driver goes on from here.
  enum class Outcome { kNew, kWritten };
  Task<OperationPtr> Record(std::shared_ptr<Operation> operation, State state, Outcome outcome);
  // The same of what is told already, before something that has to wait.
  Task<OperationPtr> RecordCharged(OperationPtr operation);
  // Whoever waits is told the first decision; what is recorded later adds nothing to it.
  void Tell(const OperationPtr& operation);
  // The operation is not driven any more; who still waits learns that it is undecided.
  void Leave(const std::string& operation_id);
  // Limits may be told late or not at all.
  Task<void> TellLimits(OperationPtr operation, std::vector<wallet::ClaimResult> claims,
                        bool holds);

  Env& env_;
  TaskScope& scope_;
  SettlementStore& store_;
  SettlementPeers& peers_;
  const std::function<void()> on_deposed_;
  Shards shards_;
  int64_t epoch_ = 0;
  // Operations being driven.
  std::map<std::string, Driven> driven_;
  Counter& recovered_deciding_total_;
  Counter& recovered_completing_total_;
  Counter& released_total_;
  Counter& undone_total_;
  Counter& awaited_captures_total_;
};

}  // namespace gongji::settlement

#endif  // GONGJI_SERVICES_SETTLEMENT_DRIVER_H_
