// When the tables are saved, in which slices, and what happens if they cannot be.
#include "services/wallet/writer/table_saver.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/common/errors/reasons.h"
#include "services/common/testing/manual_env.h"
#include "services/common/testing/recorded_metrics.h"
#include "services/wallet/testing/wallet_store_memory.h"

namespace gongji::wallet {
namespace {

constexpr int64_t kSaveEvery = 100;
constexpr int64_t kMaxTail = 200;
constexpr size_t kSliceRows = 10;

// A journal of entries that change nothing, so that slices consist of their ids.
class TableSaverTest : public testing::Test {
 protected:
  TableSaverTest() { saver_.Start(*env_.Wait(store_->TakeOver())); }

  void Note(int64_t count) {
    for (; count > 0; --count) {
      const ledger::Entry entry{.number = ++number_, .id = absl::StrCat("e", number_)};
      disk_.journal.push_back(entry);
      disk_.head.last_number = number_;
      saver_.Note(entry);
    }
  }
  // Notes one entry more after the other until a save begins; returns how many.
  int64_t NotedUntilASaveBegins() {
    const size_t before = ids_before_.size();
    for (int64_t noted = 1; noted <= 10 * kSaveEvery; ++noted) {
      Note(1);
      saver_.SaveIfDue();
      env_.RunReady();
      if (ids_before_.size() > before) return noted;
    }
    return 0;
  }
  // How many ids each slice of a save had, but for the last one.
  std::vector<size_t> SlicesOf(int64_t entries) {
    Note(entries);
    ids_before_.clear();
    EXPECT_TRUE(env_.Wait(saver_.SaveOnce()).ok());
    std::vector<size_t> sizes;
    for (size_t i = 1; i < ids_before_.size(); ++i) {
      sizes.push_back(ids_before_[i] - ids_before_[i - 1]);
    }
    return sizes;
  }

  ManualEnv env_;
  TaskScope scope_;
  WalletDisk disk_;
  bool full_ = false;
  bool durable_ = true;
  int64_t more_during_save_ = 0;  // entries that come while the next slice is on its way
  int deposed_ = 0;
  std::vector<size_t> ids_before_;  // each write of the tables
  const std::unique_ptr<WalletStore> store_ =
      NewMemoryWalletStore(env_, disk_, {.tables_full = [this] {
                             ids_before_.push_back(disk_.ids.size());
                             return full_;
                           }});
  int64_t number_ = 0;
  Book book_;
  RecordedMetrics metrics_;
  TableSaver saver_{env_,
                    scope_,
                    *store_,
                    book_,
                    {.newest = [this] { return Anchor{number_, absl::StrCat("e", number_)}; },
                     .durable = [this]() -> Task<bool> {
                       Note(std::exchange(more_during_save_, 0));
                       co_return std::exchange(durable_, true);
                     },
                     .on_not_writer = [this] { ++deposed_; }},
                    {.save_every = kSaveEvery, .max_tail = kMaxTail, .slice_rows = kSliceRows},
                    metrics_};
};

struct SliceCase {
  int64_t tail;
  size_t times;  // how often kSliceRows a slice has
};

class Slices : public TableSaverTest, public testing::WithParamInterface<SliceCase> {};

// Slices grow evenly to eight times their length while the tail grows from the one bound to the
// other.
TEST_P(Slices, GrowAsWritesComeCloserToWaiting_P13) {
  const std::vector<size_t> sizes = SlicesOf(GetParam().tail);
  ASSERT_FALSE(sizes.empty());
  for (const size_t size : sizes) EXPECT_EQ(size, GetParam().times * kSliceRows);
  EXPECT_EQ(disk_.head.saved_number, GetParam().tail);
  EXPECT_EQ(disk_.ids.size(), static_cast<size_t>(GetParam().tail));
  EXPECT_EQ(saver_.tail(), 0);
}

INSTANTIATE_TEST_SUITE_P(Tails, Slices,
                         testing::Values(SliceCase{11, 1}, SliceCase{100, 1}, SliceCase{112, 1},
                                         SliceCase{113, 2}, SliceCase{150, 5}, SliceCase{187, 7},
                                         SliceCase{188, 8}, SliceCase{200, 8}, SliceCase{500, 8}),
                         [](const auto& row) { return absl::StrCat("Tail", row.param.tail); });

TEST_F(TableSaverTest, SavesOnceSoManyEntriesAreMissing) {
  EXPECT_EQ(NotedUntilASaveBegins(), kSaveEvery);
  EXPECT_EQ(disk_.head.saved_number, kSaveEvery);
  EXPECT_EQ(NotedUntilASaveBegins(), kSaveEvery);
  EXPECT_EQ(metrics_.Value("gongji_wallet_saves_total"), 2);
  EXPECT_EQ(metrics_.Value("gongji_wallet_failed_saves_total"), 0);
}

TEST_F(TableSaverTest, TriesAgainSomewhatLaterWhatFailed_P13) {
  full_ = true;
  testing::internal::CaptureStdout();
  EXPECT_EQ(NotedUntilASaveBegins(), kSaveEvery);
  EXPECT_EQ(NotedUntilASaveBegins(), kSaveEvery / 10);
  const std::string log = testing::internal::GetCapturedStdout();
  EXPECT_NE(log.find("the tables cannot be saved"), std::string::npos) << log;
  EXPECT_EQ(log.find("the tables cannot be saved"), log.rfind("the tables cannot be saved"));
  EXPECT_EQ(ReasonOf(env_.Wait(saver_.SaveOnce())), "DISK_FULL");
  EXPECT_EQ(metrics_.Value("gongji_wallet_failed_saves_total"), 3);
  EXPECT_EQ(disk_.head.saved_number, 0);
  full_ = false;
  EXPECT_TRUE(env_.Wait(saver_.SaveAll()).ok());
  EXPECT_EQ(disk_.head.saved_number, number_);
  EXPECT_EQ(metrics_.Value("gongji_wallet_saves_total"), 1);
}

TEST_F(TableSaverTest, WhatIsNotSavedYetIsInTheTail_P6) {
  Note(3);
  EXPECT_EQ(saver_.tail(), 3);
  EXPECT_EQ(saver_.NumberInTail("e2"), 2);
  EXPECT_EQ(saver_.NumberInTail("e4"), 0);
  ASSERT_TRUE(env_.Wait(saver_.SaveAll()).ok());
  EXPECT_EQ(saver_.NumberInTail("e2"), 0);
  EXPECT_EQ(saver_.tail(), 0);
  EXPECT_EQ(saver_.saved_number(), 3);
  EXPECT_EQ(disk_.ids, (std::map<std::string, int64_t>{{"e1", 1}, {"e2", 2}, {"e3", 3}}));
}

TEST_F(TableSaverTest, ASliceWhoseChangesWereTakenBackIsTakenAnew_P1) {
  Note(2);
  durable_ = false;
  EXPECT_TRUE(env_.Wait(saver_.SaveAll()).ok());
  EXPECT_EQ(ids_before_, (std::vector<size_t>{0}));
  EXPECT_EQ(disk_.head.saved_number, 2);
}

TEST_F(TableSaverTest, AnotherWriterOfTheTablesIsTold) {
  Note(2);
  ASSERT_TRUE(env_.Wait(store_->TakeOver()).ok());
  EXPECT_EQ(ReasonOf(env_.Wait(saver_.SaveAll())), "NOT_WRITER");
  EXPECT_EQ(deposed_, 1);
  EXPECT_EQ(disk_.head.saved_number, 0);
}

TEST_F(TableSaverTest, NothingIsWrittenAfterTheEnd) {
  Note(2);
  saver_.Stop();
  EXPECT_EQ(ReasonOf(env_.Wait(saver_.SaveAll())), "NOT_WRITER");
  EXPECT_TRUE(disk_.ids.empty());
}

// Slices of exactly the size of a save do not end it early or late.
TEST_F(TableSaverTest, ASaveOfWholeSlicesEndsWithAnEmptyOne) {
  EXPECT_EQ(SlicesOf(20), (std::vector<size_t>{10, 10}));
  EXPECT_EQ(disk_.head.saved_number, 20);
}

TEST_F(TableSaverTest, EntriesThatComeDuringASaveWaitForTheNext) {
  Note(15);
  more_during_save_ = 3;
  ASSERT_TRUE(env_.Wait(saver_.SaveOnce()).ok());
  EXPECT_EQ(disk_.head.saved_number, 15);
  EXPECT_EQ(saver_.tail(), 3);
  ASSERT_TRUE(env_.Wait(saver_.SaveAll()).ok());
  EXPECT_EQ(disk_.head.saved_number, 18);
  EXPECT_EQ(disk_.ids.size(), 18U);
}

}  // namespace
}  // namespace gongji::wallet
