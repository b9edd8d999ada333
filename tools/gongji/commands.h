// The subcommands as data: names, options and actions. Parsing, help and completion are made from
// this table, so that they cannot contradict each other.
#ifndef GONGJI_TOOLS_GONGJI_COMMANDS_H_
#define GONGJI_TOOLS_GONGJI_COMMANDS_H_

#include <string>
#include <vector>

#include "policy/language.h"

namespace gongji::cli {

enum class Kind {
  kText,
  kFlag,
  kYuan,   // "162.31"
  kWhole,  // 2026
  kWord,   // one of `words`
  kWords,  // several of `words`
  kObject  // a file with the fields of a line; "-" is standard input
};

struct Option {
  const char* flag;   // "--giver"; without dashes: positional
  const char* field;  // in the action's line (examples/README.md)
  Kind kind = Kind::kText;
  bool required = true;
  Text help;
  std::vector<const char*> words = {};
};

// How a command is carried out, and what it needs for that.
enum class Room {
  kAction,   // an action of actions.h
  kPlay,     // examples
  kVerify,   // the books
  kJournal,  // roots and proofs of a shard
  kBackup,   // a copy of a shard's journal
  kResend,   // what a restored shard lacks
  kPolicy,   // policy files; no cluster
  kComplete  // shell completion; no cluster
};

struct Command {
  const char* group = "";  // or "network", "journal", "policy"
  const char* name;
  Room room = Room::kAction;
  const char* action;   // kAction only
  bool writes = false;  // has a request id and an origin
  Text help;
  std::vector<Option> options;
};

const std::vector<Command>& Commands();

// The help text above the commands of a group; {"", ""} if there is no such group.
Text HelpOfGroup(const std::string& group);

// Options that every command that writes has besides its own.
const std::vector<Option>& OriginOptions();

}  // namespace gongji::cli

#endif  // GONGJI_TOOLS_GONGJI_COMMANDS_H_
