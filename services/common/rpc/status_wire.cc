#include "services/common/rpc/status_wire.h"

#include <algorithm>
#include <string>
#include <utility>

#include "google/rpc/error_details.pb.h"
#include "services/common/errors/status.h"

namespace gongji::rpc {
namespace {

constexpr char kDomain[] = "gongji";
constexpr char kFinal[] = "final";

// True for codes whose text is made for callers. Others are unforeseen: their text may name
// internals.
bool MayBeTold(absl::StatusCode code) {
  return code == absl::StatusCode::kUnavailable || code == absl::StatusCode::kDeadlineExceeded ||
         code == absl::StatusCode::kUnimplemented || code == absl::StatusCode::kCancelled;
}

}  // namespace

google::rpc::Status ToMessage(const absl::Status& status) {
  google::rpc::Status message;
  const auto detail = DetailOf(status);
  if (!detail.has_value() && !MayBeTold(status.code())) {
    message.set_code(static_cast<int>(absl::StatusCode::kInternal));
    message.set_message("internal error");
    return message;
  }
  message.set_code(static_cast<int>(status.code()));
  message.set_message(std::string(status.message()));
  if (!detail.has_value()) return message;
  google::rpc::ErrorInfo info;
  info.set_reason(detail->reason);
  info.set_domain(kDomain);
  for (const auto& [name, value] : detail->metadata) (*info.mutable_metadata())[name] = value;
  (*info.mutable_metadata())[kFinal] = detail->final ? "true" : "false";
  message.add_details()->PackFrom(info);
  google::rpc::LocalizedMessage text;
  text.set_locale("zh-CN");
  text.set_message(detail->text_zh);
  message.add_details()->PackFrom(text);
  return message;
}

absl::Status FromMessage(const google::rpc::Status& message) {
  const auto code = static_cast<absl::StatusCode>(message.code());
  ErrorDetail detail;
  bool has_reason = false;
  for (const auto& any : message.details()) {
    google::rpc::ErrorInfo info;
    google::rpc::LocalizedMessage text;
    if (any.UnpackTo(&info) && info.domain() == kDomain) {
      has_reason = true;
      detail.reason = info.reason();
      const auto final = info.metadata().find(kFinal);
      detail.final = final != info.metadata().end() && final->second == "true";
      for (const auto& [name, value] : info.metadata()) {
        if (name != kFinal) detail.metadata.emplace_back(name, value);
      }
      // A map has no order; sorting makes the same error the same bytes.
      std::sort(detail.metadata.begin(), detail.metadata.end());
    } else if (any.UnpackTo(&text)) {
      detail.text_zh = text.message();
    }
  }
  if (!has_reason) return {code, message.message()};
  return StatusWith(code, message.message(), std::move(detail));
}

}  // namespace gongji::rpc
