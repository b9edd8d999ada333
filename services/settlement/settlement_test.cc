// The use cases and the driver over ScriptedPeers and the store in memory: which calls are made, in
// which order, after lost messages, refusals and crashes.
#include "services/settlement/settlement.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "services/common/errors/reasons.h"
#include "services/settlement/testing/settlement_fixture.h"

namespace gongji::settlement {
namespace {

TEST_F(SettlementTest, ChargesOnceAndRepeatsTheAnswer_P6) {
  peers_.amounts_fen["pivot"] = {400};
  const auto first = Settle();
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_FALSE(first->replayed);
  env_.Advance(absl::Seconds(2));
  Restart();
  const auto again = Settle();
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(again->operation->id, first->operation->id);
  EXPECT_EQ(again->operation->pivot_moves, first->operation->pivot_moves);
  EXPECT_EQ(peers_.calls, (Calls{"apply pivot"}));
  EXPECT_EQ(again->operation->state, State::kDone);
}

TEST_F(SettlementTest, IntentIsStoredBeforeThePivotIsSent_P21) {
  peers_.lost_requests["pivot"] = 1000;
  EXPECT_EQ(ReasonOf(Settle().status()), "REQUEST_IN_PROGRESS");
  ASSERT_EQ(disk_.operations.size(), 1U);
  const auto stored = env_.Wait(store_->FindById(disk_.operations.begin()->first));
  EXPECT_EQ((*stored)->operation.state, State::kDeciding);
  EXPECT_FALSE((*stored)->operation.As<SettlePlan>()->pivot.groups.empty());
}

TEST_F(SettlementTest, LostReplyIsResolvedByRepeating_P11) {
  peers_.lost_replies["pivot"] = 1;
  ASSERT_TRUE(Settle().ok());
  EXPECT_EQ(peers_.calls, (Calls{"apply pivot", "apply pivot"}));
  EXPECT_EQ(peers_.entries().size(), 1U);
}

TEST_F(SettlementTest, UndecidedAttemptIsTombstonedAndTriedAgain_R41) {
  peers_.lost_requests["pivot"] = 1000;
  EXPECT_EQ(ReasonOf(Settle().status()), "REQUEST_IN_PROGRESS");
  env_.Advance(absl::Seconds(10));
  EXPECT_EQ(peers_.calls, (Calls{"decide pivot"}));
  peers_.lost_requests.clear();
  const auto charged = Settle();
  ASSERT_TRUE(charged.ok()) << charged.status();
  EXPECT_EQ(charged->operation->attempt, 2);
  EXPECT_EQ(charged->operation->As<SettlePlan>()->pivot.id, charged->operation->id + "/2/pivot");
}

TEST_F(SettlementTest, CrashAfterThePivotFindsItCharged_P10) {
  peers_.lost_replies["pivot"] = 1000;
  EXPECT_EQ(ReasonOf(Settle().status()), "REQUEST_IN_PROGRESS");
  Restart();
  const auto found = Get("a");
  EXPECT_EQ(found->state, State::kDone);
  EXPECT_EQ(peers_.calls.back(), "decide pivot");
}

TEST_F(SettlementTest, RefusalIsStoredAndFinal_P8) {
  peers_.refusals["pivot"] = Refuse(reason::kBillAlreadySettled, {{"holder", "x"}});
  EXPECT_EQ(ReasonOf(Settle().status()), "BILL_ALREADY_SETTLED");
  peers_.refusals.clear();
  Restart();
  EXPECT_EQ(ReasonOf(Settle().status()), "BILL_ALREADY_SETTLED");
  EXPECT_EQ(Get("a")->state, State::kRefused);
}

TEST_F(SettlementTest, OtherContentsOrMethodUnderTheId_P7) {
  ASSERT_TRUE(Settle("a").ok());
  EXPECT_EQ(Settle("a", SomeBill(1001)).status(),
            Refuse(reason::kRequestIdReused, {{"request_id", "a"}}));
  EXPECT_EQ(ReasonOf(Transfer("a").status()), "REQUEST_ID_REUSED");
}

TEST_F(SettlementTest, RelationsFinalErrorRefusesForGood_P8) {
  peers_.payers = Refuse(reason::kPersonUnknown);
  EXPECT_EQ(ReasonOf(Settle().status()), "PERSON_UNKNOWN");
  peers_.payers = Payers{.patient = {"patient", "310000"}};
  EXPECT_EQ(ReasonOf(Settle().status()), "PERSON_UNKNOWN");
}

TEST_F(SettlementTest, RelationAwayDecidesNothing) {
  peers_.relation_away = true;
  EXPECT_EQ(Settle().status().code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(disk_.operations.empty());
  peers_.relation_away = false;
  EXPECT_TRUE(Settle().ok());
  // What has an answer has it without relation.
  peers_.relation_away = true;
  EXPECT_TRUE(Settle()->replayed);
  EXPECT_EQ(Settle("a", SomeBill(1001)).status(),
            Refuse(reason::kRequestIdReused, {{"request_id", "a"}}));
  // What was undone is not tried again before relation is there.
  peers_.relation_away = false;
  peers_.lost_requests["pivot"] = 1000;
  EXPECT_EQ(ReasonOf(Settle("b", SomeBill(1002)).status()), "REQUEST_IN_PROGRESS");
  env_.Advance(absl::Seconds(10));
  peers_.relation_away = true;
  EXPECT_EQ(Settle("b", SomeBill(1002)).status(), absl::UnavailableError("lost"));
}

TEST_F(SettlementTest, AreaWithoutAShardIsRefused) {
  Bill bill = SomeBill();
  bill.care_area = "440100";
  EXPECT_EQ(Settle("a", bill).status(), Refuse(reason::kAreaNotOpen, {{"area", "440100"}}));
  peers_.permission.receiver.area = "440200";
  EXPECT_EQ(Transfer("b").status(), Refuse(reason::kAreaNotOpen, {{"area", "440200"}}));
  peers_.payers->patient.area = "450100";
  EXPECT_EQ(Settle("c").status(), Refuse(reason::kAreaNotOpen, {{"area", "450100"}}));
}

// Nobody's shard can be asked for the money of a person who is insured nowhere (PB-01). Without a
// refusal the operation would stay open for ever.
TEST_F(SettlementTest, WhoeverIsInsuredNowhereIsRefusedForGood_R28) {
  peers_.payers = Payers{.patient = {"patient", ""}};
  EXPECT_EQ(ReasonOf(Settle("a").status()), "INSURANCE_NOT_ACTIVE");
  EXPECT_EQ(Get("a")->state, State::kRefused);
  const auto until = env_.Now() + absl::Seconds(3);
  EXPECT_EQ(ReasonOf(env_.Wait(settlement_->Quote(SomeBill(), until)).status()),
            "INSURANCE_NOT_ACTIVE");
  peers_.permission.receiver.area = "";
  EXPECT_EQ(ReasonOf(Transfer("b").status()), "INSURANCE_NOT_ACTIVE");
  EXPECT_EQ(Get("b")->refusal, Refuse(reason::kInsuranceNotActive, {{"psn_no", "receiver"}}));
}

TEST_F(SettlementTest, FutureBillsAreRefused) {
  Bill bill = SomeBill();
  bill.at = env_.BusinessNow() + absl::Hours(1);
  EXPECT_EQ(ReasonOf(Settle("a", bill).status()), "INVALID_FIELD");
}

TEST_F(SettlementTest, CompletionsAreRepeatedUntilBooked_P19) {
  peers_.payers = Payers{
      .patient = {"patient", "310000"},
      .payers = {{.giver_psn_no = "g", .relation_id = "r", .live = false, .giver_area = "510100"}}};
  peers_.amounts_fen["pivot"] = {0, 700};
  peers_.lost_requests["capture/1"] = 5;
  const auto charged = Settle();
  ASSERT_TRUE(charged.ok());
  EXPECT_EQ(charged->operation->state,
            State::kCompleting);  // The caller is answered before everything is booked.
  env_.Advance(absl::Seconds(10));
  EXPECT_EQ(Get("a")->state, State::kDone);
  EXPECT_EQ(peers_.calls, (Calls{"apply pivot", "apply capture/1"}));
  ASSERT_EQ(disk_.totals.size(), 1U);
  EXPECT_EQ(disk_.totals.begin()->second.amount_fen, 700);
}

TEST_F(SettlementTest, TransferFreezesThenGrants_R15) {
  peers_.amounts_fen["freeze"] = {500};
  const auto transfer = Transfer();
  ASSERT_TRUE(transfer.ok()) << transfer.status();
  env_.Advance(absl::Seconds(2));
  EXPECT_EQ(peers_.calls, (Calls{"may take", "apply freeze", "confirm", "apply pivot"}));
  EXPECT_EQ(transfer->operation->freeze_moves[0].amount_fen, 500);
}

TEST_F(SettlementTest, LimitsRefusalIsFinalAndSendsNothing_R16) {
  peers_.place = Refuse(reason::kOutsideTransferHours);
  EXPECT_EQ(ReasonOf(Transfer().status()), "OUTSIDE_TRANSFER_HOURS");
  EXPECT_EQ(peers_.calls, (Calls{"may take"}));
  peers_.place = absl::OkStatus();
  EXPECT_EQ(ReasonOf(Transfer().status()), "OUTSIDE_TRANSFER_HOURS");
}

TEST_F(SettlementTest, LimitsAwayMakesTransfersUnavailable) {
  peers_.place = absl::UnavailableError("away");
  EXPECT_EQ(ReasonOf(Transfer().status()), "PEER_UNAVAILABLE");
  EXPECT_TRUE(peers_.entries().empty());
  peers_.place = absl::OkStatus();
  EXPECT_TRUE(Transfer().ok());
}

TEST_F(SettlementTest, RefusedFreezeDecides_P21) {
  peers_.refusals["freeze"] = Refuse(reason::kInsufficientFunds);
  EXPECT_EQ(ReasonOf(Transfer().status()), "INSUFFICIENT_FUNDS");
  env_.Advance(absl::Seconds(2));
  EXPECT_EQ(peers_.calls, (Calls{"may take", "apply freeze", "give back"}));
}

TEST_F(SettlementTest, RefusedPivotIsUndoneInOrder_P22) {
  peers_.amounts_fen["freeze"] = {500};
  peers_.refusals["pivot"] = Refuse(reason::kWalletNotOpened);
  EXPECT_EQ(ReasonOf(Transfer().status()), "WALLET_NOT_OPENED");
  env_.Advance(absl::Seconds(2));
  EXPECT_EQ(peers_.calls, (Calls{"may take", "apply freeze", "confirm", "apply pivot",
                                 "decide freeze", "apply release", "give back"}));
}

TEST_F(SettlementTest, LostFreezeIsDecidedAfterThePivot_P21) {
  peers_.amounts_fen["freeze"] = {500};
  peers_.lost_replies["freeze"] = 1000;
  EXPECT_EQ(ReasonOf(Transfer().status()), "REQUEST_IN_PROGRESS");
  env_.Advance(absl::Seconds(10));
  const auto undo = std::find(peers_.calls.begin(), peers_.calls.end(), "decide pivot");
  EXPECT_EQ(Calls(undo, peers_.calls.end()),
            (Calls{"decide pivot", "decide freeze", "apply release", "give back"}));
  EXPECT_EQ(Get("a")->state, State::kNever);
}

TEST_F(SettlementTest, UnknownRequestIsClosedByAsking_P11) {
  EXPECT_EQ(Get("a")->state, State::kNever);
  EXPECT_EQ(ReasonOf(Settle("a").status()), "NEVER_HAPPENED");
  EXPECT_EQ(ReasonOf(Transfer("a").status()), "NEVER_HAPPENED");
  EXPECT_TRUE(peers_.calls.empty());
}

TEST_F(SettlementTest, QuoteChangesNothing_R25) {
  peers_.amounts_fen["pivot"] = {400};
  const auto quoted = env_.Wait(settlement_->Quote(SomeBill(), env_.Now() + absl::Seconds(3)));
  ASSERT_TRUE(quoted.ok()) << quoted.status();
  EXPECT_EQ(quoted->acct_pay_fen, 400);
  EXPECT_EQ(quoted->psn_cash_pay_fen, 600);
  EXPECT_TRUE(disk_.operations.empty());
  EXPECT_TRUE(peers_.entries().empty());
}

TEST_F(SettlementTest, ExplainAsksLimitsForEveryGiverOfQuota_R11_R16) {
  peers_.payers = Payers{
      .patient = {"patient", "310000"},
      .payers = {{.giver_psn_no = "live", .relation_id = "l", .live = true, .giver_area = "310000"},
                 {.giver_psn_no = "g", .relation_id = "r", .live = false, .giver_area = "510100"},
                 {.giver_psn_no = "h", .relation_id = "q", .live = false, .giver_area = "510300"}}};
  peers_.payers->payers[2].reasons = {Refuse(reason::kAccountBlocked)};
  peers_.amounts_fen["pivot"] = {100, 200, 300};
  const auto explained = env_.Wait(settlement_->Explain(
      {.psn_no = "patient", .care_area = "310000"}, env_.Now() + absl::Seconds(3)));
  ASSERT_TRUE(explained.ok()) << explained.status();
  EXPECT_EQ(peers_.resolved.psn_no, "patient");
  EXPECT_EQ(peers_.resolved.care_area, "310000");
  EXPECT_EQ(peers_.resolved.at, env_.BusinessNow());
  // One who may not pay is not asked for.
  ASSERT_EQ(peers_.peeked.size(), 1U);
  EXPECT_EQ(peers_.peeked[0].psn_no, "g");
  EXPECT_EQ(peers_.peeked[0].area, "510100");
  EXPECT_EQ(peers_.peeked[0].business_day, FormatDay(BusinessDayOf(env_.BusinessNow())));
  EXPECT_EQ(peers_.peeked[0].at, env_.BusinessNow());
  ASSERT_EQ(explained->payers.size(), 4U);
  EXPECT_EQ(explained->payers[1].psn_no, "g");
  EXPECT_EQ(explained->payers[1].available_fen, 200);
  EXPECT_EQ(explained->payers[1].transfer->left.places, 3);
  EXPECT_FALSE(explained->payers[2].transfer.has_value());
  EXPECT_EQ(explained->payers[3].giver_area, "510300");
  EXPECT_TRUE(disk_.operations.empty());
}

TEST_F(SettlementTest, PlansAreMadeByTheRulesOfTheBillsTime_R40) {
  Bill bill = SomeBill();
  bill.at = env_.BusinessNow() + absl::Minutes(5);  // As far as a clock may be ahead.
  bill.medical_type = "41";
  ASSERT_TRUE(Settle("a", bill).ok());
  EXPECT_EQ(peers_.resolved.at, *bill.at);
  EXPECT_EQ(peers_.resolved.purpose, policy::Purpose::kPharmacy);
  EXPECT_EQ(Get("a")->at, *bill.at);
  bill.at = *bill.at + absl::Milliseconds(1);
  EXPECT_EQ(Settle("b", bill).status(), InvalidField("at", "in the future"));
  ASSERT_TRUE(Transfer("c").ok());
  EXPECT_EQ(peers_.transfer_resolved.giver_psn_no, "giver");
  EXPECT_EQ(peers_.transfer_resolved.receiver_psn_no, "receiver");
  EXPECT_EQ(peers_.transfer_resolved.at, env_.BusinessNow());
}

TEST_F(SettlementTest, AnAttemptIsDecidedWithinItsCallersTime_P21) {
  ASSERT_TRUE(Settle("a").ok());
  EXPECT_EQ(Get("a")->decide_by, env_.Now() + absl::Seconds(3));
  const auto patient =
      env_.Wait(settlement_->Settle(kPlatform, "b", SomeBill(1001), env_.Now() + absl::Hours(1)));
  ASSERT_TRUE(patient.ok());
  EXPECT_EQ(patient->operation->decide_by, env_.Now() + kLongestDecision);
}

TEST_F(SettlementTest, DeposedDriverTellsNothing) {
  const auto other = NewMemorySettlementStore(env_, disk_);
  ASSERT_TRUE(env_.Wait(other->TakeOver()).ok());
  EXPECT_EQ(ReasonOf(Settle().status()), "NOT_WRITER");
  EXPECT_TRUE(peers_.calls.empty());
}

TEST_F(ReturnsTest, CancelWaitsForItsSettlementsCaptures_R27) {
  peers_.lost_requests["capture/1"] = 3;
  const auto settled = Settle("a");
  ASSERT_TRUE(settled.ok());
  // Returned: 700 of quota, 100 of the own account, then the quota into its lot.
  peers_.amounts_fen["pivot"] = {700, 100, 700};
  const auto cancelled = Cancel("b", settled->operation->id);
  ASSERT_TRUE(cancelled.ok()) << cancelled.status();
  EXPECT_EQ(cancelled->operation->As<RefundPlan>()->cash_fen, 200);
  env_.Advance(absl::Seconds(10));
  EXPECT_EQ(peers_.calls,
            (Calls{"apply pivot", "apply pivot", "apply capture/1", "apply restore/1"}));
  EXPECT_EQ(Get("b")->state, State::kDone);
  ASSERT_EQ(disk_.totals.size(), 1U);
  EXPECT_EQ(disk_.totals.begin()->second.refunded_fen, 700);
  Restart();
  EXPECT_TRUE(Cancel("b", settled->operation->id)->replayed);
  EXPECT_EQ(ReasonOf(Cancel("c", settled->operation->id).status()), "ALREADY_REFUNDED");
}

TEST_F(ReturnsTest, CompletionsAreRememberedOnceAfterACrash_R27) {
  peers_.payers->payers.push_back(
      {.giver_psn_no = "h", .relation_id = "q", .live = false, .giver_area = "510100"});
  peers_.amounts_fen["pivot"] = {100, 500, 200};
  peers_.amounts_fen["capture/1"] = {500, 0};
  peers_.amounts_fen["capture/2"] = {0, 200};
  // The outcome is recorded with the first capture; the process ends before the second.
  peers_.lost_requests["capture/2"] = 1000;
  ASSERT_TRUE(Settle("a").ok());
  env_.Advance(absl::Seconds(3));
  Restart();
  peers_.lost_requests.clear();
  env_.Advance(absl::Seconds(10));
  const auto settled = Get("a");
  ASSERT_EQ(settled->state, State::kDone);
  ASSERT_EQ(settled->completion_moves.size(), 2U);
  EXPECT_EQ(settled->completion_moves[1][1].amount_fen, 200);
}

TEST_F(ReturnsTest, UndoneCancelGivesTheRestBack_P23) {
  const auto settled = Settle("a");
  env_.Advance(absl::Seconds(2));
  peers_.lost_requests["pivot"] = 1000;
  EXPECT_EQ(ReasonOf(Cancel("b", settled->operation->id).status()), "REQUEST_IN_PROGRESS");
  EXPECT_EQ(ReasonOf(Cancel("c", settled->operation->id).status()), "REFUND_IN_PROGRESS");
  env_.Advance(absl::Seconds(10));
  peers_.lost_requests.clear();
  peers_.amounts_fen["pivot"] = {700, 100, 700};
  EXPECT_TRUE(Cancel("c", settled->operation->id).ok());
  EXPECT_EQ(ReasonOf(Cancel("b", settled->operation->id).status()), "ALREADY_REFUNDED");
}

TEST_F(ReturnsTest, OnlyChargedSettlementsAreCancelled_R27) {
  EXPECT_EQ(ReasonOf(Cancel("a", "nothing").status()), "OPERATION_UNKNOWN");
  const auto ended = EndQuota("b", "giver");
  ASSERT_TRUE(ended.ok());
  EXPECT_EQ(ReasonOf(Cancel("c", ended->operation->id).status()), "OPERATION_UNKNOWN");
  peers_.refusals["pivot"] = Refuse(reason::kBillAlreadySettled);
  EXPECT_FALSE(Settle("d").ok());
  EXPECT_EQ(ReasonOf(Cancel("e", disk_.requests.at({"platform", "d"})).status()),
            "OPERATION_UNKNOWN");
}

TEST_F(ReturnsTest, EitherSideEndsTheQuota_R15) {
  peers_.amounts_fen["pivot"] = {400};
  for (const std::string actor : {"giver", "receiver"}) {
    const auto ended = EndQuota(actor, actor);
    ASSERT_TRUE(ended.ok()) << ended.status();
    EXPECT_EQ(ended->operation->pivot_moves[0].amount_fen, 400);
    // The relation goes on: its lot stays open.
    EXPECT_TRUE(ended->operation->As<EndPlan>()->pivot.closed_lots.empty());
  }
  env_.Advance(absl::Seconds(2));
  EXPECT_EQ(peers_.calls, (Calls{"apply pivot", "apply return", "apply pivot", "apply return"}));
  EXPECT_EQ(ReasonOf(EndQuota("c", "stranger").status()), "NOT_ALLOWED");
  peers_.relations["r"].ended = true;
  EXPECT_EQ(ReasonOf(EndQuota("f", "giver").status()), "RELATION_ENDED");
  peers_.relations["r"].ended = false;
  peers_.relations["r"].live = true;
  EXPECT_EQ(ReasonOf(EndQuota("d", "giver").status()), "NO_WALLET_RELATION");
  peers_.relations.clear();
  EXPECT_EQ(ReasonOf(EndQuota("e", "giver").status()), "RELATION_UNKNOWN");
}

TEST_F(ReturnsTest, EndedRelationsReturnTheirQuota_P24) {
  peers_.amounts_fen["pivot"] = {400};
  EndRelation();
  env_.Advance(absl::Seconds(2));
  EXPECT_EQ(peers_.calls, (Calls{"apply pivot", "apply return"}));
  const std::string id = disk_.requests.at({kFollowerIdentity, EndRequestId("r")});
  const auto end = env_.Wait(store_->FindById(id));
  EXPECT_EQ((*end)->operation.As<EndPlan>()->pivot.closed_lots,
            (std::vector<std::string>{"person/receiver/lot/r"}));
  EXPECT_EQ(disk_.cursors.at(kRelationStream), 1);
  // The stream may show the same relation again; nothing is done twice.
  EndRelation();
  env_.Advance(absl::Seconds(2));
  EXPECT_EQ(peers_.calls.size(), 2U);
  EXPECT_EQ(disk_.cursors.at(kRelationStream), 2);
}

TEST_F(ReturnsTest, PagesOfChangesAreTakenWithoutAPause_P24) {
  peers_.changes_page = 1;
  peers_.changes.assign(100, peers_.relations["r"]);
  // The follower looks once in this time, and then reads on until it has seen everything.
  env_.Advance(SettlementOptions{}.follow_pace);
  EXPECT_EQ(disk_.cursors.at(kRelationStream), 100);
}

TEST_F(ReturnsTest, EndsAreFollowedAfterBeingDown_P24) {
  peers_.relation_away = true;
  EndRelation();
  env_.Advance(absl::Seconds(5));
  EXPECT_TRUE(peers_.calls.empty());
  Restart();
  peers_.relation_away = false;
  peers_.lost_requests["pivot"] = 20;
  // Nothing decides against an end: its pivot is sent until it is answered, for ever.
  env_.Advance(absl::Minutes(1));
  EXPECT_EQ(peers_.calls, (Calls{"apply pivot", "apply return"}));
}

TEST_F(ReturnsTest, AnEndFoundAfterACrashIsSentAgain_P20) {
  peers_.lost_requests["pivot"] = 3;
  EndRelation();
  env_.Advance(absl::Milliseconds(300));
  EXPECT_TRUE(peers_.calls.empty());
  Restart();
  env_.Advance(absl::Seconds(10));
  EXPECT_EQ(peers_.calls, (Calls{"apply pivot", "apply return"}));
}

}  // namespace
}  // namespace gongji::settlement
