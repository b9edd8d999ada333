// The tables of a shard in an SQLite file (schema/001_tables.sql).
#ifndef GONGJI_SERVICES_WALLET_STORE_SQLITE_TABLES_H_
#define GONGJI_SERVICES_WALLET_STORE_SQLITE_TABLES_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/common/sql/sqlite/sqlite_database.h"
#include "services/wallet/rules/book.h"
#include "services/wallet/store/wallet_store.h"

namespace gongji::wallet {

// The methods are those of WalletStore that concern the tables, and keep its promises. One instance
// writes, one reads, each on its own thread.
class Tables {
 public:
  explicit Tables(std::unique_ptr<sql::Database> database) : database_(std::move(database)) {}

  // From now on only the writer that has just taken over the journal with this head may save.
  // Returns that head, completed with what is saved.
  absl::StatusOr<Head> TakeOver(const Head& journal);

  absl::Status Save(int64_t epoch, const Slice& slice);

  absl::StatusOr<Loaded> Load(const Keys& keys);

  absl::StatusOr<std::vector<std::vector<AccountRow>>> Accounts(const std::vector<Range>& ranges);

  absl::StatusOr<TablePage> Stored(Table table, const std::string& after, int limit);

 private:
  // Returns `head`, completed with what is saved.
  absl::StatusOr<Head> ReadSaved(Head head);

  absl::Status WriteSaved(const Head& head);

  template <class T>
  absl::Status LoadAll(Table table, const std::vector<std::string>& keys, Rows::Table<T>& rows);

  absl::Status Write(const ChangedRows& rows);

  const std::unique_ptr<sql::Database> database_;
};

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_STORE_SQLITE_TABLES_H_
