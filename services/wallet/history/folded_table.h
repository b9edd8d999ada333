// A table as the journal makes it, compared with the rows of it that a shard has stored.
#ifndef GONGJI_SERVICES_WALLET_HISTORY_FOLDED_TABLE_H_
#define GONGJI_SERVICES_WALLET_HISTORY_FOLDED_TABLE_H_

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace gongji::wallet {

// Stored rows are read while the shard works. A row is right if its value is the one that the
// journal had made of it by the entry up to which the table is complete (BeginRows), or any value
// that a later entry gave it.
template <class T>
class FoldedTable {
 public:
  // An entry gave the row this value, or removed the row if there is no value.
  void Set(const std::string& key, std::optional<T> value) {
    Cell& cell = cells_[key];
    if (reading_) {
      // If the row is not among those read, it was perhaps read before it was created or after it
      // was removed.
      if (!cell.value.has_value() || !value.has_value()) cell.seen = true;
      const auto odd = odd_.find(key);
      if (odd != odd_.end() && odd->second == value) odd_.erase(odd);
    }
    cell.value = std::move(value);
  }

  // The value that the journal has given the row so far.
  T value(const std::string& key) const {
    const auto found = cells_.find(key);
    return found == cells_.end() ? T{} : found->second.value.value_or(T{});
  }

  // Everything that was set until now is in the stored table.
  void BeginRows() { reading_ = true; }

  void AddRow(const std::string& key, const T& value) {
    const auto found = cells_.find(key);
    if (found != cells_.end()) found->second.seen = true;
    if (found == cells_.end() || found->second.value != value) odd_[key] = value;
  }

  // Keys of rows whose value is not what the journal gives, in order.
  std::vector<std::string> Odd() const {
    std::vector<std::string> keys;
    for (const auto& [key, value] : odd_) keys.push_back(key);
    std::sort(keys.begin(), keys.end());
    return keys;
  }
  // Keys of rows that the journal has and the stored table has not, in order.
  std::vector<std::string> Missing() const {
    std::vector<std::string> keys;
    for (const auto& [key, cell] : cells_) {
      if (reading_ && cell.value.has_value() && !cell.seen) keys.push_back(key);
    }
    std::sort(keys.begin(), keys.end());
    return keys;
  }

  // Calls `use` with every row that exists after the last entry, in no particular order.
  template <class Use>
  void ForEach(Use use) const {
    for (const auto& [key, cell] : cells_) {
      if (cell.value.has_value()) use(key, *cell.value);
    }
  }

 private:
  struct Cell {
    std::optional<T> value;
    bool seen = false;
  };
  absl::flat_hash_map<std::string, Cell> cells_;
  absl::flat_hash_map<std::string, std::optional<T>> odd_;
  bool reading_ = false;
};

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_HISTORY_FOLDED_TABLE_H_
