// What operators see of the writer of a shard, and how it starts on a tail of any length. What
// callers see is in wallet_test.cc.
#include "services/wallet/writer/writer.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/common/errors/reasons.h"
#include "services/common/testing/manual_env.h"
#include "services/common/testing/recorded_metrics.h"
#include "services/wallet/testing/wallet_store_memory.h"
#include "services/wallet/wallet.h"

namespace gongji::wallet {
namespace {

class WriterTest : public testing::Test {
 protected:
  WriterTest() {
    options_.on_deposed = [this] { ++deposed_; };
  }

  absl::Status Start() {
    wallet_.reset();
    scope_ = std::make_unique<TaskScope>();
    store_ = NewMemoryWalletStore(env_, disk_,
                                  {.full =
                                       [this] {
                                         ++writes_;
                                         return false;
                                       },
                                   .tables_full = [this] { return tables_full_; }});
    metrics_ = std::make_unique<RecordedMetrics>();
    wallet_ = std::make_unique<Wallet>(env_, *scope_, *store_, options_, *metrics_);
    return env_.Wait(wallet_->Start());
  }
  absl::Status Contribute(const std::string& id, const std::string& psn_no = "p") {
    std::vector<Contribution> one = {
        {.line_id = id, .psn_no = psn_no, .current_fen = 1, .year = 2026, .source = "employer"}};
    const Caller platform{.identity = "platform"};
    return env_.Wait(wallet_->Contribute(platform, std::move(one))).front().status();
  }
  // Entries that only tombstone a step.
  void Grow(int64_t count) {
    for (int64_t last = disk_.head.last_number + count; disk_.head.last_number < last;) {
      ledger::Entry entry{.number = ++disk_.head.last_number,
                          .outcome = ledger::Outcome::kTombstone};
      entry.id = absl::StrCat("step/", entry.number);
      entry.status = Refuse(reason::kStepTombstoned);
      disk_.journal.push_back(std::move(entry));
    }
  }
  double Value(const std::string& name) const { return metrics_->Value("gongji_wallet_" + name); }

  ManualEnv env_;
  WalletDisk disk_;
  bool tables_full_ = false;
  int writes_ = 0;
  int deposed_ = 0;
  WriterOptions options_;
  std::unique_ptr<RecordedMetrics> metrics_;
  std::unique_ptr<TaskScope> scope_;
  std::unique_ptr<WalletStore> store_;
  std::unique_ptr<Wallet> wallet_;
};

TEST_F(WriterTest, CountsItsEntries) {
  ASSERT_TRUE(Start().ok());
  EXPECT_EQ(Value("writing"), 1);
  EXPECT_EQ(Value("entries_total"), 0);
  ASSERT_TRUE(Contribute("a").ok());
  ASSERT_TRUE(Contribute("a").ok());  // A repetition is no entry.
  ASSERT_TRUE(Contribute("b").ok());
  EXPECT_EQ(Value("entries_total"), 2);
  EXPECT_EQ(Value("years_closed_total"), 0);
  EXPECT_EQ(Value("redone_total"), 0);
  ASSERT_TRUE(Start().ok());
  EXPECT_EQ(Value("redone_total"), 2);
  EXPECT_EQ(Value("entries_total"), 0);
}

TEST_F(WriterTest, CountsTheYearsItCloses_R13) {
  options_.sweep_years = true;
  env_.SetBusinessTime(*ParseTime("2026-12-31T12:00:00+08:00"));
  ASSERT_TRUE(Start().ok());
  env_.Advance(absl::Seconds(1));
  EXPECT_EQ(Value("swept_year"), 2026);
  for (const char* psn_no : {"p", "q", "r"}) ASSERT_TRUE(Contribute(psn_no, psn_no).ok());
  env_.SetBusinessTime(*ParseTime("2027-01-01T00:00:00+08:00"));
  env_.Advance(absl::Seconds(20));
  EXPECT_EQ(Value("years_closed_total"), 3);
  EXPECT_EQ(Value("entries_total"), 6);
  EXPECT_EQ(Value("swept_year"), 2027);
}

// Other writes come between two batches of a sweep, and a sweep of a million persons has to end.
TEST_F(WriterTest, ASweepClosesSixteenYearsInABatch_R13) {
  env_.SetBusinessTime(*ParseTime("2026-12-31T12:00:00+08:00"));
  ASSERT_TRUE(Start().ok());
  for (int i = 0; i < 33; ++i) {
    const std::string psn_no = absl::StrCat("p", i);
    ASSERT_TRUE(Contribute(psn_no, psn_no).ok());
  }
  ASSERT_TRUE(env_.Wait(wallet_->Save()).ok());
  env_.SetBusinessTime(*ParseTime("2027-01-01T00:00:00+08:00"));
  writes_ = 0;
  ASSERT_TRUE(env_.Wait(wallet_->SweepYears()).ok());
  EXPECT_EQ(Value("years_closed_total"), 33);
  EXPECT_EQ(writes_, 3);
}

TEST_F(WriterTest, ADeposedWriterSaysSoOnce) {
  ASSERT_TRUE(Start().ok());
  const auto other = NewMemoryWalletStore(env_, disk_);
  ASSERT_TRUE(env_.Wait(other->TakeOver()).ok());
  EXPECT_EQ(ReasonOf(Contribute("a")), "NOT_WRITER");
  EXPECT_EQ(ReasonOf(Contribute("b")), "NOT_WRITER");
  EXPECT_EQ(deposed_, 1);
  EXPECT_EQ(Value("writing"), 0);
  EXPECT_EQ(Value("entries_total"), 0);
}

TEST_F(WriterTest, AWriterThatClosesWritesNothingMoreAndLeavesNoTail) {
  ASSERT_TRUE(Start().ok());
  ASSERT_TRUE(Contribute("a").ok());
  EXPECT_EQ(disk_.head.saved_number, 0);
  EXPECT_TRUE(env_.Wait(wallet_->Close()).ok());
  EXPECT_EQ(disk_.head.saved_number, 1);
  EXPECT_EQ(Value("writing"), 0);
  EXPECT_EQ(ReasonOf(Contribute("b")), "NOT_WRITER");
  EXPECT_EQ(ReasonOf(env_.Wait(wallet_->Close())), "NOT_WRITER");
  EXPECT_EQ(deposed_, 0);  // It left of its own accord.
}

// A long tail is saved on the way, so that the next start need not redo it.
TEST_F(WriterTest, AStartRedoesATailOfAnyLength_P5) {
  Grow(2500);
  options_.saves.save_every = 2000;
  ASSERT_TRUE(Start().ok());
  EXPECT_EQ(Value("redone_total"), 2500);
  EXPECT_EQ(disk_.head.saved_number, 2000);
  ASSERT_TRUE(Start().ok());
  EXPECT_EQ(Value("redone_total"), 500);
}

TEST_F(WriterTest, ATailBelowTheBoundIsNotSavedAtStart) {
  Grow(1999);
  options_.saves.save_every = 2000;
  ASSERT_TRUE(Start().ok());
  EXPECT_EQ(disk_.head.saved_number, 0);
}

// Tables without room are tolerated until the tail is as long as it may be.
TEST_F(WriterTest, AStartWithFullTablesIsBounded_P13) {
  Grow(2999);
  options_.saves.save_every = 1000;
  options_.saves.max_tail = 3000;
  tables_full_ = true;
  EXPECT_TRUE(Start().ok());
  EXPECT_EQ(Value("redone_total"), 2999);
  Grow(1);
  EXPECT_EQ(ReasonOf(Start()), "DISK_FULL");
  tables_full_ = false;
  EXPECT_TRUE(Start().ok());
  EXPECT_EQ(disk_.head.saved_number, 3000);
}

}  // namespace
}  // namespace gongji::wallet
