// The peers over gRPC.
#ifndef GONGJI_SERVICES_RELATION_RELATION_PEERS_GRPC_H_
#define GONGJI_SERVICES_RELATION_RELATION_PEERS_GRPC_H_

#include <map>
#include <memory>
#include <string>

#include "services/common/metrics.h"
#include "services/common/rpc/runtime.h"
#include "services/common/task.h"
#include "services/relation/relation_peers.h"

namespace gongji::relation {

// `shards` maps provinces to addresses. `runtime`, `scope` and `metrics` must outlive the peers.
std::unique_ptr<RelationPeers> NewGrpcPeers(rpc::Runtime& runtime, TaskScope& scope,
                                            const std::map<std::string, std::string>& shards,
                                            Metrics& metrics);

}  // namespace gongji::relation

#endif  // GONGJI_SERVICES_RELATION_RELATION_PEERS_GRPC_H_
