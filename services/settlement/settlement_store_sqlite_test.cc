#include "services/settlement/settlement_store.h"

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "services/common/sql/sqlite/sqlite_database.h"
#include "services/common/testing/temporary_folder.h"
#include "services/settlement/settlement_store_sqlite.h"
#include "services/settlement/testing/settlement_store_contract.h"

namespace gongji::settlement {
namespace {

class SqliteEngine {
 public:
  SqliteEngine() { Open(); }
  ~SqliteEngine() {
    Close();
    std::filesystem::remove_all(folder_);
  }
  ManualEnv& env() { return env_; }
  SettlementStore& store() { return *store_; }
  void Reopen() {
    Close();
    Open();
  }

  int64_t Count(const std::string& table) {
    int64_t count = -1;
    EXPECT_TRUE(database_->Prepared("SELECT count(*) FROM " + table)
                    .ForEach([&](const sql::Statement& row) { count = row.Integer(0); })
                    .ok());
    return count;
  }

 private:
  void Open() {
    database_ = *sql::Database::OpenSqlite({.path = folder_ / "settlement.db"});
    store_ = *NewSqliteSettlementStore(env_, scope_, worker_, *database_);
  }
  void Close() {
    store_.reset();
    database_.reset();
  }
  const std::filesystem::path folder_ = MakeTemporaryFolder();
  ManualEnv env_;
  TaskScope scope_;
  InlineWorker worker_;
  std::unique_ptr<sql::Database> database_;
  std::unique_ptr<SettlementStore> store_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, SettlementStoreContract, SqliteEngine);

using SettlementStoreTest = SettlementStoreContract<SqliteEngine>;

// Operations are many, and each has a few steps: a row for each step would double the store.
TEST_F(SettlementStoreTest, StepsOfOneWriteThatLieTogetherShareARow) {
  const int64_t epoch = TakeOver();
  OperationWrite write{.operation = Stored(Make("a", State::kDone, 1)), .new_plan = true};
  for (const char* id : {"c", "a", "b"}) {
    for (const char* province : {"31", "51"}) {
      for (const int64_t number : {3, 1, 2000}) write.steps.push_back({province, number, id, ""});
    }
  }
  ASSERT_TRUE(Write(epoch, std::move(write)).ok());
  EXPECT_EQ(engine.Count("steps"), 4);
  EXPECT_EQ(Steps({.province = "51"}, 100).size(), 9U);
}

}  // namespace
}  // namespace gongji::settlement
