// Drives operations to an end, whatever fails on the way: one driver per operation, fenced by the
// store's epoch. The protocol's specification is docs/model/README.md.
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
#include "services/settlement/answers.h"
#include "services/settlement/operation.h"
#include "services/settlement/settlement_peers.h"
#include "services/settlement/settlement_store.h"
#include "services/settlement/step_sender.h"
#include "services/settlement/steps.h"

namespace gongji::settlement {

struct DriverOptions {
  // How many open operations are read from the store at once.
  int open_page = 1000;
  // Recovery is paced, not capped: if only so many operations were driven at once, one that waits
  // for a shard or for another operation could keep out the one that it waits for. So many are
  // begun, then after `recovery_pace` as many more.
  int recovered_at_once = 64;
  absl::Duration recovery_pace = absl::Milliseconds(20);
};

// All on the executor thread; the constructor's references must outlive the driver.
class Driver {
 public:
  // `on_deposed` is called when another driver has taken over.
  Driver(Env& env, TaskScope& scope, SettlementStore& store, SettlementPeers& peers,
         DriverOptions options, std::function<void()> on_deposed, Metrics& metrics);

  // Becomes the store's only driver and begins to drive the operations that are open there.
  Task<absl::Status> Start();

  // Stores a version of an operation that nobody drives and, if it is kDeciding, drives it. Returns
  // null if the operation was begun; the stored operation if another version of the same request
  // exists. Errors as SettlementStore::Write; then nothing was begun.
  Task<absl::StatusOr<OperationPtr>> Begin(OperationWritePtr write);

  // Returns the operation as soon as it is decided; null if it is not decided by `deadline` (wall
  // clock), or if this process does not drive it.
  Task<OperationPtr> Decision(std::string operation_id, absl::Time deadline);

  int64_t epoch() const { return epoch_; }

  // To be called by whoever first finds that another driver has taken over.
  void Deposed() const { on_deposed_(); }

 private:
  struct Driven {
    // Calls of Decision that wait, until there is a decision.
    std::vector<Promise<OperationPtr>> waiting;
    OperationPtr decided;
  };

  // An operation on its way, with what the store does not know of it yet.
  struct Progress {
    OperationPtr operation;                 // null: another process drives it from here on
    std::vector<BookedStep> applied_steps;  // to be stored with its next version
  };

  Task<void> Recover(std::vector<Operation> open);
  // Drives an operation to its end. `recovered`: it was found in the store at start. Its older
  // driver may have got anywhere with the attempt, which is therefore decided on the shard; an
  // attempt that this process began goes forward.
  Task<void> Run(OperationPtr operation, bool recovered);

  // Deciding. Returns the operation charged (kCompleting: its caller is answered, but it is not
  // recorded yet), or recorded in another state, or unchanged if this process cannot go on with it.
  Task<Progress> DriveToDecision(OperationPtr operation, bool recovered);
  Task<Progress> DecideByPivot(OperationPtr operation, bool recovered);
  Task<Progress> DecideTransfer(OperationPtr operation, bool recovered);
  // How far a transfer got: it has ended, or its pivot was answered without being applied, or
  // nobody knows (both are empty).
  struct Forward {
    std::optional<Progress> ended;
    AnswerPtr pivot;
  };
  Task<Forward> ForwardTransfer(OperationPtr operation);
  // Charges or undoes the transfer by the answer of its pivot. If `pivot` is null, decides the
  // pivot first.
  Task<Progress> ResolveTransfer(OperationPtr operation, AnswerPtr pivot);
  // Records an attempt whose pivot is refused or tombstoned and which holds no money any more.
  Task<Progress> RecordUndone(OperationPtr operation, AnswerPtr answer,
                              std::vector<BookedStep> applied_steps = {});
  // A step that its shard has applied.
  struct Applied {
    Step step;
    AnswerPtr answer;
  };
  // `freeze` is a transfer's; null for other operations.
  Progress Charged(const Operation& operation, Applied* freeze, Applied pivot);

  // Completing.
  Task<void> Complete(Progress progress, bool recorded);
  // Returns the settlement once it is kDone, when the answers of all its completions are known.
  Task<OperationPtr> WaitUntilDone(std::string settlement_id);

  // Stores the next version of `operation`, in `state`, and returns it; null if another process has
  // taken over. `effects_written`: totals and drawn amounts were stored with an earlier version.
  Task<OperationPtr> Record(std::shared_ptr<Operation> operation, State state,
                            std::vector<BookedStep> applied_steps, bool effects_written = false);
  // Records a charge whose caller was already answered, before a completion that may take long.
  // False if another process has taken over.
  Task<bool> RecordCharged(Progress& progress);
  // Answers the callers that wait for the decision. Only the first call counts: what is recorded
  // later does not change the decision.
  void NotifyWaiters(const OperationPtr& operation);
  // The operation is not driven any more; callers that still wait learn that it is undecided.
  void Leave(const std::string& operation_id);
  // Informs limits of what the ledger knows of the day; the message may arrive late or not at all.
  Task<void> InformLimits(OperationPtr operation, std::vector<ledger::ClaimResult> claims,
                          bool holds);

  Env& env_;
  TaskScope& scope_;
  SettlementStore& store_;
  SettlementPeers& peers_;
  const DriverOptions options_;
  const std::function<void()> on_deposed_;
  StepSender sender_;
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
