// Checksums of stored rows: they show whether what is read is what was written (P14). They do not
// protect against someone who can write rows and checksums anew.
#ifndef GONGJI_SERVICES_COMMON_ENCODING_CHECKSUM_H_
#define GONGJI_SERVICES_COMMON_ENCODING_CHECKSUM_H_

#include <cstdint>
#include <string_view>

#include "absl/numeric/int128.h"

namespace gongji {

// The same bytes have the same checksum in every build (XXH3, 64 bits).
int64_t Checksum(std::string_view bytes);

// Wide enough that different bytes never have the same checksum (XXH3, 128 bits).
absl::uint128 WideChecksum(std::string_view bytes);

}  // namespace gongji

#endif  // GONGJI_SERVICES_COMMON_ENCODING_CHECKSUM_H_
