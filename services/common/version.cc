#include "services/common/version.h"

#include "absl/flags/usage_config.h"
#include "absl/strings/str_cat.h"
#include "gen/version.h"

namespace gongji {

std::string VersionText(const std::string& program) {
  return absl::StrCat(program, " ", GONGJI_VERSION, " (", GONGJI_COMMIT, ")");
}

void AnswerVersionFlag(const std::string& program) {
  absl::FlagsUsageConfig config;
  config.version_string = [program] { return VersionText(program) + "\n"; };
  absl::SetFlagsUsageConfig(config);
}

}  // namespace gongji
