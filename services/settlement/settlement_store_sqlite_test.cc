#include "services/settlement/settlement_store.h"

#include <filesystem>
#include <memory>

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

}  // namespace
}  // namespace gongji::settlement
