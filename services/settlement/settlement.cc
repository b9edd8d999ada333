#include "services/settlement/settlement.h"

#include <algorithm>
#include <utility>

#include "services/common/ids.h"
#include "services/reasons/reasons.h"

namespace gongji::settlement {
namespace {

using policy::ProvinceOf;

// Clocks of institutions may be ahead of ours by this much.
constexpr absl::Duration kClockTolerance = absl::Minutes(5);
// Write conflicts of one request: each means that somebody else got further with it.
constexpr int kMaxConflicts = 8;

}  // namespace

Settlement::Settlement(Env& env, TaskScope& scope, SettlementStore& store, SettlementPeers& peers,
                       const policy::PolicyBook& book, Metrics& metrics)
    : env_(env),
      store_(store),
      peers_(peers),
      book_(book),
      driver_(env, scope, store, peers, metrics) {}

Task<absl::StatusOr<OperationView>> Settlement::Settle(Caller caller, std::string request_id,
                                                       Bill bill, absl::Time deadline) {
  CO_RETURN_IF_ERROR(CheckForm(bill));
  std::string fingerprint = FingerprintOf(bill);
  co_return co_await Submit(std::move(caller), std::move(request_id), std::move(fingerprint),
                            std::move(bill), deadline);
}

Task<absl::StatusOr<OperationView>> Settlement::Transfer(Caller caller, std::string request_id,
                                                         TransferRequest request,
                                                         absl::Time deadline) {
  CO_RETURN_IF_ERROR(CheckForm(request));
  std::string fingerprint = FingerprintOf(request);
  co_return co_await Submit(std::move(caller), std::move(request_id), std::move(fingerprint),
                            std::move(request), deadline);
}

Task<absl::StatusOr<OperationView>> Settlement::Submit(Caller caller, std::string request_id,
                                                       std::string fingerprint, Request request,
                                                       absl::Time deadline) {
  if (!IsRequestId(request_id)) {
    co_return InvalidField("request_id", "not 1..64 printable characters");
  }
  for (int conflicts = 0; conflicts < kMaxConflicts; ++conflicts) {
    ASSIGN_OR_CO_RETURN(std::optional<Operation> found,
                        co_await store_.Find(caller.identity, request_id));
    // An id closed by Get before it was seen has no contents to compare.
    if (found && !found->fingerprint.empty() && found->fingerprint != fingerprint) {
      co_return Refuse(reason::kRequestIdReused, {{"request_id", request_id}});
    }
    if (found && found->state != State::kIdle) {
      co_return co_await Tell(*std::move(found), true, deadline);
    }
    Operation operation = std::move(found).value_or(Operation{.id = NewId(env_),
                                                              .caller = caller.identity,
                                                              .request_id = request_id,
                                                              .fingerprint = fingerprint,
                                                              .attempt = 0});
    ++operation.attempt;
    ++operation.version;
    operation.state = State::kDeciding;
    auto planned = co_await Plan(operation, request, deadline);
    if (planned.ok()) {
      operation = *std::move(planned);
    } else if (IsFinal(planned.status())) {
      operation.state = State::kRefused;
      operation.refusal = planned.status();
    } else {
      co_return planned.status();
    }
    const absl::Status written = co_await driver_.Begin(operation);
    if (ReasonOf(written) == reason::kRequestInProgress.name) continue;
    CO_RETURN_IF_ERROR(written);
    co_return co_await Tell(std::move(operation), false, deadline);
  }
  co_return Refuse(reason::kRequestInProgress);
}

Task<absl::StatusOr<OperationView>> Settlement::Tell(Operation operation, bool replayed,
                                                     absl::Time deadline) {
  ASSIGN_OR_CO_RETURN(operation, co_await Decided(std::move(operation), deadline));
  switch (operation.state) {
    case State::kCompleting:
    case State::kDone:
      co_return OperationView{std::move(operation), replayed};
    case State::kRefused:
      co_return operation.refusal;
    case State::kNever:
      co_return Refuse(reason::kNeverHappened);
    case State::kDeciding:
      co_return Refuse(reason::kRequestInProgress);
    case State::kIdle:
      break;
  }
  co_return Refuse(reason::kPeerUnavailable);
}

Task<absl::StatusOr<Operation>> Settlement::Decided(Operation operation, absl::Time deadline) {
  if (operation.state != State::kDeciding) co_return operation;
  auto decided = co_await driver_.Decision(operation.id, deadline);
  if (decided.has_value()) co_return *std::move(decided);
  // The driver may have been done before we asked it: then the store knows.
  ASSIGN_OR_CO_RETURN(std::optional<Operation> found,
                      co_await store_.Find(operation.caller, operation.request_id));
  co_return std::move(found).value_or(std::move(operation));
}

Task<absl::StatusOr<Operation>> Settlement::Plan(Operation operation, Request request,
                                                 absl::Time deadline) {
  if (auto* bill = std::get_if<Bill>(&request)) {
    return PlanOf(std::move(operation), std::move(*bill), deadline);
  }
  return PlanOf(std::move(operation), std::get<TransferRequest>(std::move(request)), deadline);
}

absl::StatusOr<absl::Time> Settlement::RulesTime(const Bill& bill) const {
  const absl::Time now = env_.BusinessNow();
  if (!bill.at.has_value()) return now;
  if (*bill.at > now + kClockTolerance) return InvalidField("bill.at", "in the future");
  return *bill.at;
}

Task<absl::StatusOr<Payers>> Settlement::FindPayers(Bill bill, absl::Time at, absl::Time deadline) {
  PayersQuestion question{
      .psn_no = bill.psn_no, .purpose = PurposeOf(bill), .care_area = bill.care_area, .at = at};
  ASSIGN_OR_CO_RETURN(Payers payers, co_await peers_.FindPayers(std::move(question), deadline));
  for (const std::string& area : {payers.patient.area, bill.care_area}) {
    if (!peers_.HasShard(ProvinceOf(area))) {
      co_return Refuse(reason::kAreaNotOpen, {{"area", area}});
    }
  }
  co_return payers;
}

Task<absl::StatusOr<Operation>> Settlement::PlanOf(Operation operation, Bill bill,
                                                   absl::Time deadline) {
  ASSIGN_OR_CO_RETURN(const absl::Time at, RulesTime(bill));
  ASSIGN_OR_CO_RETURN(const Payers payers, co_await FindPayers(bill, at, deadline));
  operation.kind = OperationKind::kSettle;
  operation.at = at;
  operation.business_day = BusinessDayOf(at);
  operation.decide_by = std::min(deadline, env_.Now() + kLongestDecision);
  ASSIGN_OR_CO_RETURN(operation.settle, PlanSettle(bill, payers, book_,
                                                   {.operation_id = operation.id,
                                                    .attempt = operation.attempt,
                                                    .decide_by = operation.decide_by,
                                                    .at = operation.at,
                                                    .business_day = operation.business_day}));
  co_return operation;
}

Task<absl::StatusOr<Operation>> Settlement::PlanOf(Operation operation, TransferRequest request,
                                                   absl::Time deadline) {
  const absl::Time at = env_.BusinessNow();
  TransferQuestion question{
      .giver_psn_no = request.giver_psn_no, .receiver_psn_no = request.receiver_psn_no, .at = at};
  ASSIGN_OR_CO_RETURN(const TransferPermission permission,
                      co_await peers_.MayTransfer(std::move(question), deadline));
  for (const std::string& area : {permission.giver.area, permission.receiver.area}) {
    if (!peers_.HasShard(ProvinceOf(area))) {
      co_return Refuse(reason::kAreaNotOpen, {{"area", area}});
    }
  }
  operation.kind = OperationKind::kTransfer;
  operation.at = at;
  operation.business_day = BusinessDayOf(at);
  operation.decide_by = std::min(deadline, env_.Now() + kLongestDecision);
  ASSIGN_OR_CO_RETURN(operation.transfer, PlanTransfer(request, permission, book_,
                                                       {.operation_id = operation.id,
                                                        .attempt = operation.attempt,
                                                        .decide_by = operation.decide_by,
                                                        .at = operation.at,
                                                        .business_day = operation.business_day}));
  co_return operation;
}

Task<absl::StatusOr<Payment>> Settlement::Quote(Bill bill, absl::Time deadline) {
  CO_RETURN_IF_ERROR(CheckForm(bill));
  ASSIGN_OR_CO_RETURN(const absl::Time at, RulesTime(bill));
  ASSIGN_OR_CO_RETURN(const Payers payers, co_await FindPayers(bill, at, deadline));
  const AttemptContext context{.operation_id = "quote",
                               .attempt = 1,
                               .decide_by = absl::InfiniteFuture(),
                               .at = at,
                               .business_day = BusinessDayOf(at)};
  ASSIGN_OR_CO_RETURN(const SettlePlan plan, PlanSettle(bill, payers, book_, context));
  ASSIGN_OR_CO_RETURN(const wallet::Entry entry,
                      co_await peers_.DryRun(ProvinceOf(plan.patient_area), plan.pivot, deadline));
  CO_RETURN_IF_ERROR(entry.status);
  co_return PaymentOf(plan, entry.moves);
}

Task<absl::StatusOr<Operation>> Settlement::Get(Caller caller, std::string request_id,
                                                absl::Time deadline) {
  if (!IsRequestId(request_id)) {
    co_return InvalidField("request_id", "not 1..64 printable characters");
  }
  for (int conflicts = 0; conflicts < kMaxConflicts; ++conflicts) {
    ASSIGN_OR_CO_RETURN(std::optional<Operation> found,
                        co_await store_.Find(caller.identity, request_id));
    if (found) {
      ASSIGN_OR_CO_RETURN(found, co_await Decided(*std::move(found), deadline));
    }
    if (found && found->state != State::kIdle) co_return *std::move(found);
    // Closed before the answer is given: whatever comes later finds it closed.
    Operation closed = std::move(found).value_or(
        Operation{.id = NewId(env_), .caller = caller.identity, .request_id = request_id});
    closed.state = State::kNever;
    ++closed.version;
    const absl::Status written = co_await driver_.Begin(closed);
    if (ReasonOf(written) == reason::kRequestInProgress.name) continue;
    CO_RETURN_IF_ERROR(written);
    co_return closed;
  }
  co_return Refuse(reason::kRequestInProgress);
}

}  // namespace gongji::settlement
