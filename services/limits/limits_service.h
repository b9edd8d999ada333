// gRPC face of limits (proto/gongji/limits/v1/limits.proto).
#ifndef GONGJI_SERVICES_LIMITS_LIMITS_SERVICE_H_
#define GONGJI_SERVICES_LIMITS_LIMITS_SERVICE_H_

#include "services/common/rpc/methods.h"
#include "services/limits/limits.h"

namespace gongji::limits {

// Adds the methods to `methods`. `limits` must outlive it.
void AddLimitsService(rpc::Methods& methods, Limits& limits);

}  // namespace gongji::limits

#endif  // GONGJI_SERVICES_LIMITS_LIMITS_SERVICE_H_
