// What a shard stores: the journal, which is the commit, and tables that follow it. What the tables
// lack is redone from the journal's tail. Implementations: SQLite (sqlite/sqlite_store.h),
// PostgreSQL (postgres/postgres_store.h), memory for tests and the simulator
// (testing/wallet_store_memory.h); all of them pass testing/wallet_store_contract.h.
#ifndef GONGJI_SERVICES_WALLET_STORE_WALLET_STORE_H_
#define GONGJI_SERVICES_WALLET_STORE_WALLET_STORE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/common/task.h"
#include "services/ledger/accounts.h"
#include "services/ledger/transaction.h"
#include "services/wallet/rules/book.h"
#include "services/wallet/rules/seal.h"

namespace gongji::wallet {

// An entry of the journal that shows which journal the tables belong to.
struct Anchor {
  int64_t number = 0;
  std::string id;

  friend bool operator==(const Anchor&, const Anchor&) = default;
};

// Who may write the shard, where its journal ends, and how far the tables have followed.
struct Head {
  int64_t epoch = 0;        // raised by each new writer
  int64_t last_number = 0;  // of the journal; 0: it is empty
  absl::Time last_at = absl::UnixEpoch();
  HashKind hash = HashKind::kSm3;
  Digest chain = Hasher::Genesis();  // of the last entry
  int64_t saved_number = 0;          // the tables are complete up to this entry
  Anchor newest;                     // the newest entry that may be in the tables; number 0: none
};

// What was loaded from the tables.
struct Loaded {
  // Every key that was asked for, including those that the shard has no row for.
  Rows rows;
  // Entry numbers of those ids that have an entry.
  absl::flat_hash_map<std::string, int64_t> numbers;
};

struct AccountRow {
  std::string name;
  ledger::Account account;

  friend bool operator==(const AccountRow&, const AccountRow&) = default;
};

// Account names after `after` and before `before` ("": no end), at most `limit` of them.
struct Range {
  std::string after;
  std::string before;
  int limit = 0;
};

// Accounts whose names begin with `prefix`, which ends in '/', at most `limit`.
inline Range AccountsUnder(const std::string& prefix, int limit) {
  Range range{prefix, prefix, limit};
  range.before.back() = '0';  // It follows '/'.
  return range;
}

// All accounts of a person, at most `limit`.
inline Range AccountsOf(const std::string& psn_no, int limit) {
  return AccountsUnder(ledger::PersonPrefix(psn_no), limit);
}

// A part of a save: what one commit writes to the tables.
struct Slice {
  ChangedRows rows;
  // The rows have the values that they had after this entry, which is durable in the journal.
  Anchor newest;
  std::vector<std::pair<std::string, int64_t>> ids;  // each with the number of its entry
  // In the last slice of a save: the entry up to which the tables are then complete; 0 in the
  // others.
  int64_t up_to = 0;
};

// Entries as they are stored, including damaged ones, for programs that check them.
struct SealedPage {
  HashKind hash = HashKind::kSm3;
  int64_t last_number = 0;  // of the journal
  std::vector<SealedEntry> entries;
};

enum class Table { kAccounts = 1, kPersons = 2, kClaims = 3, kCounters = 4, kIds = 5 };
inline constexpr Table kTables[] = {Table::kAccounts, Table::kPersons, Table::kClaims,
                                    Table::kCounters, Table::kIds};

// A row as it is stored. Its value is an account, a person, the holder of a claim, a counter, or
// the number of an id's entry.
struct TableRow {
  std::string key;
  std::variant<ledger::Account, ledger::Person, std::string, int64_t> value;
  bool whole = true;  // its checksum fits

  friend bool operator==(const TableRow&, const TableRow&) = default;
};

// The rows contain everything up to entry `saved_number`, and perhaps some changes of later entries
// up to `newest_number`.
struct TablePage {
  std::vector<TableRow> rows;
  int64_t saved_number = 0;
  int64_t newest_number = 0;
};

// Any method may fail with UNAVAILABLE (the store is away) or DATA_LOSS ROW_DAMAGED (what was read
// is not what was written); writes also with RESOURCE_EXHAUSTED DISK_FULL. After a failed write
// nothing of it is ever seen.
class WalletStore {
 public:
  virtual ~WalletStore() = default;

  // Makes the caller the only writer: raises the epoch, durably, and returns the head. Writes of an
  // earlier writer are refused from now on.
  virtual Task<absl::StatusOr<Head>> TakeOver() = 0;

  // Appends `entries`, numbered from `first_number` without a gap, all or nothing; they are durable
  // when it returns OK. UNAVAILABLE NOT_WRITER, with nothing written, if `epoch` is not the head's
  // or `first_number` does not follow its last number. UNAVAILABLE PEER_UNAVAILABLE or CONFLICT,
  // RESOURCE_EXHAUSTED DISK_FULL: nothing was written, nor will be. After any other error nobody
  // knows whether they were written, until the next TakeOver.
  virtual Task<absl::Status> Append(int64_t epoch, int64_t first_number,
                                    std::shared_ptr<const std::vector<ledger::Entry>> entries) = 0;

  // Writes a slice of the tables. It is atomic, but perhaps not durable before a later slice is;
  // then its `up_to` is not either. NOT_WRITER as Append.
  virtual Task<absl::Status> Save(int64_t epoch, std::shared_ptr<const Slice> slice) = 0;

  // Reads rows, and entry numbers of ids, from the tables.
  virtual Task<absl::StatusOr<Loaded>> Load(Keys keys) = 0;

  // Reads the accounts of the tables in each range, in order of name.
  virtual Task<absl::StatusOr<std::vector<std::vector<AccountRow>>>> Accounts(
      std::vector<Range> ranges) = 0;

  // Reads the entries with these numbers, which must exist, in the order asked.
  virtual Task<absl::StatusOr<std::vector<ledger::Entry>>> Entries(
      std::vector<int64_t> numbers) = 0;

  // Reads entries that moved money of `account`, newest first, beginning with entry `number`, at
  // most `limit`; none if that entry moved no money of it.
  virtual Task<absl::StatusOr<std::vector<ledger::Entry>>> Walk(std::string account, int64_t number,
                                                                int limit) = 0;

  // Reads entries with numbers greater than `after`, in order, at most `limit`.
  virtual Task<absl::StatusOr<std::vector<ledger::Entry>>> Tail(int64_t after, int limit) = 0;

  // Like Tail, but reads the entries as they are stored. Nothing is checked, and missing rows are
  // left out.
  virtual Task<absl::StatusOr<SealedPage>> Sealed(int64_t after, int limit) = 0;

  // Reads the rows of a table with keys greater than `after`, in order, at most `limit`. Nothing is
  // checked.
  virtual Task<absl::StatusOr<TablePage>> Stored(Table table, std::string after, int limit) = 0;
};

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_STORE_WALLET_STORE_H_
