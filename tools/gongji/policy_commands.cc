#include "tools/gongji/policy_commands.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "policy/policy.h"
#include "policy/policy_page.h"
#include "services/common/business_day.h"
#include "services/common/errors/status.h"
#include "tools/gongji/line.h"
#include "tools/gongji/refusal.h"

namespace gongji::cli {
namespace {

using policy::PolicyText;
namespace fs = std::filesystem;

constexpr char kSuffix[] = ".textproto";
constexpr Text kClean = {"policy files without a mistake: ", "无误的政策文件数："};
constexpr Text kNoNational = {"the policy folder has no national.textproto: ",
                              "政策目录没有 national.textproto："};

absl::StatusOr<PolicyText> ReadPolicy(const fs::path& path, const std::string& name) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  if (stream) text << stream.rdbuf();
  if (!stream) return BadInput(path.string(), "cannot be read", "无法读取");
  return PolicyText{name, text.str()};
}

// The name of a file below a policy folder, from which its layer follows. It includes the file's
// folder only if that is one of the two.
std::string NameOf(const fs::path& path) {
  const std::string folder = fs::absolute(path).parent_path().filename().string();
  const std::string name = path.filename().string();
  const bool layered = folder == "provinces" || folder == "areas";
  return layered ? absl::StrCat(folder, "/", name) : name;
}

absl::StatusOr<std::vector<PolicyText>> ReadFolder(const std::string& directory) {
  std::vector<PolicyText> texts;
  for (const std::string folder : {"", "provinces/", "areas/"}) {
    std::vector<std::string> names;
    std::error_code ignored;  // a folder that does not exist has no files
    for (const auto& entry : fs::directory_iterator(fs::path(directory) / folder, ignored)) {
      if (entry.path().extension() == kSuffix) names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    for (const std::string& name : names) {
      ASSIGN_OR_RETURN(PolicyText text,
                       ReadPolicy(fs::path(directory) / folder / name, folder + name));
      texts.push_back(std::move(text));
    }
  }
  return texts;
}

// Returns mistakes as an answer, each with file, line and column. They are in English, as are the
// texts of syntax errors.
PolicyAnswer Checked(const std::vector<PolicyText>& texts, const Invocation& invocation) {
  const absl::Status status = policy::PolicyBook::Parse(texts).status();
  if (status.ok()) {
    return {absl::StrCat(kClean.In(invocation.language), texts.size(), "\n"), kDone};
  }
  if (status.code() == absl::StatusCode::kNotFound) {
    return {absl::StrCat(kNoNational.In(invocation.language), invocation.policy, "\n"), kRefused};
  }
  return {absl::StrCat(std::string(status.message()), "\n"), kRefused};
}

absl::StatusOr<PolicyAnswer> Check(const Invocation& invocation) {
  ASSIGN_OR_RETURN(std::vector<PolicyText> texts, ReadFolder(invocation.policy));
  const auto files = invocation.line.find("files");
  if (files != invocation.line.end()) {
    // A file is checked together with all others, in place of the one with its name.
    for (const auto& file : *files) {
      const fs::path path = file.get<std::string>();
      ASSIGN_OR_RETURN(PolicyText text, ReadPolicy(path, NameOf(path)));
      std::erase_if(texts, [&](const PolicyText& other) { return other.file == text.file; });
      texts.push_back(std::move(text));
    }
  }
  return Checked(texts, invocation);
}

absl::StatusOr<PolicyAnswer> Explain(const Invocation& invocation) {
  policy::PageOf of;
  of.area = invocation.line.at("area").get<std::string>();
  of.language = invocation.language;
  of.day = BusinessDayOf(absl::Now());
  const auto on = invocation.line.find("on");
  if (on != invocation.line.end()) {
    const auto day = ParseDay(on->get<std::string>());
    if (!day) return BadInput("--on", "not a day such as 2024-06-01", "不是日期，应如 2024-06-01");
    of.day = *day;
  }
  const bool digits = of.area.find_first_not_of("0123456789") == std::string::npos;
  if (!digits || (of.area.size() != 2 && of.area.size() != 6)) {
    return BadInput(of.area, "not two digits of a province or six of a pooling area",
                    "不是两位省码或六位统筹区码");
  }
  ASSIGN_OR_RETURN(const std::vector<PolicyText> texts, ReadFolder(invocation.policy));
  const auto page = policy::PolicyPage(texts, of);
  // The files themselves are wrong: the same answer as check.
  if (!page.ok()) return Checked(texts, invocation);
  return PolicyAnswer{*page, kDone};
}

}  // namespace

absl::StatusOr<PolicyAnswer> RunPolicyCommand(const Invocation& invocation) {
  return invocation.command->name == std::string("check") ? Check(invocation) : Explain(invocation);
}

}  // namespace gongji::cli
