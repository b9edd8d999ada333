// Settlement's plans: ask relation and the store what is needed, then let a pure function make the
// plan of an attempt.
#include <algorithm>
#include <utility>

#include "services/common/errors/reasons.h"
#include "services/settlement/settlement.h"

namespace gongji::settlement {
namespace {

// Clocks of institutions may be ahead of ours by this much.
constexpr absl::Duration kClockTolerance = absl::Minutes(5);

template <class OnePlan>
absl::StatusOr<PlanPtr> Shared(absl::StatusOr<OnePlan> plan) {
  if (!plan.ok()) return plan.status();
  return std::make_shared<const Plan>(*std::move(plan));
}

}  // namespace

absl::Status Settlement::CheckShard(const std::string& area) const {
  if (peers_.HasShard(policy::ProvinceOf(area))) return absl::OkStatus();
  return Refuse(reason::kAreaNotOpen, {{"area", area}});
}

absl::Status Settlement::CheckShard(const PersonState& person) const {
  // There is no shard that could be asked, and no answer that could be waited for.
  if (person.area.empty()) return Refuse(reason::kInsuranceNotActive, {{"psn_no", person.psn_no}});
  return CheckShard(person.area);
}

absl::StatusOr<absl::Time> Settlement::RulesTime(std::optional<absl::Time> at) const {
  const absl::Time now = env_.BusinessNow();
  if (!at.has_value()) return now;
  if (*at > now + kClockTolerance) return InvalidField("at", "in the future");
  return *at;
}

Task<absl::StatusOr<Payers>> Settlement::Resolve(ResolveQuestion question, absl::Time deadline) {
  const std::string care_area = question.care_area;
  ASSIGN_OR_CO_RETURN(Payers payers, co_await peers_.Resolve(std::move(question), deadline));
  CO_RETURN_IF_ERROR(CheckShard(payers.patient));
  // A question about no particular place of care names none.
  if (!care_area.empty()) CO_RETURN_IF_ERROR(CheckShard(care_area));
  co_return payers;
}

Task<absl::StatusOr<Settlement::Attempt>> Settlement::PlanFor(std::string operation_id, int number,
                                                              RequestPtr request,
                                                              absl::Time deadline) {
  absl::Time at = env_.BusinessNow();
  if (const auto* bill = std::get_if<Bill>(request.get())) {
    ASSIGN_OR_CO_RETURN(at, RulesTime(bill->at));
  }
  Attempt attempt{.context = {.operation_id = std::move(operation_id),
                              .attempt = number,
                              // Computed before relation is asked, so that the age of its answer is
                              // bounded too.
                              .decide_by = std::min(deadline, env_.Now() + kLongestDecision),
                              .at = at,
                              .business_day = BusinessDayOf(at)}};
  auto planning = std::visit(
      [&]<class T>(const T& one) {
        return PlanOf(attempt.context, std::shared_ptr<const T>(request, &one), deadline);
      },
      *request);
  ASSIGN_OR_CO_RETURN(attempt.plan, co_await std::move(planning));
  co_return attempt;
}

Task<absl::StatusOr<PlanPtr>> Settlement::PlanOf(AttemptContext context,
                                                 std::shared_ptr<const Bill> bill,
                                                 absl::Time deadline) {
  ASSIGN_OR_CO_RETURN(const Payers payers, co_await Resolve({.psn_no = bill->psn_no,
                                                             .purpose = PurposeOf(*bill),
                                                             .care_area = bill->care_area,
                                                             .at = context.at},
                                                            deadline));
  co_return Shared(PlanSettle(*bill, payers, policies_, context));
}

Task<absl::StatusOr<PlanPtr>> Settlement::PlanOf(AttemptContext context,
                                                 std::shared_ptr<const TransferRequest> request,
                                                 absl::Time deadline) {
  TransferQuestion question{.giver_psn_no = request->giver_psn_no,
                            .receiver_psn_no = request->receiver_psn_no,
                            .at = context.at};
  ASSIGN_OR_CO_RETURN(const TransferPermission permission,
                      co_await peers_.ResolveTransfer(std::move(question), deadline));
  CO_RETURN_IF_ERROR(CheckShard(permission.giver));
  CO_RETURN_IF_ERROR(CheckShard(permission.receiver));
  co_return Shared(PlanTransfer(*request, permission, policies_, context));
}

Task<absl::StatusOr<PlanPtr>> Settlement::PlanOf(AttemptContext context,
                                                 std::shared_ptr<const EndQuotaRequest> request,
                                                 absl::Time deadline) {
  ASSIGN_OR_CO_RETURN(const RelationState relation,
                      co_await peers_.GetRelation(request->relation_id, deadline));
  CO_RETURN_IF_ERROR(CheckShard(relation.giver_area));
  CO_RETURN_IF_ERROR(CheckShard(relation.receiver_area));
  co_return Shared(PlanEndQuota(*request, relation, context));
}

Task<absl::StatusOr<PlanPtr>> Settlement::PlanOf(AttemptContext context,
                                                 std::shared_ptr<const CancelRequest> request,
                                                 absl::Time deadline) {
  ASSIGN_OR_CO_RETURN(std::optional<Refundable> found,
                      co_await store_.FindById(request->settlement_id));
  const auto unknown = [&request] {
    return Refuse(reason::kOperationUnknown, {{"operation_id", request->settlement_id}});
  };
  if (!found.has_value() || found->operation.As<SettlePlan>() == nullptr) co_return unknown();
  auto settlement = std::make_shared<const Operation>(std::move(found->operation));
  ASSIGN_OR_CO_RETURN(const OperationPtr decided,
                      co_await WaitDecided(std::move(settlement), deadline));
  found->operation = *decided;
  if (found->operation.state == State::kDeciding) co_return Refuse(reason::kRequestInProgress);
  if (!found->operation.charged()) co_return unknown();
  co_return Shared(PlanCancel(*found, context));
}

}  // namespace gongji::settlement
