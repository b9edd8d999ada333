// For tests: flags of the command line, set for one test.
#ifndef GONGJI_SERVICES_COMMON_TESTING_FLAGS_H_
#define GONGJI_SERVICES_COMMON_TESTING_FLAGS_H_

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/flags/reflection.h"
#include "absl/status/statusor.h"
#include "services/common/errors/check.h"
#include "services/common/testing/temporary_folder.h"

namespace gongji {

// Remembers all flags; puts them back when it ends.
class FlagsOfATest {
 public:
  // `value` must be well-formed for the flag.
  void Set(const std::string& flag, const std::string& value) {
    std::string error;
    CHECK(absl::FindCommandLineFlag(flag)->ParseFrom(value, &error));
  }

 private:
  absl::FlagSaver before_;
};

// The flags of a service that asks others: --directory names one shard, 31 at a:1, and --policy is
// p.
class FlagsOfAService : public FlagsOfATest {
 public:
  FlagsOfAService() {
    const std::string directory = (folder_ / "directory.json").string();
    std::ofstream(directory) << R"({"31": "a:1"})";
    Set("directory", directory);
    Set("policy", "p");
  }
  ~FlagsOfAService() { std::filesystem::remove_all(folder_); }
  FlagsOfAService(const FlagsOfAService&) = delete;
  FlagsOfAService& operator=(const FlagsOfAService&) = delete;

 private:
  const std::filesystem::path folder_ = MakeTemporaryFolder();
};

struct FlagMistake {
  const char* flag;
  const char* value;
  const char* problem;
};

// Each mistake by itself makes `read` say its problem.
template <class Config>
void ExpectMistakes(absl::StatusOr<Config> (*read)(), const std::vector<FlagMistake>& mistakes) {
  EXPECT_TRUE(read().ok()) << read().status();
  for (const FlagMistake& mistake : mistakes) {
    FlagsOfATest one;
    one.Set(mistake.flag, mistake.value);
    EXPECT_EQ(read().status().message(), mistake.problem);
  }
}

}  // namespace gongji

#endif  // GONGJI_SERVICES_COMMON_TESTING_FLAGS_H_
