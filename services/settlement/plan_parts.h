// Parts that several plans have in common.
#ifndef GONGJI_SERVICES_SETTLEMENT_PLAN_PARTS_H_
#define GONGJI_SERVICES_SETTLEMENT_PLAN_PARTS_H_

#include <string>
#include <vector>

#include "policy/policy.h"
#include "services/ledger/accounts.h"
#include "services/ledger/transaction.h"
#include "services/settlement/plan.h"
#include "services/settlement/steps.h"

namespace gongji::settlement {

inline std::string StepId(const AttemptContext& context, const std::string& step) {
  return StepId(context.operation_id, context.attempt, step);
}

// True if only money that was set aside is shared inside the province (R18).
inline bool HasSubAccount(const policy::AreaPolicy& giver) {
  return giver.network.pool_model == policy::PoolModel::kSubAccount;
}

// What must be left in the giver's whole account (R18).
inline std::vector<ledger::Keep> KeepsOf(const std::string& psn_no,
                                         const policy::AreaPolicy& giver) {
  if (giver.fund.min_retained_fen == 0) return {};
  return {{giver.fund.min_retained_fen,
           {ledger::CurrentAccount(psn_no), ledger::PriorAccount(psn_no)}}};
}

}  // namespace gongji::settlement

#endif  // GONGJI_SERVICES_SETTLEMENT_PLAN_PARTS_H_
