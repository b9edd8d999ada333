// Every refusal that the system can return (R42): one stable reason, the code that tells a program
// what to do, whether it decides the request id, and text and advice in English and Chinese. The
// table is catalogue.inc; docs/reasons.md is made from it.
#ifndef GONGJI_SERVICES_COMMON_ERRORS_REASONS_H_
#define GONGJI_SERVICES_COMMON_ERRORS_REASONS_H_

#include <string>

#include "absl/status/status.h"
#include "services/common/errors/status.h"

namespace gongji {

struct Reason {
  const char* name;  // UPPER_SNAKE; never renamed, never reused
  absl::StatusCode code;
  // True: the same request id gets this answer for ever. False: repeat the same id later.
  bool final;
  const char* text_en;
  const char* text_zh;
  const char* advice_en;
  const char* advice_zh;
};

namespace reason {
#define REASON(constant, name, code, final, metadata, text_en, text_zh, advice_en, advice_zh) \
  inline constexpr Reason constant = {                                                        \
      name, absl::StatusCode::code, final, text_en, text_zh, advice_en, advice_zh};
#include "services/common/errors/catalogue.inc"
#undef REASON
}  // namespace reason

// A status that carries `reason` and its variable parts.
absl::Status Refuse(const Reason& reason, Metadata metadata = {});

// INVALID_ARGUMENT for one request field. `field` is its path in the request message.
absl::Status InvalidField(const std::string& field, const std::string& problem);

// PEER_UNAVAILABLE. `peer` is the service that could not be reached: "relation", "limits",
// "wallet/<province>", "redis" or "postgresql".
absl::Status PeerUnavailable(const std::string& peer);

// The reason with that name, or null.
const Reason* FindReason(const std::string& name);

}  // namespace gongji

#endif  // GONGJI_SERVICES_COMMON_ERRORS_REASONS_H_
