// Business days are civil days in China Standard Time, a fixed offset of +08:00 since 1991, so no
// time zone data is needed (R16, R44).
#ifndef GONGJI_SERVICES_COMMON_BUSINESS_DAY_H_
#define GONGJI_SERVICES_COMMON_BUSINESS_DAY_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace gongji {

using BusinessDay = absl::CivilDay;

// The business day that contains `time`.
BusinessDay BusinessDayOf(absl::Time time);

// First instant of `day`.
absl::Time StartOf(BusinessDay day);

// "2026-03-02" and back; nothing for text that is not exactly such a day.
std::string FormatDay(BusinessDay day);
std::optional<BusinessDay> ParseDay(const std::string& text);

// RFC 3339 in +08:00 and back, e.g. "2026-03-02T09:30:00+08:00".
std::string FormatTime(absl::Time time);
std::optional<absl::Time> ParseTime(const std::string& text);

}  // namespace gongji

#endif  // GONGJI_SERVICES_COMMON_BUSINESS_DAY_H_
