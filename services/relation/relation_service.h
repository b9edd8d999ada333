// gRPC face of relation (proto/gongji/relation/v1/relation.proto).
#ifndef GONGJI_SERVICES_RELATION_RELATION_SERVICE_H_
#define GONGJI_SERVICES_RELATION_RELATION_SERVICE_H_

#include "services/common/rpc/methods.h"
#include "services/relation/relation.h"

namespace gongji::relation {

// Adds the methods to `methods`. `relations` must outlive it.
void AddRelationService(rpc::Methods& methods, Relations& relations);

}  // namespace gongji::relation

#endif  // GONGJI_SERVICES_RELATION_RELATION_SERVICE_H_
