// Book: the rows of a shard that are in memory, and Overlay: what a batch changes on top of them
// until its commit.
#ifndef GONGJI_SERVICES_WALLET_BOOK_H_
#define GONGJI_SERVICES_WALLET_BOOK_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "services/wallet/transaction.h"

namespace gongji::wallet {

struct Account {
  int64_t balance_fen = 0;
  bool closed = false;  // lots only

  friend bool operator==(const Account&, const Account&) = default;
};

struct Person {
  int year = 0;  // account year of `current`; 0: no personal account
  bool wallet_open = false;

  friend bool operator==(const Person&, const Person&) = default;
};

// Rows of a shard by key. A key maps to nothing where the shard has no such row.
//   claims    key -> operation that holds it; free: no row
//   counters  "allowance/<key>", "number/<lot>", "turn/<grant>" -> value
struct Rows {
  absl::flat_hash_map<std::string, std::optional<Account>> accounts;
  absl::flat_hash_map<std::string, std::optional<Person>> persons;
  absl::flat_hash_map<std::string, std::optional<std::string>> claims;
  absl::flat_hash_map<std::string, std::optional<int64_t>> counters;
};

// Keys that a batch needs.
struct Keys {
  std::vector<std::string> accounts;
  std::vector<std::string> persons;
  std::vector<std::string> claims;
  std::vector<std::string> counters;
  std::vector<std::string> ids;

  bool empty() const {
    return accounts.empty() && persons.empty() && claims.empty() && counters.empty() && ids.empty();
  }
  size_t size() const {
    return accounts.size() + persons.size() + claims.size() + counters.size() + ids.size();
  }
};

// Keys that the rules read or write for `transaction`, its id included.
void AddKeysOf(const Transaction& transaction, Keys& keys);

// Row by row changes on top of a base, with a mark to go back to: a transaction that is refused
// half-way leaves nothing. `base` must hold every key that is read.
class Overlay {
 public:
  explicit Overlay(const Rows& base) : base_(base) {}

  const std::optional<Account>& account(const std::string& key) const;
  const std::optional<Person>& person(const std::string& key) const;
  const std::optional<std::string>& claim(const std::string& key) const;
  int64_t counter(const std::string& key) const;

  void SetAccount(const std::string& key, std::optional<Account> value);
  void SetPerson(const std::string& key, std::optional<Person> value);
  void SetClaim(const std::string& key, std::optional<std::string> value);
  void SetCounter(const std::string& key, int64_t value);

  // What has been set since the last Keep is undone.
  void Undo();
  // What has been set so far stays.
  void Keep() { undo_.clear(); }

  const Rows& changes() const { return changes_; }

 private:
  template <class T>
  void Set(absl::flat_hash_map<std::string, std::optional<T>> Rows::* part, const std::string& key,
           std::optional<T> value);

  const Rows& base_;
  Rows changes_;
  std::vector<std::function<void()>> undo_;
};

// Writes `changes` over `rows`.
void Merge(const Rows& changes, Rows& rows);

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_BOOK_H_
