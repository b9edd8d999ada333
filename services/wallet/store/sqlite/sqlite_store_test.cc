// The contract of wallet stores on SQLite, and what only this engine has: two files, damaged rows,
// constraints of the schema.
#include "services/wallet/store/wallet_store.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "services/common/sql/migrations.h"
#include "services/common/sql/sqlite/sqlite_database.h"
#include "services/common/testing/temporary_folder.h"
#include "services/wallet/store/sqlite/sqlite_store.h"
#include "services/wallet/testing/wallet_store_contract.h"
#include "services/wallet/wallet.h"

namespace gongji::wallet {
namespace {

class SqliteEngine {
 public:
  SqliteEngine() { Open(); }
  ~SqliteEngine() {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }
  ManualEnv& env() { return env_; }
  WalletStore& store() { return *store_; }
  void Reopen() {
    Close();
    Open();
  }
  void Close() { store_.reset(); }
  // The hash of a journal that is created at the next opening.
  void SetHash(HashKind hash) { hash_ = hash; }
  // Runs SQL that the store does not know of on one of the two files.
  void Run(const std::string& file, const std::string& sql) {
    Close();
    {
      const auto database = *sql::Database::OpenSqlite({.path = folder_ / file});
      database->Prepared(sql).Run().IgnoreError();
    }
    Open();
  }

 private:
  void Open() {
    store_ = *OpenSqliteWalletStore(env_, AllOn(worker_), folder_ / "wallet.db", hash_);
  }
  const std::filesystem::path folder_ = MakeTemporaryFolder();
  ManualEnv env_;
  InlineWorker worker_;
  HashKind hash_ = HashKind::kSm3;
  std::unique_ptr<WalletStore> store_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, WalletStoreContract, SqliteEngine);

using WalletStoreTest = WalletStoreContract<SqliteEngine>;

// Both files are checked before one of them is changed.
TEST(WalletFilesTest, ARefusedFileLeavesTheOtherAlone) {
  const std::filesystem::path folder = MakeTemporaryFolder();
  const std::string path = folder / "wallet.db";
  const auto open = [](const std::string& file) {
    return *sql::Database::OpenSqlite({.path = file});
  };
  ASSERT_TRUE(open(path + "-tables")->Script("CREATE TABLE theirs (n BIGINT)").ok());
  ManualEnv env;
  InlineWorker worker;
  const auto opened = OpenSqliteWalletStore(env, AllOn(worker), path);
  EXPECT_EQ(ReasonOf(opened.status()), "STORE_NOT_OURS");
  EXPECT_EQ(ReasonOf(MigrateSqliteWalletStore(path).status()), "STORE_NOT_OURS");
  int64_t tables = -1;
  ASSERT_TRUE(open(path)
                  ->Prepared("SELECT count(*) FROM sqlite_master")
                  .ForEach([&](const sql::Statement& row) { tables = row.Integer(0); })
                  .ok());
  EXPECT_EQ(tables, 0);
  std::filesystem::remove_all(folder);
}

// A row that differs from what was written is found and not served.
class DamagedTables : public WalletStoreTest, public testing::WithParamInterface<Damage> {};

TEST_P(DamagedTables, AreNotServed_P14) {
  Fill();
  EXPECT_TRUE(engine.env().Wait(engine.store().Load(GetParam().keys)).ok());
  engine.Run("wallet.db-tables", GetParam().sql);
  const auto loaded = engine.env().Wait(engine.store().Load(GetParam().keys));
  EXPECT_EQ(ReasonOf(loaded.status()), "ROW_DAMAGED");
}

INSTANTIATE_TEST_SUITE_P(Each, DamagedTables, testing::ValuesIn(DamagedRows()),
                         [](const auto& param) { return std::string(param.param.name); });

// Every byte of an entry counts, and so do a missing entry and the last one.
TEST_F(WalletStoreTest, DamagedJournalIsNotServed_P14) {
  Fill();
  const std::string unlock = "DROP TRIGGER entries_stay";
  engine.Run("wallet.db", unlock);
  engine.Run("wallet.db", "DROP TRIGGER entries_are_kept");
  engine.Run("wallet.db",
             "UPDATE entries SET body = substr(body, 1, 30) || x'00' || substr(body, 32) "
             "WHERE number = 2");
  EXPECT_EQ(ReasonOf(engine.env().Wait(engine.store().Entries({2})).status()), "ROW_DAMAGED");
  EXPECT_EQ(ReasonOf(engine.env().Wait(engine.store().Tail(0, 10)).status()), "ROW_DAMAGED");
  EXPECT_TRUE(engine.env().Wait(engine.store().Entries({1, 3})).ok());
  for (const char* sql :
       {"DELETE FROM entries WHERE number = 2", "DELETE FROM entries WHERE number = 3"}) {
    engine.Run("wallet.db", sql);
    EXPECT_EQ(ReasonOf(engine.env().Wait(engine.store().Tail(0, 10)).status()), "ROW_DAMAGED");
  }
}

// Missing entries at the end are noticed before anybody writes after them.
TEST_F(WalletStoreTest, HeadMustFitTheLastEntry_P14) {
  Fill();
  engine.Run("wallet.db", "DROP TRIGGER entries_are_kept");
  engine.Run("wallet.db", "DELETE FROM entries WHERE number = 3");
  EXPECT_EQ(ReasonOf(engine.env().Wait(engine.store().TakeOver()).status()), "ROW_DAMAGED");
}

// A journal keeps the hash that it was made with.
TEST_F(WalletStoreTest, HashIsChosenOnce) {
  engine.SetHash(HashKind::kSha256);
  engine.Reopen();
  EXPECT_EQ(TakeOver().hash, HashKind::kSha256);
  engine.SetHash(HashKind::kSm3);
  engine.Reopen();
  EXPECT_EQ(TakeOver().hash, HashKind::kSha256);
  ASSERT_TRUE(Append(2, {Applied(1, "a")}).ok());
  const auto page = engine.env().Wait(engine.store().Sealed(0, 1));
  const SealedEntry& entry = page->entries.front();
  EXPECT_EQ(entry.chain, Hasher(HashKind::kSha256).Chain(Hasher::Genesis(), 1, entry.body));
}

// A request that needs a damaged row is refused, but no other request of its batch.
TEST_F(WalletStoreTest, DamagedRowHarmsNobodyElse_P14) {
  const Caller platform{.identity = "platform"};
  const auto with_wallet = [&](auto use) {
    TaskScope scope;
    Wallet wallet(engine.env(), scope, engine.store(), {.saves = {.save_every = 1}}, NullMetrics());
    ASSERT_TRUE(engine.env().Wait(wallet.Start()).ok());
    use(wallet);
    engine.env().RunToEnd();
  };
  const auto line = [](const std::string& id, const std::string& psn_no) {
    return Contribution{
        .line_id = id, .psn_no = psn_no, .prior_fen = 5, .year = 2026, .source = "s"};
  };
  with_wallet([&](Wallet& wallet) {
    std::vector<Contribution> lines = {line("1", "p"), line("2", "q"), line("3", "r")};
    for (const auto& answer : engine.env().Wait(wallet.Contribute(platform, lines))) {
      ASSERT_TRUE(answer.ok()) << answer.status();
    }
  });
  engine.Run("wallet.db-tables",
             "UPDATE accounts SET balance_fen = 50 WHERE name = 'person/q/prior'");
  with_wallet([&](Wallet& wallet) {
    std::vector<Contribution> lines = {line("4", "p"), line("5", "q"), line("6", "r")};
    const auto answers = engine.env().Wait(wallet.Contribute(platform, lines));
    EXPECT_TRUE(answers[0].ok()) << answers[0].status();
    EXPECT_EQ(ReasonOf(answers[1].status()), "ROW_DAMAGED");
    EXPECT_TRUE(answers[2].ok()) << answers[2].status();
  });
}

using WalletStoreDeathTest = WalletStoreTest;

// The schema repeats what the rules guarantee: a writer that gets it wrong is stopped.
TEST_F(WalletStoreDeathTest, SchemaKeepsPersonsAboveZero_P3) {
  Fill();
  engine.Close();
  EXPECT_DEATH(engine.Run("wallet.db-tables", "UPDATE accounts SET balance_fen = -1"),
               "CHECK constraint failed");
}

TEST_F(WalletStoreDeathTest, EntriesAreNeverChanged_P4) {
  Fill();
  engine.Close();
  EXPECT_DEATH(engine.Run("wallet.db", "UPDATE entries SET sum = 2"), "entries are never");
  EXPECT_DEATH(engine.Run("wallet.db", "DELETE FROM entries"), "entries are never");
}

}  // namespace
}  // namespace gongji::wallet
