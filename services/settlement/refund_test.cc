// Plans of refunds from one settled bill, the steps that follow from them, and what they add to the
// totals.
#include "services/settlement/refund.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "services/common/errors/reasons.h"
#include "services/ledger/accounts.h"
#include "services/ledger/transaction.h"
#include "services/ledger/transaction_form.h"
#include "services/settlement/payment.h"
#include "services/settlement/steps.h"
#include "services/settlement/totals.h"

namespace gongji::settlement {
namespace {

constexpr char kShanghai[] = "310000";
constexpr char kChengdu[] = "510100";

// A bill of a patient in Shanghai, treated in Chengdu: 100 of own money, 200 of quota, 300 drawn
// live from another area of the province, 50 in cash.
SettlePlan PlanOfTheBill() {
  SettlePlan plan{.patient_area = kShanghai,
                  .care_area = kChengdu,
                  .institution_code = "H1",
                  .patient_psn_no = "patient",
                  .psn_part_fen = 650};
  const std::string due = ledger::ClearingAccount(kShanghai, kChengdu);
  ledger::Group waterfall{.want_fen = 650};
  waterfall.moves = {
      {.from = "person/patient/current", .to = due, .tag = "own"},
      {.from = "person/patient/lot/r", .to = "quota/510100", .also = {{due, due}}, .tag = "quota"},
      {.from = "person/organiser/prior",
       .to = "clearing/310100/310000",
       .also = {{"clearing/310000/310100", due}},
       .allowances = {{"r2/2026", 1000}},
       .tag = "live"}};
  plan.pivot.groups.push_back(std::move(waterfall));
  plan.pivot.claims.push_back({{"bill/H1/v/1"}, ledger::ClaimSubject::kBill});
  plan.parts = {{Source::kOwn, "patient", "person/patient/current", "", ""},
                {Source::kQuota, "giver", "person/patient/lot/r", "r", kChengdu},
                {Source::kLive, "organiser", "person/organiser/prior", "r2", "310100"}};
  return plan;
}

Operation Settlement() {
  Operation settlement{.id = "s", .state = State::kDone};
  settlement.plan = std::make_shared<const Plan>(PlanOfTheBill());
  settlement.pivot_moves = {
      {.amount_fen = 100, .year = 2026}, {.amount_fen = 200, .lot_number = 4}, {.amount_fen = 300}};
  // The capture of the quota (150 of prior years, 50 of the current one), and the payable.
  settlement.completion_moves = {{{.amount_fen = 150}, {.amount_fen = 50, .year = 2026}},
                                 {{.amount_fen = 600}}};
  return settlement;
}

const AttemptContext kContext{
    .operation_id = "refund", .attempt = 1, .decide_by = absl::FromUnixSeconds(1772415000)};

Operation RefundWith(RefundPlan plan) {
  return {.id = "refund", .plan = std::make_shared<const Plan>(std::move(plan))};
}

std::vector<std::string> RowsOf(const ledger::Group& group) {
  std::vector<std::string> rows;
  for (const ledger::Move& move : group.moves) {
    std::string row = move.from + " -> " + move.to;
    if (move.also) row += " also " + move.also->from + " -> " + move.also->to;
    rows.push_back(std::move(row));
  }
  return rows;
}

TEST(PlanCancel, ReturnsInReverseOrderCashFirst_R27) {
  const auto plan = PlanCancel({Settlement(), {}}, kContext);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_TRUE(ledger::CheckForm(plan->pivot).ok()) << ledger::CheckForm(plan->pivot);
  EXPECT_EQ(plan->cash_fen, 50);
  ASSERT_EQ(plan->pivot.groups.size(), 2U);
  const ledger::Group& back = plan->pivot.groups[0];
  EXPECT_EQ(RowsOf(back),
            (std::vector<std::string>{"clearing/310100/310000 -> person/organiser/prior also "
                                      "clearing/310000/510100 -> clearing/310000/310100",
                                      "clearing/310000/510100 -> clearing/310000/510100",
                                      "clearing/310000/510100 -> person/patient/current"}));
  EXPECT_EQ(back.want_fen, 600);
  EXPECT_EQ(back.at_least_fen, 600);
  EXPECT_EQ(back.moves[0].returned_allowances, (std::vector<std::string>{"r2/2026"}));
  EXPECT_EQ(back.moves[2].year, 2026);
  // Quota goes into its lot unless that is closed; either way the rest is refunded.
  EXPECT_EQ(RowsOf(plan->pivot.groups[1]),
            (std::vector<std::string>{"quota/510100 -> person/patient/lot/r"}));
  EXPECT_EQ(plan->pivot.groups[1].at_least_fen, 0);
  EXPECT_TRUE(plan->pivot.groups[1].moves[0].skip_if_closed);
  EXPECT_TRUE(plan->pivot.groups[1].moves[0].numbers_lot);
  // The bill is released in the name of the settlement that holds it.
  EXPECT_EQ(plan->pivot.unclaims, (std::vector<std::string>{"bill/H1/v/1"}));
  EXPECT_EQ(plan->pivot.holder, "s");
}

TEST(PlanCancel, DrawsOnce_P23) {
  const auto plan = PlanCancel({Settlement(), {}}, kContext);
  Operation refund = RefundWith(*plan);
  const Drawn undecided = DrawnBy(refund);
  EXPECT_EQ(undecided.version, 1);
  EXPECT_EQ(undecided.parts_fen, (std::vector<int64_t>{100, 200, 300}));
  EXPECT_EQ(undecided.cash_fen, 50);
  EXPECT_EQ(ReasonOf(PlanCancel({Settlement(), undecided}, kContext).status()),
            "REFUND_IN_PROGRESS");

  refund.state = State::kCompleting;
  const Drawn decided = DrawnBy(refund);
  EXPECT_EQ(decided.version, 2);
  const absl::Status again = PlanCancel({Settlement(), decided}, kContext).status();
  EXPECT_EQ(again, Refuse(reason::kAlreadyRefunded, {{"refund", "refund"}}));

  refund.state = State::kIdle;
  const Drawn undone = DrawnBy(refund);
  EXPECT_EQ(undone.version, 2);
  EXPECT_EQ(undone.undecided_id, "");
  EXPECT_EQ(undone.parts_fen, (std::vector<int64_t>{0, 0, 0}));
  const auto later = PlanCancel({Settlement(), undone}, kContext);
  ASSERT_TRUE(later.ok()) << later.status();
  EXPECT_EQ(DrawnBy(RefundWith(*later)).version, 3);
}

TEST(PlanCancel, TakesOnlyTheRest_P23) {
  Drawn drawn{.settlement_id = "s",
              .version = 2,
              .last_id = "earlier",
              .parts_fen = {0, 60, 300},
              .cash_fen = 50};
  const auto plan = PlanCancel({Settlement(), drawn}, kContext);
  ASSERT_TRUE(plan.ok());
  ASSERT_EQ(plan->parts.size(), 2U);
  EXPECT_EQ(plan->parts[0].amount_fen, 140);
  EXPECT_EQ(plan->parts[0].before_fen, 60);
  EXPECT_EQ(plan->parts[1].amount_fen, 100);
  EXPECT_EQ(plan->cash_fen, 0);
  EXPECT_EQ(DrawnBy(RefundWith(*plan)).parts_fen, (std::vector<int64_t>{100, 200, 300}));
}

TEST(PlanCancel, CashOnlyBillsAreCancelledOnce_R27) {
  Operation settlement = Settlement();
  for (ledger::MoveResult& move : settlement.pivot_moves) move.amount_fen = 0;
  const auto plan = PlanCancel({settlement, {}}, kContext);
  ASSERT_TRUE(plan.ok());
  EXPECT_TRUE(plan->parts.empty());
  EXPECT_EQ(plan->cash_fen, 650);
  Operation refund = RefundWith(*plan);
  EXPECT_EQ(AwaitedSettlement(refund), "s");  // Its payable comes first.
  refund.state = State::kDone;
  EXPECT_EQ(ReasonOf(PlanCancel({settlement, DrawnBy(refund)}, kContext).status()),
            "ALREADY_REFUNDED");
}

struct RestoreCase {
  const char* name;
  bool lot_closed;
  int64_t before_fen;
  int64_t amount_fen;
  int64_t to_current_fen;
};

class Restore : public testing::TestWithParam<RestoreCase> {};

// The giver's 200 were captured as 150 of prior years, then 50 of the current one; the last taken
// is returned first.
TEST_P(Restore, ToTheBucketsItCameFrom_R27) {
  const RestoreCase& test = GetParam();
  const PlannedPart quota{Source::kQuota, "giver", "person/patient/lot/r", "r", kChengdu};
  RefundPlan plan{.settlement_id = "s",
                  .patient_area = kShanghai,
                  .care_area = kShanghai,
                  .institution_code = "H1",
                  .parts = {{quota, 1, test.amount_fen, test.before_fen}}};
  Operation refund = RefundWith(std::move(plan));
  refund.pivot_moves = {{.amount_fen = test.amount_fen},
                        {.amount_fen = test.lot_closed ? 0 : test.amount_fen, .lot_number = 9}};
  const Operation settlement = Settlement();
  const std::vector<Step> steps = CompletionsOf(refund, &settlement);
  ASSERT_EQ(steps.size(), 1U);
  EXPECT_EQ(steps[0].province, "51");
  const ledger::Transaction& restore = *steps[0].transaction;
  EXPECT_TRUE(ledger::CheckForm(restore).ok()) << ledger::CheckForm(restore);
  EXPECT_EQ(restore.groups[0].want_fen, test.amount_fen);
  EXPECT_EQ(restore.groups[0].at_least_fen, test.amount_fen);
  const std::string buckets = test.lot_closed ? "person/giver/" : "person/giver/granted/r/";
  EXPECT_EQ(restore.groups[0].moves[0].to, buckets + "current");
  EXPECT_EQ(restore.groups[0].moves[0].at_most_fen, test.to_current_fen);
  EXPECT_EQ(restore.groups[0].moves[0].year, 2026);
  EXPECT_EQ(restore.groups[0].moves[1].to, buckets + "prior");
  // An ended grant has no sequence any more.
  EXPECT_EQ(restore.grant_sequences.size(), test.lot_closed ? 0U : 1U);
}

INSTANTIATE_TEST_SUITE_P(All, Restore,
                         testing::Values(RestoreCase{"Whole", false, 0, 200, 50},
                                         RestoreCase{"WholeAfterTheEnd", true, 0, 200, 50},
                                         RestoreCase{"FirstPart", false, 0, 30, 30},
                                         RestoreCase{"Across", false, 30, 40, 20},
                                         RestoreCase{"LastPart", false, 50, 150, 0}),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(RefundOf, SaysWhereTheMoneyGoes_R27) {
  const RefundPlan plan = *PlanCancel({Settlement(), {}}, kContext);
  const std::vector<ledger::MoveResult> moves = {
      {.amount_fen = 300, .credited = "person/organiser/prior"},
      {.amount_fen = 200},
      {.amount_fen = 100, .credited = "person/patient/prior"},
      {.amount_fen = 0, .stop = ledger::Stop::kClosed}};
  const Refund refund = RefundOf(plan, moves);
  EXPECT_EQ(refund.cash_fen, 50);
  ASSERT_EQ(refund.parts.size(), 3U);
  // A return does not read a balance.
  for (const Part& part : refund.parts) EXPECT_EQ(part.balance_seen_fen, 0);
  EXPECT_EQ(refund.parts[0].planned.account, "person/organiser/prior");
  EXPECT_EQ(refund.parts[1].amount_fen, 200);
  EXPECT_EQ(refund.parts[1].stop, ledger::Stop::kClosed);
  // The year was closed meanwhile.
  EXPECT_EQ(refund.parts[2].planned.account, "person/patient/prior");
}

TEST(Totals, OfARefundAreTheirOwn_R31) {
  Operation refund = RefundWith(*PlanCancel({Settlement(), {}}, kContext));
  refund.pivot_at = absl::FromUnixSeconds(1772415000);
  EXPECT_EQ(TotalsOf(refund),
            (std::vector<Total>{{"310100", kShanghai, BusinessDay(2026, 3, 2), 0, 0, 1, 300},
                                {kChengdu, kShanghai, BusinessDay(2026, 3, 2), 0, 0, 1, 200}}));
}

}  // namespace
}  // namespace gongji::settlement
