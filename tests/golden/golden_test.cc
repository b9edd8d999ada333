// A database of an older version opens and keeps its contents.
#include "tests/golden/golden.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "services/common/sql/migrations.h"
#include "services/common/sql/postgres/postgres.h"
#include "services/common/testing/manual_env.h"
#include "services/common/testing/postgres_server.h"
#include "services/common/testing/temporary_folder.h"
#include "services/common/worker.h"
#include "services/relation/relation_store.h"
#include "services/relation/relation_store_sqlite.h"
#include "services/settlement/settlement_store.h"
#include "services/settlement/settlement_store_sqlite.h"
#include "services/wallet/store/postgres/postgres_store.h"
#include "services/wallet/store/sqlite/sqlite_store.h"
#include "services/wallet/store/wallet_store.h"
#include "services/wallet/wallet.h"
#include "tests/faults/shard.h"

namespace gongji::golden {
namespace {

class GoldenTest : public testing::Test {
 public:
  ~GoldenTest() override { std::filesystem::remove_all(folder_); }

 protected:
  std::string MakeStoreOf(const std::string& name) {
    const std::string path = folder_ / name;
    MakeStore(name, path);
    return path;
  }
  // Expects the shard as the example left it, and that it goes on from there.
  void ExpectWallet(wallet::WalletStore& store) {
    wallet::Wallet wallet(env_, scope_, store, {}, NullMetrics());
    ASSERT_TRUE(env_.Wait(wallet.Start()).ok());
    EXPECT_EQ(wallet.last_number(), 5);
    const auto accounts = env_.Wait(wallet.ListAccounts("", 100));
    ASSERT_TRUE(accounts.ok());
    int64_t sum_fen = 0;
    for (const auto& row : accounts->value) sum_fen += row.account.balance_fen;
    EXPECT_EQ(accounts->value.size(), 7U);
    EXPECT_EQ(sum_fen, 0);
    const Caller platform{.identity = "platform"};
    const auto booked = env_.Wait(wallet.Contribute(
        platform,
        {{.line_id = "1", .psn_no = "p", .current_fen = 100, .year = 2026, .source = "employer"}}));
    EXPECT_EQ(booked.front()->entry.number, 6);
    ASSERT_TRUE(env_.Wait(wallet.Save()).ok());
    EXPECT_EQ(faults::Verify(env_, store), std::vector<std::string>());
  }

  const std::filesystem::path folder_ = MakeTemporaryFolder();
  ManualEnv env_;
  TaskScope scope_;
  InlineWorker worker_;
};

TEST_F(GoldenTest, Relation) {
  const auto database = *sql::Database::OpenSqlite({.path = MakeStoreOf("relation")});
  const auto before = CountRows(*database);
  const auto store = *relation::NewSqliteRelationStore(env_, scope_, worker_, *database, {});
  ASSERT_TRUE(env_.Wait(store->TakeOver()).ok());
  EXPECT_EQ(CountRows(*database), before);
  const auto changes = env_.Wait(store->ListChanges(0, 100));
  ASSERT_TRUE(changes.ok());
  EXPECT_EQ(changes->changes.size(), 6U);
  const auto loaded = env_.Wait(store->Load({.persons = {"51010000001001"}}));
  ASSERT_TRUE(loaded.ok());
  EXPECT_NE(loaded->persons.at("51010000001001"), nullptr);
}

TEST_F(GoldenTest, Settlement) {
  const auto database = *sql::Database::OpenSqlite({.path = MakeStoreOf("settlement")});
  auto before = CountRows(*database);
  EXPECT_GT(before.at("operations"), 0);
  before["steps"] = 0;  // The table exists since version 2.
  std::string id;
  ASSERT_TRUE(database->Prepared("SELECT id FROM operations LIMIT 1")
                  .ForEach([&id](const sql::Statement& row) { id = row.Text(0); })
                  .ok());
  const auto store = *settlement::NewSqliteSettlementStore(env_, scope_, worker_, *database);
  ASSERT_TRUE(env_.Wait(store->TakeOver()).ok());
  EXPECT_EQ(CountRows(*database), before);
  const auto found = env_.Wait(store->FindById(id));
  ASSERT_TRUE(found.ok());
  EXPECT_TRUE(found->has_value());
}

TEST_F(GoldenTest, Wallet) {
  const std::string path = MakeStoreOf("wallet_journal");
  MakeStore("wallet_tables", path + "-tables");
  const auto store = *wallet::OpenSqliteWalletStore(env_, wallet::AllOn(worker_), path);
  ExpectWallet(*store);
}

TEST_F(GoldenTest, WalletOnPostgres) {
  sql::PostgresServer server;
  const std::string connection = server.NewDatabase();
  MakePostgresStore("wallet_postgres", connection);
  const auto store =
      *wallet::OpenPostgresWalletStore(env_, wallet::AllOn(worker_), {.connection = connection});
  ExpectWallet(*store);
}

// The migration that a next version will run on them; its step exists only in this test.
TEST_F(GoldenTest, TheNextVersionKeepsTheRows) {
  const std::string step = "CREATE TABLE later (n BIGINT); INSERT INTO later (n) VALUES (1)";
  const std::pair<std::string, std::string> kinds[] = {{"relation", "relation"},
                                                       {"settlement", "settlement"},
                                                       {"wallet_journal", "wallet journal"},
                                                       {"wallet_tables", "wallet tables"}};
  for (const auto& [dump, kind] : kinds) {
    const auto database = *sql::Database::OpenSqlite({.path = MakeStoreOf(dump)});
    auto rows = CountRows(*database);
    const sql::Schema next = {.name = kind, .steps = {"not run again", step}};
    EXPECT_EQ(*sql::Migrate(*database, next), (sql::Migrated{kind, 1, 2}));
    EXPECT_EQ(*sql::Migrate(*database, next), (sql::Migrated{kind, 2, 2}));
    rows["later"] = 1;
    EXPECT_EQ(CountRows(*database), rows) << kind;
  }
  sql::PostgresServer server;
  const std::string connection = server.NewDatabase();
  MakePostgresStore("wallet_postgres", connection);
  sql::Postgres postgres({.connection = connection});
  const sql::Schema next = {.name = "wallet", .steps = {"not run again", step}};
  EXPECT_EQ(*sql::Migrate(postgres, next, sql::Older::kMigrate), (sql::Migrated{"wallet", 1, 2}));
  const auto counted = postgres.Run({{"SELECT count(*) FROM entries"}, {"SELECT n FROM later"}});
  ASSERT_TRUE(counted.ok());
  EXPECT_EQ(counted->front().Integer(0, 0), 5);
  EXPECT_EQ(counted->back().Integer(0, 0), 1);
}

}  // namespace
}  // namespace gongji::golden
