// Plans of bills and transfers with the policy files of the repository: the tests make the answers
// of relation, and compare the rows of the planned moves as text.
#include "services/settlement/plan.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "policy/policy.h"
#include "services/common/errors/reasons.h"
#include "services/common/errors/status.h"
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

const policy::PolicyBook& Book() {
  static const policy::PolicyBook policies = *policy::PolicyBook::Load("policy");
  return policies;
}

AttemptContext Context() {
  const absl::Time at = absl::FromUnixSeconds(1772415000);  // 2026-03-02
  return {.operation_id = "op",
          .attempt = 1,
          .decide_by = at + absl::Seconds(5),
          .at = at,
          .business_day = BusinessDayOf(at)};
}

Bill BillOf(int64_t psn_part_fen, const std::string& care_area) {
  Bill bill{.psn_no = "patient",
            .institution_code = "H1",
            .care_area = care_area,
            .visit_id = "v",
            .batch_id = "1"};
  bill.amounts = {
      .medfee_sum_fen = psn_part_fen, .inscp_scp_fen = psn_part_fen, .psn_part_fen = psn_part_fen};
  return bill;
}

Payer Quota(const std::string& giver, const std::string& area) {
  return {.giver_psn_no = giver, .relation_id = "r-" + giver, .live = false, .giver_area = area};
}
Payer Live(const std::string& giver, const std::string& area) {
  return {.giver_psn_no = giver, .relation_id = "r-" + giver, .live = true, .giver_area = area};
}

SettlePlan PlanFor(const std::string& patient_area, const std::string& care_area,
                   std::vector<Payer> payers, int64_t psn_part_fen = 10000) {
  const Payers answer{
      .patient = {"patient", patient_area}, .payers = std::move(payers), .policies = {}};
  auto plan = PlanSettle(BillOf(psn_part_fen, care_area), answer, Book(), Context());
  EXPECT_TRUE(plan.ok()) << plan.status();
  EXPECT_TRUE(ledger::CheckForm(plan->pivot).ok()) << ledger::CheckForm(plan->pivot);
  EXPECT_EQ(plan->pivot.groups[0].moves.size(), plan->parts.size());
  return *std::move(plan);
}

// The rows of the waterfall: "from -> to [also from -> to]".
std::vector<std::string> RowsOf(const SettlePlan& plan) {
  std::vector<std::string> rows;
  for (const ledger::Move& move : plan.pivot.groups[0].moves) {
    std::string row = move.from + " -> " + move.to;
    if (move.also) row += " also " + move.also->from + " -> " + move.also->to;
    rows.push_back(std::move(row));
  }
  return rows;
}

TEST(PlanSettle, ShanghaiTakesOwnPriorYearsThenQuotaThenLivePriorYears_R21) {
  const SettlePlan plan =
      PlanFor(kShanghai, kShanghai, {Live("mother", kShanghai), Quota("son", kChengdu)});
  EXPECT_EQ(RowsOf(plan),
            (std::vector<std::string>{
                "person/patient/prior -> provider/H1",
                "person/patient/lot/r-son -> quota/510100 also clearing/310000/510100 -> "
                "provider/H1",
                "person/mother/prior -> provider/H1"}));
  // Every source of money can be skipped when it is closed or missing.
  for (const ledger::Move& move : plan.pivot.groups[0].moves) EXPECT_TRUE(move.skip_if_closed);
}

TEST(PlanSettle, SichuanTakesBothOwnBuckets_R21) {
  const SettlePlan plan = PlanFor(kChengdu, kChengdu, {});
  std::vector<std::string> accounts;
  accounts.reserve(plan.parts.size());
  for (const PlannedPart& part : plan.parts) accounts.push_back(part.account);
  EXPECT_EQ(accounts, (std::vector<std::string>{"person/patient/current", "person/patient/prior"}));
}

TEST(PlanSettle, CareElsewhereOwesTheOtherArea_R32) {
  const SettlePlan plan = PlanFor(kShanghai, kChengdu, {Quota("son", kChengdu)});
  EXPECT_EQ(RowsOf(plan),
            (std::vector<std::string>{
                "person/patient/prior -> clearing/310000/510100",
                "person/patient/lot/r-son -> quota/510100 also clearing/310000/510100 -> "
                "clearing/310000/510100"}));
}

TEST(PlanSettle, LiveGiverOfAnotherAreaOfTheProvince_R21) {
  const SettlePlan plan = PlanFor(kChengdu, kChengdu, {Live("giver", "510700")});
  EXPECT_EQ(RowsOf(plan)[2],
            "person/giver/prior -> clearing/510700/510100 also clearing/510100/510700 -> "
            "provider/H1");
}

// Only money that was set aside is shared, and all of it.
TEST(PlanSettle, AreaWithASubAccountSharesNothingElse_R18) {
  const auto policies = policy::PolicyBook::Parse({{"national.textproto", R"(
area: "national"
rules {
  sources: "test"
  network { pool_model: POOL_MODEL_SUB_ACCOUNT }
  fund { min_retained_fen: 200000 sub_account_above_fen: 200000 sub_account_period_months: 1 }
  payment { sources { sources: SOURCE_LIVE } bill_convention: BILL_CONVENTION_HUNAN }
})"}});
  ASSERT_TRUE(policies.ok()) << policies.status();
  const Payers payers{.patient = {"patient", "350200"}, .payers = {Live("giver", "350200")}};
  const auto plan = PlanSettle(BillOf(100, "350200"), payers, *policies, Context());
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(RowsOf(*plan), (std::vector<std::string>{"person/giver/family -> provider/H1"}));
  const ledger::Move& draw = plan->pivot.groups[0].moves[0];
  EXPECT_TRUE(draw.skip_if_closed);  // The account does not exist before money is set aside.
  EXPECT_TRUE(draw.keeps.empty());
}

TEST(PlanSettle, RefusedPayersAreNamedAndNotAsked_R26) {
  Payer sealed = Live("mother", kShanghai);
  sealed.reasons = {Refuse(reason::kAccountBlocked)};
  const SettlePlan plan = PlanFor(kShanghai, kShanghai, {sealed});
  EXPECT_EQ(plan.parts.size(), 1U);
  ASSERT_EQ(plan.refused.size(), 1U);
  EXPECT_EQ(plan.refused[0].psn_no, "mother");
}

TEST(PlanSettle, PoliciesAreRecorded_R40) {
  const SettlePlan plan = PlanFor(kShanghai, kShanghai, {});
  ASSERT_EQ(plan.policies.size(), 2U);
  EXPECT_TRUE(plan.policies[0].starts_with("national@")) << plan.policies[0];
  EXPECT_TRUE(plan.policies[1].starts_with("provinces/31@")) << plan.policies[1];
}

TEST(PlanSettle, ManyPayersAreBounded) {
  std::vector<Payer> payers;
  payers.reserve(40);
  for (int i = 0; i < 40; ++i) payers.push_back(Quota("g" + std::to_string(i), kChengdu));
  const SettlePlan plan = PlanFor(kShanghai, kShanghai, payers);
  EXPECT_EQ(plan.parts.size(), 1U + kMaxPayers);
}

TEST(Completions, FollowFromPlanAndAnswer_R32) {
  const SettlePlan plan = PlanFor(kShanghai, kChengdu, {Quota("son", kChengdu)});
  Operation operation{.id = "op", .plan = std::make_shared<const Plan>(plan)};
  operation.pivot_moves = {{.amount_fen = 400},
                           {.amount_fen = 600, .lot_number = 7},
                           {.balance_seen_fen = 10},
                           {.balance_seen_fen = 5}};
  const std::vector<Step> steps = CompletionsOf(operation, nullptr);
  ASSERT_EQ(steps.size(), 2U);
  EXPECT_EQ(steps[0].province, "51");
  EXPECT_EQ(steps[0].transaction->grant_sequences,
            (std::vector<ledger::GrantSequence>{{"person/son/granted/r-son", 7}}));
  EXPECT_EQ(steps[0].transaction->groups[0].want_fen, 600);
  EXPECT_EQ(steps[0].transaction->groups[0].at_least_fen, 600);
  EXPECT_EQ(steps[0].transaction->groups[0].moves[0].to, "clearing/510100/310000");
  EXPECT_EQ(steps[1].province, "51");
  EXPECT_EQ(steps[1].transaction->groups[0].want_fen, 1000);
  EXPECT_EQ(steps[1].transaction->groups[0].moves[0].from, "clearing/510100/310000");
  EXPECT_EQ(steps[1].transaction->groups[0].moves[0].to, "provider/H1");
  for (const Step& step : steps) EXPECT_TRUE(ledger::CheckForm(*step.transaction).ok());

  const Payment payment = PaymentOf(plan, operation.pivot_moves);
  EXPECT_EQ(payment.acct_pay_fen, 400);
  EXPECT_EQ(payment.acct_mulaid_pay_fen, 600);
  EXPECT_EQ(payment.psn_cash_pay_fen, 9000);
  EXPECT_EQ(payment.balance_fen, 15);

  operation.pivot_at = Context().at;
  EXPECT_EQ(TotalsOf(operation),
            (std::vector<Total>{{kChengdu, kShanghai, BusinessDay(2026, 3, 2), 1, 600}}));
}

TransferPermission Permission(const std::string& giver_area) {
  return {.giver = {"giver", giver_area},
          .receiver = {"receiver", kChengdu},
          .relation_id = "r",
          .relation_version = 4};
}

const TransferRequest kTransfer{
    .giver_psn_no = "giver", .receiver_psn_no = "receiver", .amount_fen = 5000};

TEST(PlanTransfer, FreezesPriorYearsFirstAndClaimsAPlace_R15_R16) {
  const auto plan = PlanTransfer(kTransfer, Permission(kChengdu), Book(), Context());
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->freeze.groups[0].moves[0].from, "person/giver/prior");
  EXPECT_EQ(plan->freeze.groups[0].moves[1].from, "person/giver/current");
  EXPECT_EQ(plan->freeze.groups[0].at_least_fen, 5000);
  EXPECT_EQ(
      plan->freeze.claims[0].keys,
      (std::vector<std::string>{"giver/2026-03-02/1", "giver/2026-03-02/2", "giver/2026-03-02/3"}));
  EXPECT_EQ(plan->pivot.groups[0].moves[0].to, "person/receiver/lot/r");
  EXPECT_EQ(plan->pivot.wallet_psn_nos, (std::vector<std::string>{"receiver"}));
  EXPECT_TRUE(ledger::CheckForm(plan->freeze).ok());
  EXPECT_TRUE(ledger::CheckForm(plan->pivot).ok());
}

TEST(PlanTransfer, ShanghaiSharesPriorYearsOnly_R18) {
  const auto plan = PlanTransfer(kTransfer, Permission(kShanghai), Book(), Context());
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->freeze.groups[0].moves.size(), 1U);
}

TEST(PlanTransfer, RelationsRefusalIsTold_R11) {
  TransferPermission refused = Permission(kShanghai);
  refused.reasons = {Refuse(reason::kNoWalletRelation)};
  const auto plan = PlanTransfer(kTransfer, refused, Book(), Context());
  EXPECT_EQ(ReasonOf(plan.status()), "NO_WALLET_RELATION");
}

TEST(PlanTransfer, ReleaseReturnsCurrentYearFirstAndFreesThePlace_R15) {
  const TransferPlan plan = *PlanTransfer(kTransfer, Permission(kChengdu), Book(), Context());
  const Operation operation{.id = "op", .plan = std::make_shared<const Plan>(plan)};
  const Step release = ReleaseOf(operation, {{.amount_fen = 3000}, {.amount_fen = 2000}});
  EXPECT_EQ(release.province, "51");
  EXPECT_EQ(release.transaction->groups[0].want_fen, 5000);
  EXPECT_EQ(release.transaction->groups[0].moves[0].from, "person/giver/granted/r/current");
  EXPECT_EQ(release.transaction->unclaims, plan.freeze.claims[0].keys);
  EXPECT_TRUE(ledger::CheckForm(*release.transaction).ok());
}

TEST(CheckTransfer, RefusesForm) {
  EXPECT_TRUE(CheckForm(kTransfer).ok());
  for (const TransferRequest& bad :
       {TransferRequest{"", "b", 1}, TransferRequest{"a", "", 1}, TransferRequest{"a", "a", 1},
        TransferRequest{"a", "b", 0}, TransferRequest{"a", "b", -1},
        TransferRequest{"a", "b", 1'000'000'001}}) {
    EXPECT_EQ(ReasonOf(CheckForm(bad)), "INVALID_FIELD");
  }
}

}  // namespace
}  // namespace gongji::settlement
