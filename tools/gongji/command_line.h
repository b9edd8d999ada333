// The arguments of `gongji` as an invocation of one command. Only its source file uses CLI11.
#ifndef GONGJI_TOOLS_GONGJI_COMMAND_LINE_H_
#define GONGJI_TOOLS_GONGJI_COMMAND_LINE_H_

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "policy/language.h"
#include "tools/gongji/commands.h"

namespace gongji::cli {

struct Invocation {
  const Command* command = nullptr;
  Language language = Language::kEnglish;
  bool json = false;
  std::string cluster;     // cluster.json; "" if none was named
  std::string policy;      // folder of the policy files
  std::string request_id;  // "" if none was named
  std::string object;      // path of a file that holds the line's fields; "" if none was named
  nlohmann::json line = nlohmann::json::object();  // the options by field
};

// Either an invocation, or a text to print and an exit code.
struct Parsed {
  std::optional<Invocation> invocation;
  std::string out;    // help
  std::string error;  // what is wrong, in the language of the invocation
  int exit_code = 0;
};

// Parses arguments without the program's name. `locale` is as in LANG; --lang overrides it.
Parsed ParseCommandLine(std::vector<std::string> arguments, const std::string& locale);

}  // namespace gongji::cli

#endif  // GONGJI_TOOLS_GONGJI_COMMAND_LINE_H_
