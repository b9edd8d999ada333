#include "services/settlement/config.h"

#include <gtest/gtest.h>

#include "services/common/testing/flags.h"

namespace gongji::settlement {
namespace {

class ConfigTest : public testing::Test {
 protected:
  ConfigTest() {
    flags_.Set("database", "d");
    flags_.Set("relation", "r:1");
    flags_.Set("limits", "l:1");
  }

  FlagsOfAService flags_;
};

TEST_F(ConfigTest, EachFlagGoesToItsOwnPlace) {
  const auto config = ReadConfig();
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->database, "d");
  EXPECT_EQ(config->policy, "p");
  EXPECT_EQ(config->peers.relation, "r:1");
  EXPECT_EQ(config->peers.limits, "l:1");
  EXPECT_EQ(config->peers.shards.at("31"), "a:1");
}

TEST_F(ConfigTest, MistakesNameTheFlag) {
  ExpectMistakes(ReadConfig, {{"database", "", "--database is missing"},
                              {"relation", "", "--relation is missing"},
                              {"limits", "", "--limits is missing"},
                              {"directory", "nowhere", "nowhere: cannot be read"}});
}

}  // namespace
}  // namespace gongji::settlement
