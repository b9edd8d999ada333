// Refunds (R27): a pure function from a settlement and what refunds have drawn from it to the plan
// that takes the rest back.
#ifndef GONGJI_SERVICES_SETTLEMENT_REFUND_H_
#define GONGJI_SERVICES_SETTLEMENT_REFUND_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/settlement/operation.h"
#include "services/settlement/requests.h"

namespace gongji::settlement {

// The whole rest of a charged settlement, in reverse order of taking: cash first. The bill may be
// settled again afterwards.
//   ALREADY_REFUNDED    nothing is left; `refund` is the last one
//   REFUND_IN_PROGRESS  another refund is undecided
absl::StatusOr<RefundPlan> PlanCancel(const Refundable& settlement, const AttemptContext& context);

// What refunds have drawn with this one in its present state: drawn and undecided, drawn, or, if it
// was undone, as before. To be written with the intent and with the outcome.
Drawn DrawnBy(const Operation& refund);

}  // namespace gongji::settlement

#endif  // GONGJI_SERVICES_SETTLEMENT_REFUND_H_
