#include "tools/gongji/refusal.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/common/errors/reasons.h"
#include "services/common/errors/status.h"
#include "tools/gongji/words.h"

namespace gongji::cli {
namespace {

// Statuses without a reason come from the connection to the service, not from its rules.
constexpr Text kAway = {"the service cannot be reached", "无法连接服务"};
constexpr Text kNoAnswer = {"no answer in time; whether it happened is not known",
                            "未及时收到答复，结果未知"};
constexpr Text kNotOffered = {"the service does not offer this yet", "该服务暂不提供此功能"};
constexpr Text kUnforeseen = {"something unforeseen went wrong in the service", "服务发生意外错误"};
constexpr Text kRepeat = {"repeat the same request id, or ask with `gongji get`",
                          "请用同一请求编号重试，或用 gongji get 查询结果"};
constexpr Text kUpgrade = {"ask the operator for a newer version", "请联系运维升级版本"};
constexpr Text kAlarm = {"repeat the same request id; if it stays, tell the operator",
                         "请用同一请求编号重试，仍失败时请联系运维"};
constexpr Text kAdvice = {"what to do", "办理建议"};

struct Plain {
  absl::StatusCode code;
  Text text;
  Text advice;
};

constexpr Plain kPlain[] = {
    {absl::StatusCode::kUnavailable, kAway, kRepeat},
    {absl::StatusCode::kDeadlineExceeded, kNoAnswer, kRepeat},
    {absl::StatusCode::kCancelled, kNoAnswer, kRepeat},
    {absl::StatusCode::kUnimplemented, kNotOffered, kUpgrade},
};

Refusal WithoutReason(const absl::Status& status, Language language) {
  for (const Plain& plain : kPlain) {
    if (plain.code != status.code()) continue;
    return {"", plain.text.In(language), plain.advice.In(language), {}};
  }
  return {"", kUnforeseen.In(language), kAlarm.In(language), {}};
}

}  // namespace

int ExitCodeOf(const absl::Status& status) {
  if (status.ok()) return kDone;
  if (status.code() == absl::StatusCode::kInvalidArgument) return kBadInput;
  return IsFinal(status) ? kRefused : kUndecided;
}

Refusal RefusalOf(const absl::Status& status, Language language) {
  const auto detail = DetailOf(status);
  if (!detail.has_value()) return WithoutReason(status, language);
  Refusal refusal;
  refusal.reason = detail->reason;
  refusal.text = language == Language::kChinese ? detail->text_zh : std::string(status.message());
  const Reason* known = FindReason(detail->reason);
  if (known != nullptr) {
    refusal.advice = language == Language::kChinese ? known->advice_zh : known->advice_en;
  }
  refusal.metadata.insert(detail->metadata.begin(), detail->metadata.end());
  refusal.metadata.erase("final");
  return refusal;
}

Refusal RefusalOf(const common::v1::Reason& reason, Language language) {
  const bool chinese = language == Language::kChinese;
  return {reason.name(),
          chinese ? reason.text_zh() : reason.text_en(),
          chinese ? reason.advice_zh() : reason.advice_en(),
          {reason.metadata().begin(), reason.metadata().end()}};
}

std::string LineOf(const Refusal& refusal, Language language) {
  std::vector<std::string> more;
  more.reserve(refusal.metadata.size() + 1);
  for (const auto& [name, value] : refusal.metadata) {
    more.push_back(absl::StrCat(CalledIn(name, language), " ", ValueWithUnit(name, value)));
  }
  if (!refusal.advice.empty()) more.push_back(refusal.advice);
  std::string line = absl::StrCat(refusal.reason, refusal.reason.empty() ? "" : " ", refusal.text);
  if (more.empty()) return line;
  const bool chinese = language == Language::kChinese;
  return absl::StrCat(line, chinese ? "（" : " (", absl::StrJoin(more, chinese ? "；" : "; "),
                      chinese ? "）" : ")");
}

std::string TextOf(const Refusal& refusal, Language language) {
  std::string text =
      absl::StrCat(refusal.reason, refusal.reason.empty() ? "" : "\n", refusal.text, "\n");
  for (const auto& [name, value] : refusal.metadata) {
    absl::StrAppend(&text, "  ", CalledIn(name, language), "  ", ValueWithUnit(name, value), "\n");
  }
  if (!refusal.advice.empty()) {
    absl::StrAppend(&text, Labelled(kAdvice, refusal.advice, language), "\n");
  }
  return text;
}

nlohmann::ordered_json JsonOf(const Refusal& refusal) {
  nlohmann::ordered_json metadata = nlohmann::ordered_json::object();
  for (const auto& [name, value] : refusal.metadata) {
    metadata[NameWithoutUnit(name)] = ValueWithUnit(name, value);
  }
  return {{"reason", refusal.reason},
          {"text", refusal.text},
          {"advice", refusal.advice},
          {"metadata", std::move(metadata)}};
}

}  // namespace gongji::cli
