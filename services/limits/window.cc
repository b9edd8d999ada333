#include "services/limits/window.h"

#include <string>

#include "absl/strings/str_format.h"
#include "services/common/business_day.h"
#include "services/common/errors/reasons.h"

namespace gongji::limits {
namespace {

std::string Clock(absl::Duration since_midnight) {
  const int64_t seconds = absl::ToInt64Seconds(since_midnight);
  return absl::StrFormat("%02d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

}  // namespace

absl::Status CheckHours(const policy::TransferRules& rules, absl::Time at) {
  const absl::Duration since_midnight = at - StartOf(BusinessDayOf(at));
  if (since_midnight >= rules.window_from && since_midnight < rules.window_to) {
    return absl::OkStatus();
  }
  return Refuse(reason::kOutsideTransferHours,
                {{"opens", Clock(rules.window_from)}, {"closes", Clock(rules.window_to)}});
}

absl::Status CheckAmount(const policy::TransferRules& rules, int64_t amount_fen) {
  if (rules.max_fen == 0 || amount_fen <= rules.max_fen) return absl::OkStatus();
  return Refuse(reason::kTransferAboveLimit, {{"limit_fen", std::to_string(rules.max_fen)}});
}

}  // namespace gongji::limits
