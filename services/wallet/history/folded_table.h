// A table as the journal makes it, held against the rows that a shard has stored of it.
#ifndef GONGJI_SERVICES_WALLET_HISTORY_FOLDED_TABLE_H_
#define GONGJI_SERVICES_WALLET_HISTORY_FOLDED_TABLE_H_

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace gongji::wallet {

// Stored rows are read while the shard works: each is right if it is what the journal gave at the
// entry up to which the table is complete (BeginRows), or anything that later entries made of it.
template <class T>
class FoldedTable {
 public:
  // An entry made this of the row; nothing: there is none any more.
  void Set(const std::string& key, std::optional<T> value) {
    Cell& cell = cells_[key];
    if (reading_) {
      // A row that is not there was perhaps read before it was made, or after it was freed.
      if (!cell.value.has_value() || !value.has_value()) cell.seen = true;
      const auto odd = odd_.find(key);
      if (odd != odd_.end() && odd->second == value) odd_.erase(odd);
    }
    cell.value = std::move(value);
  }

  // What the journal makes of it so far.
  T value(const std::string& key) const {
    const auto found = cells_.find(key);
    return found == cells_.end() ? T{} : found->second.value.value_or(T{});
  }

  // All that was set until now is in the stored table.
  void BeginRows() { reading_ = true; }

  void AddRow(const std::string& key, const T& value) {
    const auto found = cells_.find(key);
    if (found != cells_.end()) found->second.seen = true;
    if (found == cells_.end() || found->second.value != value) odd_[key] = value;
  }

  // Keys of rows that are not what the journal gives, and of rows that are missing; in order.
  std::vector<std::string> Odd() const {
    std::vector<std::string> keys;
    for (const auto& [key, value] : odd_) keys.push_back(key);
    std::sort(keys.begin(), keys.end());
    return keys;
  }
  std::vector<std::string> Missing() const {
    std::vector<std::string> keys;
    for (const auto& [key, cell] : cells_) {
      if (reading_ && cell.value.has_value() && !cell.seen) keys.push_back(key);
    }
    std::sort(keys.begin(), keys.end());
    return keys;
  }

  // Calls `use` with every row that there is in the end, in no order.
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
