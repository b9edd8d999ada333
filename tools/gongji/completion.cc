#include "tools/gongji/completion.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tools/gongji/commands.h"

namespace gongji::cli {
namespace {

const std::vector<std::string> kGlobal = {"--lang", "--output", "--cluster", "--policy", "--help"};

void AddOnce(std::vector<std::string>& words, const std::string& word) {
  if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(word);
}

void AddOption(const Option& option, const std::string& command,
               std::map<std::string, std::vector<std::string>>& words) {
  const bool positional = *option.flag != '-';
  if (!positional) AddOnce(words[command], option.flag);
  for (const char* word : option.words) {
    AddOnce(words[positional ? command : option.flag], word);
  }
}

// Finds the command among the words so far, then offers its words; a word after an option with a
// fixed choice completes from that choice, anything else as a file. bash and zsh both run it.
constexpr char kComplete[] = R"(_gongji() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} at="" word words
  [[ $current == = ]] && current=""
  [[ $previous == = ]] && previous=${COMP_WORDS[COMP_CWORD-2]}
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [[ $word != -* && -n $(_gongji_words "${at:+$at }$word") ]] && at="${at:+$at }$word"
  done
  words=$(_gongji_words "$at")
  [[ $previous == --* && -n $(_gongji_words "$previous") ]] && words=$(_gongji_words "$previous")
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  [[ ${#COMPREPLY[@]} -eq 0 ]] && COMPREPLY=($(compgen -f -- "$current"))
}
complete -F _gongji gongji
)";

}  // namespace

std::map<std::string, std::vector<std::string>> CompletionWords() {
  std::map<std::string, std::vector<std::string>> words;
  words["--lang"] = {"en", "zh"};
  words["--output"] = {"table", "json"};
  for (const Command& command : Commands()) {
    const std::string group = command.group;
    const std::string name = group.empty() ? command.name : absl::StrCat(group, " ", command.name);
    AddOnce(words[""], group.empty() ? command.name : group);
    if (!group.empty()) AddOnce(words[group], command.name);
    for (const Option& option : command.options) AddOption(option, name, words);
    if (command.writes) {
      AddOnce(words[name], "--request-id");
      for (const Option& option : OriginOptions()) AddOption(option, name, words);
    }
    for (const std::string& option : kGlobal) AddOnce(words[name], option);
  }
  for (const std::string& option : kGlobal) AddOnce(words[""], option);
  return words;
}

std::string CompletionScript(const std::string& shell) {
  std::string script;
  if (shell == "zsh") script = "autoload -U +X bashcompinit && bashcompinit\n";
  absl::StrAppend(&script, "_gongji_words() {\n  case \"$1\" in\n");
  for (const auto& [at, words] : CompletionWords()) {
    absl::StrAppend(&script, "    \"", at, "\") echo \"", absl::StrJoin(words, " "), "\" ;;\n");
  }
  absl::StrAppend(&script, "  esac\n}\n", kComplete);
  return script;
}

}  // namespace gongji::cli
