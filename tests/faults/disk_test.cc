// Tests of the disk itself: what survives killed processes, power cuts, failed syncs and a full
// disk, seen through SQLite.
#include "tests/faults/disk.h"

#include <gtest/gtest.h>

#include <limits>
#include <memory>
#include <optional>
#include <string>

#include "services/common/errors/status.h"
#include "services/common/sql/sqlite/sqlite_database.h"
#include "tests/faults/child.h"

namespace gongji::faults {
namespace {

using sql::Blob;
using sql::Database;
using sql::Statement;

constexpr int kSeeds = 200;
constexpr int kCommits = 40;

class DiskTest : public testing::Test {
 protected:
  static std::unique_ptr<Database> Open(const Disk& disk, bool durable = true) {
    return *Database::OpenSqlite({.path = "test.db",
                                  .checkpoint_pages = 20,
                                  .durable = durable,
                                  .vfs = disk.vfs(),
                                  .copy_beside_writer = false});
  }
  static absl::Status Insert(Database& database) {
    const std::string body(1500, 'x');
    return database.Prepared("INSERT INTO numbers (body) VALUES (?1)").Run(Blob{body});
  }
  static std::unique_ptr<Database> Filled(const Disk& disk, bool durable = true) {
    auto database = Open(disk, durable);
    EXPECT_TRUE(
        database
            ->Script("CREATE TABLE IF NOT EXISTS numbers (number INTEGER PRIMARY KEY, body BLOB)")
            .ok());
    return database;
  }
  static int64_t Count(Database& database) {
    int64_t count = 0;
    EXPECT_TRUE(database.Prepared("SELECT count(*) FROM numbers WHERE length(body) = 1500")
                    .ForEach([&](const Statement& row) { count = row.Integer(0); })
                    .ok());
    std::string whole;
    EXPECT_TRUE(database.Prepared("PRAGMA integrity_check")
                    .ForEach([&](const Statement& row) { whole = row.Text(0); })
                    .ok());
    EXPECT_EQ(whole, "ok");
    return count;
  }
  // The fewest commits that are left after power cuts with different seeds.
  static int64_t FewestLeft(bool durable) {
    int64_t fewest = kCommits;
    for (int seed = 1; seed <= kSeeds; ++seed) {
      Disk disk;
      auto database = Filled(disk, durable);
      for (int i = 0; i < kCommits; ++i) EXPECT_TRUE(Insert(*database).ok());
      disk.LosePower(static_cast<uint64_t>(seed));
      database = nullptr;
      if (!disk.Exists("test.db") || disk.Content("test.db").empty()) return 0;
      fewest = std::min(fewest, Count(*Open(disk)));
    }
    return fewest;
  }
};

TEST_F(DiskTest, PowerCutLeavesWhatWasSynced_P10) { EXPECT_EQ(FewestLeft(true), kCommits); }

// The power cut is a real one: without a sync of the log, commits are lost. The rest is whole.
TEST_F(DiskTest, PowerCutTakesWhatWasNotSynced) { EXPECT_LT(FewestLeft(false), kCommits); }

TEST_F(DiskTest, KilledProcessLeavesWhatItWrote_P10) {
  Disk disk;
  auto database = Filled(disk, false);
  for (int i = 0; i < kCommits; ++i) EXPECT_TRUE(Insert(*database).ok());
  disk.EndProcess();
  database = nullptr;
  EXPECT_EQ(Count(*Open(disk)), kCommits);
}

// A copy (0019) may be on another disk than the shard: whatever happens to it, the shard goes on.
TEST_F(DiskTest, ACopyThatFailsIsToldAndNoMore_P13) {
  Disk disk;
  const auto database = Filled(disk);
  for (int i = 0; i < kCommits; ++i) ASSERT_TRUE(Insert(*database).ok());
  disk.SetCapacity(disk.used_bytes() + 20000);
  EXPECT_EQ(ReasonOf(database->CopyTo("full.db")), "DISK_FULL");
  disk.Delete("full.db");
  disk.SetCapacity(std::numeric_limits<int64_t>::max());
  int64_t failed = 0;
  for (bool struck = true; struck; ++failed) {
    disk.Fail(DiskFault{.at = failed + 1});
    const absl::Status copied = database->CopyTo("copy.db");
    struck = disk.accesses() > failed;
    disk.Fail(std::nullopt);
    if (!copied.ok()) EXPECT_EQ(ReasonOf(copied), "BACKUP_FAILED") << copied;
    if (struck) disk.Delete("copy.db");
  }
  EXPECT_GT(failed, kCommits);
  EXPECT_EQ(Count(*database), kCommits);
  const auto copy = Database::OpenSqlite({.path = "copy.db", .vfs = disk.vfs()});
  ASSERT_TRUE(copy.ok()) << copy.status();
  EXPECT_EQ(Count(**copy), kCommits);
}

TEST_F(DiskTest, FullDiskRefusesWritesAndServesReads_P13) {
  Disk disk;
  const auto database = Filled(disk);
  const auto reader = Open(disk);
  EXPECT_TRUE(Insert(*database).ok());
  disk.SetCapacity(disk.used_bytes() + 6000);
  int64_t committed = 1;
  absl::Status status;
  while ((status = Insert(*database)).ok()) ++committed;
  EXPECT_EQ(ReasonOf(status), "DISK_FULL");
  EXPECT_EQ(Count(*reader), committed);
  disk.SetCapacity(1 << 20);
  EXPECT_TRUE(Insert(*database).ok());
  EXPECT_EQ(Count(*reader), committed + 1);
}

// After a failed sync the system's cache shows data that will never be on the disk. A process that
// starts then must not build on it.
TEST_F(DiskTest, NothingRestsOnWhatAFailedSyncHasLost_P12) {
  int stopped = 0;
  for (int64_t at = 1; at <= 60; ++at) {
    Disk disk;
    Filled(disk);
    const ChildEnd child = RunInChild(
        [&] {
          const auto database = Open(disk);
          disk.Fail(DiskFault{.at = at});
          for (int i = 0; i < 3; ++i) Insert(*database).IgnoreError();
          disk.EndProcess();
        },
        [&] { return ToBytes(disk.state()); });
    stopped += child.stopped ? 1 : 0;
    for (uint64_t seed = 1; seed <= 20; ++seed) {
      Disk left(FromBytes(child.left));
      auto database = Open(left);
      EXPECT_TRUE(Insert(*database).ok());
      const int64_t told = Count(*database);
      left.LosePower(seed);
      database = nullptr;
      EXPECT_GE(Count(*Open(left)), told) << "access " << at << " seed " << seed;
    }
  }
  EXPECT_GT(stopped, 10);
}

TEST_F(DiskTest, StateSurvivesBytes) {
  Disk disk;
  auto database = Filled(disk, false);
  for (int i = 0; i < kCommits; ++i) EXPECT_TRUE(Insert(*database).ok());
  Disk copy(FromBytes(ToBytes(disk.state())));
  EXPECT_EQ(Count(*Open(copy)), kCommits);
  EXPECT_EQ(ToBytes(FromBytes(ToBytes(disk.state()))), ToBytes(disk.state()));
}

using DiskDeathTest = DiskTest;

TEST_F(DiskDeathTest, FailedAccessStopsTheProcess_P12) {
  Disk disk;
  const auto database = Filled(disk);
  EXPECT_DEATH(
      {
        disk.Fail(DiskFault{.at = 3});
        Insert(*database).IgnoreError();
      },
      "stopping, the store is read again at the next start");
}

}  // namespace
}  // namespace gongji::faults
