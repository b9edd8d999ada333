// Converts domain types of settlement to messages and back.
#ifndef GONGJI_SERVICES_SETTLEMENT_SETTLEMENT_WIRE_H_
#define GONGJI_SERVICES_SETTLEMENT_SETTLEMENT_WIRE_H_

#include "gongji/common/v1/reason.pb.h"
#include "gongji/settlement/v1/bill.pb.h"
#include "gongji/settlement/v1/settlement.pb.h"
#include "services/settlement/bill.h"
#include "services/settlement/explain.h"
#include "services/settlement/operation.h"
#include "services/settlement/payment.h"
#include "services/settlement/plan.h"
#include "services/settlement/totals.h"

namespace gongji::settlement {

Bill FromMessage(const v1::Bill& message);
TransferRequest FromMessage(const v1::TransferRequest& message);
ExplainQuestion FromMessage(const v1::ExplainRequest& message);

v1::Payment ToMessage(const Payment& payment);
v1::SettleResponse SettleResponseOf(const Operation& operation, bool replayed);
v1::TransferResponse TransferResponseOf(const Operation& operation, bool replayed);
v1::EndQuotaResponse EndQuotaResponseOf(const Operation& operation, bool replayed);
v1::CancelResponse CancelResponseOf(const Operation& operation, bool replayed);
v1::GetOperationResponse ToMessage(const Operation& operation);
v1::ExplainResponse ToMessage(const Explanation& explanation);
v1::Total ToMessage(const Total& total);

// A failed rule as a message, with the texts and advice of the catalogue.
common::v1::Reason ToReason(const absl::Status& status);
// A failed rule from a message of relation.
absl::Status FromReason(const common::v1::Reason& reason);

}  // namespace gongji::settlement

#endif  // GONGJI_SERVICES_SETTLEMENT_SETTLEMENT_WIRE_H_
