#include "services/settlement/payment.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "services/common/errors/reasons.h"

namespace gongji::settlement {
namespace {

// A bill of 1000, of which 200 are not covered and 100 were taken before, and 100 of own money and
// 250 of relatives paid.
SettlePlan PlanOfABill() {
  SettlePlan plan{
      .psn_part_fen = 1000,
      .taken_before_fen = 100,
      .parts = {{.source = Source::kOwn}, {.source = Source::kQuota}, {.source = Source::kLive}},
      .refused = {{"p", {}}},
      .policies = {"policy"}};
  plan.pivot.groups.push_back({.want_fen = 700});
  return plan;
}

std::vector<ledger::MoveResult> PaidBy(int64_t own_fen, int64_t quota_fen, int64_t live_fen) {
  return {{.amount_fen = own_fen, .balance_seen_fen = 11, .stop = ledger::Stop::kEmpty},
          {.amount_fen = quota_fen, .balance_seen_fen = 12, .stop = ledger::Stop::kCapped},
          {.amount_fen = live_fen, .balance_seen_fen = 13},
          {.balance_seen_fen = 7},
          {.balance_seen_fen = 30}};
}

TEST(PaymentOf, SaysWhoPaidWhatAndWhatIsLeft_R26) {
  const Payment payment = PaymentOf(PlanOfABill(), PaidBy(100, 200, 50));
  EXPECT_EQ(payment.acct_pay_fen, 200);
  EXPECT_EQ(payment.acct_mulaid_pay_fen, 250);
  EXPECT_EQ(payment.psn_cash_pay_fen, 550);
  EXPECT_EQ(payment.balance_fen, 37);
  EXPECT_EQ(payment.policies, std::vector<std::string>{"policy"});
  EXPECT_EQ(payment.refused.size(), 1U);
  ASSERT_EQ(payment.parts.size(), 3U);
  EXPECT_EQ(payment.parts[1].planned.source, Source::kQuota);
  EXPECT_EQ(payment.parts[1].amount_fen, 200);
  EXPECT_EQ(payment.parts[1].balance_seen_fen, 12);
  EXPECT_EQ(payment.parts[1].stop, ledger::Stop::kCapped);
}

// Two areas name the sum of both differently.
TEST(PaymentOf, RelativesMoneyIsInsideAcctPayWhereTheAreaSaysSo_R22) {
  SettlePlan plan = PlanOfABill();
  plan.mulaid_inside_acct_pay = true;
  const Payment payment = PaymentOf(plan, PaidBy(100, 200, 50));
  EXPECT_EQ(payment.acct_pay_fen, 450);
  EXPECT_EQ(payment.acct_mulaid_pay_fen, 250);
  EXPECT_EQ(payment.psn_cash_pay_fen, 550);
}

TEST(PaymentOf, CashIsExplainedToTheFen_R26) {
  const auto cash = [](const SettlePlan& plan, int64_t own_fen) {
    std::vector<std::pair<int64_t, absl::Status>> parts;
    for (const CashPart& part : PaymentOf(plan, PaidBy(own_fen, 0, 0)).cash_parts) {
      parts.emplace_back(part.amount_fen, part.reason);
    }
    return parts;
  };
  using Parts = std::vector<std::pair<int64_t, absl::Status>>;
  const auto because = [](const Reason& reason, const char* fen) {
    return Refuse(reason, {{"amount_fen", fen}});
  };
  SettlePlan plan = PlanOfABill();
  EXPECT_EQ(cash(plan, 100), (Parts{{200, because(reason::kOwnExpenseNotCovered, "200")},
                                    {600, because(reason::kNothingLeft, "600")}}));
  EXPECT_EQ(cash(plan, 700), (Parts{{200, because(reason::kOwnExpenseNotCovered, "200")}}));
  EXPECT_EQ(cash(plan, 699)[1], (std::pair(int64_t{1}, because(reason::kNothingLeft, "1"))));
  plan.pivot.groups[0].want_fen = 900;
  EXPECT_EQ(cash(plan, 900), Parts{});
}

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
