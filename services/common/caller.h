// The caller of a use case; every use case takes a Caller. Identity and area come from the
// transport; channel, clerk and consent are what the request says.
#ifndef GONGJI_SERVICES_COMMON_CALLER_H_
#define GONGJI_SERVICES_COMMON_CALLER_H_

#include <string>

namespace gongji {

struct Caller {
  // Unique name of the caller; with a request id it is the key of a write. It will come from the
  // certificate once there are certificates; "dev/loopback" on plaintext loopback and Unix sockets.
  std::string identity;
  // Area (admdvs) whose platform calls; "" for services and operators.
  std::string area;
  // app, mini-program, web, window (R08, R12). Recorded with every write.
  std::string channel;
  // Clerk at a service window (R12).
  std::string operator_id;
  // Document by which the person consented (R12).
  std::string consent_document;
};

inline constexpr char kDevelopmentIdentity[] = "dev/loopback";

}  // namespace gongji

#endif  // GONGJI_SERVICES_COMMON_CALLER_H_
