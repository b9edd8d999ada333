// Each getter notes that its field was read, and the first problem if the value is missing or of
// the wrong kind. Checked() then reports that problem, or a field that no getter has read.
#include "tools/gongji/line.h"

#include <fstream>
#include <iostream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/business_day.h"
#include "services/common/errors/status.h"
#include "services/common/money.h"

namespace gongji::cli {
namespace {

constexpr Text kNoAmount = {"is not an amount in yuan with two decimals",
                            "不是两位小数的金额（元）"};
constexpr Text kNoTime = {"is not a time such as 2026-03-02T09:30:00+08:00",
                          "不是时间，应如 2026-03-02T09:30:00+08:00"};

}  // namespace

absl::Status BadInput(const std::string& where, const std::string& en, const std::string& zh) {
  return StatusWith(absl::StatusCode::kInvalidArgument, absl::StrCat(where, ": ", en),
                    {.reason = {}, .metadata = {}, .text_zh = absl::StrCat(where, ": ", zh)});
}

void Line::Fail(const std::string& field, const gongji::Text& problem) {
  if (!status_.ok()) return;
  status_ = BadInput(where_, absl::StrCat("\"", field, "\" ", problem.en),
                     absl::StrCat("\"", field, "\" ", problem.zh));
}

const nlohmann::json* Line::Find(const std::string& field) {
  read_.insert(field);
  const auto found = json_.find(field);
  if (found != json_.end()) return &*found;
  Fail(field, {"is missing", "缺失"});
  return nullptr;
}

std::string Line::Text(const std::string& field) {
  const nlohmann::json* value = Find(field);
  if (value == nullptr) return "";
  if (!value->is_string()) {
    Fail(field, {"is not a text", "不是文本"});
    return "";
  }
  return value->get<std::string>();
}

std::string Line::TextOr(const std::string& field, const std::string& otherwise) {
  return Has(field) ? Text(field) : otherwise;
}

int64_t Line::Fen(const std::string& field) {
  const std::string text = Text(field);
  if (text.empty()) return 0;
  const auto fen = ParseYuan(text);
  if (!fen) Fail(field, kNoAmount);
  return fen.value_or(0);
}

int64_t Line::FenOr(const std::string& field, int64_t otherwise) {
  return Has(field) ? Fen(field) : otherwise;
}

int Line::Integer(const std::string& field) {
  const nlohmann::json* value = Find(field);
  if (value == nullptr) return 0;
  if (!value->is_number_integer()) {
    Fail(field, {"is not a whole number", "不是整数"});
    return 0;
  }
  return value->get<int>();
}

std::optional<absl::Time> Line::Time(const std::string& field) {
  if (!Has(field)) return std::nullopt;
  const auto time = ParseTime(Text(field));
  if (!time) Fail(field, kNoTime);
  return time;
}

std::vector<std::string> Line::Texts(const std::string& field) {
  const nlohmann::json* value = Find(field);
  std::vector<std::string> texts;
  if (value == nullptr) return texts;
  if (!value->is_array()) {
    Fail(field, {"is not a list", "不是列表"});
    return texts;
  }
  for (const auto& element : *value) {
    if (element.is_string()) {
      texts.push_back(element.get<std::string>());
    } else {
      Fail(field, {"is not a list of texts", "不是文本列表"});
    }
  }
  return texts;
}

Line Line::Part(const std::string& field) {
  const nlohmann::json* value = Find(field);
  if (value != nullptr && !value->is_object()) Fail(field, {"is not an object", "不是对象"});
  return {absl::StrCat(where_, " ", field),
          value != nullptr && value->is_object() ? *value : nlohmann::json::object()};
}

std::vector<std::string> Line::Names() const {
  std::vector<std::string> names;
  for (const auto& [name, value] : json_.items()) names.push_back(name);
  return names;
}

absl::Status Line::Checked() const {
  if (!status_.ok()) return status_;
  for (const std::string& name : Names()) {
    if (!read_.contains(name)) {
      return BadInput(where_, absl::StrCat("\"", name, "\" is not known here"),
                      absl::StrCat("\"", name, "\" 在此不可用"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<nlohmann::json> ReadObject(const std::string& path) {
  std::ifstream file;
  if (path != "-") file.open(path);
  if (!file) return BadInput(path, "cannot be read", "无法读取");
  auto json = nlohmann::json::parse(path == "-" ? std::cin : file, nullptr,
                                    /*allow_exceptions=*/false);
  if (!json.is_object()) return BadInput(path, "not a JSON object", "不是 JSON 对象");
  return json;
}

absl::StatusOr<std::vector<std::pair<int, Line>>> ReadLines(const std::string& path) {
  std::ifstream file(path);
  if (!file) return BadInput(path, "cannot be read", "无法读取");
  std::vector<std::pair<int, Line>> lines;
  std::string text;
  for (int number = 1; std::getline(file, text); ++number) {
    if (text.empty()) continue;
    auto json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (!json.is_object()) {
      return BadInput(absl::StrCat(path, ":", number), "not a JSON object", "不是 JSON 对象");
    }
    lines.emplace_back(number, Line(absl::StrCat(path, ":", number), std::move(json)));
  }
  return lines;
}

}  // namespace gongji::cli
