// Money, days, ids, bytes and statuses.
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "services/common/archive.h"
#include "services/common/business_day.h"
#include "services/common/encoding/bytes.h"
#include "services/common/errors/status.h"
#include "services/common/ids.h"
#include "services/common/money.h"
#include "services/common/testing/manual_env.h"

namespace gongji {
namespace {

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
constexpr int64_t kMin = std::numeric_limits<int64_t>::min();

TEST(Money, ArithmeticSaysWhenItOverflows_R44) {
  EXPECT_EQ(AddFen(1, 2), 3);
  EXPECT_EQ(AddFen(kMax, 1), std::nullopt);
  EXPECT_EQ(AddFen(kMin, -1), std::nullopt);
  EXPECT_EQ(SubtractFen(1, 2), -1);
  EXPECT_EQ(SubtractFen(kMin, 1), std::nullopt);
}

TEST(Money, YuanHasExactlyTwoDecimals_R44) {
  EXPECT_EQ(ParseYuan("162.31"), 16231);
  EXPECT_EQ(ParseYuan("-0.05"), -5);
  EXPECT_EQ(ParseYuan("0.00"), 0);
  EXPECT_EQ(ParseYuan("10000000.00"), kMaxAmountFen);
  for (const char* bad : {"", "1", "1.2", "1.234", ".12", "1,00", "+1.00", " 1.00", "1.0a",
                          "--1.00", "10000000.01", "99999999999999999999.00"}) {
    EXPECT_EQ(ParseYuan(bad), std::nullopt) << bad;
  }
  EXPECT_EQ(FormatYuan(16231), "162.31");
  EXPECT_EQ(FormatYuan(-5), "-0.05");
  EXPECT_EQ(FormatYuan(kMin), "-92233720368547758.08");
}

TEST(BusinessDay, ChangesAtMidnightInChina_P16) {
  const absl::Time midnight = *ParseTime("2026-03-02T16:00:00Z");
  EXPECT_EQ(BusinessDayOf(midnight), BusinessDay(2026, 3, 3));
  EXPECT_EQ(BusinessDayOf(midnight - absl::Milliseconds(1)), BusinessDay(2026, 3, 2));
  EXPECT_EQ(StartOf(BusinessDay(2026, 3, 3)), midnight);
}

TEST(BusinessDay, TextIsExact) {
  EXPECT_EQ(ParseDay("2028-02-29"), BusinessDay(2028, 2, 29));
  for (const char* bad : {"2027-02-29", "2026-3-02", "2026-03-2", "20260302", "2026-13-01", ""}) {
    EXPECT_EQ(ParseDay(bad), std::nullopt) << bad;
  }
  EXPECT_EQ(gongji::FormatTime(*ParseTime("2026-03-02T01:30:00Z")), "2026-03-02T09:30:00+08:00");
}

TEST(Ids, SortByTimeAndDiffer) {
  ManualEnv env;
  const std::string first = NewId(env);
  const std::string second = NewId(env);
  EXPECT_EQ(first.size(), 26U);
  EXPECT_NE(first, second);
  env.Advance(absl::Milliseconds(1));
  EXPECT_LT(first, NewId(env));
}

TEST(Ids, RequestIdsArePrintable_R41) {
  EXPECT_TRUE(IsRequestId("H31010600001-20260302093000-0001"));
  EXPECT_FALSE(IsRequestId(""));
  EXPECT_FALSE(IsRequestId("a b"));
  EXPECT_FALSE(IsRequestId("汉"));
  EXPECT_TRUE(IsRequestId(std::string(64, 'x')));
  EXPECT_FALSE(IsRequestId(std::string(65, 'x')));
}

TEST(Fingerprint, TellsFieldsAndMethodsApart_P7) {
  const auto of = [](const std::string& method, const std::string& a, const std::string& b) {
    Fingerprint fields(method);
    fields.Field("a", a).Field("b", b).Field("zero", 0);
    return std::move(fields).Finish();
  };
  EXPECT_EQ(of("Settle", "x", "y"), of("Settle", "x", "y"));
  EXPECT_NE(of("Settle", "x", "y"), of("Transfer", "x", "y"));
  EXPECT_NE(of("Settle", "xy", ""), of("Settle", "x", "y"));
  EXPECT_NE(of("Settle", "x", ""), of("Settle", "", "x"));
  // These bytes are the same in every build and for ever: stored fingerprints are compared with
  // them.
  const std::string bytes = of("Settle", "x", "y");
  std::string hex;
  for (const char c : bytes.substr(0, 4)) {
    constexpr char kDigits[] = "0123456789abcdef";
    hex += {kDigits[(c >> 4) & 15], kDigits[c & 15]};
  }
  EXPECT_EQ(hex, "9c6426cf");
}

TEST(Bytes, RoundTripAndDamage) {
  BytesWriter writer;
  for (const int64_t value : {int64_t{0}, int64_t{-1}, int64_t{300}, kMax, kMin}) {
    writer.Integer(value);
  }
  writer.String(std::string("a\0b", 3));
  const std::string bytes = std::move(writer).Finish();
  BytesReader reader(bytes);
  for (const int64_t value : {int64_t{0}, int64_t{-1}, int64_t{300}, kMax, kMin}) {
    EXPECT_EQ(reader.Integer(), value);
  }
  EXPECT_EQ(reader.String(), std::string("a\0b", 3));
  EXPECT_TRUE(reader.AtEnd());
  for (size_t size = 0; size < bytes.size(); ++size) {
    const std::string cut = bytes.substr(0, size);
    BytesReader short_reader(cut);
    for (int i = 0; i < 5; ++i) short_reader.Integer();
    short_reader.String();
    EXPECT_FALSE(short_reader.AtEnd()) << size;
  }
}

struct Inner {
  std::string name;
  int64_t fen = 0;
};
struct Old {
  std::vector<Inner> list;
};
struct New {
  std::vector<Inner> list;
  std::optional<absl::Time> at = absl::UnixEpoch();
  absl::Time never;
};
template <class Archive>
void Fields(Archive& archive, Inner& inner) {
  archive(inner.name, inner.fen);
}
template <class Archive>
void Fields(Archive& archive, Old& old) {
  archive(old.list);
}
template <class Archive>
void Fields(Archive& archive, New& next) {
  archive(next.list, next.at, next.never);
}

TEST(Archive, OldBytesKeepDefaultsAndNewBytesAreReadByOldCode) {
  New value;
  ASSERT_TRUE(FromBytes(ToBytes(Old{{{"a", 5}, {"b", -6}}}), value));
  EXPECT_EQ(value.list[1].fen, -6);
  EXPECT_EQ(value.at, absl::UnixEpoch());
  value.at = absl::FromUnixMillis(77);
  value.never = absl::InfiniteFuture();
  Old old;
  ASSERT_TRUE(FromBytes(ToBytes(value), old));
  EXPECT_EQ(old.list[0].name, "a");
  New again;
  ASSERT_TRUE(FromBytes(ToBytes(value), again));
  EXPECT_EQ(again.at, absl::FromUnixMillis(77));
  EXPECT_EQ(again.never, absl::InfiniteFuture());
}

TEST(Archive, DamageInsideAStructIsFound) {
  const std::string whole = ToBytes(Old{{{"first", 5}, {"second", -6}}});
  for (const char* name : {"first", "second"}) {
    // The length of the name reaches beyond the struct.
    std::string bytes = whole;
    bytes[bytes.find(name) - 1] = 60;
    Old old;
    EXPECT_FALSE(FromBytes(bytes, old)) << name;
  }
  Old old;
  EXPECT_TRUE(FromBytes(whole, old));
}

TEST(Archive, StatusesComeBackAsTheyWere_R42) {
  const auto detailed = [](const std::string& reason, const std::string& text_zh) {
    return StatusWith(
        absl::StatusCode::kAborted, "no",
        {.reason = reason, .metadata = {{"a", "1"}}, .final = true, .text_zh = text_zh});
  };
  for (const absl::Status& status : {absl::OkStatus(), absl::UnavailableError("gone"),
                                     detailed("X", "不可"), detailed("X", "")}) {
    absl::Status again = absl::InternalError("not read");
    ASSERT_TRUE(FromBytes(ToBytes(status), again));
    EXPECT_EQ(again, status);
    EXPECT_EQ(DetailOf(again), DetailOf(status));
  }
}

TEST(Status, CarriesItsDetail_R42) {
  const ErrorDetail detail{
      .reason = "X", .metadata = {{"a", "1"}, {"b", ""}}, .final = false, .text_zh = "不可"};
  const absl::Status status = StatusWith(absl::StatusCode::kAborted, "no", detail);
  EXPECT_EQ(DetailOf(status), detail);
  EXPECT_EQ(ReasonOf(status), "X");
  EXPECT_FALSE(IsFinal(status));
  EXPECT_EQ(ReasonOf(absl::UnavailableError("gone")), "");
  EXPECT_FALSE(IsFinal(absl::UnavailableError("gone")));
}

}  // namespace
}  // namespace gongji
