#include "services/common/rpc/deadline.h"

#include <gtest/gtest.h>

#include "services/common/errors/reasons.h"

namespace gongji::rpc {
namespace {

constexpr absl::Time kNow = absl::FromUnixSeconds(1772415000);

TEST(HandlerDeadline, LeavesAMarginForTheAnswer) {
  EXPECT_EQ(*HandlerDeadline(kNow + absl::Seconds(3), kNow), kNow + absl::Milliseconds(2980));
}

TEST(HandlerDeadline, EveryCallEnds_P33) {
  EXPECT_EQ(*HandlerDeadline(std::nullopt, kNow), kNow + kDefaultDeadline - kDeadlineMargin);
  EXPECT_EQ(*HandlerDeadline(kNow + absl::Hours(1), kNow),
            kNow + kLongestDeadline - kDeadlineMargin);
  EXPECT_EQ(*HandlerDeadline(absl::InfiniteFuture(), kNow),
            kNow + kLongestDeadline - kDeadlineMargin);
}

TEST(HandlerDeadline, WhatNobodyWaitsForIsNotBegun_P33) {
  const absl::Duration least = kDeadlineMargin + kLeastTime;
  EXPECT_EQ(*HandlerDeadline(kNow + least, kNow), kNow + kLeastTime);
  for (const absl::Duration left :
       {least - absl::Milliseconds(1), absl::ZeroDuration(), absl::Seconds(-5)}) {
    const auto deadline = HandlerDeadline(kNow + left, kNow);
    EXPECT_EQ(ReasonOf(deadline.status()), "DEADLINE_TOO_SHORT") << left;
    EXPECT_FALSE(IsFinal(deadline.status()));
  }
}

}  // namespace
}  // namespace gongji::rpc
