// Ids and fingerprints.
#ifndef GONGJI_SERVICES_COMMON_IDS_H_
#define GONGJI_SERVICES_COMMON_IDS_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "services/common/encoding/bytes.h"
#include "services/common/env.h"

namespace gongji {

// A new id of 26 characters (Crockford base 32): 48 bits of wall-clock milliseconds, then 80
// random bits. Later ids sort after earlier ones while the clock does not jump, so that indexes
// grow at one end; uniqueness rests on the random part alone.
std::string NewId(Env& env);

// True for 1..`most` printable ASCII characters, none of them a space.
bool IsPrintable(const std::string& text, size_t most);

// The form of every request id (R41).
inline bool IsRequestId(const std::string& text) { return IsPrintable(text, 64); }

// SHA-256 over named, length-prefixed fields in the order given. Fields at their default (0, "")
// are left out, so that a field added later does not change old fingerprints. The method is the
// first field: the same request id under another method has other contents.
class Fingerprint {
 public:
  explicit Fingerprint(std::string_view method);

  Fingerprint& Field(std::string_view name, std::string_view value);
  Fingerprint& Field(std::string_view name, int64_t value);

  // 32 bytes.
  std::string Finish() &&;

 private:
  BytesWriter fields_;
};

}  // namespace gongji

#endif  // GONGJI_SERVICES_COMMON_IDS_H_
