// gongji: the command line. `gongji --help` lists subcommands and exit codes.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "services/common/log.h"
#include "tools/gongji/command_line.h"
#include "tools/gongji/run.h"

namespace {

// The locale of texts, by the order of POSIX.
std::string Locale() {
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') return value;
  }
  return "";
}

}  // namespace

int main(int argc, char** argv) {
  const auto parsed =
      gongji::cli::ParseCommandLine(std::vector<std::string>(argv + 1, argv + argc), Locale());
  std::fputs(parsed.out.c_str(), stdout);
  std::fputs(parsed.error.c_str(), stderr);
  if (!parsed.invocation.has_value()) return parsed.exit_code;
  gongji::StartLog("gongji", "warning");
  const int exit_code = gongji::cli::Run(*parsed.invocation);
  std::fflush(stdout);
  return exit_code;
}
