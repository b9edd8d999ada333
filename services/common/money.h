// Money is int64 fen (R44). Arithmetic that could overflow reports it; no amount is ever a float.
#ifndef GONGJI_SERVICES_COMMON_MONEY_H_
#define GONGJI_SERVICES_COMMON_MONEY_H_

#include <cstdint>
#include <optional>
#include <string>

namespace gongji {

// The largest bill, move or balance that a caller may name: 10 million yuan.
inline constexpr int64_t kMaxAmountFen = 1'000'000'000;

// The sum, or nothing on overflow.
std::optional<int64_t> AddFen(int64_t a_fen, int64_t b_fen);
// The difference, or nothing on overflow.
std::optional<int64_t> SubtractFen(int64_t a_fen, int64_t b_fen);

// "162.31" -> 16231. Accepts exactly two decimals, an optional minus, no other sign and no blank,
// and at most kMaxAmountFen either way; returns nothing for anything else.
std::optional<int64_t> ParseYuan(const std::string& text);

// 16231 -> "162.31", -5 -> "-0.05".
std::string FormatYuan(int64_t fen);

}  // namespace gongji

#endif  // GONGJI_SERVICES_COMMON_MONEY_H_
