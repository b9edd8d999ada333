// All settings of the limits process, besides the flags that every process has (rpc/process.h).
#ifndef GONGJI_SERVICES_LIMITS_CONFIG_H_
#define GONGJI_SERVICES_LIMITS_CONFIG_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "services/common/redis/redis.h"
#include "services/limits/limits.h"

namespace gongji::limits {

struct Config {
  // --redis: unix:/path or host:port. --redis_timeout_ms: for each reply; 20, because the ledger
  // can answer as well and is not much slower.
  redis::RedisOptions redis;
  // --policy: directory of the policy files.
  std::string policy;
  // --directory: file that maps provinces to shards.
  std::map<std::string, std::string> shards;
  // --max_unchecked_per_second.
  LimitsOptions limits;
};

// Reads the flags and the directory; the text of INVALID_ARGUMENT names what is wrong.
absl::StatusOr<Config> ReadConfig();

}  // namespace gongji::limits

#endif  // GONGJI_SERVICES_LIMITS_CONFIG_H_
