// What the driver tells other services, callers and operators, beside the order of its calls
// (settlement_test.cc): whole questions to limits, the words of refusals, and counters.
#include "services/settlement/driver.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "services/common/errors/reasons.h"
#include "services/settlement/testing/settlement_fixture.h"

namespace gongji::settlement {
namespace {

class DriverTest : public ReturnsTest {
 protected:
  double Count(const std::string& name, const Labels& labels = {}) const {
    return metrics_.Value("gongji_settlement_" + name + "_total", labels);
  }
};

TEST_F(DriverTest, LimitsHearsOfTheSamePlaceFromBeginningToEnd_R16) {
  peers_.refusals["pivot"] = Refuse(reason::kWalletNotOpened);
  ASSERT_FALSE(Transfer().ok());
  env_.Advance(absl::Seconds(2));
  ASSERT_EQ(peers_.places.size(), 3U);  // May take, confirm, give back.
  const Operation transfer = *Get("a");
  for (const PlaceQuestion& place : peers_.places) {
    EXPECT_EQ(place.psn_no, "giver");
    EXPECT_EQ(place.area, "310000");
    EXPECT_EQ(place.business_day, FormatDay(transfer.business_day));
    EXPECT_EQ(place.transfer_id, transfer.id);
    EXPECT_EQ(place.amount_fen, 500);
    EXPECT_EQ(place.at, transfer.at);
  }
  EXPECT_EQ(peers_.holders, (std::vector<std::string>{transfer.id}));
}

TEST_F(DriverTest, PlacesThatNobodyHasAreNotToldToLimits_R16) {
  peers_.free_places = 2;
  ASSERT_TRUE(Transfer().ok());
  env_.Advance(absl::Seconds(2));
  EXPECT_EQ(peers_.holders, (std::vector<std::string>{Get("a")->id}));
}

TEST_F(DriverTest, LedgersRefusalsAreToldInWordsOfTheRequest_R11_R16) {
  peers_.refusals["freeze"] = Refuse(reason::kDailyTransfersUsedUp);
  const absl::Status used_up = Transfer("a").status();
  const Operation refused = *Get("a");
  EXPECT_EQ(used_up,
            Refuse(reason::kDailyTransfersUsedUp,
                   {{"opens", gongji::FormatTime(refused.As<TransferPlan>()->next_opening)}}));
  EXPECT_GT(refused.As<TransferPlan>()->next_opening, env_.BusinessNow());

  const absl::Status closed = Refuse(reason::kAccountClosed, {{"account", "x"}});
  const absl::Status ended = Refuse(reason::kRelationEnded, {{"relation_id", "r"}});
  peers_.refusals = {{"pivot", closed}};
  EXPECT_EQ(Transfer("b").status(), ended);
  EXPECT_EQ(EndQuota("c", "giver").status(), ended);
  // A bill has no relation of its own.
  EXPECT_EQ(Settle("d").status(), closed);
  peers_.refusals = {{"pivot", Refuse(reason::kDailyTransfersUsedUp)}};
  EXPECT_EQ(EndQuota("e", "giver").status(), Refuse(reason::kDailyTransfersUsedUp));
}

TEST_F(DriverTest, ACompletionThatIsRefusedKeepsItsOperationOpen_P19) {
  peers_.refusals["capture/1"] = Refuse(reason::kInsufficientFunds);
  testing::internal::CaptureStdout();
  // The patient is charged, and knows it.
  EXPECT_TRUE(Settle().ok());
  env_.Advance(absl::Seconds(10));
  const std::string log = testing::internal::GetCapturedStdout();
  EXPECT_EQ(Get("a")->state, State::kCompleting);
  EXPECT_EQ(Count("stuck"), 1);
  EXPECT_NE(log.find("a step that cannot be refused was refused"), std::string::npos) << log;
  EXPECT_NE(log.find(Get("a")->id + "/1/capture/1"), std::string::npos) << log;
  EXPECT_NE(log.find("INSUFFICIENT_FUNDS"), std::string::npos) << log;
}

TEST_F(DriverTest, CountsWhatWasUndoneAndReleased) {
  peers_.lost_requests["pivot"] = 1000;
  ASSERT_FALSE(Transfer().ok());
  env_.Advance(absl::Seconds(10));
  EXPECT_EQ(Count("undone"), 1);
  EXPECT_EQ(Count("released"), 1);
  EXPECT_EQ(Count("decided_steps", {{"step", "pivot"}, {"found", "tombstone"}}), 1);
  EXPECT_EQ(Count("decided_steps", {{"step", "freeze"}, {"found", "applied"}}), 1);
  // A refusal is an end, not an attempt that was undone.
  peers_.lost_requests.clear();
  peers_.refusals["pivot"] = Refuse(reason::kWalletNotOpened);
  ASSERT_FALSE(Transfer("b").ok());
  env_.Advance(absl::Seconds(10));
  EXPECT_EQ(Count("undone"), 1);
  EXPECT_EQ(Count("released"), 2);
}

TEST_F(DriverTest, CountsWhatItFindsOpenAtItsStart_P20) {
  EXPECT_EQ(Count("recovered", {{"state", "deciding"}}), 0);
  peers_.lost_requests["capture/1"] = 1000;
  ASSERT_TRUE(Settle("a").ok());
  ASSERT_TRUE(Settle("b").ok());
  env_.Advance(absl::Seconds(5));
  peers_.lost_replies["pivot"] = 1000;
  ASSERT_FALSE(Settle("c").ok());
  Restart();
  EXPECT_EQ(Count("recovered", {{"state", "deciding"}}), 1);
  EXPECT_EQ(Count("recovered", {{"state", "completing"}}), 2);
}

TEST_F(DriverTest, WhatWasRefusedBeforeACrashIsFoundByDeciding_P10) {
  peers_.refusals["pivot"] = Refuse(reason::kBillAlreadySettled);
  peers_.lost_replies["pivot"] = 1000;
  ASSERT_FALSE(Settle().ok());
  Restart();
  env_.Advance(absl::Seconds(1));
  EXPECT_EQ(Get("a")->state, State::kRefused);
  EXPECT_EQ(Count("decided_steps", {{"step", "pivot"}, {"found", "refused"}}), 1);
}

TEST_F(DriverTest, CountsWhatHadToWait_P19) {
  peers_.lost_requests["capture/1"] = 3;
  const auto settled = Settle("a");
  ASSERT_TRUE(settled.ok());
  EXPECT_EQ(Count("awaited_captures"), 0);
  peers_.amounts_fen["pivot"] = {700, 100, 700};
  ASSERT_TRUE(Cancel("b", settled->operation->id).ok());
  env_.Advance(absl::Seconds(10));
  EXPECT_EQ(Count("awaited_captures"), 1);
  EXPECT_EQ(Count("repeated_completions"), 3);
  EXPECT_EQ(Count("early_completions"), 0);

  // What is not a completion is repeated without being counted.
  peers_.amounts_fen["pivot"] = {100, 700};
  peers_.lost_replies["pivot"] = 2;
  peers_.refusals["capture/1"] = Refuse(reason::kEarly);
  ASSERT_TRUE(Settle("c").ok());
  env_.Advance(absl::Milliseconds(100));
  peers_.refusals.clear();
  env_.Advance(absl::Seconds(10));
  EXPECT_EQ(Get("c")->state, State::kDone);
  EXPECT_GT(Count("early_completions"), 0);
  EXPECT_EQ(Count("repeated_completions"), 3);
}

// Operations that wait for a shard do not keep out the others, and a start does not overrun it.
TEST_F(DriverTest, WhatWasOpenIsTakenUpAFewAtATime_P20) {
  peers_.lost_replies["pivot"] = 1000;
  const auto begin = [](Settlement& settlement, std::string id, absl::Time deadline) -> Task<void> {
    (co_await settlement.Settle(kPlatform, id, SomeBill(), deadline)).IgnoreError();
  };
  for (const char* id : {"a", "b", "c", "d", "e"}) {
    scope_->Spawn(begin(*settlement_, id, env_.Now() + absl::Seconds(3)));
  }
  env_.RunReady();
  options_.driver = {.open_page = 2, .recovered_at_once = 2, .recovery_pace = absl::Seconds(1)};
  peers_.calls.clear();
  const auto taken_up = [this] {
    return std::count(peers_.calls.begin(), peers_.calls.end(), "decide pivot");
  };
  Restart();
  env_.RunReady();
  EXPECT_EQ(taken_up(), 2);
  env_.Advance(absl::Seconds(1));
  EXPECT_EQ(taken_up(), 4);
  env_.Advance(absl::Seconds(1));
  EXPECT_EQ(taken_up(), 5);
}

TEST_F(DriverTest, AnAttemptWithoutTimeSendsNothing_P21) {
  EXPECT_EQ(
      ReasonOf(env_.Wait(settlement_->Settle(kPlatform, "a", SomeBill(), env_.Now())).status()),
      "PEER_UNAVAILABLE");
  EXPECT_EQ(peers_.calls, (Calls{"decide pivot"}));
}

// It found out while it wrote down what had become of the operation.
TEST_F(DriverTest, ADriverThatWasReplacedSaysSoAndGoesNoFurther_P20) {
  peers_.lost_requests["pivot"] = 1000;
  ASSERT_FALSE(Settle("a").ok());
  const auto other = NewMemorySettlementStore(env_, disk_);
  ASSERT_TRUE(env_.Wait(other->TakeOver()).ok());
  env_.Advance(absl::Seconds(10));
  EXPECT_EQ(deposed_, 1);
  EXPECT_EQ(ReasonOf(Settle("b").status()), "NOT_WRITER");
  EXPECT_EQ(deposed_, 2);
  EndRelation();
  env_.Advance(absl::Seconds(2));
  EXPECT_GT(deposed_, 2);  // The follower of relations found out too.
  EXPECT_EQ(disk_.cursors[kRelationStream], 0);
}

// Whoever asks for its decision must not wait for one that nobody will make.
TEST_F(DriverTest, WhatWasNotBegunIsNotDriven_P6) {
  Driver driver(env_, *scope_, *store_, peers_, {}, [] {}, metrics_);
  ASSERT_TRUE(env_.Wait(driver.Start()).ok());
  const auto begin = [&](const std::string& id) {
    const SettlePlan plan{.patient_area = "310000", .pivot = {.id = id + "/1/pivot"}};
    auto operation = std::make_shared<Operation>(
        Operation{.id = id, .caller = "platform", .request_id = "a", .version = 1});
    operation->plan = std::make_shared<const Plan>(plan);
    operation->decide_by = env_.Now() + absl::Seconds(1);
    return env_.Wait(driver.Begin(std::make_shared<const OperationWrite>(
        OperationWrite{.operation = std::move(operation), .new_plan = true})));
  };
  peers_.lost_requests["pivot"] = 1000;
  EXPECT_EQ(*begin("first"), nullptr);
  const auto existing = begin("second");
  ASSERT_TRUE(existing.ok()) << existing.status();
  EXPECT_EQ((*existing)->id, "first");
  const absl::Time before = env_.Now();
  EXPECT_EQ(env_.Wait(driver.Decision("second", before + absl::Hours(1))), nullptr);
  EXPECT_EQ(env_.Now(), before);
}

TEST_F(DriverTest, CountsEachEndedRelationOnce_P24) {
  EndRelation();
  env_.Advance(absl::Seconds(2));
  EndRelation();
  env_.Advance(absl::Seconds(2));
  EXPECT_EQ(Count("followed_ends"), 1);
}

}  // namespace
}  // namespace gongji::settlement
