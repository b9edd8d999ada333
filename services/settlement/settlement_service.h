// gRPC face of settlement (proto/gongji/settlement/v1/settlement.proto).
#ifndef GONGJI_SERVICES_SETTLEMENT_SETTLEMENT_SERVICE_H_
#define GONGJI_SERVICES_SETTLEMENT_SETTLEMENT_SERVICE_H_

#include "services/common/env.h"
#include "services/common/rpc/methods.h"
#include "services/settlement/settlement.h"

namespace gongji::settlement {

// Adds the methods to `methods`. `settlement`, `env` and `scope` must outlive it.
void AddSettlementService(rpc::Methods& methods, Env& env, TaskScope& scope,
                          Settlement& settlement);

}  // namespace gongji::settlement

#endif  // GONGJI_SERVICES_SETTLEMENT_SETTLEMENT_SERVICE_H_
