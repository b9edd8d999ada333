// The steps of an operation: pure functions of what settlement stores of it. The plan contains
// freeze and pivot of an attempt; the other steps follow from the plan and from the answers of
// shards.
#ifndef GONGJI_SERVICES_SETTLEMENT_STEPS_H_
#define GONGJI_SERVICES_SETTLEMENT_STEPS_H_

#include <memory>
#include <string>
#include <vector>

#include "services/ledger/transaction.h"
#include "services/settlement/operation.h"

namespace gongji::settlement {

// A step: the province whose shard it is sent to, and what it does there.
struct Step {
  std::string province;
  std::shared_ptr<const ledger::Transaction> transaction;
};

// The id of a step on its shard: "<operation>/<attempt>/<step>".
struct StepName {
  std::string operation_id;
  int attempt = 0;
  std::string step;  // "freeze", "pivot", "release" or one of the completions
};
std::string StepId(const std::string& operation_id, int attempt, const std::string& step);
// The parts of an id, which must be one that StepId made.
StepName ParseStepId(const std::string& id);

// The step that decides the attempt. The operation must have a plan.
Step PivotOf(const Operation& operation);

// The step of a transfer before its pivot.
Step FreezeOf(const Operation& operation);

// The step that undoes the freeze of a transfer's attempt; `moves` are the freeze's answer.
Step ReleaseOf(const Operation& operation, const std::vector<ledger::MoveResult>& moves);

// The steps that follow from an applied pivot, in order; a pure function of plan and answers. Those
// of a refund also follow from the answers of its settlement's completions: for a refund
// `settlement` must be kDone; for other plans it is ignored.
std::vector<Step> CompletionsOf(const Operation& operation, const Operation* settlement);

// The settlement that must be kDone before CompletionsOf, or "".
std::string AwaitedSettlement(const Operation& operation);

}  // namespace gongji::settlement

#endif  // GONGJI_SERVICES_SETTLEMENT_STEPS_H_
