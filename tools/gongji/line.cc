#include "tools/gongji/line.h"

#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/business_day.h"
#include "services/common/money.h"

namespace gongji::cli {

void Line::Fail(const std::string& field, const std::string& problem) {
  if (!status_.ok()) return;
  status_ = absl::InvalidArgumentError(absl::StrCat(where_, ": \"", field, "\" ", problem));
}

const nlohmann::json* Line::Find(const std::string& field) {
  read_.insert(field);
  const auto found = json_.find(field);
  if (found != json_.end()) return &*found;
  Fail(field, "is missing");
  return nullptr;
}

std::string Line::Text(const std::string& field) {
  const nlohmann::json* value = Find(field);
  if (value == nullptr) return "";
  if (!value->is_string()) {
    Fail(field, "is not a text");
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
  if (!fen) Fail(field, "is not an amount in yuan with two decimals");
  return fen.value_or(0);
}

int64_t Line::FenOr(const std::string& field, int64_t otherwise) {
  return Has(field) ? Fen(field) : otherwise;
}

int Line::Integer(const std::string& field) {
  const nlohmann::json* value = Find(field);
  if (value == nullptr) return 0;
  if (!value->is_number_integer()) {
    Fail(field, "is not a whole number");
    return 0;
  }
  return value->get<int>();
}

std::optional<absl::Time> Line::Time(const std::string& field) {
  if (!Has(field)) return std::nullopt;
  const auto time = ParseTime(Text(field));
  if (!time) Fail(field, "is not a time such as 2026-03-02T09:30:00+08:00");
  return time;
}

std::vector<std::string> Line::Texts(const std::string& field) {
  const nlohmann::json* value = Find(field);
  std::vector<std::string> texts;
  if (value == nullptr) return texts;
  if (!value->is_array()) {
    Fail(field, "is not a list");
    return texts;
  }
  for (const auto& element : *value) {
    if (element.is_string()) {
      texts.push_back(element.get<std::string>());
    } else {
      Fail(field, "is not a list of texts");
    }
  }
  return texts;
}

Line Line::Part(const std::string& field) {
  const nlohmann::json* value = Find(field);
  if (value != nullptr && !value->is_object()) Fail(field, "is not an object");
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
      return absl::InvalidArgumentError(absl::StrCat(where_, ": \"", name, "\" is not known here"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::pair<int, Line>>> ReadLines(const std::string& path) {
  std::ifstream file(path);
  if (!file) return absl::InvalidArgumentError(absl::StrCat(path, ": cannot be read"));
  std::vector<std::pair<int, Line>> lines;
  std::string text;
  for (int number = 1; std::getline(file, text); ++number) {
    if (text.empty()) continue;
    auto json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (!json.is_object()) {
      return absl::InvalidArgumentError(absl::StrCat(path, ":", number, ": not a JSON object"));
    }
    lines.emplace_back(number, Line(absl::StrCat(path, ":", number), std::move(json)));
  }
  return lines;
}

}  // namespace gongji::cli
