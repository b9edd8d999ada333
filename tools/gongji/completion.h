// Completion of the command line in a shell, made from the table of commands.
#ifndef GONGJI_TOOLS_GONGJI_COMPLETION_H_
#define GONGJI_TOOLS_GONGJI_COMPLETION_H_

#include <map>
#include <string>
#include <vector>

namespace gongji::cli {

// The words that may follow, by the words before them: "" -> subcommands and options, "network" ->
// its subcommands, "network add" -> its options, "--scope" -> the words of an option.
std::map<std::string, std::vector<std::string>> CompletionWords();

// A script for "bash" or "zsh".
std::string CompletionScript(const std::string& shell);

}  // namespace gongji::cli

#endif  // GONGJI_TOOLS_GONGJI_COMPLETION_H_
