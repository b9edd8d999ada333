// The gRPC service of settlement (proto/gongji/settlement/v1/settlement.proto).
#ifndef GONGJI_SERVICES_SETTLEMENT_SETTLEMENT_SERVICE_H_
#define GONGJI_SERVICES_SETTLEMENT_SETTLEMENT_SERVICE_H_

#include "services/common/rpc/methods.h"
#include "services/settlement/settlement.h"

namespace gongji::settlement {

// Adds the methods to `methods`. `settlement` must outlive it.
void AddSettlementService(rpc::Methods& methods, Settlement& settlement);

}  // namespace gongji::settlement

#endif  // GONGJI_SERVICES_SETTLEMENT_SETTLEMENT_SERVICE_H_
