#include "services/relation/config.h"

#include <gtest/gtest.h>

#include "services/common/testing/flags.h"

namespace gongji::relation {
namespace {

class ConfigTest : public testing::Test {
 protected:
  ConfigTest() { flags_.Set("database", "d"); }

  FlagsOfAService flags_;
};

TEST_F(ConfigTest, EachFlagGoesToItsOwnPlace) {
  flags_.Set("max_cached_dossiers", "1");
  const auto config = ReadConfig();
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->database, "d");
  EXPECT_EQ(config->policy, "p");
  EXPECT_EQ(config->store.max_cached_dossiers, 1U);
  EXPECT_EQ(config->shards.at("31"), "a:1");
}

TEST_F(ConfigTest, MistakesNameTheFlag) {
  ExpectMistakes(ReadConfig, {{"database", "", "--database is missing"},
                              {"max_cached_dossiers", "0", "--max_cached_dossiers: at least 1"},
                              {"directory", "nowhere", "nowhere: cannot be read"}});
}

}  // namespace
}  // namespace gongji::relation
