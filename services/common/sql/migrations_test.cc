// Migrations of both engines: versions before and after, refusals, crashes within a step, and
// several processes at once.
#include "services/common/sql/migrations.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <thread>

#include "absl/strings/str_cat.h"
#include "services/common/errors/reasons.h"
#include "services/common/errors/status.h"
#include "services/common/sql/postgres/postgres.h"
#include "services/common/sql/sqlite/sqlite_database.h"
#include "services/common/testing/postgres_server.h"
#include "services/common/testing/temporary_folder.h"

namespace gongji::sql {
namespace {

constexpr char kFirst[] =
    "CREATE TABLE t (n BIGINT PRIMARY KEY); INSERT INTO t (n) VALUES (1), (2)";
// If it ran twice, it would fail or leave other numbers.
constexpr char kSecond[] = "ALTER TABLE t ADD COLUMN m BIGINT; UPDATE t SET m = n + 10";
constexpr char kThird[] = "UPDATE t SET m = m * 2";

const Schema kVersion1 = {.name = "test", .steps = {kFirst}};
const Schema kVersion3 = {.name = "test", .steps = {kFirst, kSecond, kThird}};
constexpr int64_t kSumOfN = 3;
constexpr int64_t kSumOfM = 46;

// The same tests for both engines.
template <class Engine>
class MigrationsTest : public testing::Test {
 protected:
  Engine engine_;
};

class OnSqlite {
 public:
  OnSqlite() { Reopen(); }
  ~OnSqlite() {
    database_ = nullptr;
    std::filesystem::remove_all(folder_);
  }
  void Reopen() {
    database_ = nullptr;
    database_ = *Database::OpenSqlite({.path = path()});
  }
  absl::StatusOr<Migrated> Bring(const Schema& schema) { return Migrate(*database_, schema); }
  absl::Status Script(const std::string& sql) { return database_->Script(sql); }
  int64_t Number(const std::string& select) {
    int64_t number = 0;
    EXPECT_TRUE(database_->Prepared(select)
                    .ForEach([&](const Statement& row) { number = row.Integer(0); })
                    .ok());
    return number;
  }
  void Close() { database_ = nullptr; }
  std::string path() const { return folder_ / "test.db"; }

 private:
  const std::filesystem::path folder_ = MakeTemporaryFolder();
  std::unique_ptr<Database> database_;
};

class OnPostgres {
 public:
  OnPostgres() : connection_(Server().NewDatabase()) { Reopen(); }
  void Reopen() { database_ = std::make_unique<Postgres>(PostgresOptions{connection_}); }
  absl::StatusOr<Migrated> Bring(const Schema& schema, Older older = Older::kMigrate) {
    return Migrate(*database_, schema, older);
  }
  absl::Status Script(const std::string& sql) { return database_->Script(sql); }
  int64_t Number(const std::string& select) {
    return database_->Run({{select}})->front().Integer(0, 0);
  }
  void Close() { database_ = nullptr; }
  const std::string& connection() const { return connection_; }

 private:
  static PostgresServer& Server() {
    static PostgresServer server;
    return server;
  }

  const std::string connection_;
  std::unique_ptr<Postgres> database_;
};

using Engines = testing::Types<OnSqlite, OnPostgres>;
TYPED_TEST_SUITE(MigrationsTest, Engines);

template <class Engine>
void ExpectVersion3(Engine& engine) {
  EXPECT_EQ(engine.Number("SELECT version FROM schema_version"), 3);
  EXPECT_EQ(engine.Number("SELECT CAST(sum(n) AS BIGINT) FROM t"), kSumOfN);
  EXPECT_EQ(engine.Number("SELECT CAST(sum(m) AS BIGINT) FROM t"), kSumOfM);
}

TYPED_TEST(MigrationsTest, AnEmptyStoreGetsAllSteps) {
  auto& engine = this->engine_;
  EXPECT_EQ(*engine.Bring(kVersion3), (Migrated{"test", 0, 3}));
  ExpectVersion3(engine);
  engine.Reopen();
  EXPECT_EQ(*engine.Bring(kVersion3), (Migrated{"test", 3, 3}));
  ExpectVersion3(engine);
}

TYPED_TEST(MigrationsTest, AnOlderOneKeepsItsRows) {
  auto& engine = this->engine_;
  EXPECT_EQ(*engine.Bring(kVersion1), (Migrated{"test", 0, 1}));
  engine.Reopen();
  EXPECT_EQ(*engine.Bring(kVersion3), (Migrated{"test", 1, 3}));
  ExpectVersion3(engine);
}

TYPED_TEST(MigrationsTest, ANewerOneIsRefusedAndStays) {
  auto& engine = this->engine_;
  ASSERT_TRUE(engine.Bring(kVersion3).ok());
  const Metadata wanted = {{"store", "test"}, {"version", "3"}, {"known", "1"}};
  EXPECT_EQ(engine.Bring(kVersion1).status(), Refuse(reason::kStoreTooNew, wanted));
  ExpectVersion3(engine);
}

TYPED_TEST(MigrationsTest, WhatIsNotOursIsRefusedAndStays) {
  auto& engine = this->engine_;
  ASSERT_TRUE(engine.Script("CREATE TABLE theirs (n BIGINT)").ok());
  EXPECT_EQ(ReasonOf(engine.Bring(kVersion1).status()), "STORE_NOT_OURS");
  ASSERT_TRUE(engine.Script("DROP TABLE theirs").ok());
  ASSERT_TRUE(engine.Bring(kVersion1).ok());
  const Schema other = {.name = "other", .steps = {kFirst, kSecond}};
  const Metadata wanted = {{"wanted", "other"}, {"found", "test"}};
  EXPECT_EQ(engine.Bring(other).status(), Refuse(reason::kStoreNotOurs, wanted));
  EXPECT_EQ(engine.Number("SELECT version FROM schema_version"), 1);
}

TYPED_TEST(MigrationsTest, AVersionBelowZeroIsNotOurs) {
  auto& engine = this->engine_;
  ASSERT_TRUE(engine.Bring(kVersion1).ok());
  ASSERT_TRUE(engine.Script("UPDATE schema_version SET version = -1").ok());
  EXPECT_EQ(ReasonOf(engine.Bring(kVersion1).status()), "STORE_NOT_OURS");
}

// Other programs give their tables this name too.
TYPED_TEST(MigrationsTest, ATableOfTheSameNameIsNotOurs) {
  auto& engine = this->engine_;
  for (const char* columns :
       {"number BIGINT", "one BIGINT, version BIGINT", "one TEXT, name BIGINT, version TEXT"}) {
    ASSERT_TRUE(engine.Script(absl::StrCat("CREATE TABLE schema_version (", columns, ")")).ok());
    EXPECT_EQ(ReasonOf(engine.Bring(kVersion1).status()), "STORE_NOT_OURS") << columns;
    EXPECT_EQ(engine.Number("SELECT count(*) FROM schema_version"), 0);
    ASSERT_TRUE(engine.Script("DROP TABLE schema_version").ok());
  }
  EXPECT_TRUE(engine.Bring(kVersion1).ok());
}

// A process dies within a step, after its script: its changes are gone, the step before stays.
TYPED_TEST(MigrationsTest, ACrashLeavesAWholeVersion_P10) {
  auto& engine = this->engine_;
  ASSERT_TRUE(engine.Bring(kVersion1).ok());
  const Schema ends = {.name = "test", .steps = {kFirst, kSecond, "UPDATE t SET nothing = 1"}};
  engine.Close();
  EXPECT_DEATH((engine.Reopen(), engine.Bring(ends).IgnoreError()), "nothing");
  engine.Reopen();
  EXPECT_EQ(engine.Number("SELECT version FROM schema_version"), 2);
  EXPECT_EQ(engine.Number("SELECT CAST(sum(m) AS BIGINT) FROM t"), kSumOfM / 2);
  EXPECT_EQ(*engine.Bring(kVersion3), (Migrated{"test", 2, 3}));
  ExpectVersion3(engine);
}

using PostgresMigrationsTest = MigrationsTest<OnPostgres>;

TEST_F(PostgresMigrationsTest, AStartLeavesAnOlderOneAlone) {
  EXPECT_EQ(*engine_.Bring(kVersion1, Older::kRefuse), (Migrated{"test", 0, 1}));
  const Metadata wanted = {{"store", "test"}, {"version", "1"}, {"known", "3"}};
  EXPECT_EQ(engine_.Bring(kVersion3, Older::kRefuse).status(),
            Refuse(reason::kStoreTooOld, wanted));
  EXPECT_EQ(engine_.Number("SELECT version FROM schema_version"), 1);
  EXPECT_TRUE(engine_.Bring(kVersion1, Older::kRefuse).ok());
}

// Several processes start at once, on an empty database and on an older one.
TEST_F(PostgresMigrationsTest, EachStepIsDoneOnce) {
  for (const Schema& schema : {kVersion1, kVersion3}) {
    std::vector<std::thread> processes;
    processes.reserve(4);
    std::atomic<int> good = 0;
    for (int i = 0; i < 4; ++i) {
      processes.emplace_back([&] {
        Postgres database({.connection = engine_.connection()});
        const auto migrated = Migrate(database, schema, Older::kMigrate);
        if (migrated.ok() && migrated->to == std::ssize(schema.steps)) ++good;
      });
    }
    for (std::thread& process : processes) process.join();
    EXPECT_EQ(good, 4);
  }
  ExpectVersion3(engine_);
}

using SqliteMigrationsTest = MigrationsTest<OnSqlite>;

// A file belongs to one process: the others are refused, or come later and find it done.
TEST_F(SqliteMigrationsTest, EachStepIsDoneOnce) {
  ASSERT_TRUE(engine_.Bring(kVersion1).ok());
  engine_.Close();
  std::vector<pid_t> processes;
  for (int i = 0; i < 4; ++i) {
    processes.push_back(fork());
    if (processes.back() != 0) continue;
    const auto database = Database::OpenSqlite({.path = engine_.path()});
    if (!database.ok()) _exit(absl::IsUnavailable(database.status()) ? 0 : 1);
    const auto migrated = Migrate(**database, kVersion3);
    _exit(migrated.ok() && migrated->to == 3 ? 0 : 1);
  }
  for (const pid_t process : processes) {
    int status = 0;
    ASSERT_EQ(waitpid(process, &status, 0), process);
    EXPECT_EQ(status, 0);
  }
  engine_.Reopen();
  ASSERT_TRUE(engine_.Bring(kVersion3).ok());
  ExpectVersion3(engine_);
}

std::string ContentOf(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// What a program with several stores asks before it changes any of them.
TEST_F(SqliteMigrationsTest, AQuestionChangesNothing) {
  const auto database = *Database::OpenSqlite({.path = ":memory:"});
  const auto tables = [&] {
    int64_t count = -1;
    EXPECT_TRUE(database->Prepared("SELECT count(*) FROM sqlite_master")
                    .ForEach([&](const Statement& row) { count = row.Integer(0); })
                    .ok());
    return count;
  };
  EXPECT_TRUE(CheckStore(*database, kVersion1).ok());
  EXPECT_EQ(tables(), 0);
  ASSERT_TRUE(Migrate(*database, kVersion3).ok());
  EXPECT_TRUE(CheckStore(*database, kVersion3).ok());
  EXPECT_EQ(ReasonOf(CheckStore(*database, kVersion1)), "STORE_TOO_NEW");
  const Schema other = {.name = "other", .steps = {kFirst, kFirst, kFirst}};
  EXPECT_EQ(ReasonOf(CheckStore(*database, other)), "STORE_NOT_OURS");
}

TEST(MigratedText, SaysTheVersionsOfEachStore) {
  EXPECT_EQ(TextOf({{"wallet", 0, 3}, {"tables", 2, 2}}),
            "wallet: version 0 -> 3\ntables: version 2 -> 2\n");
}

TEST_F(SqliteMigrationsTest, AFileOfSomethingElseIsRefusedAndStays) {
  engine_.Close();
  std::filesystem::remove(engine_.path());
  const std::string text(5000, 'x');
  std::ofstream(engine_.path()) << text;
  for (const bool beside : {true, false}) {
    const auto refused =
        Database::OpenSqlite({.path = engine_.path(), .copy_beside_writer = beside});
    EXPECT_EQ(refused.status(), Refuse(reason::kStoreNotOurs, {{"store", engine_.path()}}));
  }
  EXPECT_EQ(ContentOf(engine_.path()), text);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(
                              std::filesystem::path(engine_.path()).parent_path()),
                          std::filesystem::directory_iterator()),
            1);
}

}  // namespace
}  // namespace gongji::sql
