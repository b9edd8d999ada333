// gongji policy: checks policy files, and shows the rules of an area as a page.
#ifndef GONGJI_TOOLS_GONGJI_POLICY_COMMANDS_H_
#define GONGJI_TOOLS_GONGJI_POLICY_COMMANDS_H_

#include <string>

#include "absl/status/statusor.h"
#include "tools/gongji/command_line.h"

namespace gongji::cli {

struct PolicyAnswer {
  std::string text;  // for standard output
  int exit_code = 0;
};

// check: prints every mistake, one line each, with exit code 1 if there is one. explain: prints the
// page. INVALID_ARGUMENT for files that cannot be read, and for an invalid area or day.
absl::StatusOr<PolicyAnswer> RunPolicyCommand(const Invocation& invocation);

}  // namespace gongji::cli

#endif  // GONGJI_TOOLS_GONGJI_POLICY_COMMANDS_H_
