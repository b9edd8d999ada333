// What callers ask of settlement, besides bills (bill.h), and what an attempt has besides its
// request.
#ifndef GONGJI_SERVICES_SETTLEMENT_REQUESTS_H_
#define GONGJI_SERVICES_SETTLEMENT_REQUESTS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/common/business_day.h"

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

// Takes the whole rest of a settlement back.
struct CancelRequest {
  std::string settlement_id;
};

// INVALID_FIELD.
absl::Status CheckForm(const CancelRequest& request);

std::string FingerprintOf(const CancelRequest& request);

// What an attempt has besides its request.
struct AttemptContext {
  std::string operation_id;
  int attempt = 1;
  absl::Time decide_by;
  absl::Time at;  // business time the rules are taken from
  BusinessDay business_day;
};

}  // namespace gongji::settlement

#endif  // GONGJI_SERVICES_SETTLEMENT_REQUESTS_H_
