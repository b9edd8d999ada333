#include "services/common/checksum.h"

#include <xxhash.h>

namespace gongji {

int64_t Checksum(std::string_view bytes) {
  return static_cast<int64_t>(XXH3_64bits(bytes.data(), bytes.size()));
}

}  // namespace gongji
