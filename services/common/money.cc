#include "services/common/money.h"

#include "absl/strings/str_format.h"

namespace gongji {

std::optional<int64_t> AddFen(int64_t a_fen, int64_t b_fen) {
  int64_t sum_fen = 0;
  if (__builtin_add_overflow(a_fen, b_fen, &sum_fen)) return std::nullopt;
  return sum_fen;
}

std::optional<int64_t> SubtractFen(int64_t a_fen, int64_t b_fen) {
  int64_t difference_fen = 0;
  if (__builtin_sub_overflow(a_fen, b_fen, &difference_fen)) return std::nullopt;
  return difference_fen;
}

std::optional<int64_t> ParseYuan(const std::string& text) {
  const size_t start = text.starts_with('-') ? 1 : 0;
  // At least "d.dd"; 12 digits hold kMaxAmountFen and cannot overflow while they are read.
  if (text.size() < start + 4 || text.size() > start + 13) return std::nullopt;
  if (text[text.size() - 3] != '.') return std::nullopt;
  int64_t fen = 0;
  for (size_t i = start; i < text.size(); ++i) {
    if (i == text.size() - 3) continue;
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    fen = fen * 10 + (text[i] - '0');
  }
  if (fen > kMaxAmountFen) return std::nullopt;
  return start == 1 ? -fen : fen;
}

std::string FormatYuan(int64_t fen) {
  const auto magnitude = fen < 0 ? ~static_cast<uint64_t>(fen) + 1 : static_cast<uint64_t>(fen);
  return absl::StrFormat("%s%d.%02d", fen < 0 ? "-" : "", magnitude / 100, magnitude % 100);
}

}  // namespace gongji
