// Every step that plans and answers lead to, compared as a whole: nothing in a step is there by
// chance, and a shard books all of it.
#include "services/settlement/steps.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "services/common/errors/reasons.h"
#include "services/common/money.h"
#include "services/settlement/plan.h"
#include "services/settlement/refund.h"

namespace gongji::settlement {
namespace {

using ledger::Group;
using ledger::Kind;
using ledger::Move;
using ledger::Transaction;

constexpr char kShanghai[] = "310000";
constexpr char kChengdu[] = "510100";
constexpr char kPayingArea[] = "510700";
const absl::Time kAt = absl::FromUnixSeconds(1772415000);  // 2026-03-02
const absl::Time kDecideBy = kAt + absl::Seconds(5);

// Rules in which every bound of a giver differs from every other.
const policy::PolicyBook& Book() {
  static const policy::PolicyBook policies = *policy::PolicyBook::Parse({{"national.textproto", R"(
area: "national"
rules {
  sources: "test"
  fund {
    fund_scope: FUND_SCOPE_ALL
    min_retained_fen: 1001
    max_per_receiver_year_fen: 1002
    max_per_receiver_day_fen: 1003
    max_per_bill_fen: 1004
  }
  transfer { max_per_day: 2 window_from: "06:00" window_to: "22:00" }
  payment {
    own_first { buckets: BUCKET_CURRENT_YEAR buckets: BUCKET_PRIOR_YEARS }
    sources { sources: SOURCE_QUOTA sources: SOURCE_LIVE }
    bill_convention: BILL_CONVENTION_HUNAN
  }
})"}});
  return policies;
}

AttemptContext Context() {
  return {.operation_id = "op",
          .attempt = 3,
          .decide_by = kDecideBy,
          .at = kAt,
          .business_day = BusinessDay(2026, 3, 2)};
}

Operation OperationWith(Plan plan) {
  return {.id = "op", .attempt = 3, .plan = std::make_shared<const Plan>(std::move(plan))};
}

Transaction Completion(const std::string& step, std::vector<Group> groups) {
  return {
      .id = "op/3/" + step, .kind = Kind::kComplete, .holder = "op", .groups = std::move(groups)};
}

Move Capped(Move move, int64_t at_most_fen) {
  move.at_most_fen = at_most_fen;
  return move;
}

void ExpectSteps(const std::vector<Step>& steps,
                 const std::vector<std::pair<std::string, Transaction>>& should) {
  ASSERT_EQ(steps.size(), should.size());
  for (size_t i = 0; i < steps.size(); ++i) {
    EXPECT_EQ(steps[i].province, should[i].first);
    EXPECT_EQ(*steps[i].transaction, should[i].second) << steps[i].transaction->id;
  }
}

TransferPlan TransferOf500() {
  const auto plan = PlanTransfer({"giver", "receiver", 500},
                                 {.giver = {"giver", kShanghai},
                                  .receiver = {"receiver", kChengdu},
                                  .relation_id = "r",
                                  .relation_version = 4,
                                  .policies = {"policy"}},
                                 Book(), Context());
  EXPECT_TRUE(plan.ok()) << plan.status();
  return *plan;
}

TEST(StepsOfATransfer, FreezeTakesAPlaceAndKeepsTheRetainedMinimum_R15_R18) {
  const TransferPlan plan = TransferOf500();
  const std::vector<ledger::Keep> keeps = {{1001, {"person/giver/current", "person/giver/prior"}}};
  const Transaction should{
      .id = "op/3/freeze",
      .kind = Kind::kFreeze,
      .holder = "op",
      .not_after = kDecideBy,
      .business_day = BusinessDay(2026, 3, 2),
      .groups = {{500,
                  500,
                  {{.from = "person/giver/prior",
                    .to = "person/giver/granted/r/prior",
                    .keeps = keeps,
                    .tag = "prior"},
                   {.from = "person/giver/current",
                    .to = "person/giver/granted/r/current",
                    .keeps = keeps,
                    .tag = "current"}}}},
      .claims = {{{"giver/2026-03-02/1", "giver/2026-03-02/2"}, ledger::ClaimSubject::kPlace}},
      .wallet_psn_nos = {"giver"}};
  EXPECT_EQ(plan.freeze, should);
  EXPECT_EQ(FreezeOf(OperationWith(plan)).province, "31");
  EXPECT_EQ(*FreezeOf(OperationWith(plan)).transaction, should);
}

TEST(StepsOfATransfer, PivotFillsTheLotAndReadsIt_R15) {
  const TransferPlan plan = TransferOf500();
  const Transaction should{
      .id = "op/3/pivot",
      .kind = Kind::kPivot,
      .holder = "op",
      .not_after = kDecideBy,
      .groups = {{500,
                  500,
                  {{.from = "quota/310000", .to = "person/receiver/lot/r", .tag = "quota"}}},
                 {0,
                  0,
                  {Capped({.from = "person/receiver/lot/r", .to = "quota/310000", .tag = "balance"},
                          0)}}},
      .wallet_psn_nos = {"receiver"}};
  const Step pivot = PivotOf(OperationWith(plan));
  EXPECT_EQ(pivot.province, "51");
  EXPECT_EQ(*pivot.transaction, should);
  EXPECT_TRUE(CompletionsOf(OperationWith(plan), nullptr).empty());
}

TEST(StepsOfATransfer, ReleaseReturnsWhatWasFrozen_R15) {
  const Step release =
      ReleaseOf(OperationWith(TransferOf500()), {{.amount_fen = 300}, {.amount_fen = 200}});
  EXPECT_EQ(release.province, "31");
  const Transaction should{
      .id = "op/3/release",
      .kind = Kind::kRelease,
      .holder = "op",
      .groups = {{500,
                  500,
                  {{.from = "person/giver/granted/r/current", .to = "person/giver/current"},
                   {.from = "person/giver/granted/r/prior", .to = "person/giver/prior"}}}},
      .unclaims = {"giver/2026-03-02/1", "giver/2026-03-02/2"}};
  EXPECT_EQ(*release.transaction, should);
}

TEST(StepsOfATransfer, ThePlanKeepsWhatTheAnswerShows_R15) {
  const TransferPlan plan = TransferOf500();
  EXPECT_EQ(plan.giver_psn_no, "giver");
  EXPECT_EQ(plan.receiver_psn_no, "receiver");
  EXPECT_EQ(plan.giver_area, kShanghai);
  EXPECT_EQ(plan.receiver_area, kChengdu);
  EXPECT_EQ(plan.relation_id, "r");
  EXPECT_EQ(plan.relation_version, 4);
  EXPECT_EQ(plan.amount_fen, 500);
  EXPECT_EQ(plan.policies, std::vector<std::string>{"policy"});
  EXPECT_EQ(gongji::FormatTime(plan.next_opening), "2026-03-03T06:00:00+08:00");
}

// A bill of a patient in Chengdu who is treated in Mianyang: 1 own, 1 of quota and 2 draws.
SettlePlan PlanOfABill() {
  Bill bill{.psn_no = "patient",
            .institution_code = "H1",
            .care_area = kPayingArea,
            .visit_id = "v",
            .batch_id = "b"};
  bill.amounts = {
      .medfee_sum_fen = 1000, .inscp_scp_fen = 1000, .psn_part_fen = 1000, .acct_pay_fen = 0};
  const Payers payers{
      .patient = {"patient", kChengdu},
      .payers = {{.giver_psn_no = "draw", .relation_id = "l", .live = true, .giver_area = "510300"},
                 {.giver_psn_no = "son", .relation_id = "q", .giver_area = kShanghai}},
      .policies = {"network@1"}};
  const auto plan = PlanSettle(bill, payers, Book(), Context());
  EXPECT_TRUE(plan.ok()) << plan.status();
  return *plan;
}

Move Draw(const std::string& bucket) {
  return {.from = "person/draw/" + bucket,
          .to = "clearing/510300/510100",
          .also = {{"clearing/510100/510300", "clearing/510100/510700"}},
          .keeps = {{1001, {"person/draw/current", "person/draw/prior"}}},
          .allowances = {{"l/2026", 1002}, {"l/2026-03-02", 1003}, {"l/bill/H1/v/b", 1004}},
          .skip_if_closed = true,
          .tag = "live"};
}

TEST(StepsOfABill, PivotIsTheWholeWaterfall_R18_R21) {
  const std::string due = "clearing/510100/510700";
  const Move read{.to = due, .skip_if_closed = true, .tag = "balance"};
  std::vector<Move> reading = {Capped(read, 0), Capped(read, 0)};
  reading[0].from = "person/patient/current";
  reading[1].from = "person/patient/prior";
  const Transaction should{
      .id = "op/3/pivot",
      .kind = Kind::kPivot,
      .holder = "op",
      .not_after = kDecideBy,
      .groups =
          {{1000,
            0,
            {{.from = "person/patient/current", .to = due, .skip_if_closed = true, .tag = "own"},
             {.from = "person/patient/prior", .to = due, .skip_if_closed = true, .tag = "own"},
             {.from = "person/patient/lot/q",
              .to = "quota/310000",
              .also = {{"clearing/510100/310000", due}},
              .skip_if_closed = true,
              .numbers_lot = true,
              .tag = "quota"},
             Draw("prior"),
             Draw("current")}},
           {0, 0, std::move(reading)}},
      .claims = {{{"bill/H1/v/b"}, ledger::ClaimSubject::kBill}}};
  const Step pivot = PivotOf(OperationWith(PlanOfABill()));
  EXPECT_EQ(pivot.province, "51");
  EXPECT_EQ(*pivot.transaction, should);
}

TEST(StepsOfABill, EachMoveSaysWhoseMoneyItIs_R26) {
  const SettlePlan plan = PlanOfABill();
  EXPECT_EQ(plan.patient_area, kChengdu);
  EXPECT_EQ(plan.care_area, kPayingArea);
  EXPECT_EQ(plan.institution_code, "H1");
  EXPECT_EQ(plan.patient_psn_no, "patient");
  EXPECT_EQ(plan.psn_part_fen, 1000);
  const std::vector<PlannedPart> should = {
      {Source::kOwn, "patient", "person/patient/current", "", ""},
      {Source::kOwn, "patient", "person/patient/prior", "", ""},
      {Source::kQuota, "son", "person/patient/lot/q", "q", kShanghai},
      {Source::kLive, "draw", "person/draw/prior", "l", "510300"},
      {Source::kLive, "draw", "person/draw/current", "l", "510300"}};
  ASSERT_EQ(plan.parts.size(), should.size());
  for (size_t i = 0; i < should.size(); ++i) {
    EXPECT_EQ(plan.parts[i].source, should[i].source) << i;
    EXPECT_EQ(plan.parts[i].payer_psn_no, should[i].payer_psn_no) << i;
    EXPECT_EQ(plan.parts[i].account, should[i].account) << i;
    EXPECT_EQ(plan.parts[i].relation_id, should[i].relation_id) << i;
    EXPECT_EQ(plan.parts[i].giver_area, should[i].giver_area) << i;
  }
  EXPECT_EQ(plan.policies.size(), 2U);
  EXPECT_EQ(plan.policies[1], "network@1");
}

TEST(StepsOfABill, CapturesAndThePayableFollowTheAnswer_R32) {
  Operation operation = OperationWith(PlanOfABill());
  operation.pivot_moves = {
      {.amount_fen = 100},    {.amount_fen = 200}, {.amount_fen = 300, .lot_number = 7},
      {.amount_fen = 50},     {.amount_fen = 0},   {.balance_seen_fen = 1},
      {.balance_seen_fen = 2}};
  Transaction capture = Completion(
      "capture/2", {{300,
                     300,
                     {{.from = "person/son/granted/q/prior", .to = "clearing/310000/510100"},
                      {.from = "person/son/granted/q/current", .to = "clearing/310000/510100"}}}});
  capture.grant_sequences = {{"person/son/granted/q", 7}};
  const Transaction payable = Completion(
      "payable", {{650, 650, {{.from = "clearing/510700/510100", .to = "provider/H1"}}}});
  ExpectSteps(CompletionsOf(operation, nullptr), {{"31", capture}, {"51", payable}});
  // Nothing was taken, so nothing is owed.
  for (ledger::MoveResult& move : operation.pivot_moves) move.amount_fen = 0;
  ExpectSteps(CompletionsOf(operation, nullptr), {});
}

RelationState Relation() {
  return {.relation_id = "r",
          .giver_psn_no = "giver",
          .receiver_psn_no = "receiver",
          .giver_area = kShanghai,
          .receiver_area = kChengdu};
}

Transaction EmptiesTheLot() {
  return {.id = "op/3/pivot",
          .kind = Kind::kPivot,
          .holder = "op",
          .not_after = kDecideBy,
          .groups = {{kMaxAmountFen,
                      0,
                      {{.from = "person/receiver/lot/r",
                        .to = "quota/310000",
                        .numbers_lot = true,
                        .tag = "quota"}}}}};
}

TEST(StepsOfAnEnd, EmptiesTheLotAndReturnsItToTheGiver_R15) {
  const auto plan = PlanEndQuota({"r", "giver"}, Relation(), Context());
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_FALSE(plan->relation_ended);
  Operation operation = OperationWith(*plan);
  const Step pivot = PivotOf(operation);
  EXPECT_EQ(pivot.province, "51");
  EXPECT_EQ(*pivot.transaction, EmptiesTheLot());
  operation.pivot_moves = {{.amount_fen = 40, .lot_number = 9}};
  Transaction back = Completion(
      "return", {{40,
                  40,
                  {{.from = "person/giver/granted/r/current", .to = "person/giver/current"},
                   {.from = "person/giver/granted/r/prior", .to = "person/giver/prior"}}}});
  back.grant_sequences = {{"person/giver/granted/r", 9}};
  ExpectSteps(CompletionsOf(operation, nullptr), {{"31", back}});
  operation.pivot_moves = {{.amount_fen = 0}};
  ExpectSteps(CompletionsOf(operation, nullptr), {});
}

TEST(StepsOfAnEnd, AnEndedRelationClosesItsLotToo_P24) {
  const EndPlan plan = PlanEndOfRelation(Relation(), Context());
  EXPECT_TRUE(plan.relation_ended);
  EXPECT_EQ(plan.giver_psn_no, "giver");
  EXPECT_EQ(plan.receiver_psn_no, "receiver");
  EXPECT_EQ(plan.giver_area, kShanghai);
  EXPECT_EQ(plan.receiver_area, kChengdu);
  EXPECT_EQ(plan.relation_id, "r");
  Transaction should = EmptiesTheLot();
  should.groups[0].moves[0].skip_if_closed = true;
  should.closed_lots = {"person/receiver/lot/r"};
  EXPECT_EQ(plan.pivot, should);
}

TEST(StepsOfAnEnd, RefusalsSayWhy_R15) {
  RelationState relation = Relation();
  const auto refused = [&](const std::string& actor) {
    return PlanEndQuota({"r", actor}, relation, Context()).status();
  };
  EXPECT_EQ(refused("x"), Refuse(reason::kNotAllowed, {{"actor_psn_no", "x"}}));
  relation.ended = true;
  EXPECT_EQ(refused("giver"), Refuse(reason::kRelationEnded, {{"relation_id", "r"}}));
  relation.live = true;
  EXPECT_EQ(refused("giver"), Refuse(reason::kNoWalletRelation, {{"relation_id", "r"}}));
}

// The bill above, of which 300 of quota (100 of the current year) were captured.
Operation SettledBill() {
  Operation settlement = OperationWith(PlanOfABill());
  settlement.id = "s";
  settlement.state = State::kDone;
  settlement.pivot_moves = {{.amount_fen = 100, .year = 2026},
                            {.amount_fen = 200},
                            {.amount_fen = 300, .lot_number = 7},
                            {.amount_fen = 50},
                            {.amount_fen = 0},
                            {},
                            {}};
  settlement.completion_moves = {{{.amount_fen = 200}, {.amount_fen = 100, .year = 2026}},
                                 {{.amount_fen = 650}}};
  return settlement;
}

TEST(StepsOfARefund, PivotGivesEverythingBackWhereItCameFrom_R27) {
  const auto plan = PlanCancel({SettledBill(), {}}, Context());
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->settlement_id, "s");
  EXPECT_EQ(plan->patient_area, kChengdu);
  EXPECT_EQ(plan->care_area, kPayingArea);
  EXPECT_EQ(plan->institution_code, "H1");
  EXPECT_EQ(plan->cash_fen, 350);
  const std::string due = "clearing/510100/510700";
  const Transaction should{
      .id = "op/3/pivot",
      .kind = Kind::kPivot,
      .holder = "s",
      .not_after = kDecideBy,
      .groups = {{650,
                  650,
                  {Capped({.from = "clearing/510300/510100",
                           .to = "person/draw/prior",
                           .also = {{due, "clearing/510100/510300"}},
                           .returned_allowances = {"l/2026", "l/2026-03-02", "l/bill/H1/v/b"},
                           .tag = "live"},
                          50),
                   Capped({.from = due, .to = "clearing/510100/310000", .tag = "quota"}, 300),
                   Capped({.from = due, .to = "person/patient/prior", .tag = "own"}, 200),
                   Capped({.from = due, .to = "person/patient/current", .year = 2026, .tag = "own"},
                          100)}},
                 {300,
                  0,
                  {Capped({.from = "quota/310000",
                           .to = "person/patient/lot/q",
                           .skip_if_closed = true,
                           .numbers_lot = true,
                           .tag = "quota"},
                          300)}}},
      .unclaims = {"bill/H1/v/b"}};
  const Step pivot = PivotOf(OperationWith(*plan));
  EXPECT_EQ(pivot.province, "51");
  EXPECT_EQ(*pivot.transaction, should);
}

TEST(StepsOfARefund, CompletionsUndoThoseOfTheBill_R27) {
  const Operation settlement = SettledBill();
  Operation refund = OperationWith(*PlanCancel({settlement, {}}, Context()));
  EXPECT_EQ(AwaitedSettlement(refund), "s");
  refund.pivot_moves = {{.amount_fen = 50},
                        {.amount_fen = 300},
                        {.amount_fen = 200},
                        {.amount_fen = 100},
                        {.amount_fen = 300, .lot_number = 8}};
  Move current = Capped(
      {.from = "clearing/310000/510100", .to = "person/son/granted/q/current", .year = 2026}, 100);
  Transaction restore = Completion(
      "restore/2",
      {{300,
        300,
        {current, {.from = "clearing/310000/510100", .to = "person/son/granted/q/prior"}}}});
  restore.grant_sequences = {{"person/son/granted/q", 8}};
  const Transaction payable = Completion(
      "payable", {{650, 650, {{.from = "provider/H1", .to = "clearing/510700/510100"}}}});
  ExpectSteps(CompletionsOf(refund, &settlement), {{"31", restore}, {"51", payable}});
}

TEST(StepIds, ComeApartAsTheyWereMade) {
  const StepName name = ParseStepId(StepId("op", 12, "capture/1"));
  EXPECT_EQ(name.operation_id, "op");
  EXPECT_EQ(name.attempt, 12);
  EXPECT_EQ(name.step, "capture/1");
}

}  // namespace
}  // namespace gongji::settlement
