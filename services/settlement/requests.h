// The requests of settlement's callers, besides bills (bill.h), and the data that an attempt adds
// to a request.
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

// INVALID_FIELD if form or ranges are wrong.
absl::Status CheckForm(const TransferRequest& request);

std::string FingerprintOf(const TransferRequest& request);

// Returns the quota of a relation to its giver.
struct EndQuotaRequest {
  std::string relation_id;
  std::string actor_psn_no;
};

absl::Status CheckForm(const EndQuotaRequest& request);

std::string FingerprintOf(const EndQuotaRequest& request);

// Takes back everything that is left of a settlement.
struct CancelRequest {
  std::string settlement_id;
};

// INVALID_FIELD.
absl::Status CheckForm(const CancelRequest& request);

std::string FingerprintOf(const CancelRequest& request);

// The data that an attempt adds to its request.
struct AttemptContext {
  std::string operation_id;
  int attempt = 1;
  absl::Time decide_by;
  absl::Time at;  // business time whose rules apply
  BusinessDay business_day;
};

}  // namespace gongji::settlement

#endif  // GONGJI_SERVICES_SETTLEMENT_REQUESTS_H_
