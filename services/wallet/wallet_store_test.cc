#include "services/wallet/wallet_store.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>

#include "services/common/sql/database.h"
#include "services/wallet/wallet_store_contract.h"

namespace gongji::wallet {
namespace {

class SqliteEngine {
 public:
  SqliteEngine() { Open(); }
  ~SqliteEngine() {
    Close();
    std::filesystem::remove_all(folder_);
  }
  ManualEnv& env() { return env_; }
  WalletStore& store() { return *store_; }
  sql::Database& database() { return *database_; }
  void Reopen() {
    Close();
    Open();
  }

 private:
  void Open() {
    database_ = *sql::Database::OpenSqlite({.path = folder_ / "wallet.db"});
    store_ = *NewSqlWalletStore(env_, worker_, *database_);
  }
  void Close() {
    store_.reset();
    database_.reset();
  }
  static std::filesystem::path MakeFolder() {
    std::string pattern = std::filesystem::temp_directory_path() / "gongji-XXXXXX";
    return mkdtemp(pattern.data());
  }

  const std::filesystem::path folder_ = MakeFolder();
  ManualEnv env_;
  InlineWorker worker_;
  std::unique_ptr<sql::Database> database_;
  std::unique_ptr<WalletStore> store_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, WalletStoreContract, SqliteEngine);

using WalletStoreDeathTest = testing::Test;

// The schema says again what the rules guarantee: a writer that gets it wrong is stopped.
TEST(WalletStoreDeathTest, SchemaKeepsPersonsAboveZero_P3) {
  SqliteEngine engine;
  engine.env().Wait(engine.store().TakeOver()).IgnoreError();
  EXPECT_DEATH(engine.database()
                   .Prepared("INSERT INTO accounts (name, balance_fen, closed) VALUES "
                             "('person/p/prior', -1, 0)")
                   .Run()
                   .IgnoreError(),
               "CHECK constraint failed");
}

TEST(WalletStoreDeathTest, EntriesAreNeverChanged_P4) {
  SqliteEngine engine;
  const Head head = *engine.env().Wait(engine.store().TakeOver());
  Entry entry;
  entry.number = 1;
  entry.id = "a";
  std::vector<Entry> entries = {entry};
  ASSERT_TRUE(engine.env().Wait(engine.store().Append(head.epoch, 1, entries, {})).ok());
  for (const char* sql : {"UPDATE entries SET outcome = 2", "DELETE FROM entries"}) {
    EXPECT_DEATH(engine.database().Prepared(sql).Run().IgnoreError(), "entries are never");
  }
}

}  // namespace
}  // namespace gongji::wallet
