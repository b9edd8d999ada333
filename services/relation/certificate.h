// Certificates: their form, and how their numbers are kept (R43).
#ifndef GONGJI_SERVICES_RELATION_CERTIFICATE_H_
#define GONGJI_SERVICES_RELATION_CERTIFICATE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/relation/records.h"

namespace gongji::relation {

// psn_cert_type of the resident ID card and of cards with the same kind of number.
inline constexpr char kIdCard[] = "01";

// Returns the certificate in its stored form: upper case, the 15 digits of an old ID card extended
// to 18. INVALID_ARGUMENT with the field's path below `field`, never with the number.
absl::StatusOr<Certificate> CheckCertificate(const Certificate& certificate,
                                             const std::string& field);

// Check character of a citizen number (GB 11643, ISO 7064 MOD 11-2) over its first 17 digits.
char CitizenCheckCharacter(const std::string& first_17);

// What the store keeps of a number, and back. Encryption will be added in this one place; until
// then the sealed form is the number itself.
std::string SealNumber(const std::string& number);
std::string OpenNumber(const std::string& sealed);

}  // namespace gongji::relation

#endif  // GONGJI_SERVICES_RELATION_CERTIFICATE_H_
