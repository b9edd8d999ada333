#include "services/limits/limits_store.h"

#include <gtest/gtest.h>

#include <memory>

#include "services/common/redis/redis.h"
#include "services/common/testing/redis_server.h"
#include "services/limits/limits_store_redis.h"
#include "services/limits/testing/limits_store_contract.h"

namespace gongji::limits {
namespace {

// One server for all tests of this process; each engine begins with an empty one.
redis::RedisServer& Server() {
  static redis::RedisServer server;
  return server;
}

class RedisEngine {
 public:
  RedisEngine() { Flush(); }
  ManualEnv& env() { return env_; }
  LimitsStore& store() { return *store_; }
  void Flush() {
    const auto replies = redis_.RunScript("return redis.call('FLUSHALL')", {{}});
    ASSERT_TRUE(replies.front().ok()) << replies.front().status();
  }

 private:
  ManualEnv env_;
  TaskScope scope_;
  InlineWorker worker_;
  // Tests are not about speed: a slow machine must not look like a Redis that is away.
  redis::Redis redis_{{.address = Server().address(), .timeout = absl::Seconds(10)}};
  std::unique_ptr<LimitsStore> store_ = NewRedisLimitsStore(env_, scope_, worker_, redis_);
};

INSTANTIATE_TYPED_TEST_SUITE_P(Redis, LimitsStoreContract, RedisEngine);

TEST(RedisLimitsStore, RestartedRedisIsIncompleteAndGoesOn_P17) {
  RedisEngine engine;
  const DayKey day{"p", "2026-03-02"};
  const absl::Time now = absl::FromUnixSeconds(1772415000);
  ASSERT_TRUE(engine.env().Wait(engine.store().Confirm(day, {"a", "b", "c"}, now)).ok());
  Server().Kill();
  const auto away = engine.env().Wait(engine.store().Take(day, "d", 3, now));
  EXPECT_EQ(away.status().code(), absl::StatusCode::kUnavailable);
  Server().Restart();
  const auto taken = engine.env().Wait(engine.store().Take(day, "d", 3, now));
  ASSERT_TRUE(taken.ok()) << taken.status();
  EXPECT_EQ(taken->kind, Taken::Kind::kIncomplete);
}

}  // namespace
}  // namespace gongji::limits
