// A write goes through Submit: it plans an attempt (settlement_plans.cc), lets the driver begin it,
// and waits for the decision. If the request exists already, its stored version answers, or is
// tried again if its last attempt was undone. Quote and Explain plan in the same way, but run the
// plan dry.
#include "services/settlement/settlement.h"

#include <algorithm>
#include <utility>

#include "services/common/errors/reasons.h"
#include "services/common/ids.h"
#include "services/common/join.h"

namespace gongji::settlement {
namespace {

// The most write conflicts of one request; each means that another call has changed its operation.
constexpr int kMaxConflicts = 8;

}  // namespace

Settlement::Settlement(Env& env, TaskScope& scope, SettlementStore& store, SettlementPeers& peers,
                       const policy::PolicyBook& policies, SettlementOptions options,
                       Metrics& metrics)
    : env_(env),
      scope_(scope),
      store_(store),
      peers_(peers),
      policies_(policies),
      driver_(env, scope, store, peers, options.driver, options.on_deposed, metrics),
      follower_(env, store, peers, driver_, options.follow_pace, metrics),
      resender_(env, store, peers) {}

Task<absl::Status> Settlement::Start() {
  CO_RETURN_IF_ERROR(co_await driver_.Start());
  scope_.Spawn(follower_.Follow());
  co_return absl::OkStatus();
}

Task<absl::StatusOr<OperationView>> Settlement::Settle(Caller caller, std::string request_id,
                                                       Bill bill, absl::Time deadline) {
  return Submit(std::move(caller.identity), std::move(request_id),
                std::make_shared<const Request>(std::move(bill)), deadline);
}

Task<absl::StatusOr<OperationView>> Settlement::Transfer(Caller caller, std::string request_id,
                                                         TransferRequest request,
                                                         absl::Time deadline) {
  return Submit(std::move(caller.identity), std::move(request_id),
                std::make_shared<const Request>(std::move(request)), deadline);
}

Task<absl::StatusOr<OperationView>> Settlement::EndQuota(Caller caller, std::string request_id,
                                                         EndQuotaRequest request,
                                                         absl::Time deadline) {
  return Submit(std::move(caller.identity), std::move(request_id),
                std::make_shared<const Request>(std::move(request)), deadline);
}

Task<absl::StatusOr<OperationView>> Settlement::Cancel(Caller caller, std::string request_id,
                                                       CancelRequest request, absl::Time deadline) {
  return Submit(std::move(caller.identity), std::move(request_id),
                std::make_shared<const Request>(std::move(request)), deadline);
}

OperationWritePtr Settlement::NextAttempt(Operation operation, absl::StatusOr<Attempt> planned) {
  operation.state = planned.ok() ? State::kDeciding : State::kRefused;
  operation.refusal = planned.status();
  ++operation.attempt;
  ++operation.version;
  OperationWrite write{.new_plan = planned.ok()};
  if (planned.ok()) {
    operation.decide_by = planned->context.decide_by;
    operation.at = planned->context.at;
    operation.business_day = planned->context.business_day;
    operation.plan = std::move(planned->plan);
    if (operation.As<RefundPlan>() != nullptr) write.drawn = DrawnBy(operation);
  }
  write.operation = std::make_shared<const Operation>(std::move(operation));
  return std::make_shared<const OperationWrite>(std::move(write));
}

// Does not look for the request first: it plans as if the request were new, and the write that
// would begin it finds an existing one. A repetition, which is rare, pays for that with a plan.
Task<absl::StatusOr<OperationView>> Settlement::Submit(std::string caller, std::string request_id,
                                                       RequestPtr request, absl::Time deadline) {
  CO_RETURN_IF_ERROR(std::visit([](const auto& one) { return CheckForm(one); }, *request));
  if (!IsRequestId(request_id)) {
    co_return InvalidField("request_id", "not 1..64 printable characters");
  }
  const std::string fingerprint =
      std::visit([](const auto& one) { return FingerprintOf(one); }, *request);
  Operation operation{.id = NewId(env_),
                      .caller = caller,
                      .request_id = request_id,
                      .fingerprint = fingerprint,
                      .attempt = 0};
  for (int conflicts = 0; conflicts < kMaxConflicts; ++conflicts) {
    auto planned = co_await PlanFor(operation.id, operation.attempt + 1, request, deadline);
    OperationPtr existing;
    if (planned.ok() || IsFinal(planned.status())) {
      OperationWritePtr write = NextAttempt(std::move(operation), std::move(planned));
      OperationPtr begun = write->operation;
      ASSIGN_OR_CO_RETURN(existing, co_await driver_.Begin(std::move(write)));
      if (existing == nullptr) co_return co_await ReplyFor(std::move(begun), false, deadline);
    } else {
      // Nothing can be begun now, but the id may have an answer already.
      ASSIGN_OR_CO_RETURN(existing, co_await store_.Find(caller, request_id));
      if (existing == nullptr || existing->state == State::kIdle) co_return planned.status();
    }
    // An id that GetOperation closed before it was seen has no contents to compare.
    if (!existing->fingerprint.empty() && existing->fingerprint != fingerprint) {
      co_return Refuse(reason::kRequestIdReused, {{"request_id", request_id}});
    }
    if (existing->state != State::kIdle) {
      co_return co_await ReplyFor(std::move(existing), true, deadline);
    }
    operation = *existing;
  }
  co_return Refuse(reason::kRequestInProgress);
}

Task<absl::StatusOr<OperationView>> Settlement::ReplyFor(OperationPtr operation, bool replayed,
                                                         absl::Time deadline) {
  ASSIGN_OR_CO_RETURN(operation, co_await WaitDecided(std::move(operation), deadline));
  switch (operation->state) {
    case State::kCompleting:
    case State::kDone:
      co_return OperationView{std::move(operation), replayed};
    case State::kRefused:
      co_return operation->refusal;
    case State::kNever:
      co_return Refuse(reason::kNeverHappened);
    case State::kDeciding:
      co_return Refuse(reason::kRequestInProgress);
    case State::kIdle:
      break;
  }
  co_return Refuse(reason::kPeerUnavailable);
}

Task<absl::StatusOr<OperationPtr>> Settlement::WaitDecided(OperationPtr operation,
                                                           absl::Time deadline) {
  if (operation->state != State::kDeciding) co_return operation;
  OperationPtr decided = co_await driver_.Decision(operation->id, deadline);
  if (decided != nullptr) co_return decided;
  // The driver may have left the operation before it was asked; then the store has the outcome.
  ASSIGN_OR_CO_RETURN(OperationPtr found,
                      co_await store_.Find(operation->caller, operation->request_id));
  co_return found != nullptr ? std::move(found) : operation;
}

Task<absl::StatusOr<Payment>> Settlement::Quote(Bill bill, absl::Time deadline) {
  CO_RETURN_IF_ERROR(CheckForm(bill));
  ASSIGN_OR_CO_RETURN(const absl::Time at, RulesTime(bill.at));
  const AttemptContext context{
      .operation_id = "quote", .attempt = 1, .decide_by = absl::InfiniteFuture(), .at = at};
  auto asked = std::make_shared<const Bill>(std::move(bill));
  ASSIGN_OR_CO_RETURN(const auto made, co_await PlanOf(context, std::move(asked), deadline));
  const auto& plan = std::get<SettlePlan>(*made);
  ASSIGN_OR_CO_RETURN(
      const ledger::Entry entry,
      co_await peers_.DryRun(policy::ProvinceOf(plan.patient_area), plan.pivot, deadline));
  CO_RETURN_IF_ERROR(entry.status);
  co_return PaymentOf(plan, entry.moves);
}

Task<absl::StatusOr<Explanation>> Settlement::Explain(ExplainQuestion question,
                                                      absl::Time deadline) {
  CO_RETURN_IF_ERROR(CheckForm(question));
  ASSIGN_OR_CO_RETURN(const absl::Time at, RulesTime(question.at));
  ASSIGN_OR_CO_RETURN(const Payers payers, co_await Resolve({.psn_no = question.psn_no,
                                                             .purpose = question.purpose,
                                                             .care_area = question.care_area,
                                                             .at = at},
                                                            deadline));
  const AttemptContext context{
      .operation_id = "explain", .attempt = 1, .decide_by = absl::InfiniteFuture(), .at = at};
  const SettlePlan plan = PlanExplain(BillOf(question, payers), payers, policies_, context);
  ASSIGN_OR_CO_RETURN(
      const ledger::Entry entry,
      co_await peers_.DryRun(policy::ProvinceOf(plan.patient_area), plan.pivot, deadline));
  CO_RETURN_IF_ERROR(entry.status);
  Explanation explanation = ExplanationOf(plan, payers, entry.moves);
  std::vector<PayerView*> givers;  // in explanation.payers
  std::vector<Task<absl::StatusOr<PlacesLeft>>> peeks;
  for (PayerView& view : explanation.payers) {
    if (view.source != Source::kQuota || view.account.empty()) continue;
    givers.push_back(&view);
    peeks.push_back(peers_.Peek({.psn_no = view.psn_no,
                                 .area = view.giver_area,
                                 .business_day = FormatDay(BusinessDayOf(at)),
                                 .at = at},
                                deadline));
  }
  const auto left = co_await Join(env_, scope_, std::move(peeks));
  for (size_t i = 0; i < givers.size(); ++i) AddPlaces(left[i], *givers[i]);
  co_return explanation;
}

Task<absl::StatusOr<OperationPtr>> Settlement::GetOperation(Caller caller, std::string request_id,
                                                            absl::Time deadline) {
  if (!IsRequestId(request_id)) {
    co_return InvalidField("request_id", "not 1..64 printable characters");
  }
  ASSIGN_OR_CO_RETURN(OperationPtr found, co_await store_.Find(caller.identity, request_id));
  for (int conflicts = 0; conflicts < kMaxConflicts; ++conflicts) {
    Operation closed{.id = NewId(env_), .caller = caller.identity, .request_id = request_id};
    if (found != nullptr) {
      ASSIGN_OR_CO_RETURN(const OperationPtr decided,
                          co_await WaitDecided(std::move(found), deadline));
      if (decided->state != State::kIdle) co_return decided;
      closed = *decided;
    }
    // It is closed before the answer is returned, so that a later write under this id finds it
    // closed.
    closed.state = State::kNever;
    ++closed.version;
    const auto written = std::make_shared<const Operation>(std::move(closed));
    auto write = std::make_shared<const OperationWrite>(OperationWrite{.operation = written});
    ASSIGN_OR_CO_RETURN(found, co_await driver_.Begin(std::move(write)));
    if (found == nullptr) co_return written;
  }
  co_return Refuse(reason::kRequestInProgress);
}

}  // namespace gongji::settlement
