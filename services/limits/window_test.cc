#include "services/limits/window.h"

#include <gtest/gtest.h>

#include <string>

#include "services/common/business_day.h"
#include "services/common/errors/status.h"

namespace gongji::limits {
namespace {

policy::TransferRules Rules() {
  policy::TransferRules rules;
  rules.max_per_day = 3;
  rules.max_fen = 200000;
  rules.window_from = absl::Hours(6);
  rules.window_to = absl::Hours(22);
  return rules;
}

struct Moment {
  const char* name;
  const char* at;
  bool open;
};

class Hours : public testing::TestWithParam<Moment> {};

TEST_P(Hours, AreChinese_R16) {
  const absl::Status status = CheckHours(Rules(), *ParseTime(GetParam().at));
  EXPECT_EQ(status.ok(), GetParam().open);
  if (!status.ok()) EXPECT_EQ(ReasonOf(status), "OUTSIDE_TRANSFER_HOURS");
}

INSTANTIATE_TEST_SUITE_P(
    Window, Hours,
    testing::Values(Moment{"BeforeOpening", "2026-03-02T05:59:59.999+08:00", false},
                    Moment{"Opening", "2026-03-02T06:00:00+08:00", true},
                    Moment{"BeforeClosing", "2026-03-02T21:59:59.999+08:00", true},
                    Moment{"Closing", "2026-03-02T22:00:00+08:00", false},
                    Moment{"Midnight", "2026-03-02T00:00:00+08:00", false},
                    Moment{"SameInstantInUtc", "2026-03-01T22:00:00Z", true},
                    Moment{"EveningInUtc", "2026-03-02T14:00:00Z", false},
                    Moment{"LeapDay", "2028-02-29T12:00:00+08:00", true}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(Amount, TwoThousandYuanAtMost_R16) {
  EXPECT_TRUE(CheckAmount(Rules(), 200000).ok());
  EXPECT_EQ(ReasonOf(CheckAmount(Rules(), 200001)), "TRANSFER_ABOVE_LIMIT");
}

TEST(Opening, IsTheNextDaysWindow_R16) {
  EXPECT_EQ(gongji::FormatTime(NextOpening(Rules(), BusinessDay(2026, 2, 28))),
            "2026-03-01T06:00:00+08:00");
}

}  // namespace
}  // namespace gongji::limits
