#include "services/settlement/step_sender.h"

#include <algorithm>
#include <utility>

#include "services/common/errors/reasons.h"
#include "services/common/log.h"

namespace gongji::settlement {
namespace {

constexpr absl::Duration kFirstPause = absl::Milliseconds(20);
constexpr absl::Duration kLongestPause = absl::Seconds(1);

}  // namespace

Task<void> Pause(Env& env, int tries) {
  absl::Duration longest = kFirstPause;
  for (int i = 0; i < tries && longest < kLongestPause; ++i) longest *= 2;
  const double share = static_cast<double>(env.Random() % 1024) / 1024;
  co_await Sleep(env, std::min(longest, kLongestPause) * (0.5 + share / 2));
}

Shards::Shards(Env& env, SettlementPeers& peers, Metrics& metrics)
    : env_(env),
      peers_(peers),
      metrics_(metrics),
      early_total_(metrics.counter("gongji_settlement_early_completions_total",
                                   "Completions that had to wait for an earlier one", {})),
      repeated_total_(metrics.counter("gongji_settlement_repeated_completions_total",
                                      "Completions without an answer, sent again", {})),
      stuck_total_(metrics.counter("gongji_settlement_stuck_total",
                                   "Operations that a shard refuses to finish", {})) {}

Counter& Shards::Decided(const std::string& id, wallet::Outcome outcome) {
  const char* found = outcome == wallet::Outcome::kApplied   ? "applied"
                      : outcome == wallet::Outcome::kRefused ? "refused"
                                                             : "tombstone";
  return metrics_.counter("gongji_settlement_decided_steps_total",
                          "Steps that had to be decided, and what stood there",
                          {{"step", id.substr(id.rfind('/') + 1)}, {"found", found}});
}

void Shards::CountRepeat(const Step& step, const absl::StatusOr<AnswerPtr>& answer) {
  if (step.transaction->kind != wallet::Kind::kComplete) return;
  const bool early = answer.ok() && ReasonOf((*answer)->entry.status) == reason::kEarly.name;
  (early ? early_total_ : repeated_total_).Add(1);
}

Task<AnswerPtr> Shards::TryStep(Step step, absl::Time decide_by) {
  for (int tries = 0; env_.Now() < decide_by; ++tries) {
    auto answer = co_await peers_.Apply(step.province, step.transaction,
                                        std::min(decide_by, env_.Now() + kTry));
    if (answer.ok() && (*answer)->decided()) co_return *std::move(answer);
    CountRepeat(step, answer);
    // LATE is not stored, but its time does not come back.
    if (answer.ok() && ReasonOf((*answer)->entry.status) == reason::kLate.name) break;
    co_await Pause(env_, tries);
  }
  co_return nullptr;
}

Task<AnswerPtr> Shards::FinishStep(Step step) {
  for (int tries = 0;; ++tries) {
    auto answer = co_await peers_.Apply(step.province, step.transaction, env_.Now() + kTry);
    if (answer.ok() && (*answer)->decided()) {
      if ((*answer)->applied()) co_return *std::move(answer);
      stuck_total_.Add(1);
      Log(LogLevel::kError, "a step that cannot be refused was refused",
          {{"step", step.transaction->id}, {"status", (*answer)->entry.status.ToString()}});
      co_return nullptr;
    }
    CountRepeat(step, answer);
    co_await Pause(env_, tries);
  }
}

Task<AnswerPtr> Shards::DecideStep(std::string province, std::string id) {
  for (int tries = 0;; ++tries) {
    auto answer = co_await peers_.Decide(province, id, env_.Now() + kTry);
    if (answer.ok() && (*answer)->decided()) {
      Decided(id, (*answer)->entry.outcome).Add(1);
      co_return *std::move(answer);
    }
    co_await Pause(env_, tries);
  }
}

}  // namespace gongji::settlement
