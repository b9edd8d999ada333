// The arguments of `gongji` as an invocation of one command. The only file that knows CLI11.
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
  std::string object;      // path of a file that holds the line's fields; "" if none is asked for
  nlohmann::json line = nlohmann::json::object();  // the options by field
};

// Either an invocation, or what to print and how to end.
struct Parsed {
  std::optional<Invocation> invocation;
  std::string out;    // help
  std::string error;  // what is wrong, in the language asked for
  int exit_code = 0;
};

// `locale` as in LANG; --lang comes first. Arguments without the program's name.
Parsed ParseCommandLine(std::vector<std::string> arguments, const std::string& locale);

}  // namespace gongji::cli

#endif  // GONGJI_TOOLS_GONGJI_COMMAND_LINE_H_
