#include "services/common/encoding/checksum.h"

#include <xxhash.h>

namespace gongji {

int64_t Checksum(std::string_view bytes) {
  return static_cast<int64_t>(XXH3_64bits(bytes.data(), bytes.size()));
}

absl::uint128 WideChecksum(std::string_view bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return absl::MakeUint128(hash.high64, hash.low64);
}

}  // namespace gongji
