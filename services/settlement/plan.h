// Plans: pure functions from a request, policy and relation's answer to the steps of an attempt. A
// plan is stored when its attempt begins, and the attempt is never planned again.
#ifndef GONGJI_SERVICES_SETTLEMENT_PLAN_H_
#define GONGJI_SERVICES_SETTLEMENT_PLAN_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "policy/policy.h"
#include "services/settlement/answers.h"
#include "services/settlement/bill.h"
#include "services/settlement/operation.h"
#include "services/settlement/requests.h"

namespace gongji::settlement {

// The waterfall on the patient's shard (R21): own buckets, quota and live draws in the order of the
// patient's area, of at most `kMaxPayers` relatives. BILL_DOES_NOT_ADD_UP if the sums are wrong by
// the convention of the patient's area.
inline constexpr int kMaxPayers = 16;
absl::StatusOr<SettlePlan> PlanSettle(const Bill& bill, const Payers& payers,
                                      const policy::PolicyBook& policies,
                                      const AttemptContext& context);

// Freeze and pivot of a transfer (R15, R16), or the refusal by the first rule that fails.
absl::StatusOr<TransferPlan> PlanTransfer(const TransferRequest& request,
                                          const TransferPermission& permission,
                                          const policy::PolicyBook& policies,
                                          const AttemptContext& context);

// Empties the lot while the relation goes on (R15), or the refusal by the first rule that fails.
absl::StatusOr<EndPlan> PlanEndQuota(const EndQuotaRequest& request, const RelationState& relation,
                                     const AttemptContext& context);

// Empties the lot of a relation that has ended and closes it, so that no transfer that is still on
// its way fills it again (P24).
EndPlan PlanEndOfRelation(const RelationState& relation, const AttemptContext& context);

// Everything the sources of the patient's waterfall could give: PlanSettle with an unlimited
// amount. Only for DryRun.
SettlePlan PlanExplain(const Bill& bill, const Payers& payers, const policy::PolicyBook& policies,
                       const AttemptContext& context);

}  // namespace gongji::settlement

#endif  // GONGJI_SERVICES_SETTLEMENT_PLAN_H_
