// The journal of a shard in an SQLite file (schema/001_journal.sql).
#ifndef GONGJI_SERVICES_WALLET_STORE_SQLITE_JOURNAL_H_
#define GONGJI_SERVICES_WALLET_STORE_SQLITE_JOURNAL_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/common/sql/sqlite/sqlite_database.h"
#include "services/ledger/transaction.h"
#include "services/wallet/store/wallet_store.h"

namespace gongji::wallet {

// The methods are those of WalletStore that concern the journal, and keep its promises. One
// instance writes, one reads, each on its own thread.
class Journal {
 public:
  // `hash` is for a journal that has no entry yet and never had a writer.
  Journal(std::unique_ptr<sql::Database> database, HashKind hash)
      : database_(std::move(database)), hash_(hash) {}

  absl::StatusOr<Head> TakeOver();

  absl::Status Append(int64_t epoch, int64_t first_number,
                      const std::vector<ledger::Entry>& entries);

  absl::StatusOr<std::vector<ledger::Entry>> Entries(const std::vector<int64_t>& numbers);

  absl::StatusOr<std::vector<ledger::Entry>> Walk(const std::string& account, int64_t number,
                                                  int limit);

  absl::StatusOr<std::vector<ledger::Entry>> Tail(int64_t after, int limit);

  absl::StatusOr<SealedPage> Sealed(int64_t after, int limit);

  // The head, if every entry up to it exists, is whole and fits the chain; otherwise ROW_DAMAGED.
  // Reads `page` entries at a time.
  absl::StatusOr<Head> Check(int page);

 private:
  absl::StatusOr<Head> ReadHead();

  absl::Status WriteHead(const Head& head);

  // Appends the entries from `first` to `last` to `entries`; ROW_DAMAGED unless all exist and are
  // whole.
  absl::Status Read(int64_t first, int64_t last, std::vector<ledger::Entry>& entries);

  // Appends to `rows` those rows from `first` to `last` that exist.
  absl::Status ReadRows(int64_t first, int64_t last, std::vector<SealedEntry>& rows);

  const std::unique_ptr<sql::Database> database_;
  const HashKind hash_;
};

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_STORE_SQLITE_JOURNAL_H_
