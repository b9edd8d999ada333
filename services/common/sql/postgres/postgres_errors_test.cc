// Every SQLSTATE that is told apart, raised by a real server: what the caller gets, and whether the
// session is of further use.
#include "services/common/sql/postgres/postgres_errors.h"

#include <gtest/gtest.h>
#include <libpq-fe.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "services/common/errors/reasons.h"
#include "services/common/sql/postgres/postgres.h"
#include "services/common/testing/postgres_server.h"

namespace gongji::sql {
namespace {

class PostgresErrorsTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    server_ = std::make_unique<PostgresServer>();
    database_ = std::make_unique<Postgres>(
        PostgresOptions{.connection = server_->NewDatabase(), .patience = absl::ZeroDuration()});
  }
  static void TearDownTestSuite() {
    database_ = nullptr;
    server_ = nullptr;
  }

  // What a transaction is told when a statement fails with `state`; `more` are further options of
  // RAISE. Within a transaction nothing is run again.
  static absl::Status Raise(const std::string& state, const std::string& more = "") {
    absl::Status raised;
    EXPECT_FALSE(database_
                     ->Transaction([&] {
                       raised = database_
                                    ->Run({{absl::StrCat("DO $$ BEGIN RAISE EXCEPTION 'x' USING "
                                                         "ERRCODE = '",
                                                         state, "'", more, "; END $$")}})
                                    .status();
                       return absl::CancelledError();
                     })
                     .ok());
    return raised;
  }
  static int64_t Session() {
    return database_->Repeatable({{"SELECT pg_backend_pid()::bigint"}})->front().Integer(0, 0);
  }

  static std::unique_ptr<PostgresServer> server_;
  static std::unique_ptr<Postgres> database_;
};

std::unique_ptr<PostgresServer> PostgresErrorsTest::server_;
std::unique_ptr<Postgres> PostgresErrorsTest::database_;

TEST_F(PostgresErrorsTest, ALostConflictIsOneToRunAgain) {
  for (const char* state : {"40001", "40P01", "42P07", "42723", "42710"}) {
    EXPECT_EQ(Raise(state).code(), absl::StatusCode::kAborted) << state;
  }
  // Two processes that create the same schema meet in a catalog's index.
  EXPECT_EQ(Raise("23505", ", SCHEMA = 'pg_catalog'").code(), absl::StatusCode::kAborted);
}

TEST_F(PostgresErrorsTest, AfterAnEndedSessionTheOutcomeIsUnknown) {
  for (const char* state : {"08000", "08006", "40003", "57P01", "57P02"}) {
    const int64_t before = Session();
    EXPECT_EQ(Raise(state).code(), absl::StatusCode::kUnknown) << state;
    EXPECT_NE(Session(), before) << state;
  }
}

// libpq makes such results itself when the connection breaks.
TEST_F(PostgresErrorsTest, WithoutAStateTheOutcomeIsUnknown) {
  const std::unique_ptr<PGresult, void (*)(PGresult*)> broken(
      PQmakeEmptyPGresult(nullptr, PGRES_FATAL_ERROR), &PQclear);
  EXPECT_EQ(ErrorOf(*broken).code(), absl::StatusCode::kUnknown);
}

TEST_F(PostgresErrorsTest, AFullDiskAndDamageAreNamed_P13_P14) {
  EXPECT_EQ(Raise("53100"), Refuse(reason::kDiskFull));
  for (const char* state : {"XX001", "XX002"}) {
    EXPECT_EQ(Raise(state, ", TABLE = 'accounts'"),
              Refuse(reason::kRowDamaged, {{"table", "accounts"}}))
        << state;
  }
}

TEST_F(PostgresErrorsTest, AServerThatCannotServeNowIsAway) {
  for (const char* state : {"53200", "53300", "55P03", "57014", "57P03", "58030", "XX000"}) {
    const int64_t before = Session();
    EXPECT_EQ(Raise(state), Away()) << state;
    EXPECT_EQ(Session(), before) << state;
  }
}

// The same server as a standby, or another session behind the same connection.
TEST_F(PostgresErrorsTest, ASessionThatIsNotOursAnyMoreIsLeft) {
  for (const char* state : {"25006", "26000"}) {
    const int64_t before = Session();
    EXPECT_EQ(ReasonOf(Raise(state)), "PEER_UNAVAILABLE") << state;
    EXPECT_NE(Session(), before) << state;
  }
}

using PostgresErrorsDeathTest = PostgresErrorsTest;

TEST_F(PostgresErrorsDeathTest, ADisagreementAboutTheSchemaEndsTheProcess_P12) {
  for (const char* state :
       {"0A000", "21000", "22012", "23505", "25001", "2B000", "34000", "42601", "54000", "P0001"}) {
    EXPECT_DEATH(Raise(state).IgnoreError(), "store: postgresql: .*x") << state;
  }
}

}  // namespace
}  // namespace gongji::sql
