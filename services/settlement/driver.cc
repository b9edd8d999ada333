// The states of an operation, and what moves it from one to the next:
//
//   new, kIdle --the request--> kDeciding --pivot applied--> kCompleting --all booked--> kDone
//                                   |  '--- refused by limits, freeze or pivot ---> kRefused
//                                   |--- tombstone; what was frozen is released --> kIdle
//                                   '--- a transfer while limits is away ---------> kIdle
//   new, kIdle --the request, refused by a rule of its plan--> kRefused
//   new, kIdle --GetOperation--> kNever
//
// Begin writes the arrows out of new and kIdle. DriveToDecision ends with an arrow out of
// kDeciding, Complete with the one to kDone; each of these is one write of the store (Record),
// except that a charge is written together with its completions when those are answered at once.
#include "services/settlement/driver.h"

#include <algorithm>
#include <utility>

#include "services/common/backoff.h"
#include "services/common/errors/check.h"
#include "services/common/errors/reasons.h"
#include "services/settlement/refund.h"
#include "services/settlement/totals.h"

namespace gongji::settlement {
namespace {

PlaceQuestion PlaceOf(const Operation& operation) {
  const TransferPlan& plan = *operation.As<TransferPlan>();
  return {.psn_no = plan.giver_psn_no,
          .area = plan.giver_area,
          .business_day = FormatDay(operation.business_day),
          .transfer_id = operation.id,
          .amount_fen = plan.amount_fen,
          .at = operation.at};
}

BookedStep BookedAs(const Step& step, const ledger::Entry& entry) {
  return {step.province, entry.number, step.transaction->id, ""};
}

// Refusals by the ledger use the words of limits: the caller cannot know which of the two refused.
absl::Status ToldRefusal(const Operation& operation, const absl::Status& refusal) {
  const auto* transfer = operation.As<TransferPlan>();
  const auto* end = operation.As<EndPlan>();
  const std::string reason = ReasonOf(refusal);
  if (transfer != nullptr && reason == reason::kDailyTransfersUsedUp.name) {
    return Refuse(reason::kDailyTransfersUsedUp,
                  {{"opens", gongji::FormatTime(transfer->next_opening)}});
  }
  // The closed account is the lot: the end of the relation came first.
  if ((transfer != nullptr || end != nullptr) && reason == reason::kAccountClosed.name) {
    return Refuse(
        reason::kRelationEnded,
        {{"relation_id", transfer != nullptr ? transfer->relation_id : end->relation_id}});
  }
  return refusal;
}

}  // namespace

Driver::Driver(Env& env, TaskScope& scope, SettlementStore& store, SettlementPeers& peers,
               DriverOptions options, std::function<void()> on_deposed, Metrics& metrics)
    : env_(env),
      scope_(scope),
      store_(store),
      peers_(peers),
      options_(options),
      on_deposed_(std::move(on_deposed)),
      sender_(env, peers, metrics),
      recovered_deciding_total_(metrics.counter("gongji_settlement_recovered_total",
                                                "Open operations found at start",
                                                {{"state", "deciding"}})),
      recovered_completing_total_(metrics.counter("gongji_settlement_recovered_total",
                                                  "Open operations found at start",
                                                  {{"state", "completing"}})),
      released_total_(
          metrics.counter("gongji_settlement_released_total", "Freezes that were undone", {})),
      undone_total_(
          metrics.counter("gongji_settlement_undone_total", "Attempts that were undone", {})),
      awaited_captures_total_(metrics.counter("gongji_settlement_awaited_captures_total",
                                              "Refunds that waited for their settlement", {})) {}

Task<absl::Status> Driver::Start() {
  ASSIGN_OR_CO_RETURN(epoch_, co_await store_.TakeOver());
  // Reads all open operations before this process begins any itself, so that none of its own is
  // taken for one left over.
  std::vector<Operation> open;
  while (true) {
    const std::string after = open.empty() ? "" : open.back().id;
    ASSIGN_OR_CO_RETURN(std::vector<Operation> page,
                        co_await store_.Open(after, options_.open_page));
    if (page.empty()) break;
    for (Operation& operation : page) {
      driven_[operation.id];
      (operation.state == State::kDeciding ? recovered_deciding_total_
                                           : recovered_completing_total_)
          .Add(1);
      open.push_back(std::move(operation));
    }
  }
  scope_.Spawn(Recover(std::move(open)));
  co_return absl::OkStatus();
}

Task<void> Driver::Recover(std::vector<Operation> open) {
  int started = 0;
  for (Operation& operation : open) {
    auto found = std::make_shared<const Operation>(std::move(operation));
    scope_.Spawn(Run(std::move(found), /*recovered=*/true));
    if (++started % options_.recovered_at_once == 0) {
      co_await Sleep(env_, options_.recovery_pace);
    }
  }
}

Task<absl::StatusOr<OperationPtr>> Driver::Begin(OperationWritePtr write) {
  // The operation is listed as driven before it can be found in the store.
  OperationPtr operation = write->operation;
  const bool drive = operation->state == State::kDeciding;
  const bool first = drive && driven_.try_emplace(operation->id).second;
  auto existing = co_await store_.Write(epoch_, std::move(write));
  const bool begun = existing.ok() && *existing == nullptr;
  if (ReasonOf(existing.status()) == reason::kNotWriter.name) Deposed();
  if (drive && begun) {
    scope_.Spawn(Run(std::move(operation), /*recovered=*/false));
  } else if (first) {
    // Removes only an entry of this call, not that of a faster call with the same request.
    Leave(operation->id);
  }
  co_return existing;
}

Task<OperationPtr> Driver::Decision(std::string operation_id, absl::Time deadline) {
  const auto driven = driven_.find(operation_id);
  if (driven == driven_.end()) co_return nullptr;
  if (driven->second.decided != nullptr) co_return driven->second.decided;
  const Promise<OperationPtr> decision(env_);
  driven->second.waiting.push_back(decision);
  env_.After(std::max(absl::ZeroDuration(), deadline - env_.Now()),
             [decision] { decision.Set(nullptr); });
  co_return co_await decision.future();
}

void Driver::NotifyWaiters(const OperationPtr& operation) {
  const auto driven = driven_.find(operation->id);
  if (driven == driven_.end() || driven->second.decided != nullptr) return;
  driven->second.decided = operation;
  for (const auto& waiting : std::exchange(driven->second.waiting, {})) waiting.Set(operation);
}

void Driver::Leave(const std::string& operation_id) {
  for (const auto& waiting : driven_[operation_id].waiting) waiting.Set(nullptr);
  driven_.erase(operation_id);
}

Task<void> Driver::Run(OperationPtr operation, bool recovered) {
  const std::string id = operation->id;
  const bool recorded = operation->state == State::kCompleting;
  Progress progress{std::move(operation), {}};
  if (!recorded) {
    progress = co_await DriveToDecision(std::move(progress.operation), recovered);
  }
  if (progress.operation != nullptr && progress.operation->state == State::kCompleting) {
    co_await Complete(std::move(progress), recorded);
  }
  Leave(id);
}

Task<Driver::Progress> Driver::DriveToDecision(OperationPtr operation, bool recovered) {
  return operation->As<TransferPlan>() != nullptr ? DecideTransfer(std::move(operation), recovered)
                                                  : DecideByPivot(std::move(operation), recovered);
}

Task<Driver::Progress> Driver::DecideByPivot(OperationPtr operation, bool recovered) {
  const Step step = PivotOf(*operation);
  const auto* end = operation->As<EndPlan>();
  AnswerPtr answer;
  if (end != nullptr && end->relation_ended) {
    // Nothing decides against it, so it is sent until it is answered.
    answer = co_await sender_.FinishStep(step);
    if (answer == nullptr) co_return Progress{std::move(operation), {}};
  } else if (!recovered) {
    answer = co_await sender_.TryStep(step, operation->decide_by);
  }
  if (answer == nullptr) {
    answer = co_await sender_.DecideStep(step.province, step.transaction->id);
  }
  if (answer->applied()) co_return Charged(*operation, nullptr, {step, std::move(answer)});
  co_return co_await RecordUndone(std::move(operation), std::move(answer));
}

Task<Driver::Progress> Driver::DecideTransfer(OperationPtr operation, bool recovered) {
  AnswerPtr pivot;
  if (!recovered) {
    Forward forward = co_await ForwardTransfer(operation);
    if (forward.ended.has_value()) co_return *std::move(forward.ended);
    pivot = std::move(forward.pivot);
  }
  co_return co_await ResolveTransfer(std::move(operation), std::move(pivot));
}

Task<Driver::Forward> Driver::ForwardTransfer(OperationPtr operation) {
  const absl::Status place = co_await peers_.MayTake(PlaceOf(*operation), env_.Now() + kTry);
  if (!place.ok()) {
    // Nothing was sent to a shard in this attempt, so there is nothing to undo.
    auto refused = std::make_shared<Operation>(*operation);
    refused->refusal = IsFinal(place) ? place : absl::OkStatus();
    const State state = IsFinal(place) ? State::kRefused : State::kIdle;
    co_return Forward{Progress{co_await Record(std::move(refused), state, {}), {}}, nullptr};
  }
  const Step freezing = FreezeOf(*operation);
  AnswerPtr freeze = co_await sender_.TryStep(freezing, operation->decide_by);
  if (freeze == nullptr) co_return Forward{};
  scope_.Spawn(InformLimits(operation, freeze->entry.claims, freeze->applied()));
  if (freeze->entry.outcome == ledger::Outcome::kRefused) {
    // A stored refusal of the freeze decides the attempt: nobody ever sends its pivot.
    co_return Forward{co_await RecordUndone(std::move(operation), std::move(freeze)), nullptr};
  }
  if (!freeze->applied()) co_return Forward{};
  const Step pivoting = PivotOf(*operation);
  AnswerPtr answer = co_await sender_.TryStep(pivoting, operation->decide_by);
  if (answer != nullptr && answer->applied()) {
    Applied frozen{freezing, std::move(freeze)};
    co_return Forward{Charged(*operation, &frozen, {pivoting, std::move(answer)}), nullptr};
  }
  co_return Forward{std::nullopt, std::move(answer)};
}

// The order is the protocol's: the pivot is decided before anything is undone, and the freeze is
// decided too, because its reply may have been lost.
Task<Driver::Progress> Driver::ResolveTransfer(OperationPtr operation, AnswerPtr pivot) {
  const Step pivoting = PivotOf(*operation);
  if (pivot == nullptr) {
    pivot = co_await sender_.DecideStep(pivoting.province, pivoting.transaction->id);
  }
  const Step freezing = FreezeOf(*operation);
  AnswerPtr freeze = co_await sender_.DecideStep(freezing.province, freezing.transaction->id);
  if (pivot->applied()) {
    Applied frozen{freezing, std::move(freeze)};
    co_return Charged(*operation, &frozen, {pivoting, std::move(pivot)});
  }
  std::vector<BookedStep> applied_steps;
  if (freeze->applied()) {
    const Step release = ReleaseOf(*operation, freeze->entry.moves);
    const auto released = co_await sender_.FinishStep(release);
    if (released == nullptr) co_return Progress{std::move(operation), {}};
    applied_steps.push_back(BookedAs(release, released->entry));
    applied_steps.back().release = EncodeStep(*release.transaction);
    released_total_.Add(1);
  }
  scope_.Spawn(InformLimits(operation, {}, false));
  const bool pivot_refused = pivot->entry.outcome == ledger::Outcome::kRefused;
  co_return co_await RecordUndone(std::move(operation), std::move(pivot_refused ? pivot : freeze),
                                  std::move(applied_steps));
}

Task<Driver::Progress> Driver::RecordUndone(OperationPtr operation, AnswerPtr answer,
                                            std::vector<BookedStep> applied_steps) {
  const bool refused = answer->entry.outcome == ledger::Outcome::kRefused;
  auto undone = std::make_shared<Operation>(*operation);
  if (refused) {
    undone->refusal = ToldRefusal(*undone, answer->entry.status);
  } else {
    undone_total_.Add(1);
  }
  const State state = refused ? State::kRefused : State::kIdle;
  co_return Progress{co_await Record(std::move(undone), state, std::move(applied_steps)), {}};
}

Driver::Progress Driver::Charged(const Operation& operation, Applied* freeze, Applied pivot) {
  Operation charged = operation;
  Progress progress;
  if (freeze != nullptr) {
    progress.applied_steps.push_back(BookedAs(freeze->step, freeze->answer->entry));
    charged.freeze_moves = std::move(freeze->answer->entry.moves);
  }
  ledger::Entry& entry = pivot.answer->entry;
  progress.applied_steps.push_back(BookedAs(pivot.step, entry));
  charged.pivot_moves = std::move(entry.moves);
  charged.pivot_at = entry.at;
  charged.journal_number = entry.number;
  charged.state = State::kCompleting;
  progress.operation = std::make_shared<const Operation>(std::move(charged));
  // The pivot's entry is durable, so the caller may be answered before settlement's own record is
  // durable.
  NotifyWaiters(progress.operation);
  return progress;
}

// If the shards answer at once, one write records outcome and completions together; otherwise the
// outcome is recorded before the first completion that has to wait.
Task<void> Driver::Complete(Progress progress, bool recorded) {
  // All completions are sent from the first one on: those that an earlier driver sent return the
  // same answers again.
  std::vector<std::vector<ledger::MoveResult>> moves;
  std::vector<BookedStep> completed;
  OperationPtr settlement;
  if (const std::string id = AwaitedSettlement(*progress.operation); !id.empty()) {
    if (!recorded && !co_await RecordCharged(progress)) co_return;
    recorded = true;
    settlement = co_await WaitUntilDone(id);
  }
  for (const Step& step : CompletionsOf(*progress.operation, settlement.get())) {
    AnswerPtr answer;
    if (!recorded) answer = co_await sender_.TryStep(step, env_.Now() + kTry);
    if (answer == nullptr || !answer->applied()) {
      if (!recorded && !co_await RecordCharged(progress)) co_return;
      recorded = true;
      answer = co_await sender_.FinishStep(step);
    }
    if (answer == nullptr) co_return;
    completed.push_back(BookedAs(step, answer->entry));
    moves.push_back(std::move(answer->entry.moves));
  }
  auto done = std::make_shared<Operation>(*progress.operation);
  done->completion_moves = std::move(moves);
  std::vector<BookedStep> applied_steps = std::move(progress.applied_steps);
  applied_steps.insert(applied_steps.end(), completed.begin(), completed.end());
  co_await Record(std::move(done), State::kDone, std::move(applied_steps), recorded);
}

Task<OperationPtr> Driver::WaitUntilDone(std::string settlement_id) {
  Backoff backoff;
  for (bool first = true;; first = false) {
    auto found = co_await store_.FindById(settlement_id);
    if (found.ok() && found->has_value() && (*found)->operation.state == State::kDone) {
      co_return std::make_shared<const Operation>(std::move((*found)->operation));
    }
    if (first) awaited_captures_total_.Add(1);
    co_await backoff.Pause(env_);
  }
}

Task<bool> Driver::RecordCharged(Progress& progress) {
  progress.operation =
      co_await Record(std::make_shared<Operation>(*progress.operation), State::kCompleting,
                      std::exchange(progress.applied_steps, {}));
  co_return progress.operation != nullptr;
}

Task<OperationPtr> Driver::Record(std::shared_ptr<Operation> operation, State state,
                                  std::vector<BookedStep> applied_steps, bool effects_written) {
  operation->state = state;
  ++operation->version;
  const auto write = std::make_shared<OperationWrite>();
  write->steps = std::move(applied_steps);
  if (!effects_written) {
    if (operation->As<RefundPlan>() != nullptr) write->drawn = DrawnBy(*operation);
    if (operation->charged()) write->totals = TotalsOf(*operation);
  }
  write->operation = operation;
  Backoff backoff;
  while (true) {
    const auto existing = co_await store_.Write(epoch_, write);
    if (existing.ok() && *existing == nullptr) break;
    // No other refund draws while this one is undecided.
    CHECK(ReasonOf(existing.status()) != reason::kRefundInProgress.name);
    if (existing.ok() || ReasonOf(existing.status()) == reason::kNotWriter.name) {
      // Another driver goes on from here; this one neither answers nor completes anything more.
      Deposed();
      co_return nullptr;
    }
    co_await backoff.Pause(env_);
  }
  NotifyWaiters(operation);
  co_return operation;
}

Task<void> Driver::InformLimits(OperationPtr operation, std::vector<ledger::ClaimResult> claims,
                                bool holds) {
  const PlaceQuestion place = PlaceOf(*operation);
  if (!claims.empty()) {
    std::vector<std::string> holders = claims.front().holders;
    std::erase(holders, "");
    (co_await peers_.Confirm(place, std::move(holders), env_.Now() + kTry)).IgnoreError();
  }
  if (!holds) (co_await peers_.GiveBack(place, env_.Now() + kTry)).IgnoreError();
}

}  // namespace gongji::settlement
