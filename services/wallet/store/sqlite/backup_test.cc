// Copies of a journal that is being written: they are whole, a shard can be started on them, and a
// failure leaves nothing.
#include "services/wallet/store/sqlite/backup.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "services/common/errors/status.h"
#include "services/common/sql/sqlite/sqlite_database.h"
#include "services/common/testing/manual_env.h"
#include "services/common/testing/temporary_folder.h"
#include "services/wallet/store/row_sum.h"
#include "services/wallet/store/sqlite/sqlite_store.h"
#include "services/wallet/store/wallet_store.h"

namespace gongji::wallet {
namespace {

class BackupStoreTest : public testing::Test {
 public:
  ~BackupStoreTest() override {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }

 protected:
  BackupStoreTest() {
    std::filesystem::create_directory(backups_);
    Reopen();
  }

  void Reopen() {
    store_.reset();
    store_ = Open(journal_);
    head_ = *env_.Wait(store_->TakeOver());
  }

  std::unique_ptr<WalletStore> Open(const std::string& path) {
    return *OpenSqliteWalletStore(env_, AllOn(worker_), path);
  }

  // Appends `count` entries in one commit.
  void Append(int count) {
    auto entries = std::make_shared<std::vector<ledger::Entry>>();
    for (int i = 1; i <= count; ++i) {
      const int64_t number = head_.last_number + i;
      entries->push_back({.number = number, .id = "id" + std::to_string(number)});
    }
    ASSERT_TRUE(env_.Wait(store_->Append(head_.epoch, head_.last_number + 1, entries)).ok());
    head_.last_number += count;
  }

  absl::StatusOr<Backup> BackUp(const std::string& directory) {
    const auto backups = OpenBackups(directory);
    return backups_env_.Wait(backups->BackUp());
  }
  absl::StatusOr<Backup> BackUp() { return BackUp(backups_); }

  std::unique_ptr<BackupStore> OpenBackups(const std::string& directory) {
    return *OpenSqliteBackupStore(
        backups_env_, worker_,
        {.journal = journal_, .directory = directory, .name = "wallet31", .page = page_});
  }

  std::vector<std::string> Files() const {
    std::vector<std::string> files;
    for (const auto& file : std::filesystem::directory_iterator(backups_)) {
      files.push_back(file.path());
    }
    return files;
  }

  // Expects that a shard that is started on the backup serves what it has.
  void ExpectServes(const Backup& backup) {
    const std::filesystem::path restored = folder_ / "restored.db";
    std::filesystem::copy_file(backup.path, restored);
    const auto store = Open(restored);
    const auto head = env_.Wait(store->TakeOver());
    ASSERT_TRUE(head.ok()) << head.status();
    EXPECT_EQ(head->last_number, backup.last_number);
    EXPECT_EQ(head->chain, backup.chain);
    const auto original = env_.Wait(store_->Sealed(0, static_cast<int>(backup.last_number)));
    const auto copied = env_.Wait(store->Sealed(0, static_cast<int>(head_.last_number)));
    EXPECT_EQ(copied->entries, original->entries);
  }

  const std::filesystem::path folder_ = MakeTemporaryFolder();
  const std::filesystem::path journal_ = folder_ / "wallet.db";
  const std::filesystem::path backups_ = folder_ / "backups";
  ManualEnv env_;
  ManualEnv backups_env_;  // another thread may use it
  InlineWorker worker_;
  int page_ = 1000;  // entries that are checked at a time
  std::unique_ptr<WalletStore> store_;
  Head head_;
};

TEST_F(BackupStoreTest, IsAJournalUpToItsLastEntry) {
  Append(3);
  const auto backup = BackUp();
  ASSERT_TRUE(backup.ok()) << backup.status();
  EXPECT_EQ(backup->last_number, 3);
  EXPECT_TRUE(backup->path.starts_with((backups_ / "wallet31-000000000003-").string()));
  EXPECT_EQ(Files(), (std::vector{backup->path}));
  Append(1);
  ExpectServes(*backup);
}

TEST_F(BackupStoreTest, IsCheckedInPagesOfAnySize) {
  Append(5);
  for (page_ = 1; page_ <= 6; ++page_) EXPECT_EQ(BackUp()->last_number, 5) << page_;
}

TEST_F(BackupStoreTest, AnEmptyJournalHasOneToo) {
  const auto backup = BackUp();
  ASSERT_TRUE(backup.ok()) << backup.status();
  EXPECT_EQ(backup->last_number, 0);
  ExpectServes(*backup);
}

// A process makes one every night, for years.
TEST_F(BackupStoreTest, NoFileStaysOpen) {
  const auto open_files = [] {
    const std::filesystem::directory_iterator files("/proc/self/fd");
    return std::distance(begin(files), end(files));
  };
  Append(1);
  const auto backups = OpenBackups(backups_);
  const auto before = open_files();
  EXPECT_TRUE(backups_env_.Wait(backups->BackUp()).ok());
  EXPECT_EQ(open_files(), before);
}

// The journal is written all the time; the copy contains a number of whole commits.
TEST_F(BackupStoreTest, ACommitMeanwhileIsInItWhollyOrNotAtAll) {
  constexpr int kBatch = 3;
  Append(1000 * kBatch);
  const auto backups = OpenBackups(backups_);
  std::atomic<bool> ended = false;
  absl::StatusOr<Backup> backup;
  std::thread other([&] {
    backup = backups_env_.Wait(backups->BackUp());
    ended = true;
  });
  int meanwhile = 0;
  for (; !ended || meanwhile == 0; ++meanwhile) Append(kBatch);
  other.join();
  ASSERT_TRUE(backup.ok()) << backup.status();
  EXPECT_GE(backup->last_number, 3000);
  EXPECT_EQ(backup->last_number % kBatch, 0);
  ExpectServes(*backup);
}

TEST_F(BackupStoreTest, WhatAnEarlierProcessLeftIsInNobodysWay) {
  Append(1);
  std::ofstream(backups_ / "wallet31.part") << "half of it";
  ASSERT_TRUE(BackUp().ok());
  EXPECT_EQ(Files().size(), 1U);
}

// The other disk may fail; the shard goes on.
TEST_F(BackupStoreTest, ADirectoryThatIsNotThereIsToldAndNoMore) {
  Append(1);
  EXPECT_EQ(ReasonOf(BackUp(folder_ / "elsewhere").status()), "BACKUP_FAILED");
  Append(1);
}

// A changed row must not become the only copy that is left.
class DamagedBackups : public BackupStoreTest, public testing::WithParamInterface<const char*> {};

TEST_P(DamagedBackups, AreNotMade_P14) {
  Append(3);
  store_.reset();
  {
    const auto database = *sql::Database::OpenSqlite({.path = journal_});
    ASSERT_TRUE(database->Prepared("DROP TRIGGER entries_stay").Run().ok());
    ASSERT_TRUE(database->Prepared("DROP TRIGGER entries_are_kept").Run().ok());
    ASSERT_TRUE(database->Prepared(GetParam()).Run().ok());
  }
  Reopen();
  // On whatever page of the check it lies.
  for (page_ = 1; page_ <= 4; ++page_) {
    EXPECT_EQ(BackUp().status(), Damaged("entries", "2")) << page_;
    EXPECT_TRUE(Files().empty());
  }
}

INSTANTIATE_TEST_SUITE_P(Each, DamagedBackups,
                         testing::Values("UPDATE entries SET body = x'00' WHERE number = 2",
                                         "UPDATE entries SET chain = x'00' WHERE number = 2",
                                         "UPDATE entries SET sum = sum + 1 WHERE number = 2",
                                         "DELETE FROM entries WHERE number = 2"));

}  // namespace
}  // namespace gongji::wallet
