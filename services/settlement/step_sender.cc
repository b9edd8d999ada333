#include "services/settlement/step_sender.h"

#include <algorithm>
#include <utility>

#include "services/common/backoff.h"
#include "services/common/errors/reasons.h"
#include "services/common/log.h"

namespace gongji::settlement {
StepSender::StepSender(Env& env, SettlementPeers& peers, Metrics& metrics)
    : env_(env),
      peers_(peers),
      metrics_(metrics),
      early_total_(metrics.counter("gongji_settlement_early_completions_total",
                                   "Completions that had to wait for an earlier one", {})),
      repeated_total_(metrics.counter("gongji_settlement_repeated_completions_total",
                                      "Completions without an answer, sent again", {})),
      stuck_total_(metrics.counter("gongji_settlement_stuck_total",
                                   "Operations that a shard refuses to finish", {})) {}

Counter& StepSender::DecidedCounter(const std::string& id, ledger::Outcome outcome) {
  const char* found = outcome == ledger::Outcome::kApplied   ? "applied"
                      : outcome == ledger::Outcome::kRefused ? "refused"
                                                             : "tombstone";
  return metrics_.counter("gongji_settlement_decided_steps_total",
                          "Steps that had to be decided, and what stood there",
                          {{"step", id.substr(id.rfind('/') + 1)}, {"found", found}});
}

void StepSender::CountRepeat(const Step& step, const absl::StatusOr<AnswerPtr>& answer) {
  if (step.transaction->kind != ledger::Kind::kComplete) return;
  const bool early = answer.ok() && ReasonOf((*answer)->entry.status) == reason::kEarly.name;
  (early ? early_total_ : repeated_total_).Add(1);
}

Task<AnswerPtr> StepSender::TryStep(Step step, absl::Time decide_by) {
  Backoff backoff;
  while (env_.Now() < decide_by) {
    auto answer = co_await peers_.Apply(step.province, step.transaction,
                                        std::min(decide_by, env_.Now() + kTry));
    if (answer.ok() && (*answer)->decided()) co_return *std::move(answer);
    CountRepeat(step, answer);
    // LATE is not stored, but it will not change: the time has passed.
    if (answer.ok() && ReasonOf((*answer)->entry.status) == reason::kLate.name) break;
    co_await backoff.Pause(env_);
  }
  co_return nullptr;
}

Task<AnswerPtr> StepSender::FinishStep(Step step) {
  Backoff backoff;
  while (true) {
    auto answer = co_await peers_.Apply(step.province, step.transaction, env_.Now() + kTry);
    if (answer.ok() && (*answer)->decided()) {
      if ((*answer)->applied()) co_return *std::move(answer);
      stuck_total_.Add(1);
      Log(LogLevel::kError, "a step that cannot be refused was refused",
          {{"step", step.transaction->id}, {"status", (*answer)->entry.status.ToString()}});
      co_return nullptr;
    }
    CountRepeat(step, answer);
    co_await backoff.Pause(env_);
  }
}

Task<AnswerPtr> StepSender::DecideStep(std::string province, std::string id) {
  Backoff backoff;
  while (true) {
    auto answer = co_await peers_.Decide(province, id, env_.Now() + kTry);
    if (answer.ok() && (*answer)->decided()) {
      DecidedCounter(id, (*answer)->entry.outcome).Add(1);
      co_return *std::move(answer);
    }
    co_await backoff.Pause(env_);
  }
}

}  // namespace gongji::settlement
