// Sends steps to shards until they are answered; a lost message is never a reason to give up.
#ifndef GONGJI_SERVICES_SETTLEMENT_STEP_SENDER_H_
#define GONGJI_SERVICES_SETTLEMENT_STEP_SENDER_H_

#include <string>

#include "absl/time/time.h"
#include "services/common/env.h"
#include "services/common/metrics.h"
#include "services/common/task.h"
#include "services/settlement/settlement_peers.h"
#include "services/settlement/steps.h"

namespace gongji::settlement {

class StepSender {
 public:
  StepSender(Env& env, SettlementPeers& peers, Metrics& metrics);

  // Returns the step's entry; null once `decide_by` (wall clock) has passed without an answer. One
  // message waits for kTry at most, then the step is sent again.
  Task<AnswerPtr> TryStep(Step step, absl::Time decide_by);

  // Returns the step's entry, however long it takes; null if the shard refuses a step that cannot
  // be refused. That is a mistake of this program: the operation then stays open and is counted.
  Task<AnswerPtr> FinishStep(Step step);

  // Returns the entry under a step's id, or a tombstone that is written now if there was none.
  Task<AnswerPtr> DecideStep(std::string province, std::string id);

 private:
  // The counter of decisions with this step and outcome.
  Counter& DecidedCounter(const std::string& id, ledger::Outcome outcome);
  void CountRepeat(const Step& step, const absl::StatusOr<AnswerPtr>& answer);

  Env& env_;
  SettlementPeers& peers_;
  Metrics& metrics_;
  Counter& early_total_;
  Counter& repeated_total_;
  Counter& stuck_total_;
};

}  // namespace gongji::settlement

#endif  // GONGJI_SERVICES_SETTLEMENT_STEP_SENDER_H_
