// The pure rules of transfers (R16): hours and amount, from policy.
#ifndef GONGJI_SERVICES_LIMITS_WINDOW_H_
#define GONGJI_SERVICES_LIMITS_WINDOW_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "policy/policy.h"

namespace gongji::limits {

// OUTSIDE_TRANSFER_HOURS with `opens` and `closes` (HH:MM:SS) unless a transfer may begin at `at`.
absl::Status CheckHours(const policy::TransferRules& rules, absl::Time at);

// TRANSFER_ABOVE_LIMIT with `limit_fen`.
absl::Status CheckAmount(const policy::TransferRules& rules, int64_t amount_fen);

}  // namespace gongji::limits

#endif  // GONGJI_SERVICES_LIMITS_WINDOW_H_
