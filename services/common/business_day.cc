#include "services/common/business_day.h"

#include "absl/strings/str_format.h"

namespace gongji {
namespace {

absl::TimeZone China() { return absl::FixedTimeZone(8 * 60 * 60); }

}  // namespace

BusinessDay BusinessDayOf(absl::Time time) { return absl::ToCivilDay(time, China()); }

absl::Time StartOf(BusinessDay day) { return absl::FromCivil(day, China()); }

std::string FormatDay(BusinessDay day) {
  return absl::StrFormat("%04d-%02d-%02d", day.year(), day.month(), day.day());
}

std::optional<BusinessDay> ParseDay(const std::string& text) {
  BusinessDay day;
  if (!absl::ParseCivilTime(text, &day) || FormatDay(day) != text) return std::nullopt;
  return day;
}

std::string FormatTime(absl::Time time) {
  return absl::FormatTime(absl::RFC3339_full, time, China());
}

std::optional<absl::Time> ParseTime(const std::string& text) {
  absl::Time time;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, nullptr)) return std::nullopt;
  return time;
}

}  // namespace gongji
