#include "services/settlement/resend.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "services/common/testing/manual_env.h"
#include "services/settlement/settlement.h"
#include "services/settlement/testing/scripted_peers.h"
#include "services/settlement/testing/settlement_store_memory.h"

namespace gongji::settlement {
namespace {

using Calls = std::vector<std::string>;

// Settlement has driven operations; then a shard loses entries.
class ResendTest : public testing::Test {
 protected:
  ResendTest() { EXPECT_TRUE(env_.Wait(settlement_.Start()).ok()); }

  void Transfer(const std::string& id = "t") {
    TransferRequest request{
        .giver_psn_no = "giver", .receiver_psn_no = "receiver", .amount_fen = 500};
    ASSERT_TRUE(env_.Wait(settlement_.Transfer({.identity = "platform"}, id, std::move(request),
                                               env_.Now() + absl::Seconds(3)))
                    .ok());
    env_.Advance(absl::Seconds(1));
    peers_.calls.clear();
  }
  absl::StatusOr<Resent> Resend(const std::string& province, int64_t after = 0) {
    return env_.Wait(settlement_.ResendSteps({.province = province, .number = after, .id = "~"},
                                             100, env_.Now() + absl::Seconds(9)));
  }
  absl::StatusOr<Resent> ResendPage(const BookedStep& after, int limit,
                                    absl::Duration time = absl::Seconds(9)) {
    return env_.Wait(settlement_.ResendSteps(after, limit, env_.Now() + time));
  }
  void Settle(const std::string& id = "s") {
    Bill bill{.psn_no = "patient",
              .institution_code = "H1",
              .care_area = "310000",
              .visit_id = "v-" + id,
              .batch_id = "1"};
    bill.amounts = {.medfee_sum_fen = 1000, .inscp_scp_fen = 1000, .psn_part_fen = 1000};
    const auto settled = env_.Wait(settlement_.Settle({.identity = "platform"}, id, std::move(bill),
                                                      env_.Now() + absl::Seconds(3)));
    ASSERT_TRUE(settled.ok()) << settled.status();
    settlement_id_ = settled->operation->id;
    env_.Advance(absl::Seconds(1));
    peers_.calls.clear();
  }
  std::vector<BookedStep> Steps(const std::string& province) {
    return *env_.Wait(store_->Steps({.province = province}, 100));
  }

  std::string settlement_id_;  // of the last Settle
  ManualEnv env_;
  TaskScope scope_;
  SettlementDisk disk_;
  ScriptedPeers peers_;
  const policy::PolicyBook policies_ = *policy::PolicyBook::Load("policy");
  std::unique_ptr<SettlementStore> store_ = NewMemorySettlementStore(env_, disk_);
  Settlement settlement_{env_, scope_, *store_, peers_, policies_, {}, NullMetrics()};
};

TEST(AsAnsweredTest, BringsWhatItBroughtAndNothingElse) {
  ledger::Transaction step{.id = "o/1/pivot", .not_after = absl::FromUnixSeconds(5)};
  step.wallet_psn_nos = {"p"};
  step.business_day = BusinessDay(2026, 3, 2);
  step.groups.push_back({900, 0, {{.from = "a", .to = "x"}, {.from = "b", .to = "x"}}});
  step.groups.push_back({0, 0, {{.from = "c", .to = "x"}}});
  const auto again =
      AsAnswered(step, {{.amount_fen = 300}, {.amount_fen = 200}, {.amount_fen = 0}});
  EXPECT_EQ(again.id, step.id);
  EXPECT_EQ(again.kind, ledger::Kind::kComplete);
  EXPECT_TRUE(again.wallet_psn_nos.empty());
  EXPECT_EQ(again.not_after, absl::InfiniteFuture());
  EXPECT_FALSE(again.business_day.has_value());
  EXPECT_EQ(again.groups[0].want_fen, 500);
  EXPECT_EQ(again.groups[0].at_least_fen, 500);
  EXPECT_EQ(again.groups[0].moves[0].at_most_fen, 300);
  EXPECT_EQ(again.groups[0].moves[1].at_most_fen, 200);
  EXPECT_EQ(again.groups[1].want_fen, 0);
}

TEST_F(ResendTest, SendsOnlyWhatThatShardBookedAndRemembersTheNewNumbers) {
  peers_.amounts_fen["freeze"] = {500, 0};
  peers_.amounts_fen["pivot"] = {500};
  Transfer();
  const std::vector<BookedStep> before = Steps("31");
  ASSERT_EQ(before.size(), 1U);
  ASSERT_EQ(Steps("51").size(), 1U);
  peers_.Forget("freeze");
  const auto resent = Resend("31");
  ASSERT_TRUE(resent.ok()) << resent.status();
  EXPECT_EQ(resent->booked, 1);
  EXPECT_EQ(resent->differences.size(), 0U);
  EXPECT_FALSE(resent->more);
  EXPECT_EQ(peers_.calls, (Calls{"apply freeze"}));
  ASSERT_EQ(Steps("31").size(), 1U);
  EXPECT_GT(Steps("31").front().number, before.front().number);
  // Sent again, the step is known.
  EXPECT_EQ(Resend("31")->known, 1);
  EXPECT_EQ(Resend("31", 1000)->known, 0);
}

TEST_F(ResendTest, TellsWhatStandsOtherwiseNow) {
  peers_.amounts_fen["pivot"] = {500};
  Transfer();
  peers_.Forget("pivot");
  peers_.amounts_fen["pivot"] = {499};
  const auto resent = Resend("51");
  ASSERT_EQ(resent->differences.size(), 1U);
  EXPECT_EQ(resent->differences.front().why, "move 0 brought 499 fen and not 500");
  peers_.Forget("pivot");
  peers_.refusals["pivot"] = Refuse(reason::kInsufficientFunds);
  EXPECT_EQ(Resend("51")->differences.front().why, "INSUFFICIENT_FUNDS");
}

// The backup contains the freeze of an attempt that was undone, or nothing of it.
TEST_F(ResendTest, AReleaseIsSentOnlyIfItsFreezeStands) {
  peers_.refusals["pivot"] = Refuse(reason::kInsufficientFunds);
  TransferRequest request{.giver_psn_no = "giver", .receiver_psn_no = "receiver", .amount_fen = 5};
  ASSERT_FALSE(env_.Wait(settlement_.Transfer({.identity = "platform"}, "t", std::move(request),
                                              env_.Now() + absl::Seconds(3)))
                   .ok());
  ASSERT_EQ(Steps("31").size(), 1U);
  EXPECT_NE(Steps("31").front().release, "");
  peers_.calls.clear();
  peers_.Forget("release");
  EXPECT_EQ(Resend("31")->booked, 1);
  EXPECT_EQ(peers_.calls, (Calls{"decide freeze", "apply release"}));
  peers_.calls.clear();
  peers_.Forget("release");
  peers_.Forget("freeze");
  EXPECT_EQ(Resend("31")->known, 1);
  EXPECT_EQ(peers_.calls, (Calls{"decide freeze"}));
}

// A pivot that came before another of its lot would take its number.
TEST_F(ResendTest, NothingIsSentPastAStepThatWaits) {
  Transfer("t");
  Transfer("u");
  peers_.Forget("pivot");
  peers_.refusals["pivot"] = Refuse(reason::kEarly);
  const auto waits = Resend("51");
  ASSERT_EQ(waits->differences.size(), 1U);
  EXPECT_EQ(waits->differences.front().why, "EARLY");
  EXPECT_EQ(waits->differences.front().recorded_number, Steps("51").front().number);
  EXPECT_FALSE(waits->more);
  peers_.refusals.clear();
  EXPECT_EQ(Resend("51")->booked, 2);
}

TEST_F(ResendTest, SaysInWhichMoveAnEntryDiffers) {
  peers_.payers->payers = {
      {.giver_psn_no = "g", .relation_id = "r", .live = true, .giver_area = "310000"}};
  peers_.amounts_fen["pivot"] = {100, 700};
  Settle();
  const std::vector<BookedStep> before = Steps("31");
  peers_.Forget("pivot");
  peers_.amounts_fen["pivot"] = {100, 699};
  const auto resent = Resend("31");
  ASSERT_EQ(resent->differences.size(), 1U);
  EXPECT_EQ(resent->differences.front().step_id, before.front().id);
  EXPECT_EQ(resent->differences.front().why, "move 1 brought 699 fen and not 700");
  EXPECT_EQ(resent->booked, 0);
  // A step that stands otherwise keeps the number under which it was recorded.
  EXPECT_EQ(Steps("31"), before);
}

TEST_F(ResendTest, ACompletionIsSentAsItWasAndKeepsItsPlaceInTheLot) {
  peers_.payers->payers = {
      {.giver_psn_no = "g", .relation_id = "r", .live = false, .giver_area = "510100"}};
  peers_.amounts_fen["pivot"] = {100, 700};
  peers_.amounts_fen["capture/1"] = {600, 100};
  Settle();
  peers_.Forget("capture/1");
  const auto again = Resend("51");
  EXPECT_EQ(again->booked, 1);
  EXPECT_TRUE(again->differences.empty());
  EXPECT_EQ(peers_.calls, (Calls{"apply capture/1"}));
  peers_.Forget("pivot");
  peers_.lot_number = 2;
  const auto other = Resend("31");
  ASSERT_EQ(other->differences.size(), 1U);
  EXPECT_EQ(other->differences.front().why, "move 1 is number 2 of its lot and not 1");
}

// What a refund gave back depends on what its settlement had captured.
TEST_F(ResendTest, ARefundsCompletionIsMadeFromItsSettlement_R27) {
  peers_.payers->payers = {
      {.giver_psn_no = "g", .relation_id = "r", .live = false, .giver_area = "510100"}};
  peers_.amounts_fen["pivot"] = {100, 700};
  peers_.amounts_fen["capture/1"] = {600, 100};
  Settle();
  peers_.amounts_fen["pivot"] = {700, 100, 700};
  peers_.amounts_fen["restore/1"] = {100, 600};
  ASSERT_TRUE(
      env_.Wait(settlement_.Cancel({.identity = "platform"}, "c", {.settlement_id = settlement_id_},
                                   env_.Now() + absl::Seconds(3)))
          .ok());
  env_.Advance(absl::Seconds(1));
  peers_.calls.clear();
  peers_.Forget("restore/1");
  const auto resent = Resend("51");
  EXPECT_EQ(resent->known, 1);
  EXPECT_EQ(resent->booked, 1);
  EXPECT_TRUE(resent->differences.empty());
  EXPECT_EQ(peers_.calls, (Calls{"apply capture/1", "apply restore/1"}));
}

TEST_F(ResendTest, AFreezeTakesFromEachBucketWhatItTook) {
  peers_.permission.giver.area = "510100";
  peers_.amounts_fen["freeze"] = {300, 200};
  peers_.amounts_fen["pivot"] = {500};
  Transfer();
  peers_.Forget("freeze");
  const auto resent = Resend("51");
  EXPECT_EQ(resent->booked, 1);
  EXPECT_EQ(resent->known, 1);
  EXPECT_TRUE(resent->differences.empty());
  const ledger::Group& frozen = peers_.sent["freeze"].groups[0];
  EXPECT_EQ(frozen.moves[0].at_most_fen, 300);
  EXPECT_EQ(frozen.moves[1].at_most_fen, 200);
  EXPECT_EQ(peers_.sent["pivot"].groups[0].moves[0].at_most_fen, 500);
}

// The entry is from the step as it was sent the first time, before it was rewritten.
TEST_F(ResendTest, AStepThatStandsWithOtherContentsIsDecided) {
  peers_.amounts_fen["pivot"] = {500};
  Transfer();
  peers_.reused = {"pivot"};
  const auto resent = Resend("51");
  ASSERT_TRUE(resent.ok()) << resent.status();
  EXPECT_EQ(resent->known, 1);
  EXPECT_TRUE(resent->differences.empty());
  EXPECT_EQ(peers_.calls, (Calls{"apply pivot", "decide pivot"}));
}

TEST_F(ResendTest, APageHasAsManyStepsAsWereAskedFor) {
  for (const char* id : {"t", "u", "v"}) Transfer(id);
  const std::vector<BookedStep> steps = Steps("51");
  ASSERT_EQ(steps.size(), 3U);
  const auto first = ResendPage({.province = "51"}, 2);
  EXPECT_EQ(first->known, 2);
  EXPECT_TRUE(first->more);
  EXPECT_EQ(first->last, steps[1]);
  const auto second = ResendPage(first->last, 2);
  EXPECT_EQ(second->known, 1);
  EXPECT_FALSE(second->more);
  EXPECT_EQ(second->last, steps[2]);
}

// A page sends at least one step, however little time there is, so that pages come to an end.
TEST_F(ResendTest, APageEndsAtItsDeadline) {
  for (const char* id : {"t", "u"}) Transfer(id);
  const std::vector<BookedStep> steps = Steps("51");
  const auto first = ResendPage({.province = "51"}, 100, absl::ZeroDuration());
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->last, steps[0]);
  EXPECT_TRUE(first->more);
  const auto last = ResendPage(first->last, 100, absl::ZeroDuration());
  EXPECT_EQ(last->last, steps[1]);
  EXPECT_FALSE(last->more);
}

TEST_F(ResendTest, APageEndsBeforeAStepThatCannotBeSent) {
  Transfer("t");
  Settle();
  Transfer("u");
  const std::vector<BookedStep> steps = Steps("31");
  ASSERT_EQ(steps.size(), 3U);
  peers_.lost_requests["pivot"] = 1000;
  const auto first = ResendPage({.province = "31"}, 100);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->last, steps[0]);
  EXPECT_EQ(first->known, 1);
  EXPECT_TRUE(first->more);
  EXPECT_EQ(peers_.calls, (Calls{"apply freeze"}));
  peers_.lost_requests.clear();
  EXPECT_EQ(ResendPage(first->last, 100)->last, steps[2]);
}

TEST_F(ResendTest, AStepThatWaitsIsRepeatedForAMoment) {
  Transfer();
  peers_.Forget("pivot");
  peers_.refusals["pivot"] = Refuse(reason::kEarly);
  env_.After(absl::Milliseconds(1500), [this] { peers_.refusals.clear(); });
  const auto resent = Resend("51");
  EXPECT_EQ(resent->booked, 1);
  EXPECT_FALSE(resent->waits);
  EXPECT_GT(peers_.calls.size(), 2U);
}

TEST_F(ResendTest, AShardThatIsAwayIsToldAndNothingIsSkipped) {
  Transfer();
  peers_.lost_requests["freeze"] = 1000;
  EXPECT_EQ(Resend("31").status(), PeerUnavailable("wallet/31"));
  peers_.lost_requests.clear();
  EXPECT_EQ(Resend("31")->known, 1);
}

}  // namespace
}  // namespace gongji::settlement
