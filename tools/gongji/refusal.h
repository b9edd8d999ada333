// Why something was not done, for people and programs. A status is never shown raw.
#ifndef GONGJI_TOOLS_GONGJI_REFUSAL_H_
#define GONGJI_TOOLS_GONGJI_REFUSAL_H_

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/status.h"
#include "gongji/common/v1/reason.pb.h"
#include "policy/language.h"

namespace gongji::cli {

// Exit codes of the command line.
inline constexpr int kDone = 0;
inline constexpr int kRefused = 1;    // a rule says no; the same request id gets this for ever
inline constexpr int kBadInput = 2;   // wrong call, file, field or bill; nothing was stored
inline constexpr int kUndecided = 3;  // no answer that stands: repeat the same request id

// 0 for OK, otherwise by what the caller should do.
int ExitCodeOf(const absl::Status& status);

struct Refusal {
  std::string reason;  // a name of docs/reasons.md; "" for what is not a rule
  std::string text;    // in one language
  std::string advice;
  std::map<std::string, std::string> metadata;
};

Refusal RefusalOf(const absl::Status& status, Language language);
Refusal RefusalOf(const common::v1::Reason& reason, Language language);

// "REASON: text (advice; name: value)", in one line.
std::string LineOf(const Refusal& refusal, Language language);
// The same over several lines, with all that is left to do and to have.
std::string TextOf(const Refusal& refusal, Language language);
nlohmann::ordered_json JsonOf(const Refusal& refusal);

}  // namespace gongji::cli

#endif  // GONGJI_TOOLS_GONGJI_REFUSAL_H_
