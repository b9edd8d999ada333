// Postgres against a real server: values, round trips, conflicts, broken connections and slow
// answers.
#include "services/common/sql/postgres/postgres.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "services/common/errors/status.h"
#include "services/common/testing/postgres_server.h"
#include "services/common/testing/temporary_folder.h"
#include "services/common/testing/unix_socket.h"

namespace gongji::sql {
namespace {

class PostgresTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { server_ = std::make_unique<PostgresServer>(); }
  static void TearDownTestSuite() { server_ = nullptr; }

  std::unique_ptr<Postgres> Open() const {
    return std::make_unique<Postgres>(
        PostgresOptions{.connection = database_, .patience = absl::ZeroDuration()});
  }
  static int64_t Number(Postgres& postgres, const std::string& sql, Values values = {}) {
    const auto results = postgres.Run({{sql, std::move(values)}});
    EXPECT_TRUE(results.ok()) << results.status();
    return results.ok() ? results->front().Integer(0, 0) : -1;
  }

  static std::unique_ptr<PostgresServer> server_;
  const std::string database_ = server_->NewDatabase();
};

std::unique_ptr<PostgresServer> PostgresTest::server_;

std::string AllBytes() {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all.push_back(static_cast<char>(byte));
  return all;
}

TEST_F(PostgresTest, ValuesComeBackAsTheyWent) {
  const auto postgres = Open();
  ASSERT_TRUE(postgres->Script("CREATE TABLE t (k BYTEA PRIMARY KEY, n BIGINT NOT NULL)").ok());
  const std::vector<std::string> names = {"", "张三\\{\"},NULL", AllBytes(), std::string(1, '\0')};
  const std::vector<int64_t> numbers = {0, -1, INT64_MAX, INT64_MIN};
  const auto inserted =
      postgres->Run({{"INSERT INTO t (k, n) SELECT * FROM unnest($1::bytea[], $2::bigint[])",
                      Values().Add(names).Add(numbers)}});
  ASSERT_TRUE(inserted.ok()) << inserted.status();
  EXPECT_EQ(inserted->front().changed(), 4);
  for (size_t i = 0; i < names.size(); ++i) {
    EXPECT_EQ(Number(*postgres, "SELECT n FROM t WHERE k = $1", Values().Add(names[i])),
              numbers[i]);
  }
  const auto read = postgres->Run({{"SELECT k FROM t WHERE n = ANY($1::bigint[]) ORDER BY k",
                                    Values().Add(std::vector<int64_t>{-1, INT64_MAX})}});
  ASSERT_TRUE(read.ok());
  ASSERT_EQ(read->front().rows(), 2);
  EXPECT_EQ(read->front().Bytes(0, 0), AllBytes());
  EXPECT_EQ(read->front().Bytes(1, 0), names[1]);
  const auto none = postgres->Run(
      {{"SELECT k FROM t WHERE k = ANY($1::bytea[])", Values().Add(std::vector<std::string>{})}});
  ASSERT_TRUE(none.ok());
  EXPECT_EQ(none->front().rows(), 0);
}

// Both directions carry more than any buffer between the two holds.
TEST_F(PostgresTest, LargeRoundTripsDoNotStick) {
  const auto postgres = Open();
  const std::string large(1 << 20, 'x');
  const std::vector<Query> queries(20, {"SELECT $1::bytea", Values().Add(large)});
  const auto results = postgres->Run(queries);
  ASSERT_TRUE(results.ok()) << results.status();
  ASSERT_EQ(results->size(), 20U);
  EXPECT_EQ(results->back().Bytes(0, 0), large);
}

TEST_F(PostgresTest, OneRoundTripIsAllOrNothing) {
  const auto postgres = Open();
  ASSERT_TRUE(postgres->Script("CREATE TABLE t (n BIGINT PRIMARY KEY)").ok());
  const auto full =
      postgres->Run({{"INSERT INTO t (n) VALUES ($1)", Values().Add(int64_t{1})},
                     {"DO $$ BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = 'disk_full'; END $$"},
                     {"INSERT INTO t (n) VALUES ($1)", Values().Add(int64_t{2})}});
  EXPECT_EQ(ReasonOf(full.status()), "DISK_FULL");
  EXPECT_EQ(Number(*postgres, "SELECT count(*) FROM t"), 0);
}

TEST_F(PostgresTest, TransactionIsRolledBackByAnError) {
  const auto postgres = Open();
  ASSERT_TRUE(postgres->Script("CREATE TABLE t (n BIGINT PRIMARY KEY)").ok());
  const auto insert = [&](absl::Status then) {
    return postgres->Transaction([&]() -> absl::Status {
      RETURN_IF_ERROR(postgres->Run({{"INSERT INTO t (n) VALUES (1)"}}).status());
      return then;
    });
  };
  EXPECT_EQ(insert(absl::CancelledError()).code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(Number(*postgres, "SELECT count(*) FROM t"), 0);
  EXPECT_TRUE(insert(absl::OkStatus()).ok());
  EXPECT_EQ(Number(*postgres, "SELECT count(*) FROM t"), 1);
}

// Two transactions read and raise the same number: one of them loses and runs again as a whole.
TEST_F(PostgresTest, LoserOfAConflictRunsAgainAsAWhole) {
  const auto first = Open();
  ASSERT_TRUE(first->Script("CREATE TABLE t (n BIGINT NOT NULL); INSERT INTO t VALUES (1)").ok());
  const auto second = Open();
  int runs = 0;
  const absl::Status raised = first->Transaction([&]() -> absl::Status {
    ++runs;
    RETURN_IF_ERROR(first->Run({{"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"}}).status());
    const int64_t seen = Number(*first, "SELECT n FROM t");
    if (runs == 1) EXPECT_TRUE(second->Run({{"UPDATE t SET n = n + 10"}}).ok());
    return first->Run({{"UPDATE t SET n = $1", Values().Add(seen + 1)}}).status();
  });
  EXPECT_TRUE(raised.ok()) << raised;
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(Number(*first, "SELECT n FROM t"), 12);
}

TEST_F(PostgresTest, ConflictsEndAfterABound) {
  const auto postgres = Open();
  int runs = 0;
  const absl::Status lost = postgres->Transaction([&]() -> absl::Status {
    ++runs;
    return postgres
        ->Run({{"DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = 'deadlock_detected'; END $$"}})
        .status();
  });
  EXPECT_EQ(ReasonOf(lost), "CONFLICT");
  EXPECT_EQ(runs, 10);
}

TEST_F(PostgresTest, BrokenConnectionIsMadeAgain) {
  const auto postgres = Open();
  const auto other = Open();
  const auto end_session = [&] {
    const int64_t pid = Number(*postgres, "SELECT pg_backend_pid()::bigint");
    ASSERT_TRUE(
        other->Run({{"SELECT pg_terminate_backend($1::int4)::int::bigint", Values().Add(pid)}})
            .ok());
  };
  ASSERT_TRUE(postgres->Script("CREATE TABLE t (n BIGINT PRIMARY KEY)").ok());
  end_session();
  // A statement outside a transaction may have been done before the connection broke.
  EXPECT_EQ(postgres->Run({{"INSERT INTO t (n) VALUES (1)"}}).status().code(),
            absl::StatusCode::kUnknown);
  EXPECT_EQ(Number(*postgres, "SELECT count(*) FROM t"), 0);
  end_session();
  EXPECT_TRUE(postgres->Repeatable({{"SELECT 1::bigint"}}).ok());
  // A transaction without its COMMIT was not done.
  const absl::Status cut = postgres->Transaction([&]() -> absl::Status {
    RETURN_IF_ERROR(postgres->Run({{"INSERT INTO t (n) VALUES (2)"}}).status());
    end_session();
    return postgres->Run({{"INSERT INTO t (n) VALUES (3)"}}).status();
  });
  EXPECT_EQ(ReasonOf(cut), "PEER_UNAVAILABLE");
  EXPECT_EQ(Number(*postgres, "SELECT count(*) FROM t"), 0);
}

TEST_F(PostgresTest, ServerThatIsAwayIsSaidToBe) {
  const auto postgres = Open();
  EXPECT_EQ(Number(*postgres, "SELECT 1::bigint"), 1);
  server_->Kill();
  EXPECT_EQ(ReasonOf(postgres->Repeatable({{"SELECT 1::bigint"}}).status()), "PEER_UNAVAILABLE");
  server_->Restart();
  EXPECT_EQ(Number(*postgres, "SELECT 1::bigint"), 1);
}

// What it has done so far is lost with the session: the rest must not be done on another one.
TEST_F(PostgresTest, NothingOfATransactionRunsAfterItsSessionEnded) {
  const auto postgres = Open();
  ASSERT_TRUE(postgres->Script("CREATE TABLE t (n BIGINT PRIMARY KEY)").ok());
  const absl::Status cut = postgres->Transaction([&]() -> absl::Status {
    EXPECT_EQ(postgres->Run({{"SELECT pg_terminate_backend(pg_backend_pid())"}}).status().code(),
              absl::StatusCode::kUnknown);
    for (int i = 0; i < 2; ++i) {
      EXPECT_EQ(ReasonOf(postgres->Run({{"INSERT INTO t (n) VALUES (1)"}}).status()),
                "PEER_UNAVAILABLE");
    }
    return absl::OkStatus();
  });
  EXPECT_EQ(ReasonOf(cut), "PEER_UNAVAILABLE");
  EXPECT_EQ(Number(*postgres, "SELECT count(*) FROM t"), 0);
}

// A server's socket at which every connection ends at once; once that has happened `most` times,
// the socket `behind` takes its place.
class ClosedDoor {
 public:
  ClosedDoor(const std::string& behind, int most)
      : path_(folder_ / std::filesystem::path(behind).filename()), listening_(ListenOn(path_)) {
    thread_ = std::thread([this, behind, most] {
      for (int client = 0; (client = accept(listening_, nullptr, nullptr)) >= 0;) {
        if (++knocks_ == most) {
          std::filesystem::remove(path_);
          std::filesystem::create_symlink(behind, path_);
        }
        close(client);
      }
    });
  }
  ~ClosedDoor() {
    shutdown(listening_, SHUT_RDWR);
    thread_.join();
    close(listening_);
    std::filesystem::remove_all(folder_);
  }
  ClosedDoor(const ClosedDoor&) = delete;
  ClosedDoor& operator=(const ClosedDoor&) = delete;

  std::string folder() const { return folder_; }
  int knocks() const { return knocks_; }

 private:
  const std::filesystem::path folder_ = MakeTemporaryFolder();
  const std::filesystem::path path_;
  const int listening_;
  std::atomic<int> knocks_ = 0;
  std::thread thread_;
};

TEST_F(PostgresTest, ServerThatIsBackInTimeIsReached) {
  const ClosedDoor door(server_->socket(), 4);
  Postgres postgres({.connection = PostgresServer::Through(door.folder(), database_),
                     .patience = absl::Minutes(5)});
  EXPECT_EQ(Number(postgres, "SELECT 1::bigint"), 1);
  EXPECT_EQ(door.knocks(), 4);
}

// Only the first call has patience, and it does not hurry a server that is about to start.
TEST_F(PostgresTest, ServerThatStaysAwayIsTriedOnceForEachCall) {
  const ClosedDoor door(server_->socket(), std::numeric_limits<int>::max());
  Postgres postgres({.connection = PostgresServer::Through(door.folder(), database_),
                     .patience = absl::Milliseconds(200)});
  EXPECT_EQ(ReasonOf(postgres.Run({{"SELECT 1::bigint"}}).status()), "PEER_UNAVAILABLE");
  const int first = door.knocks();
  EXPECT_LT(first, 60);
  for (int call = 1; call <= 3; ++call) {
    EXPECT_EQ(ReasonOf(postgres.Run({{"SELECT 1::bigint"}}).status()), "PEER_UNAVAILABLE");
    EXPECT_EQ(door.knocks(), first + call);
  }
}

// The server gives up a wait for a lock before the caller does, and never a commit.
TEST_F(PostgresTest, SessionsHaveTheirSettings) {
  Postgres postgres(
      {.connection = database_, .application = "the test", .reply_timeout = absl::Seconds(20)});
  const auto settings =
      postgres.Run({{"SELECT convert_to(current_setting('lock_timeout'), 'UTF8'), "
                     "convert_to(current_setting('statement_timeout'), 'UTF8'), "
                     "convert_to(current_setting('synchronous_commit'), 'UTF8'), "
                     "convert_to(current_setting('application_name'), 'UTF8')"}});
  ASSERT_TRUE(settings.ok()) << settings.status();
  std::vector<std::string> values;
  for (int column = 0; column < 4; ++column) values.push_back(settings->front().Bytes(0, column));
  EXPECT_EQ(values, (std::vector<std::string>{"16s", "0", "on", "the test"}));
}

// A script within a transaction is part of it.
TEST_F(PostgresTest, ScriptInATransactionEndsWithIt) {
  const auto postgres = Open();
  const absl::Status cut = postgres->Transaction([&]() -> absl::Status {
    RETURN_IF_ERROR(postgres->Script("CREATE TABLE t (n BIGINT); INSERT INTO t VALUES (1)"));
    EXPECT_EQ(Number(*postgres, "SELECT count(*) FROM t"), 1);
    return absl::CancelledError();
  });
  EXPECT_EQ(cut.code(), absl::StatusCode::kCancelled);
  EXPECT_TRUE(postgres->Script("CREATE TABLE t (n BIGINT)").ok());
  EXPECT_EQ(Number(*postgres, "SELECT count(*) FROM t"), 0);
}

TEST_F(PostgresTest, SlowAnswerIsALostOne) {
  Postgres postgres({.connection = database_, .reply_timeout = absl::Milliseconds(50)});
  const absl::Status slow = postgres.Run({{"SELECT pg_sleep(3600)::text::bytea"}}).status();
  EXPECT_EQ(slow.code(), absl::StatusCode::kUnknown) << slow;
  EXPECT_EQ(Number(postgres, "SELECT 1::bigint"), 1);
}

using PostgresDeathTest = PostgresTest;

TEST_F(PostgresDeathTest, ViolatedConstraintEndsTheProcess) {
  const auto postgres = Open();
  ASSERT_TRUE(postgres->Script("CREATE TABLE t (n BIGINT CHECK (n > 0))").ok());
  const std::string database = database_;
  EXPECT_DEATH(
      Postgres({.connection = database}).Run({{"INSERT INTO t (n) VALUES (0)"}}).IgnoreError(),
      "violates check constraint");
}

TEST(PostgresNames, AreNotTakenForFiles) {
  EXPECT_TRUE(IsPostgres("postgresql://db/wallet31?sslmode=verify-full"));
  EXPECT_TRUE(IsPostgres("host=/run/postgresql dbname=wallet31"));
  EXPECT_FALSE(IsPostgres("/var/lib/gongji/wallet31.db"));
}

}  // namespace
}  // namespace gongji::sql
