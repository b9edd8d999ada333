#include "services/settlement/config.h"

#include "absl/flags/flag.h"
#include "services/common/errors/status.h"
#include "services/common/rpc/directory.h"

ABSL_FLAG(std::string, database, "", "SQLite file of operations");
ABSL_FLAG(std::string, policy, "policy", "directory of the policy files");
ABSL_FLAG(std::string, relation, "", "gRPC address of relation");
ABSL_FLAG(std::string, limits, "", "gRPC address of limits");
ABSL_FLAG(std::string, directory, "", "JSON file: province -> gRPC address of its shard");

namespace gongji::settlement {

absl::StatusOr<Config> ReadConfig() {
  Config config{
      .database = absl::GetFlag(FLAGS_database),
      .policy = absl::GetFlag(FLAGS_policy),
      .peers = {.relation = absl::GetFlag(FLAGS_relation), .limits = absl::GetFlag(FLAGS_limits)}};
  if (config.database.empty()) return absl::InvalidArgumentError("--database is missing");
  if (config.peers.relation.empty()) return absl::InvalidArgumentError("--relation is missing");
  if (config.peers.limits.empty()) return absl::InvalidArgumentError("--limits is missing");
  ASSIGN_OR_RETURN(config.peers.shards, rpc::ReadDirectory(absl::GetFlag(FLAGS_directory)));
  return config;
}

}  // namespace gongji::settlement
