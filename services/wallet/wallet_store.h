// What a shard remembers. Implementations: SQL (wallet_store.cc), memory for tests and the
// simulator (wallet_store_memory.h); both stand under wallet_store_contract.h.
#ifndef GONGJI_SERVICES_WALLET_WALLET_STORE_H_
#define GONGJI_SERVICES_WALLET_WALLET_STORE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/common/env.h"
#include "services/common/task.h"
#include "services/common/worker.h"
#include "services/wallet/book.h"
#include "services/wallet/transaction.h"

namespace gongji::sql {
class Database;
}

namespace gongji::wallet {

// Where the journal stands and who may write it.
struct Head {
  int64_t epoch = 0;
  int64_t last_number = 0;
  absl::Time last_at = absl::UnixEpoch();
};

struct Loaded {
  // Every key that was asked for, also those that the shard has no row for.
  Rows rows;
  // Entries of the ids that have one.
  absl::flat_hash_map<std::string, Entry> entries;
};

struct AccountRow {
  std::string name;
  Account account;

  friend bool operator==(const AccountRow&, const AccountRow&) = default;
};

// One person as of an entry.
struct PersonView {
  std::string psn_no;
  Person person;
  std::vector<AccountRow> accounts;  // in order of name
};

// Reads give committed rows only. Any method may fail with UNAVAILABLE (the store is away) or
// RESOURCE_EXHAUSTED DISK_FULL; after a failed write nothing of it is ever seen.
class WalletStore {
 public:
  virtual ~WalletStore() = default;

  // Makes the caller the only writer: raises the epoch, durably, and gives the head. What an
  // earlier writer sends from now on is refused.
  virtual Task<absl::StatusOr<Head>> TakeOver() = 0;

  // Reads rows and entries by key.
  virtual Task<absl::StatusOr<Loaded>> Load(Keys keys) = 0;

  // Appends `entries`, numbered from `first_number` without a gap, and the rows as they are after
  // them, all or nothing, durable before it returns OK. UNAVAILABLE NOT_WRITER, with nothing
  // written, if `epoch` is not the head's or `first_number` does not follow its last number.
  virtual Task<absl::Status> Append(int64_t epoch, int64_t first_number, std::vector<Entry> entries,
                                    Rows changes) = 0;

  // Entries with greater numbers, in order, at most `limit`.
  virtual Task<absl::StatusOr<std::vector<Entry>>> Tail(int64_t after, int limit) = 0;

  // Accounts with greater names, in order, at most `limit`, as of the entry given with them.
  virtual Task<absl::StatusOr<std::pair<std::vector<AccountRow>, int64_t>>> Accounts(
      std::string after, int limit) = 0;

  // Persons with all their accounts, in the order asked, as of the entry given with them.
  virtual Task<absl::StatusOr<std::pair<std::vector<PersonView>, int64_t>>> Persons(
      std::vector<std::string> psn_nos) = 0;
};

// The SQL implementation. `database` is used on `worker` only; creates the schema if there is
// none. All must outlive the store.
absl::StatusOr<std::unique_ptr<WalletStore>> NewSqlWalletStore(Env& env, Worker& worker,
                                                               sql::Database& database);

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_WALLET_STORE_H_
