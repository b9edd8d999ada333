// Settlement's peers, called over gRPC.
#ifndef GONGJI_SERVICES_SETTLEMENT_SETTLEMENT_PEERS_GRPC_H_
#define GONGJI_SERVICES_SETTLEMENT_SETTLEMENT_PEERS_GRPC_H_

#include <map>
#include <memory>
#include <string>

#include "services/common/metrics.h"
#include "services/common/rpc/runtime.h"
#include "services/common/task.h"
#include "services/settlement/settlement_peers.h"

namespace gongji::settlement {

struct PeerAddresses {
  std::string relation;
  std::string limits;
  std::map<std::string, std::string> shards;  // province -> address
};

// `runtime`, `scope` and `metrics` must outlive the peers.
std::unique_ptr<SettlementPeers> NewGrpcPeers(rpc::Runtime& runtime, TaskScope& scope,
                                              const PeerAddresses& addresses, Metrics& metrics);

}  // namespace gongji::settlement

#endif  // GONGJI_SERVICES_SETTLEMENT_SETTLEMENT_PEERS_GRPC_H_
