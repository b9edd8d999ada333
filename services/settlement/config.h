// The settings of the settlement process, besides the flags that every process has (rpc/process.h).
#ifndef GONGJI_SERVICES_SETTLEMENT_CONFIG_H_
#define GONGJI_SERVICES_SETTLEMENT_CONFIG_H_

#include <string>

#include "absl/status/statusor.h"
#include "services/settlement/settlement.h"
#include "services/settlement/settlement_peers_grpc.h"

namespace gongji::settlement {

struct Config {
  // --database: SQLite file of operations. It has no default: outcomes have one known place.
  std::string database;
  // --policy: directory of the policy files.
  std::string policy;
  // --relation, --limits: their addresses; --directory: file that maps provinces to shards.
  PeerAddresses peers;
  SettlementOptions settlement;
};

// Reads the flags and the directory; INVALID_ARGUMENT names what is wrong.
absl::StatusOr<Config> ReadConfig();

}  // namespace gongji::settlement

#endif  // GONGJI_SERVICES_SETTLEMENT_CONFIG_H_
