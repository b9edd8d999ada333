#include "services/limits/config.h"

#include <gtest/gtest.h>

#include "services/common/testing/flags.h"

namespace gongji::limits {
namespace {

class ConfigTest : public testing::Test {
 protected:
  ConfigTest() { flags_.Set("redis", "r:1"); }

  FlagsOfAService flags_;
};

TEST_F(ConfigTest, EachFlagGoesToItsOwnPlace) {
  flags_.Set("redis_timeout_ms", "1");
  flags_.Set("max_unchecked_per_second", "8");
  const auto config = ReadConfig();
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->redis.address, "r:1");
  EXPECT_EQ(config->redis.timeout, absl::Milliseconds(1));
  EXPECT_EQ(config->policy, "p");
  EXPECT_EQ(config->limits.max_unchecked_per_second, 8);
  EXPECT_EQ(config->shards.at("31"), "a:1");
}

TEST_F(ConfigTest, MistakesNameTheFlag) {
  ExpectMistakes(ReadConfig, {{"redis", "", "--redis is missing"},
                              {"redis_timeout_ms", "0", "--redis_timeout_ms: at least 1"},
                              {"directory", "nowhere", "nowhere: cannot be read"}});
}

}  // namespace
}  // namespace gongji::limits
