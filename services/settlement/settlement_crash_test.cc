// The process is stopped at every access to its store, one after the other, and started again: what
// a caller asked for is then done once and whole, or not at all and can be asked for again.
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/common/errors/reasons.h"
#include "services/common/testing/manual_env.h"
#include "services/settlement/follower.h"
#include "services/settlement/settlement.h"
#include "services/settlement/testing/scripted_peers.h"
#include "services/settlement/testing/settlement_store_memory.h"

namespace gongji::settlement {
namespace {

const Caller kPlatform{.identity = "platform"};

// Runs a coroutine and keeps its result from being looked at.
template <class T>
Task<void> Ignored(Task<T> task) {
  (void)co_await std::move(task);
}

class SettlementCrashTest : public testing::Test {
 protected:
  // A fresh world whose process stops for good at the `stops_at`-th access to the store.
  void Begin(int stops_at) {
    End();
    disk_ = SettlementDisk();
    peers_ = std::make_unique<ScriptedPeers>();
    peers_->relations["r"] = {.relation_id = "r",
                              .giver_psn_no = "giver",
                              .receiver_psn_no = "receiver",
                              .giver_area = "310000",
                              .receiver_area = "510100"};
    peers_->payers = Payers{
        .patient = {"patient", "310000"},
        .payers = {
            {.giver_psn_no = "g", .relation_id = "r", .live = false, .giver_area = "510100"}}};
    peers_->amounts_fen["pivot"] = {100, 700};
    peers_->amounts_fen["freeze"] = {500};
    peers_->amounts_fen["capture/1"] = {700};
    Start(stops_at);
  }

  void Start(int stops_at) {
    accesses_ = 0;
    scope_ = std::make_unique<TaskScope>();
    store_ = NewMemorySettlementStore(env_, disk_, [this, stops_at] {
      return ++accesses_ == stops_at ? absl::Hours(1000) : absl::ZeroDuration();
    });
    settlement_ = std::make_unique<Settlement>(env_, *scope_, *store_, *peers_, policies_,
                                               SettlementOptions{}, NullMetrics());
    scope_->Spawn(Ignored(settlement_->Start()));
    env_.Advance(absl::Seconds(1));
  }

  void End() {
    settlement_.reset();
    store_.reset();
    scope_.reset();
  }

  // Asks without waiting for an answer.
  template <class T>
  void Ask(Task<T> task) {
    scope_->Spawn(Ignored(std::move(task)));
    env_.Advance(absl::Seconds(3));
  }

  // Does `work` in a world that stops at each access in turn, until one does not; after each stop
  // and new start, when everything has come to its end, `check` must hold.
  void StopEverywhere(const std::function<void()>& work, const std::function<void()>& check) {
    for (int stops_at = 1; stops_at < 1000; ++stops_at) {
      SCOPED_TRACE(absl::StrCat("stopped at access ", stops_at));
      Begin(stops_at);
      work();
      const bool went_through = accesses_ < stops_at;
      End();
      Start(0);
      env_.Advance(absl::Seconds(30));
      check();
      if (went_through || HasFailure()) return;
    }
    FAIL() << "never goes through";
  }

  // How often each step ("pivot", "capture/1") was applied, over all attempts.
  std::map<std::string, int> Applied() const {
    std::map<std::string, int> applied;
    for (const auto& [id, entry] : peers_->entries()) {
      if (entry.outcome != ledger::Outcome::kApplied) continue;
      const std::vector<std::string> parts = absl::StrSplit(id, absl::MaxSplits('/', 2));
      ++applied[parts[2]];
    }
    return applied;
  }

  void ExpectNothingOpen() {
    const auto open = env_.Wait(store_->Open("", 100));
    ASSERT_TRUE(open.ok()) << open.status();
    EXPECT_TRUE(open->empty());
  }

  Task<absl::StatusOr<OperationView>> Settle() {
    Bill bill{.psn_no = "patient",
              .institution_code = "H1",
              .care_area = "310000",
              .visit_id = "v",
              .batch_id = "1"};
    bill.amounts = {.medfee_sum_fen = 1000, .inscp_scp_fen = 1000, .psn_part_fen = 1000};
    return settlement_->Settle(kPlatform, "bill", std::move(bill), env_.Now() + absl::Seconds(2));
  }
  Task<absl::StatusOr<OperationView>> Transfer() {
    TransferRequest request{
        .giver_psn_no = "giver", .receiver_psn_no = "receiver", .amount_fen = 500};
    return settlement_->Transfer(kPlatform, "transfer", std::move(request),
                                 env_.Now() + absl::Seconds(2));
  }

  ManualEnv env_;
  SettlementDisk disk_;
  std::unique_ptr<ScriptedPeers> peers_;
  const policy::PolicyBook policies_ = *policy::PolicyBook::Load("policy");
  int accesses_ = 0;
  std::unique_ptr<TaskScope> scope_;
  std::unique_ptr<SettlementStore> store_;
  std::unique_ptr<Settlement> settlement_;
};

TEST_F(SettlementCrashTest, ABillIsChargedOnceAndWhole_P10_P19) {
  StopEverywhere([this] { Ask(Settle()); },
                 [this] {
                   const auto settled = env_.Wait(Settle());
                   ASSERT_TRUE(settled.ok()) << settled.status();
                   env_.Advance(absl::Seconds(30));
                   ExpectNothingOpen();
                   EXPECT_EQ(Applied(),
                             (std::map<std::string, int>{{"pivot", 1}, {"capture/1", 1}}));
                   EXPECT_EQ(disk_.totals.size(), 1U);
                 });
}

TEST_F(SettlementCrashTest, ATransferIsMadeOnceAndAnUndoneOneReleased_P10_P22) {
  StopEverywhere([this] { Ask(Transfer()); },
                 [this] {
                   const auto made = env_.Wait(Transfer());
                   ASSERT_TRUE(made.ok()) << made.status();
                   env_.Advance(absl::Seconds(30));
                   ExpectNothingOpen();
                   auto applied = Applied();
                   EXPECT_EQ(applied["pivot"], 1);
                   EXPECT_EQ(applied["freeze"], 1 + applied["release"]);
                 });
}

TEST_F(SettlementCrashTest, ASettlementIsTakenBackOnce_P10_P23) {
  std::string settlement_id;
  const auto cancel = [&] {
    return settlement_->Cancel(kPlatform, "cancel", {.settlement_id = settlement_id},
                               env_.Now() + absl::Seconds(2));
  };
  StopEverywhere(
      [&] {
        Ask(Settle());
        const auto found = disk_.requests.find({kPlatform.identity, "bill"});
        settlement_id = found == disk_.requests.end() ? "" : found->second;
        Ask(cancel());
      },
      [&] {
        settlement_id = env_.Wait(Settle())->operation->id;
        const auto cancelled = env_.Wait(cancel());
        ASSERT_TRUE(cancelled.ok()) << cancelled.status();
        env_.Advance(absl::Seconds(30));
        ExpectNothingOpen();
        auto applied = Applied();
        EXPECT_EQ(applied["pivot"], 2) << "the bill and its refund";
        const auto again = env_.Wait(settlement_->Cancel(
            kPlatform, "another", {.settlement_id = settlement_id}, env_.Now() + absl::Seconds(2)));
        EXPECT_EQ(ReasonOf(again.status()), "ALREADY_REFUNDED");
      });
}

// The end of a relation is found on relation's stream, by nobody's request.
TEST_F(SettlementCrashTest, TheEndOfARelationIsFollowedOnce_P20_P24) {
  StopEverywhere(
      [this] {
        RelationState ended = peers_->relations["r"];
        ended.ended = true;
        peers_->changes.push_back(ended);
        env_.Advance(absl::Seconds(3));
      },
      [this] {
        ExpectNothingOpen();
        EXPECT_EQ(Applied(), (std::map<std::string, int>{{"pivot", 1}, {"return", 1}}));
        EXPECT_EQ(disk_.cursors.at(kRelationStream), 1);
      });
}

}  // namespace
}  // namespace gongji::settlement
