#include "services/common/errors/status.h"

#include "absl/strings/cord.h"
#include "services/common/encoding/bytes.h"

namespace gongji {
namespace {

constexpr char kDetailUrl[] = "gongji/error_detail";

}  // namespace

absl::Status StatusWith(absl::StatusCode code, absl::string_view text_en, ErrorDetail detail) {
  absl::Status status(code, text_en);
  BytesWriter writer;
  writer.String(detail.reason);
  writer.Integer(static_cast<int64_t>(detail.final));
  writer.String(detail.text_zh);
  writer.Integer(static_cast<int64_t>(detail.metadata.size()));
  for (const auto& [name, value] : detail.metadata) {
    writer.String(name);
    writer.String(value);
  }
  // Through a string_view: clang mangles the name of the Cord constructor for strings differently
  // from g++.
  status.SetPayload(kDetailUrl, absl::Cord(absl::string_view(std::move(writer).Finish())));
  return status;
}

std::optional<ErrorDetail> DetailOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kDetailUrl);
  if (!payload.has_value()) return std::nullopt;
  const std::string bytes(*payload);
  BytesReader reader(bytes);
  ErrorDetail detail;
  detail.reason = reader.String();
  detail.final = reader.Integer() != 0;
  detail.text_zh = reader.String();
  for (int64_t left = reader.Integer(); left > 0 && reader.ok(); --left) {
    std::string name = reader.String();
    detail.metadata.emplace_back(std::move(name), reader.String());
  }
  if (!reader.AtEnd()) return std::nullopt;
  return detail;
}

std::string ReasonOf(const absl::Status& status) {
  const auto detail = DetailOf(status);
  return detail.has_value() ? detail->reason : "";
}

bool IsFinal(const absl::Status& status) {
  const auto detail = DetailOf(status);
  return detail.has_value() && detail->final;
}

}  // namespace gongji
