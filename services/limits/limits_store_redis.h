// The counters of limits in Redis.
#ifndef GONGJI_SERVICES_LIMITS_LIMITS_STORE_REDIS_H_
#define GONGJI_SERVICES_LIMITS_LIMITS_STORE_REDIS_H_

#include <memory>

#include "services/common/env.h"
#include "services/common/redis/redis.h"
#include "services/common/task.h"
#include "services/common/worker.h"
#include "services/limits/limits_store.h"

namespace gongji::limits {

// Counters in Redis. `redis` is used on `worker` only; concurrent calls share round trips. All
// arguments must outlive the store.
std::unique_ptr<LimitsStore> NewRedisLimitsStore(Env& env, TaskScope& scope, Worker& worker,
                                                 redis::Redis& redis);

}  // namespace gongji::limits

#endif  // GONGJI_SERVICES_LIMITS_LIMITS_STORE_REDIS_H_
