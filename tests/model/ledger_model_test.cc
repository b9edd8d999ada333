// The ledger against its reference: the short form of `tools/long model-based`.
#include <gtest/gtest.h>

#include "services/common/testing/postgres_server.h"
#include "tests/model/medium.h"
#include "tests/model/steps.h"

namespace gongji::model {
namespace {

TEST(LedgerModelTest, AgreesInMemory) { EXPECT_TRUE(Check("memory", NewMemory, 1000, 1)); }

TEST(LedgerModelTest, AgreesOnSqlite) { EXPECT_TRUE(Check("sqlite", NewSqlite, 1000, 2)); }

TEST(LedgerModelTest, AgreesOnPostgres) {
  sql::PostgresServer server;
  EXPECT_TRUE(Check("postgres", NewPostgres(server), 20, 3));
}

}  // namespace
}  // namespace gongji::model
