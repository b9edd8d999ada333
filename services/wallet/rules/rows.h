// The rows of a shard as plain values, and which of them a transaction or an entry touches.
#ifndef GONGJI_SERVICES_WALLET_RULES_ROWS_H_
#define GONGJI_SERVICES_WALLET_RULES_ROWS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "services/ledger/transaction.h"

namespace gongji::wallet {

// Rows of a shard by key. A key maps to nothing where the shard has no such row.
//   claims    key -> operation that holds it; a free key has no row
//   counters  AllowanceKey, LotNumberKey or GrantSequenceKey (services/ledger/accounts.h) -> value
// Tables are ordered by key: the book forgets rows in the order in which it learned them, and no
// effect may follow hash order.
struct Rows {
  template <class T>
  using Table = absl::btree_map<std::string, std::optional<T>>;

  Table<ledger::Account> accounts;
  Table<ledger::Person> persons;
  Table<std::string> claims;
  Table<int64_t> counters;
};

// Rows that changed, each table in order of key.
struct ChangedRows {
  template <class T>
  using Table = std::vector<std::pair<std::string, std::optional<T>>>;

  Table<ledger::Account> accounts;
  Table<ledger::Person> persons;
  Table<std::string> claims;
  Table<int64_t> counters;

  size_t size() const { return accounts.size() + persons.size() + claims.size() + counters.size(); }
};

// Keys of the rows and entries that a batch needs.
struct Keys {
  std::vector<std::string> accounts;
  std::vector<std::string> persons;
  std::vector<std::string> claims;
  std::vector<std::string> counters;
  std::vector<std::string> ids;
  // Persons all of whose accounts are needed.
  std::vector<std::string> owners;

  bool empty() const {
    return accounts.empty() && persons.empty() && claims.empty() && counters.empty() && ids.empty();
  }
};

// By person, the names of all their accounts, in order, as far as the book is durable.
using OwnedAccounts = absl::flat_hash_map<std::string, std::vector<std::string>>;

// Adds the keys that the rules read or write for `transaction`, including its id.
void AddKeysOf(const ledger::Transaction& transaction, Keys& keys);

// Adds the keys that Book::Redo reads for `entry`.
void AddKeysOf(const ledger::Entry& entry, Keys& keys);

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_RULES_ROWS_H_
