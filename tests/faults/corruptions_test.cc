#include "tests/faults/corruptions.h"

#include <gtest/gtest.h>

namespace gongji::faults {
namespace {

// `tools/long corruptions` changes 10,000.
TEST(Corruptions, AreFoundAndNotServed_P14) {
  const CorruptionReport report = RunCorruptions(300, 7);
  for (const std::string& bad : report.bad) ADD_FAILURE() << bad;
  EXPECT_GT(report.rows, 5000U);
  EXPECT_EQ(report.changed_in_file, 300);
  EXPECT_EQ(report.changed_in_sql, 30);
  EXPECT_GT(report.how.size(), 7U);  // all tables
}

}  // namespace
}  // namespace gongji::faults
