#include "services/settlement/driver.h"

#include <algorithm>
#include <utility>

#include "policy/policy.h"
#include "services/common/log.h"
#include "services/reasons/reasons.h"

namespace gongji::settlement {
namespace {

using policy::ProvinceOf;

// One try of a step; a lost reply costs no more than this.
constexpr absl::Duration kTry = absl::Seconds(1);
constexpr absl::Duration kFirstPause = absl::Milliseconds(20);
constexpr absl::Duration kLongestPause = absl::Seconds(1);
constexpr int kOpenPage = 1000;

PlaceQuestion PlaceOf(const Operation& operation) {
  return {.psn_no = operation.transfer.giver_psn_no,
          .area = operation.transfer.giver_area,
          .business_day = FormatDay(operation.business_day),
          .transfer_id = operation.id,
          .amount_fen = operation.transfer.amount_fen,
          .at = operation.at};
}

}  // namespace

Driver::Driver(Env& env, TaskScope& scope, SettlementStore& store, SettlementPeers& peers,
               Metrics& metrics)
    : env_(env),
      scope_(scope),
      store_(store),
      peers_(peers),
      recovered_total_(metrics.counter("gongji_settlement_recovered_total",
                                       "Open operations found at start", {})),
      decided_pivots_total_(metrics.counter("gongji_settlement_decided_pivots_total",
                                            "Pivots that had to be decided", {})),
      released_total_(
          metrics.counter("gongji_settlement_released_total", "Freezes that were undone", {})),
      repeated_completions_total_(metrics.counter("gongji_settlement_repeated_completions_total",
                                                  "Completions sent again", {})),
      stuck_total_(metrics.counter("gongji_settlement_stuck_total",
                                   "Operations that a shard refuses to finish", {})) {}

Task<absl::Status> Driver::Start() {
  ASSIGN_OR_CO_RETURN(epoch_, co_await store_.TakeOver());
  // All of it before this process begins anything itself: what it begins must not be taken for
  // something left over.
  std::vector<Operation> open;
  while (true) {
    const std::string after = open.empty() ? "" : open.back().id;
    ASSIGN_OR_CO_RETURN(std::vector<Operation> page, co_await store_.Open(after, kOpenPage));
    if (page.empty()) break;
    for (Operation& operation : page) {
      driven_[operation.id];
      recovered_total_.Add(1);
      open.push_back(std::move(operation));
    }
  }
  scope_.Spawn(Recover(std::move(open)));
  co_return absl::OkStatus();
}

Task<void> Driver::Recover(std::vector<Operation> open) {
  int started = 0;
  for (Operation& operation : open) {
    scope_.Spawn(Run(std::move(operation), Origin::kFound));
    if (++started % kRecoveredAtOnce == 0) co_await Sleep(env_, kRecoveryPace);
  }
}

Task<absl::Status> Driver::Begin(Operation operation) {
  // Known as driven before it can be found in the store.
  const bool drive = operation.state == State::kDeciding;
  const bool first = drive && driven_.try_emplace(operation.id).second;
  absl::Status written = co_await store_.Write(epoch_, operation, {});
  if (!drive) co_return written;
  if (written.ok()) {
    scope_.Spawn(Run(std::move(operation), Origin::kFresh));
  } else if (first) {
    // Not the entry of somebody who was faster with the same request.
    Leave(operation.id);
  }
  co_return written;
}

Task<std::optional<Operation>> Driver::Decision(std::string operation_id, absl::Time deadline) {
  const auto driven = driven_.find(operation_id);
  if (driven == driven_.end()) co_return std::nullopt;
  if (driven->second.decided.has_value()) co_return driven->second.decided;
  const Promise<std::optional<Operation>> decision(env_);
  driven->second.waiting.push_back(decision);
  env_.After(std::max(absl::ZeroDuration(), deadline - env_.Now()),
             [decision] { decision.Set(std::nullopt); });
  co_return co_await decision.future();
}

void Driver::Tell(const Operation& operation) {
  const auto driven = driven_.find(operation.id);
  if (driven == driven_.end()) return;
  driven->second.decided = operation;
  for (const auto& waiting : std::exchange(driven->second.waiting, {})) waiting.Set(operation);
}

Task<void> Driver::Run(Operation operation, Origin origin) {
  const std::string id = operation.id;
  if (operation.state == State::kDeciding) {
    operation = operation.kind == OperationKind::kTransfer
                    ? co_await DecideTransfer(std::move(operation), origin)
                    : co_await DecideSettle(std::move(operation), origin);
  }
  if (operation.state == State::kCompleting) co_await Complete(std::move(operation));
  Leave(id);
}

void Driver::Leave(const std::string& operation_id) {
  for (const auto& waiting : driven_[operation_id].waiting) waiting.Set(std::nullopt);
  driven_.erase(operation_id);
}

Task<Operation> Driver::DecideSettle(Operation operation, Origin origin) {
  const std::string province = ProvinceOf(operation.settle.patient_area);
  const wallet::Transaction& pivot = operation.settle.pivot;
  std::optional<wallet::Answer> answer;
  if (origin == Origin::kFresh) {
    answer = co_await TryStep(province, pivot, operation.decide_by);
  }
  if (!answer.has_value()) answer = co_await DecideStep(province, pivot.id);
  if (answer->applied()) co_return co_await Charged(std::move(operation), *std::move(answer));
  if (answer->entry.outcome == wallet::Outcome::kRefused) {
    co_return co_await RecordRefused(std::move(operation), answer->entry.status);
  }
  co_return co_await Record(std::move(operation), State::kIdle, {});
}

Task<Operation> Driver::DecideTransfer(Operation operation, Origin origin) {
  std::optional<wallet::Answer> pivot;
  if (origin == Origin::kFresh) {
    Forward forward = co_await ForwardTransfer(operation);
    if (forward.ended.has_value()) co_return *std::move(forward.ended);
    pivot = std::move(forward.pivot);
  }
  co_return co_await UndoTransfer(std::move(operation), std::move(pivot));
}

Task<Driver::Forward> Driver::ForwardTransfer(Operation operation) {
  const TransferPlan& plan = operation.transfer;
  const absl::Status place = co_await peers_.MayTake(PlaceOf(operation), env_.Now() + kTry);
  if (IsFinal(place)) {
    co_return Forward{co_await RecordRefused(std::move(operation), place), std::nullopt};
  }
  if (!place.ok()) {
    // Nothing was sent to a shard in this attempt, so there is nothing to undo.
    co_return Forward{co_await Record(std::move(operation), State::kIdle, {}), std::nullopt};
  }
  const auto freeze =
      co_await TryStep(ProvinceOf(plan.giver_area), plan.freeze, operation.decide_by);
  if (!freeze.has_value()) co_return Forward{};
  scope_.Spawn(TellLimits(operation, freeze->entry.claims, freeze->applied()));
  if (freeze->entry.outcome == wallet::Outcome::kRefused) {
    // A stored refusal of the freeze decides the attempt: nobody ever sends its pivot.
    co_return Forward{co_await RecordRefused(std::move(operation), freeze->entry.status),
                      std::nullopt};
  }
  if (!freeze->applied()) co_return Forward{};
  operation.freeze_moves = freeze->entry.moves;
  auto pivot = co_await TryStep(ProvinceOf(plan.receiver_area), plan.pivot, operation.decide_by);
  if (pivot.has_value() && pivot->applied()) {
    co_return Forward{co_await Charged(std::move(operation), *std::move(pivot)), std::nullopt};
  }
  co_return Forward{std::nullopt, std::move(pivot)};
}

// The order is the protocol's: the pivot is decided before anything is undone, and the freeze is
// decided too, because its reply may have been lost.
Task<Operation> Driver::UndoTransfer(Operation operation, std::optional<wallet::Answer> pivot) {
  const TransferPlan& plan = operation.transfer;
  if (!pivot.has_value()) {
    pivot = co_await DecideStep(ProvinceOf(plan.receiver_area), plan.pivot.id);
  }
  wallet::Answer freeze = co_await DecideStep(ProvinceOf(plan.giver_area), plan.freeze.id);
  if (pivot->applied()) {
    operation.freeze_moves = freeze.entry.moves;
    co_return co_await Charged(std::move(operation), *std::move(pivot));
  }
  if (freeze.applied()) {
    const Step release = ReleaseOf(operation, freeze.entry.moves);
    const auto released = co_await FinishStep(release.province, release.transaction);
    if (!released.has_value()) co_return operation;
    released_total_.Add(1);
  }
  scope_.Spawn(TellLimits(operation, {}, false));
  if (pivot->entry.outcome == wallet::Outcome::kRefused) {
    co_return co_await RecordRefused(std::move(operation), pivot->entry.status);
  }
  if (freeze.entry.outcome == wallet::Outcome::kRefused) {
    co_return co_await RecordRefused(std::move(operation), freeze.entry.status);
  }
  co_return co_await Record(std::move(operation), State::kIdle, {});
}

Task<Operation> Driver::Charged(Operation operation, wallet::Answer pivot) {
  operation.pivot_moves = std::move(pivot.entry.moves);
  operation.pivot_at = pivot.entry.at;
  operation.journal_number = pivot.entry.number;
  operation.state = State::kCompleting;
  // The pivot's entry is durable: the caller may know before settlement's own record is.
  Tell(operation);
  std::vector<Total> totals = TotalsOf(operation);
  const State next = CompletionsOf(operation).empty() ? State::kDone : State::kCompleting;
  co_return co_await Record(std::move(operation), next, std::move(totals));
}

Task<void> Driver::Complete(Operation operation) {
  for (Step& step : CompletionsOf(operation)) {
    const auto booked = co_await FinishStep(std::move(step.province), std::move(step.transaction));
    if (!booked.has_value()) co_return;
  }
  co_await Record(std::move(operation), State::kDone, {});
}

Task<Operation> Driver::RecordRefused(Operation operation, absl::Status refusal) {
  operation.refusal = std::move(refusal);
  co_return co_await Record(std::move(operation), State::kRefused, {});
}

Task<Operation> Driver::Record(Operation operation, State state, std::vector<Total> totals) {
  operation.state = state;
  ++operation.version;
  for (int tries = 0;; ++tries) {
    const absl::Status written = co_await store_.Write(epoch_, operation, totals);
    if (written.ok()) break;
    const std::string reason = ReasonOf(written);
    if (reason == reason::kNotWriter.name || reason == reason::kRequestInProgress.name) {
      // Another driver goes on from here; this one neither tells nor completes anything.
      operation.state = State::kIdle;
      co_return operation;
    }
    co_await Pause(tries);
  }
  Tell(operation);
  co_return operation;
}

Task<std::optional<wallet::Answer>> Driver::TryStep(std::string province,
                                                    wallet::Transaction transaction,
                                                    absl::Time decide_by) {
  for (int tries = 0; env_.Now() < decide_by; ++tries) {
    auto answer =
        co_await peers_.Apply(province, transaction, std::min(decide_by, env_.Now() + kTry));
    if (answer.ok() && answer->decided()) co_return *std::move(answer);
    // LATE is not stored, but its time does not come back.
    if (answer.ok() && ReasonOf(answer->entry.status) == reason::kLate.name) break;
    co_await Pause(tries);
  }
  co_return std::nullopt;
}

Task<std::optional<wallet::Answer>> Driver::FinishStep(std::string province,
                                                       wallet::Transaction transaction) {
  for (int tries = 0;; ++tries) {
    auto answer = co_await peers_.Apply(province, transaction, env_.Now() + kTry);
    if (answer.ok() && answer->decided()) {
      if (answer->applied()) co_return *std::move(answer);
      stuck_total_.Add(1);
      Log(LogLevel::kError, "a step that cannot be refused was refused",
          {{"step", transaction.id}, {"status", answer->entry.status.ToString()}});
      co_return std::nullopt;
    }
    repeated_completions_total_.Add(1);
    co_await Pause(tries);
  }
}

Task<wallet::Answer> Driver::DecideStep(std::string province, std::string id) {
  decided_pivots_total_.Add(1);
  for (int tries = 0;; ++tries) {
    auto answer = co_await peers_.Decide(province, id, env_.Now() + kTry);
    if (answer.ok() && answer->decided()) co_return *std::move(answer);
    co_await Pause(tries);
  }
}

Task<void> Driver::Pause(int tries) {
  absl::Duration longest = kFirstPause;
  for (int i = 0; i < tries && longest < kLongestPause; ++i) longest *= 2;
  const double share = static_cast<double>(env_.Random() % 1024) / 1024;
  co_await Sleep(env_, std::min(longest, kLongestPause) * (0.5 + share / 2));
}

Task<void> Driver::TellLimits(Operation operation, std::vector<wallet::ClaimResult> claims,
                              bool holds) {
  const PlaceQuestion place = PlaceOf(operation);
  if (!claims.empty()) {
    std::vector<std::string> holders = claims.front().holders;
    std::erase(holders, "");
    (co_await peers_.Confirm(place, std::move(holders), env_.Now() + kTry)).IgnoreError();
  }
  if (!holds) (co_await peers_.GiveBack(place, env_.Now() + kTry)).IgnoreError();
}

}  // namespace gongji::settlement
