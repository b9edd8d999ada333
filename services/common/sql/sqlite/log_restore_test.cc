// Damages the log of a killed process as a crash or a bad disk would, and checks what is refused as
// damage and what only costs the last commit.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "services/common/errors/status.h"
#include "services/common/sql/sqlite/sqlite_database.h"
#include "services/common/testing/temporary_folder.h"

namespace gongji::sql {
namespace {

constexpr int64_t kCommits = 60;
constexpr size_t kFrameBytes = 4096 + 24;

// A database whose process was killed: nearly all of it is in the log.
class LogRestoreTest : public testing::Test {
 public:
  ~LogRestoreTest() override { std::filesystem::remove_all(folder_); }

 protected:
  LogRestoreTest() {
    std::fflush(nullptr);
    const pid_t child = fork();
    if (child == 0) Fill();
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    whole_ = Bytes();
  }

  [[noreturn]] void Fill() const {
    const auto database = *Database::OpenSqlite({.path = path_});
    bool ok = database->Script("CREATE TABLE numbers (number INTEGER PRIMARY KEY, body BLOB)").ok();
    const std::string body(3000, 'x');
    for (int64_t i = 0; i < kCommits; ++i) {
      ok = ok && database->Prepared("INSERT INTO numbers (body) VALUES (?1)").Run(Blob{body}).ok();
    }
    // Ends without closing the database.
    _exit(ok ? 0 : 1);
  }

  absl::StatusOr<int64_t> Count() const {
    ASSIGN_OR_RETURN(const auto database, Database::OpenSqlite({.path = path_}));
    int64_t count = 0;
    RETURN_IF_ERROR(
        database->Prepared("SELECT count(*) FROM numbers").ForEach([&](const Statement& row) {
          count = row.Integer(0);
        }));
    return count;
  }
  // Counts with this log, on files as the killed process left them.
  absl::StatusOr<int64_t> CountWith(const std::string& log) {
    const std::string database = ReadFile(path_);
    WriteFile(log_, log);
    const auto count = Count();
    WriteFile(path_, database);
    return count;
  }

  std::string Bytes() const { return ReadFile(log_); }
  static std::string ReadFile(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }
  static void WriteFile(const std::filesystem::path& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  }
  static std::string Changed(std::string bytes, size_t at) {
    bytes[at] = static_cast<char>(bytes[at] ^ 4);
    return bytes;
  }
  const std::filesystem::path folder_ = MakeTemporaryFolder();
  const std::filesystem::path path_ = folder_ / "test.db";
  const std::filesystem::path log_ = folder_ / "test.db-wal";
  std::string whole_;
};

TEST_F(LogRestoreTest, WholeLogIsRead_P10) {
  ASSERT_GT(whole_.size(), 2 * kCommits * kFrameBytes);
  const auto count = CountWith(whole_);
  ASSERT_TRUE(count.ok()) << count.status();
  EXPECT_EQ(*count, kCommits);
}

// SQLite alone takes the changed byte for the end of the log and drops what follows.
TEST_F(LogRestoreTest, ChangedByteBeforeOtherCommitsIsFound_P14) {
  // Changed in turn: the header, a frame's header with its salts and sums, and bytes of pages
  // throughout, up to the last two commits, of two or three frames each.
  for (size_t at = 0; at < 32 + 24 + 8; ++at) {
    EXPECT_EQ(ReasonOf(CountWith(Changed(whole_, at)).status()), "ROW_DAMAGED") << at;
  }
  // Another byte order, another size of pages, and no first sector at all.
  std::string other = whole_;
  other[3] = static_cast<char>(other[3] ^ 1);
  EXPECT_EQ(ReasonOf(CountWith(other).status()), "ROW_DAMAGED");
  for (const char size : {'\x08', '\x20', '\x40'}) {
    other = whole_;
    other[10] = size;
    EXPECT_EQ(ReasonOf(CountWith(other).status()), "ROW_DAMAGED");
  }
  other = std::string(512, '\0') + whole_.substr(512);
  EXPECT_EQ(ReasonOf(CountWith(other).status()), "ROW_DAMAGED");
  for (size_t at = 32; at < whole_.size() - 7 * kFrameBytes; at += 7919) {
    EXPECT_EQ(ReasonOf(CountWith(Changed(whole_, at)).status()), "ROW_DAMAGED") << at;
  }
}

// A crash may leave the last commit in pieces, or less of it, or a hole in it: that is no damage.
TEST_F(LogRestoreTest, TornLastCommitIsNoDamage_P10) {
  for (size_t cut = 1; cut < kFrameBytes; cut += 500) {
    const auto count = CountWith(whole_.substr(0, whole_.size() - cut));
    ASSERT_TRUE(count.ok()) << count.status();
    EXPECT_EQ(*count, kCommits - 1);
  }
  for (size_t back = 100; back < kFrameBytes; back += 500) {
    const auto count = CountWith(Changed(whole_, whole_.size() - back));
    ASSERT_TRUE(count.ok()) << count.status();
    EXPECT_EQ(*count, kCommits - 1);
  }
}

// The first write to a log that was copied back replaces its header, and may be half done.
TEST_F(LogRestoreTest, TornHeaderOfALogThatWasCopiedBackIsNoDamage_P10) {
  WriteFile(log_, whole_);
  {
    const auto database = *Database::OpenSqlite({.path = path_});
    ASSERT_TRUE(database->Prepared("PRAGMA wal_checkpoint(TRUNCATE)").ForEach([](auto&) {}).ok());
  }
  for (size_t at = 0; at < 32; ++at) {
    const auto count = CountWith(Changed(whole_, at));
    ASSERT_TRUE(count.ok()) << at << count.status();
    EXPECT_EQ(*count, kCommits);
  }
  // Behind it may be frames that an older log has left, which do not belong to it.
  std::string older;
  for (size_t frame = 0; frame < 5; ++frame) {
    older += Changed(whole_.substr(32 + frame * kFrameBytes, kFrameBytes), 8);
  }
  const auto count = CountWith(Changed(whole_, 20) + older);
  ASSERT_TRUE(count.ok()) << count.status();
  EXPECT_EQ(*count, kCommits);
  // A log that may hold something that exists nowhere else is still damage.
  const std::string gap = Changed(whole_, 32 + 5 * kFrameBytes + 100);
  EXPECT_EQ(ReasonOf(CountWith(Changed(gap, 20)).status()), "ROW_DAMAGED");
}

// Sectors that a disk lost read as zeros. One frame may be what a crash left, several are not.
TEST_F(LogRestoreTest, AnEmptyLogIsDamageOnceItHasSeveralFrames_P14) {
  for (size_t frames = 0; frames < 4; ++frames) {
    WriteFile(log_, std::string(32 + frames * kFrameBytes, '\0'));
    const absl::Status opened = Database::OpenSqlite({.path = path_}).status();
    EXPECT_EQ(ReasonOf(opened), frames > 1 ? "ROW_DAMAGED" : "") << frames << opened;
  }
}

// The last commit was never finished: it is no reason to read a log twice, and none to throw away
// one whose commits are nowhere else.
TEST_F(LogRestoreTest, TornHeaderBeforeATornCommitIsJudgedByWhatWasCommitted_P10) {
  const std::string torn = whole_.substr(0, whole_.size() - kFrameBytes);
  EXPECT_EQ(ReasonOf(CountWith(Changed(torn, 20)).status()), "ROW_DAMAGED");
  WriteFile(log_, torn);
  {
    const auto database = *Database::OpenSqlite({.path = path_});
    ASSERT_TRUE(database->Prepared("PRAGMA wal_checkpoint(TRUNCATE)").ForEach([](auto&) {}).ok());
  }
  const auto count = CountWith(Changed(torn, 20));
  ASSERT_TRUE(count.ok()) << count.status();
  EXPECT_EQ(*count, kCommits - 1);
}

// Otherwise torn commits, left by one start after the other, would add up to what looks like
// damage.
TEST_F(LogRestoreTest, WhatIsBehindTheEndIsCutOff_P10) {
  WriteFile(log_, Changed(whole_, whole_.size() - kFrameBytes / 2));
  const auto database = Database::OpenSqlite({.path = path_});
  ASSERT_TRUE(database.ok()) << database.status();
  EXPECT_LE(std::filesystem::file_size(log_), whole_.size() - kFrameBytes);
}

}  // namespace
}  // namespace gongji::sql
