#include "services/common/sql/sqlite/sqlite_database.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <iterator>
#include <memory>
#include <string>

#include "services/common/errors/status.h"
#include "services/common/testing/temporary_folder.h"

namespace gongji::sql {
namespace {

constexpr int kCheckpointPages = 20;
constexpr int64_t kPageBytes = 4096 + 24;  // in the log

class DatabaseTest : public testing::Test {
 public:
  ~DatabaseTest() override { std::filesystem::remove_all(folder_); }

 protected:
  std::unique_ptr<Database> Open() {
    return *Database::OpenSqlite({.path = path_, .checkpoint_pages = kCheckpointPages});
  }
  static int64_t Count(Database& database) {
    int64_t count = 0;
    EXPECT_TRUE(database.Prepared("SELECT count(*) FROM numbers WHERE length(body) = 1000")
                    .ForEach([&](const Statement& row) { count = row.Integer(0); })
                    .ok());
    return count;
  }
  // How many this process has.
  static std::ptrdiff_t OpenFiles() {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"),
                         std::filesystem::directory_iterator());
  }
  const std::filesystem::path folder_ = MakeTemporaryFolder();
  const std::filesystem::path path_ = folder_ / "test.db";
};

// The log is copied back beside the writer, again and again, without losing a commit.
TEST_F(DatabaseTest, LogStaysShort_P10) {
  const auto before = OpenFiles();
  auto database = Open();
  ASSERT_TRUE(
      database->Script("CREATE TABLE numbers (number INTEGER PRIMARY KEY, body BLOB)").ok());
  const std::string body(1000, 'x');
  constexpr int kCommits = 3000;
  for (int i = 0; i < kCommits; ++i) {
    ASSERT_TRUE(
        database
            ->Transaction([&] {
              return database->Prepared("INSERT INTO numbers (body) VALUES (?1)").Run(Blob{body});
            })
            .ok());
  }
  // Eight times the length at which copying begins; a commit of this table writes four pages.
  EXPECT_LE(std::filesystem::file_size(path_.string() + "-wal"),
            (8 * kCheckpointPages + 4) * kPageBytes);
  EXPECT_GT(std::filesystem::file_size(path_), kCommits * 1000U * 9 / 10);
  EXPECT_EQ(Count(*database), kCommits);
  // A connection that copies is gone afterwards.
  EXPECT_LT(OpenFiles(), before + 10);
  database = nullptr;
  EXPECT_EQ(Count(*Open()), kCommits);
}

// The log is longer than what is copied at once, and was left by a process that was killed.
TEST_F(DatabaseTest, LogOfAKilledProcessIsRead_P10) {
  constexpr int kCommits = 100;
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    const auto database = *Database::OpenSqlite({.path = path_});
    if (!database->Script("CREATE TABLE numbers (number INTEGER PRIMARY KEY, body BLOB)").ok()) {
      _exit(1);
    }
    const std::string body(1000, 'x');
    for (int i = 0; i < kCommits; ++i) {
      const absl::Status status =
          database->Prepared("INSERT INTO numbers (body) VALUES (?1)").Run(Blob{body});
      if (!status.ok()) _exit(1);
    }
    _exit(0);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  ASSERT_GT(std::filesystem::file_size(path_.string() + "-wal"), 512U << 10);
  EXPECT_EQ(Count(*Open()), kCommits);
}

TEST_F(DatabaseTest, SecondConnectionReadsWhatIsCommitted) {
  const auto writer = Open();
  ASSERT_TRUE(writer->Script("CREATE TABLE numbers (number INTEGER PRIMARY KEY, body BLOB)").ok());
  const auto reader = Open();
  const std::string body(1000, 'x');
  ASSERT_TRUE(writer->Prepared("INSERT INTO numbers (body) VALUES (?1)").Run(Blob{body}).ok());
  EXPECT_EQ(Count(*reader), 1);
  EXPECT_FALSE(
      writer
          ->Transaction([&]() -> absl::Status {
            RETURN_IF_ERROR(
                writer->Prepared("INSERT INTO numbers (body) VALUES (?1)").Run(Blob{body}));
            EXPECT_EQ(Count(*reader), 1);
            return absl::CancelledError("rolled back");
          })
          .ok());
  EXPECT_EQ(Count(*reader), 1);
}

// A second connection of the process must not let go of the file, on which others wait.
TEST_F(DatabaseTest, SecondConnectionKeepsOtherProcessesOut) {
  const auto first = Open();
  ASSERT_TRUE(first->Script("CREATE TABLE numbers (number INTEGER PRIMARY KEY, body BLOB)").ok());
  const auto second = Database::OpenSqlite({.path = path_, .first_in_process = false});
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(Count(**second), 0);
  // Asked as if by another process.
  const int file = open(path_.c_str(), O_RDWR | O_CLOEXEC);
  struct flock lock{.l_type = F_WRLCK, .l_whence = SEEK_SET};
  ASSERT_EQ(fcntl(file, F_OFD_GETLK, &lock), 0);
  EXPECT_NE(lock.l_type, F_UNLCK);
  close(file);
}

}  // namespace
}  // namespace gongji::sql
