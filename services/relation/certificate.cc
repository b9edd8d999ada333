#include "services/relation/certificate.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "services/common/business_day.h"
#include "services/common/errors/check.h"
#include "services/common/errors/reasons.h"

namespace gongji::relation {
namespace {

bool AllDigits(const std::string& text) {
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return absl::ascii_isdigit(c); });
}

bool HasBirthDay(const std::string& number) {
  const std::string day =
      number.substr(6, 4) + "-" + number.substr(10, 2) + "-" + number.substr(12, 2);
  return ParseDay(day).has_value();
}

// Returns 18 characters or nothing: an old number of 15 lacks century and check character.
std::string Complete(const std::string& number) {
  if (number.size() != 15 || !AllDigits(number)) return number;
  const std::string first_17 = number.substr(0, 6) + "19" + number.substr(6);
  return first_17 + CitizenCheckCharacter(first_17);
}

bool IsCitizenNumber(const std::string& number) {
  return number.size() == 18 && AllDigits(number.substr(0, 17)) && HasBirthDay(number) &&
         CitizenCheckCharacter(number.substr(0, 17)) == number[17];
}

}  // namespace

char CitizenCheckCharacter(const std::string& first_17) {
  constexpr int kWeights[] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
  CHECK(first_17.size() == 17 && AllDigits(first_17));
  int sum = 0;
  for (size_t i = 0; i < 17; ++i) sum += (first_17[i] - '0') * kWeights[i];
  return "10X98765432"[sum % 11];
}

absl::StatusOr<Certificate> CheckCertificate(const Certificate& certificate,
                                             const std::string& field) {
  if (certificate.type.size() != 2 || !AllDigits(certificate.type)) {
    return InvalidField(field + ".type", "must be two digits");
  }
  std::string number = absl::AsciiStrToUpper(certificate.number);
  if (number.empty() || number.size() > 50) {
    return InvalidField(field + ".number", "must have 1 to 50 characters");
  }
  if (!std::all_of(number.begin(), number.end(),
                   [](unsigned char c) { return absl::ascii_isgraph(c); })) {
    return InvalidField(field + ".number", "must be printable ASCII");
  }
  if (certificate.type == kIdCard) {
    number = Complete(number);
    if (!IsCitizenNumber(number)) {
      return InvalidField(field + ".number", "is not a citizen number (GB 11643)");
    }
  }
  return Certificate{certificate.type, number};
}

std::string SealNumber(const std::string& number) { return number; }
std::string OpenNumber(const std::string& sealed) { return sealed; }

}  // namespace gongji::relation
