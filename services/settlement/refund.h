// Refunds (R27): a pure function from a settlement and what refunds have drawn from it to the plan
// that takes the rest back.
#ifndef GONGJI_SERVICES_SETTLEMENT_REFUND_H_
#define GONGJI_SERVICES_SETTLEMENT_REFUND_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/settlement/operation.h"
#include "services/settlement/requests.h"

namespace gongji::settlement {

// Returns everything that is left of a charged settlement, in reverse order of taking: cash first.
// The bill may be settled again afterwards.
//   ALREADY_REFUNDED    nothing is left; `refund` is the last one
//   REFUND_IN_PROGRESS  another refund is undecided
absl::StatusOr<RefundPlan> PlanCancel(const Refundable& settlement, const AttemptContext& context);

// What refunds have drawn, including this one in its present state: drawn but undecided; drawn; or,
// if it was undone, as before it. To be stored when the refund begins and with its outcome.
Drawn DrawnBy(const Operation& refund);

}  // namespace gongji::settlement

#endif  // GONGJI_SERVICES_SETTLEMENT_REFUND_H_
