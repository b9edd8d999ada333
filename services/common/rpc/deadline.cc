#include "services/common/rpc/deadline.h"

#include <algorithm>

#include "services/common/errors/reasons.h"

namespace gongji::rpc {

absl::StatusOr<absl::Time> HandlerDeadline(std::optional<absl::Time> asked, absl::Time now) {
  const absl::Time wanted = asked.value_or(now + kDefaultDeadline);
  const absl::Time deadline = std::min(wanted, now + kLongestDeadline) - kDeadlineMargin;
  if (deadline - now < kLeastTime) return Refuse(reason::kDeadlineTooShort);
  return deadline;
}

}  // namespace gongji::rpc
