// The peers over gRPC.
#ifndef GONGJI_SERVICES_RELATION_RELATION_PEERS_GRPC_H_
#define GONGJI_SERVICES_RELATION_RELATION_PEERS_GRPC_H_

#include <map>
#include <memory>
#include <string>

#include "services/common/rpc/runtime.h"
#include "services/relation/relation_peers.h"

namespace gongji::relation {

// `shards`: province -> address of its wallet. `runtime` must outlive the peers.
std::unique_ptr<RelationPeers> NewGrpcPeers(rpc::Runtime& runtime,
                                            const std::map<std::string, std::string>& shards);

}  // namespace gongji::relation

#endif  // GONGJI_SERVICES_RELATION_RELATION_PEERS_GRPC_H_
