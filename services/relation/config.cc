#include "services/relation/config.h"

#include "absl/flags/flag.h"
#include "services/common/errors/status.h"
#include "services/common/rpc/directory.h"

ABSL_FLAG(std::string, database, "", "SQLite file of persons and networks");
ABSL_FLAG(std::string, policy, "policy", "directory of the policy files");
ABSL_FLAG(std::string, directory, "", "JSON file: province -> gRPC address of its shard");
ABSL_FLAG(int, max_cached_dossiers, 200'000, "persons kept in memory at most");

namespace gongji::relation {

absl::StatusOr<Config> ReadConfig() {
  Config config{.database = absl::GetFlag(FLAGS_database),
                .policy = absl::GetFlag(FLAGS_policy),
                .shards = {},
                .store = {},
                .relation = {}};
  if (config.database.empty()) return absl::InvalidArgumentError("--database is missing");
  const int max_cached_dossiers = absl::GetFlag(FLAGS_max_cached_dossiers);
  if (max_cached_dossiers < 1) {
    return absl::InvalidArgumentError("--max_cached_dossiers: at least 1");
  }
  config.store.max_cached_dossiers = static_cast<size_t>(max_cached_dossiers);
  ASSIGN_OR_RETURN(config.shards, rpc::ReadDirectory(absl::GetFlag(FLAGS_directory)));
  return config;
}

}  // namespace gongji::relation
