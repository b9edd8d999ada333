// Renders why something was not done, for people and programs. A raw status is never shown.
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
inline constexpr int kRefused = 1;    // a rule refuses; the answer to this request id is final
inline constexpr int kBadInput = 2;   // wrong call, file, field or bill; nothing was stored
inline constexpr int kUndecided = 3;  // no deciding answer: repeat the same request id

// kDone for OK, otherwise the code that says what the caller should do.
int ExitCodeOf(const absl::Status& status);

struct Refusal {
  std::string reason;  // a name of docs/reasons.md; "" if it is not a rule that refuses
  std::string text;    // in one language
  std::string advice;
  std::map<std::string, std::string> metadata;
};

Refusal RefusalOf(const absl::Status& status, Language language);
Refusal RefusalOf(const common::v1::Reason& reason, Language language);

// "REASON: text (advice; name: value)", on one line.
std::string LineOf(const Refusal& refusal, Language language);
// The same on several lines, with everything that the refusal says about what to do.
std::string TextOf(const Refusal& refusal, Language language);
nlohmann::ordered_json JsonOf(const Refusal& refusal);

}  // namespace gongji::cli

#endif  // GONGJI_TOOLS_GONGJI_REFUSAL_H_
