// gRPC face of relation (proto/gongji/relation/v1/relation.proto).
#ifndef GONGJI_SERVICES_RELATION_RELATION_SERVICE_H_
#define GONGJI_SERVICES_RELATION_RELATION_SERVICE_H_

#include "services/common/rpc/server.h"
#include "services/relation/relation.h"

namespace gongji::relation {

// Adds the methods to `server`. `relations` must outlive it.
void AddRelationService(rpc::Server& server, Relations& relations);

}  // namespace gongji::relation

#endif  // GONGJI_SERVICES_RELATION_RELATION_SERVICE_H_
