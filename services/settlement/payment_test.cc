#include "services/settlement/payment.h"

#include <gtest/gtest.h>

#include "services/common/errors/reasons.h"

namespace gongji::settlement {
namespace {

// The account that a reason names is the one that stopped.
TEST(ReasonOfStop, NamesTheAccount_R26) {
  const auto reason_of = [](ledger::Stop stop) {
    return ReasonOfStop({.planned = {.account = "a", .relation_id = "r"}, .stop = stop});
  };
  const Metadata account = {{"account", "a"}};
  EXPECT_EQ(reason_of(ledger::Stop::kEmpty), Refuse(reason::kNothingLeft, account));
  EXPECT_EQ(reason_of(ledger::Stop::kClosed), Refuse(reason::kNothingLeft, account));
  EXPECT_EQ(reason_of(ledger::Stop::kCapped), Refuse(reason::kShareCapReached, account));
  EXPECT_EQ(reason_of(ledger::Stop::kAllowance), Refuse(reason::kShareCapReached, account));
  EXPECT_EQ(reason_of(ledger::Stop::kKept), Refuse(reason::kRetainedMinimum, account));
  EXPECT_EQ(reason_of(ledger::Stop::kSatisfied), absl::OkStatus());
  EXPECT_EQ(reason_of(ledger::Stop::kNotNeeded), absl::OkStatus());
}

}  // namespace
}  // namespace gongji::settlement
