// The tables of a shard in PostgreSQL (schema/001_postgres.sql).
#ifndef GONGJI_SERVICES_WALLET_STORE_POSTGRES_TABLES_H_
#define GONGJI_SERVICES_WALLET_STORE_POSTGRES_TABLES_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/common/sql/postgres/postgres.h"
#include "services/wallet/rules/book.h"
#include "services/wallet/store/wallet_store.h"

namespace gongji::wallet {

// The methods are those of WalletStore that concern the tables, and keep its promises. One instance
// writes, one reads, each on its own thread.
class PostgresTables {
 public:
  explicit PostgresTables(std::unique_ptr<sql::Postgres> postgres)
      : postgres_(std::move(postgres)) {}

  // From now on only the writer that has just taken over the journal with this head may save.
  // Returns that head, completed with what is saved. NOT_WRITER if a later writer has done so
  // already.
  absl::StatusOr<Head> TakeOver(const Head& journal);

  absl::Status Save(int64_t epoch, const Slice& slice);

  absl::StatusOr<Loaded> Load(const Keys& keys);

  absl::StatusOr<std::vector<std::vector<AccountRow>>> Accounts(const std::vector<Range>& ranges);

  absl::StatusOr<TablePage> Stored(Table table, const std::string& after, int limit);

 private:
  absl::Status TryTakeOver(const Head& journal, Head& head);

  // The statements that write `slice`; the result of the first one says whether the others wrote
  // anything.
  std::vector<sql::Query> StatementsOf(const Head& wanted, const Slice& slice) const;

  // After an answer was lost: finds out whether that save is in the tables. If it is not, it never
  // will be.
  absl::StatusOr<bool> Resolve(const Head& wanted);

  const std::unique_ptr<sql::Postgres> postgres_;
  // The tables' head; of the writing instance only, since it took over.
  Head head_;
  int64_t attempt_ = 0;
  bool known_ = true;  // false: it is not known yet whether the last save was written
};

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_STORE_POSTGRES_TABLES_H_
