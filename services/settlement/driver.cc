#include "services/settlement/driver.h"

#include <algorithm>
#include <utility>

#include "services/common/errors/check.h"
#include "services/common/errors/reasons.h"
#include "services/settlement/refund.h"

namespace gongji::settlement {
namespace {

constexpr int kOpenPage = 1000;

PlaceQuestion PlaceOf(const Operation& operation) {
  const TransferPlan& plan = *operation.As<TransferPlan>();
  return {.psn_no = plan.giver_psn_no,
          .area = plan.giver_area,
          .business_day = FormatDay(operation.business_day),
          .transfer_id = operation.id,
          .amount_fen = plan.amount_fen,
          .at = operation.at};
}

BookedStep BookedAs(const Step& step, const wallet::Entry& entry) {
  return {step.province, entry.number, step.transaction->id, ""};
}

// The ledger's words are those of limits: who is refused does not know which of them said no.
absl::Status ToldRefusal(const Operation& operation, const absl::Status& refusal) {
  const auto* transfer = operation.As<TransferPlan>();
  const auto* end = operation.As<EndPlan>();
  const std::string reason = ReasonOf(refusal);
  if (transfer != nullptr && reason == reason::kDailyTransfersUsedUp.name) {
    return Refuse(reason::kDailyTransfersUsedUp,
                  {{"opens", gongji::FormatTime(transfer->next_opening)}});
  }
  // What is closed is the lot: relation's end came first.
  if ((transfer != nullptr || end != nullptr) && reason == reason::kAccountClosed.name) {
    return Refuse(
        reason::kRelationEnded,
        {{"relation_id", transfer != nullptr ? transfer->relation_id : end->relation_id}});
  }
  return refusal;
}

}  // namespace

Driver::Driver(Env& env, TaskScope& scope, SettlementStore& store, SettlementPeers& peers,
               std::function<void()> on_deposed, Metrics& metrics)
    : env_(env),
      scope_(scope),
      store_(store),
      peers_(peers),
      on_deposed_(std::move(on_deposed)),
      shards_(env, peers, metrics),
      recovered_deciding_total_(metrics.counter("gongji_settlement_recovered_total",
                                                "Open operations found at start",
                                                {{"state", "deciding"}})),
      recovered_completing_total_(metrics.counter("gongji_settlement_recovered_total",
                                                  "Open operations found at start",
                                                  {{"state", "completing"}})),
      released_total_(
          metrics.counter("gongji_settlement_released_total", "Freezes that were undone", {})),
      undone_total_(metrics.counter("gongji_settlement_undone_total",
                                    "Attempts that ended without a decision", {})),
      awaited_captures_total_(metrics.counter("gongji_settlement_awaited_captures_total",
                                              "Refunds that waited for their settlement", {})) {}

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
    scope_.Spawn(Run(std::move(found), Origin::kFound));
    if (++started % kRecoveredAtOnce == 0) co_await Sleep(env_, kRecoveryPace);
  }
}

Task<absl::StatusOr<OperationPtr>> Driver::Begin(ChangePtr change) {
  // Known as driven before it can be found in the store.
  OperationPtr operation = change->operation;
  const bool drive = operation->state == State::kDeciding;
  const bool first = drive && driven_.try_emplace(operation->id).second;
  auto stands = co_await store_.Write(epoch_, std::move(change));
  const bool begun = stands.ok() && *stands == nullptr;
  if (ReasonOf(stands.status()) == reason::kNotWriter.name) Deposed();
  if (drive && begun) {
    scope_.Spawn(Run(std::move(operation), Origin::kFresh));
  } else if (first) {
    // Not the entry of somebody who was faster with the same request.
    Leave(operation->id);
  }
  co_return stands;
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

void Driver::Tell(const OperationPtr& operation) {
  const auto driven = driven_.find(operation->id);
  if (driven == driven_.end() || driven->second.decided != nullptr) return;
  driven->second.decided = operation;
  for (const auto& waiting : std::exchange(driven->second.waiting, {})) waiting.Set(operation);
}

void Driver::Leave(const std::string& operation_id) {
  for (const auto& waiting : driven_[operation_id].waiting) waiting.Set(nullptr);
  driven_.erase(operation_id);
}

Task<void> Driver::Run(OperationPtr operation, Origin origin) {
  const std::string id = operation->id;
  const bool recorded = operation->state == State::kCompleting;
  if (operation->state == State::kDeciding) {
    operation = co_await Decide(std::move(operation), origin);
  }
  if (operation->state == State::kCompleting) co_await Complete(std::move(operation), recorded);
  Leave(id);
}

Task<OperationPtr> Driver::Decide(OperationPtr operation, Origin origin) {
  return operation->As<TransferPlan>() != nullptr ? DecideTransfer(std::move(operation), origin)
                                                  : DecideByPivot(std::move(operation), origin);
}

Task<OperationPtr> Driver::DecideByPivot(OperationPtr operation, Origin origin) {
  const Step step = PivotOf(*operation);
  const auto* end = operation->As<EndPlan>();
  AnswerPtr answer;
  if (end != nullptr && end->relation_ended) {
    // Nobody decides against it: it is sent until it is answered.
    answer = co_await shards_.FinishStep(step);
    if (answer == nullptr) co_return operation;
  } else if (origin == Origin::kFresh) {
    answer = co_await shards_.TryStep(step, operation->decide_by);
  }
  if (answer == nullptr) {
    answer = co_await shards_.DecideStep(step.province, step.transaction->id);
  }
  if (answer->applied()) co_return Charged(*operation, nullptr, {step, std::move(answer)});
  co_return co_await RecordUndone(std::move(operation), std::move(answer));
}

Task<OperationPtr> Driver::DecideTransfer(OperationPtr operation, Origin origin) {
  AnswerPtr pivot;
  if (origin == Origin::kFresh) {
    Forward forward = co_await ForwardTransfer(operation);
    if (forward.ended != nullptr) co_return forward.ended;
    pivot = std::move(forward.pivot);
  }
  co_return co_await UndoTransfer(std::move(operation), std::move(pivot));
}

Task<Driver::Forward> Driver::ForwardTransfer(OperationPtr operation) {
  const absl::Status place = co_await peers_.MayTake(PlaceOf(*operation), env_.Now() + kTry);
  if (!place.ok()) {
    // Nothing was sent to a shard in this attempt, so there is nothing to undo.
    auto refused = std::make_shared<Operation>(*operation);
    refused->refusal = IsFinal(place) ? place : absl::OkStatus();
    const State state = IsFinal(place) ? State::kRefused : State::kIdle;
    co_return Forward{co_await Record(std::move(refused), state, Outcome::kNew), nullptr};
  }
  const Step freezing = FreezeOf(*operation);
  AnswerPtr freeze = co_await shards_.TryStep(freezing, operation->decide_by);
  if (freeze == nullptr) co_return Forward{};
  scope_.Spawn(TellLimits(operation, freeze->entry.claims, freeze->applied()));
  if (freeze->entry.outcome == wallet::Outcome::kRefused) {
    // A stored refusal of the freeze decides the attempt: nobody ever sends its pivot.
    co_return Forward{co_await RecordUndone(std::move(operation), std::move(freeze)), nullptr};
  }
  if (!freeze->applied()) co_return Forward{};
  const Step pivoting = PivotOf(*operation);
  AnswerPtr answer = co_await shards_.TryStep(pivoting, operation->decide_by);
  if (answer != nullptr && answer->applied()) {
    Applied frozen{freezing, std::move(freeze)};
    co_return Forward{Charged(*operation, &frozen, {pivoting, std::move(answer)}), nullptr};
  }
  co_return Forward{nullptr, std::move(answer)};
}

// The order is the protocol's: the pivot is decided before anything is undone, and the freeze is
// decided too, because its reply may have been lost.
Task<OperationPtr> Driver::UndoTransfer(OperationPtr operation, AnswerPtr pivot) {
  const Step pivoting = PivotOf(*operation);
  if (pivot == nullptr) {
    pivot = co_await shards_.DecideStep(pivoting.province, pivoting.transaction->id);
  }
  const Step freezing = FreezeOf(*operation);
  AnswerPtr freeze = co_await shards_.DecideStep(freezing.province, freezing.transaction->id);
  if (pivot->applied()) {
    Applied frozen{freezing, std::move(freeze)};
    co_return Charged(*operation, &frozen, {pivoting, std::move(pivot)});
  }
  std::vector<BookedStep> booked;
  if (freeze->applied()) {
    const Step release = ReleaseOf(*operation, freeze->entry.moves);
    const auto released = co_await shards_.FinishStep(release);
    if (released == nullptr) co_return operation;
    booked.push_back(BookedAs(release, released->entry));
    booked.back().release = EncodeStep(*release.transaction);
    released_total_.Add(1);
  }
  scope_.Spawn(TellLimits(operation, {}, false));
  const bool pivot_refused = pivot->entry.outcome == wallet::Outcome::kRefused;
  co_return co_await RecordUndone(std::move(operation), std::move(pivot_refused ? pivot : freeze),
                                  std::move(booked));
}

Task<OperationPtr> Driver::RecordUndone(OperationPtr operation, AnswerPtr answer,
                                        std::vector<BookedStep> booked) {
  const bool refused = answer->entry.outcome == wallet::Outcome::kRefused;
  auto undone = std::make_shared<Operation>(*operation);
  undone->booked = std::move(booked);
  if (refused) {
    undone->refusal = ToldRefusal(*undone, answer->entry.status);
  } else {
    undone_total_.Add(1);
  }
  co_return co_await Record(std::move(undone), refused ? State::kRefused : State::kIdle,
                            Outcome::kNew);
}

OperationPtr Driver::Charged(const Operation& operation, Applied* freeze, Applied pivot) {
  Operation charged = operation;
  if (freeze != nullptr) {
    charged.booked.push_back(BookedAs(freeze->step, freeze->answer->entry));
    charged.freeze_moves = std::move(freeze->answer->entry.moves);
  }
  wallet::Entry& entry = pivot.answer->entry;
  charged.booked.push_back(BookedAs(pivot.step, entry));
  charged.pivot_moves = std::move(entry.moves);
  charged.pivot_at = entry.at;
  charged.journal_number = entry.number;
  charged.state = State::kCompleting;
  auto told = std::make_shared<const Operation>(std::move(charged));
  // The pivot's entry is durable: the caller may know before settlement's own record is.
  Tell(told);
  return told;
}

// One write records outcome and completions together when the shards answer at once; else the
// outcome is recorded before the first completion that has to wait.
Task<void> Driver::Complete(OperationPtr operation, bool recorded) {
  // What an earlier driver got to is answered again, from the first step on.
  std::vector<std::vector<wallet::MoveResult>> moves;
  std::vector<BookedStep> steps;
  OperationPtr settlement;
  if (const std::string id = AwaitedSettlement(*operation); !id.empty()) {
    if (!recorded) operation = co_await RecordCharged(std::move(operation));
    if (!operation->charged()) co_return;
    recorded = true;
    settlement = co_await Booked(id);
  }
  for (const Step& step : CompletionsOf(*operation, settlement.get())) {
    AnswerPtr booked;
    if (!recorded) booked = co_await shards_.TryStep(step, env_.Now() + kTry);
    if (booked == nullptr && !recorded) {
      operation = co_await RecordCharged(std::move(operation));
      if (!operation->charged()) co_return;
      recorded = true;
    }
    if (booked == nullptr || !booked->applied()) booked = co_await shards_.FinishStep(step);
    if (booked == nullptr) co_return;
    steps.push_back(BookedAs(step, booked->entry));
    moves.push_back(std::move(booked->entry.moves));
  }
  auto done = std::make_shared<Operation>(*operation);
  done->booked.insert(done->booked.end(), steps.begin(), steps.end());
  done->completion_moves = std::move(moves);
  co_await Record(std::move(done), State::kDone, recorded ? Outcome::kWritten : Outcome::kNew);
}

Task<OperationPtr> Driver::Booked(std::string settlement_id) {
  for (int tries = 0;; ++tries) {
    auto found = co_await store_.FindById(settlement_id);
    if (found.ok() && found->has_value() && (*found)->operation.state == State::kDone) {
      co_return std::make_shared<const Operation>(std::move((*found)->operation));
    }
    if (tries == 0) awaited_captures_total_.Add(1);
    co_await Pause(env_, tries);
  }
}

Task<OperationPtr> Driver::RecordCharged(OperationPtr operation) {
  return Record(std::make_shared<Operation>(*operation), State::kCompleting, Outcome::kNew);
}

Task<OperationPtr> Driver::Record(std::shared_ptr<Operation> operation, State state,
                                  Outcome outcome) {
  operation->state = state;
  ++operation->version;
  const auto change = std::make_shared<Change>();
  change->steps = std::exchange(operation->booked, {});
  if (outcome == Outcome::kNew) {
    if (operation->As<RefundPlan>() != nullptr) change->drawn = DrawnBy(*operation);
    if (operation->charged()) change->totals = TotalsOf(*operation);
  }
  change->operation = operation;
  for (int tries = 0;; ++tries) {
    const auto stands = co_await store_.Write(epoch_, change);
    if (stands.ok() && *stands == nullptr) break;
    // Nobody else draws while this refund is undecided.
    CHECK(ReasonOf(stands.status()) != reason::kRefundInProgress.name);
    if (stands.ok() || ReasonOf(stands.status()) == reason::kNotWriter.name) {
      // Another driver goes on from here; this one neither tells nor completes anything.
      auto left = std::make_shared<Operation>(*operation);
      left->state = State::kIdle;
      Deposed();
      co_return left;
    }
    co_await Pause(env_, tries);
  }
  Tell(operation);
  co_return operation;
}

Task<void> Driver::TellLimits(OperationPtr operation, std::vector<wallet::ClaimResult> claims,
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
