#include "services/limits/config.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <tuple>

#include "services/common/testing/flags.h"
#include "services/common/testing/temporary_folder.h"

namespace gongji::limits {
namespace {

class ConfigTest : public testing::Test {
 protected:
  ConfigTest() {
    const std::string directory = (folder_ / "directory.json").string();
    std::ofstream(directory) << R"({"31": "a:1"})";
    flags_.Set("directory", directory);
    flags_.Set("policy", "p");
    flags_.Set("redis", "r:1");
  }
  ~ConfigTest() override { std::filesystem::remove_all(folder_); }

  const std::filesystem::path folder_ = MakeTemporaryFolder();
  FlagsOfATest flags_;
};

TEST_F(ConfigTest, EachFlagGoesToItsOwnPlace) {
  flags_.Set("redis_timeout_ms", "7");
  flags_.Set("max_unchecked_per_second", "8");
  const auto config = ReadConfig();
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->redis.address, "r:1");
  EXPECT_EQ(config->redis.timeout, absl::Milliseconds(7));
  EXPECT_EQ(config->policy, "p");
  EXPECT_EQ(config->limits.max_unchecked_per_second, 8);
  EXPECT_EQ(config->shards.at("31"), "a:1");
}

TEST_F(ConfigTest, MistakesNameTheFlag) {
  const std::tuple<const char*, const char*, const char*> mistakes[] = {
      {"redis", "", "--redis is missing"},
      {"redis_timeout_ms", "0", "--redis_timeout_ms: at least 1"},
      {"directory", "nowhere", "nowhere: cannot be read"}};
  for (const auto& [flag, value, problem] : mistakes) {
    FlagsOfATest one;
    one.Set(flag, value);
    EXPECT_EQ(ReadConfig().status().message(), problem);
  }
}

}  // namespace
}  // namespace gongji::limits
