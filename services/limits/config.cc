#include "services/limits/config.h"

#include "absl/flags/flag.h"
#include "services/common/errors/status.h"
#include "services/common/rpc/directory.h"

ABSL_FLAG(std::string, redis, "", "unix:/path or host:port of Redis");
ABSL_FLAG(int, redis_timeout_ms, 20, "time for each reply of Redis");
ABSL_FLAG(std::string, policy, "policy", "directory of the policy files");
ABSL_FLAG(std::string, directory, "", "JSON file: province -> gRPC address of its shard");
ABSL_FLAG(int, max_unchecked_per_second, 200, "transfers let through per second without Redis");

namespace gongji::limits {

absl::StatusOr<Config> ReadConfig() {
  Config config;
  config.redis.address = absl::GetFlag(FLAGS_redis);
  if (config.redis.address.empty()) return absl::InvalidArgumentError("--redis is missing");
  const int timeout_ms = absl::GetFlag(FLAGS_redis_timeout_ms);
  if (timeout_ms < 1) return absl::InvalidArgumentError("--redis_timeout_ms: at least 1");
  config.redis.timeout = absl::Milliseconds(timeout_ms);
  config.policy = absl::GetFlag(FLAGS_policy);
  ASSIGN_OR_RETURN(config.shards, rpc::ReadDirectory(absl::GetFlag(FLAGS_directory)));
  config.limits.max_unchecked_per_second = absl::GetFlag(FLAGS_max_unchecked_per_second);
  return config;
}

}  // namespace gongji::limits
