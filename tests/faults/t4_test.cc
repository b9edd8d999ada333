#include "tests/faults/t4.h"

#include <gtest/gtest.h>

#include "services/common/log.h"

namespace gongji::faults {
namespace {

// Every 41st access; `tools/long t4` tries all of them.
TEST(T4, SomeAccessesFail_P10_P12_P13) {
  StartLog("faults", "error");  // Full disks are normal here.
  const T4Report report = RunT4({.first = 7, .step = 41, .damages = 3});
  for (const std::string& bad : report.bad) ADD_FAILURE() << bad;
  EXPECT_GT(report.stopped, 0);
  EXPECT_GT(report.stories, report.stopped);
}

}  // namespace
}  // namespace gongji::faults
