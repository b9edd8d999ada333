#include "services/relation/config.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <tuple>

#include "services/common/testing/flags.h"
#include "services/common/testing/temporary_folder.h"

namespace gongji::relation {
namespace {

class ConfigTest : public testing::Test {
 protected:
  ConfigTest() {
    const std::string directory = (folder_ / "directory.json").string();
    std::ofstream(directory) << R"({"31": "a:1"})";
    flags_.Set("directory", directory);
    flags_.Set("policy", "p");
    flags_.Set("database", "d");
  }
  ~ConfigTest() override { std::filesystem::remove_all(folder_); }

  const std::filesystem::path folder_ = MakeTemporaryFolder();
  FlagsOfATest flags_;
};

TEST_F(ConfigTest, EachFlagGoesToItsOwnPlace) {
  flags_.Set("max_cached_dossiers", "7");
  const auto config = ReadConfig();
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->database, "d");
  EXPECT_EQ(config->policy, "p");
  EXPECT_EQ(config->store.max_cached_dossiers, 7U);
  EXPECT_EQ(config->shards.at("31"), "a:1");
}

TEST_F(ConfigTest, MistakesNameTheFlag) {
  const std::tuple<const char*, const char*, const char*> mistakes[] = {
      {"database", "", "--database is missing"},
      {"max_cached_dossiers", "0", "--max_cached_dossiers: at least 1"},
      {"directory", "nowhere", "nowhere: cannot be read"}};
  for (const auto& [flag, value, problem] : mistakes) {
    FlagsOfATest one;
    one.Set(flag, value);
    EXPECT_EQ(ReadConfig().status().message(), problem);
  }
}

}  // namespace
}  // namespace gongji::relation
