#include "services/common/rpc/directory.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "services/common/testing/temporary_folder.h"

namespace gongji::rpc {
namespace {

class DirectoryTest : public testing::Test {
 protected:
  ~DirectoryTest() override { std::filesystem::remove_all(folder_); }

  absl::StatusOr<std::map<std::string, std::string>> Read(const std::string& text) {
    std::ofstream(path_) << text;
    return ReadDirectory(path_);
  }

  const std::filesystem::path folder_ = MakeTemporaryFolder();
  const std::string path_ = (folder_ / "directory.json").string();
};

TEST_F(DirectoryTest, NamesTheShardOfEachProvince) {
  const auto directory = Read(R"({"31": "unix:/run/31.sock", "51": "a:1,b:2"})");
  ASSERT_TRUE(directory.ok()) << directory.status();
  EXPECT_EQ(*directory,
            (std::map<std::string, std::string>{{"31", "unix:/run/31.sock"}, {"51", "a:1,b:2"}}));
}

TEST_F(DirectoryTest, MistakesNameTheFileAndTheProblem) {
  const std::pair<const char*, const char*> mistakes[] = {
      {"", "not a JSON object"},
      {"[]", "not a JSON object"},
      {R"({"31": )", "not a JSON object"},
      {R"({"310000": "a:1"})", "\"310000\" is not a province with an address"},
      {R"({"31": 5})", "\"31\" is not a province with an address"},
      {R"({"31": "a:1", "5": "b:1"})", "\"5\" is not a province with an address"},
  };
  for (const auto& [text, problem] : mistakes) {
    const auto directory = Read(text);
    EXPECT_EQ(directory.status(), absl::InvalidArgumentError(path_ + ": " + problem)) << text;
  }
}

TEST_F(DirectoryTest, AMissingFileIsAMistake) {
  EXPECT_EQ(ReadDirectory(path_).status(), absl::InvalidArgumentError(path_ + ": cannot be read"));
}

}  // namespace
}  // namespace gongji::rpc
