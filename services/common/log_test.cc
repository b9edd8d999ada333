#include "services/common/log.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace gongji {
namespace {

// What is written to standard error meanwhile, a line each.
template <class Work>
std::vector<nlohmann::json> LinesOf(Work work) {
  testing::internal::CaptureStderr();
  work();
  std::vector<nlohmann::json> lines;
  const std::string text = testing::internal::GetCapturedStderr();
  for (const auto line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    lines.push_back(nlohmann::json::parse(line));
  }
  return lines;
}

TEST(Log, ALineIsAnObjectWithItsFields) {
  const auto lines = LinesOf([] {
    StartLog("wallet", "info");
    Log(LogLevel::kWarning, "away", {{"who", "张三 \"x\"\n"}, {"bytes", "a\xff"}});
  });
  ASSERT_EQ(lines.size(), 1U);
  absl::Time time;
  std::string error;
  EXPECT_TRUE(
      absl::ParseTime(absl::RFC3339_full, lines[0].at("time").get<std::string>(), &time, &error))
      << error;
  EXPECT_LE(time, absl::Now());
  nlohmann::json rest = lines[0];
  rest.erase("time");
  EXPECT_EQ(rest, nlohmann::json({{"level", "warning"},
                                  {"service", "wallet"},
                                  {"event", "away"},
                                  {"who", "张三 \"x\"\n"},
                                  {"bytes", "a\xef\xbf\xbd"}}));
}

// For people who read the lines as they are.
TEST(Log, ChineseIsWrittenAsItIs) {
  testing::internal::CaptureStderr();
  StartLog("test", "info");
  Log(LogLevel::kInfo, "x", {{"who", "张三"}});
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_NE(text.find("\"who\":\"张三\"}\n"), std::string::npos) << text;
}

TEST(Log, LevelsBelowTheOneAskedForAreLeftOut) {
  constexpr LogLevel kAll[] = {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarning,
                               LogLevel::kError};
  const std::string names[] = {"debug", "info", "warning", "error"};
  for (size_t lowest = 0; lowest < 4; ++lowest) {
    const auto lines = LinesOf([&] {
      StartLog("test", names[lowest]);
      for (const LogLevel level : kAll) Log(level, "x");
    });
    ASSERT_EQ(lines.size(), 4 - lowest) << names[lowest];
    for (size_t i = 0; i < lines.size(); ++i) EXPECT_EQ(lines[i].at("level"), names[lowest + i]);
  }
}

}  // namespace
}  // namespace gongji
