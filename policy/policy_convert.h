// Converts merged policy messages to plain structs.
#ifndef GONGJI_POLICY_POLICY_CONVERT_H_
#define GONGJI_POLICY_POLICY_CONVERT_H_

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "gongji/policy/v1/policy.pb.h"
#include "policy/policy.h"

namespace gongji::policy {

// Copies every knob that `rules` sets; `rules` has passed CheckFile.
AreaPolicy ToPolicy(const v1::Rules& rules);

// "HH:MM", 00:00 to 24:00, as time since midnight.
std::optional<absl::Duration> ParseTimeOfDay(const std::string& text);

// "MM-DD" of a year that is not a leap year.
std::optional<MonthDay> ParseMonthDay(const std::string& text);

}  // namespace gongji::policy

#endif  // GONGJI_POLICY_POLICY_CONVERT_H_
