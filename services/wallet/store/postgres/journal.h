// The journal of a shard in PostgreSQL (schema/001_postgres.sql).
#ifndef GONGJI_SERVICES_WALLET_STORE_POSTGRES_JOURNAL_H_
#define GONGJI_SERVICES_WALLET_STORE_POSTGRES_JOURNAL_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/common/sql/postgres/postgres.h"
#include "services/ledger/transaction.h"
#include "services/wallet/store/wallet_store.h"

namespace gongji::wallet {

// The methods are those of WalletStore that concern the journal, and keep its promises. One
// instance writes, one reads, each on its own thread.
class PostgresJournal {
 public:
  // `hash` is for a journal that has no entry yet and never had a writer.
  PostgresJournal(std::unique_ptr<sql::Postgres> postgres, HashKind hash)
      : postgres_(std::move(postgres)), hash_(hash) {}

  absl::StatusOr<Head> TakeOver();

  absl::Status Append(int64_t epoch, int64_t first_number,
                      const std::vector<ledger::Entry>& entries);

  absl::StatusOr<std::vector<ledger::Entry>> Entries(const std::vector<int64_t>& numbers);

  absl::StatusOr<std::vector<ledger::Entry>> Walk(const std::string& account, int64_t number,
                                                  int limit);

  absl::StatusOr<std::vector<ledger::Entry>> Tail(int64_t after, int limit);

  absl::StatusOr<SealedPage> Sealed(int64_t after, int limit);

 private:
  absl::Status TryTakeOver(Head& head);

  // Returns the rows of `entries`, and moves `head` to the last of them.
  sql::Values RowsOf(const std::vector<ledger::Entry>& entries, Head& head) const;

  // After an answer was lost: finds out whether the append that leads to `wanted` is in the
  // journal. If it is not, it never will be.
  enum class Fate { kWritten, kNotWritten, kNotWriter };
  absl::StatusOr<Fate> Resolve(const Head& wanted);

  absl::StatusOr<Head> HeadOf(const sql::Result& result) const;

  const std::unique_ptr<sql::Postgres> postgres_;
  const HashKind hash_;
  // The journal's head; of the writing instance only, since it took over.
  Head head_;
  int64_t attempt_ = 0;  // as in the schema
};

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_STORE_POSTGRES_JOURNAL_H_
