#include "services/settlement/requests.h"

#include <utility>

#include "services/common/errors/reasons.h"
#include "services/common/ids.h"
#include "services/common/money.h"

namespace gongji::settlement {

absl::Status CheckForm(const TransferRequest& request) {
  if (request.giver_psn_no.empty()) return InvalidField("giver_psn_no", "empty");
  if (request.receiver_psn_no.empty()) return InvalidField("receiver_psn_no", "empty");
  if (request.giver_psn_no == request.receiver_psn_no) {
    return InvalidField("receiver_psn_no", "the same as giver_psn_no");
  }
  if (request.amount_fen <= 0 || request.amount_fen > kMaxAmountFen) {
    return InvalidField("amount_fen", "out of range");
  }
  return absl::OkStatus();
}

std::string FingerprintOf(const TransferRequest& request) {
  Fingerprint fields("Transfer");
  fields.Field("giver_psn_no", request.giver_psn_no);
  fields.Field("receiver_psn_no", request.receiver_psn_no);
  fields.Field("amount_fen", request.amount_fen);
  return std::move(fields).Finish();
}

absl::Status CheckForm(const EndQuotaRequest& request) {
  if (request.relation_id.empty()) return InvalidField("relation_id", "empty");
  if (request.actor_psn_no.empty()) return InvalidField("actor_psn_no", "empty");
  return absl::OkStatus();
}

std::string FingerprintOf(const EndQuotaRequest& request) {
  Fingerprint fields("EndQuota");
  fields.Field("relation_id", request.relation_id);
  fields.Field("actor_psn_no", request.actor_psn_no);
  return std::move(fields).Finish();
}

absl::Status CheckForm(const CancelRequest& request) {
  if (request.settlement_id.empty()) return InvalidField("settlement_id", "empty");
  return absl::OkStatus();
}

std::string FingerprintOf(const CancelRequest& request) {
  Fingerprint fields("Cancel");
  fields.Field("settlement_id", request.settlement_id);
  return std::move(fields).Finish();
}

}  // namespace gongji::settlement
