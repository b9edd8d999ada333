// For tests: flags of the command line, set for one test.
#ifndef GONGJI_SERVICES_COMMON_TESTING_FLAGS_H_
#define GONGJI_SERVICES_COMMON_TESTING_FLAGS_H_

#include <string>

#include "absl/flags/reflection.h"
#include "services/common/errors/check.h"

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

}  // namespace gongji

#endif  // GONGJI_SERVICES_COMMON_TESTING_FLAGS_H_
