// Plans: pure functions from a request, policy and relation's answer to the steps of an attempt.
// What is planned is stored with the intent and never planned again for that attempt.
#ifndef GONGJI_SERVICES_SETTLEMENT_PLAN_H_
#define GONGJI_SERVICES_SETTLEMENT_PLAN_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "policy/policy.h"
#include "services/settlement/bill.h"
#include "services/settlement/operation.h"
#include "services/settlement/settlement_peers.h"

namespace gongji::settlement {

struct TransferRequest {
  std::string giver_psn_no;
  std::string receiver_psn_no;
  int64_t amount_fen = 0;
};

// INVALID_FIELD for form and ranges.
absl::Status CheckForm(const TransferRequest& request);

std::string FingerprintOf(const TransferRequest& request);

// The quota of a relation goes back to its giver.
struct EndQuotaRequest {
  std::string relation_id;
  std::string actor_psn_no;
};

absl::Status CheckForm(const EndQuotaRequest& request);

std::string FingerprintOf(const EndQuotaRequest& request);

// What an attempt has besides its request.
struct AttemptContext {
  std::string operation_id;
  int attempt = 1;
  absl::Time decide_by;
  absl::Time at;  // business time the rules are taken from
  BusinessDay business_day;
};

// The waterfall on the patient's shard (R21): own buckets, quota and live draws in the order of
// the patient's area, at most `kMaxPayers` relatives. BILL_DOES_NOT_ADD_UP by the convention of
// the patient's area.
inline constexpr int kMaxPayers = 16;
absl::StatusOr<SettlePlan> PlanSettle(const Bill& bill, const Payers& payers,
                                      const policy::PolicyBook& book,
                                      const AttemptContext& context);

// Freeze and pivot of a transfer (R15, R16), or the first rule that refuses it.
absl::StatusOr<TransferPlan> PlanTransfer(const TransferRequest& request,
                                          const TransferPermission& permission,
                                          const policy::PolicyBook& book,
                                          const AttemptContext& context);

// Empties the lot while the relation goes on (R15), or the first rule that refuses it.
absl::StatusOr<EndPlan> PlanEndQuota(const EndQuotaRequest& request, const RelationState& relation,
                                     const AttemptContext& context);

// Empties the lot of a relation that has ended and closes it, so that no transfer that is still on
// its way fills it again (P24).
EndPlan PlanEndOfRelation(const RelationState& relation, const AttemptContext& context);

// Everything the sources of the patient's waterfall could give: PlanSettle for a bill without end.
// It can only be run dry.
SettlePlan PlanExplain(const Bill& bill, const Payers& payers, const policy::PolicyBook& book,
                       const AttemptContext& context);

}  // namespace gongji::settlement

#endif  // GONGJI_SERVICES_SETTLEMENT_PLAN_H_
