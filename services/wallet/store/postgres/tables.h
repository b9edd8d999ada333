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

// What WalletStore says of the tables.
// One instance writes, one reads, each on its own thread.
class PostgresTables {
 public:
  explicit PostgresTables(std::unique_ptr<sql::Postgres> postgres)
      : postgres_(std::move(postgres)) {}

  // Lets nobody save but the writer that has just taken over the journal with this head; gives it
  // with what is saved. NOT_WRITER if a later one did so already.
  absl::StatusOr<Head> TakeOver(const Head& journal);

  absl::Status Save(int64_t epoch, const Slice& slice);

  absl::StatusOr<Loaded> Load(const Keys& keys);

  absl::StatusOr<std::vector<std::vector<AccountRow>>> Accounts(const std::vector<Range>& ranges);

  absl::StatusOr<TablePage> Stored(Table table, const std::string& after, int limit);

 private:
  absl::Status TryTakeOver(const Head& journal, Head& head);

  // Everything that writes `slice`; the first statement says whether the rest did anything.
  std::vector<sql::Query> StatementsOf(const Head& wanted, const Slice& slice) const;

  // After an answer was lost: whether that save is there. If not, it never will be.
  absl::StatusOr<bool> Resolve(const Head& wanted);

  const std::unique_ptr<sql::Postgres> postgres_;
  // Of the writing instance, since it took over.
  Head head_;
  int64_t attempt_ = 0;
  bool known_ = true;  // False: the answer to the last save is still to be found.
};

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_STORE_POSTGRES_TABLES_H_
