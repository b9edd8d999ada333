#include "services/common/rpc/page.h"

#include <cstdint>
#include <utility>

#include "absl/strings/escaping.h"
#include "services/common/encoding/bytes.h"
#include "services/common/encoding/checksum.h"
#include "services/common/errors/reasons.h"

namespace gongji::rpc {
namespace {

// Not a secret: it keeps a caller from asking for page two of another question by mistake.
int64_t SumOf(std::string_view question, std::string_view position) {
  BytesWriter bytes;
  bytes.String(question);
  bytes.String(position);
  return Checksum(std::move(bytes).Finish());
}

}  // namespace

std::string PageToken(std::string_view question, std::string_view position) {
  BytesWriter bytes;
  bytes.Integer(SumOf(question, position));
  bytes.String(position);
  return absl::WebSafeBase64Escape(std::move(bytes).Finish());
}

absl::StatusOr<std::string> PositionOf(const std::string& token, std::string_view question) {
  if (token.empty()) return "";
  std::string decoded;
  if (absl::WebSafeBase64Unescape(token, &decoded)) {
    BytesReader bytes(decoded);
    const int64_t sum = bytes.Integer();
    std::string position = bytes.String();
    if (bytes.AtEnd() && sum == SumOf(question, position)) return position;
  }
  return InvalidField("page_token", "not from an answer to this question");
}

}  // namespace gongji::rpc
