// The rows of a shard as every SQL engine stores them: names and columns, and how a row is read,
// sealed and given its checksum.
#ifndef GONGJI_SERVICES_WALLET_STORE_STORED_ROWS_H_
#define GONGJI_SERVICES_WALLET_STORE_STORED_ROWS_H_

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/common/errors/check.h"
#include "services/common/errors/status.h"
#include "services/wallet/rules/entry_bytes.h"
#include "services/wallet/store/row_sum.h"
#include "services/wallet/store/wallet_store.h"

namespace gongji::wallet {

// Comes after all account names, which begin with a small letter.
inline constexpr char kBehindAllNames[] = "~";

struct TableShape {
  const char* name;
  const char* key;
  const char* columns;  // the key, the contents, the checksum
};

inline TableShape ShapeOf(Table table) {
  switch (table) {
    case Table::kAccounts:
      return {"accounts", "name", "name, balance_fen, closed, last_number, sum"};
    case Table::kPersons:
      return {"persons", "psn_no",
              "psn_no, year, wallet_open, standing, forward_to, opened_by, sum"};
    case Table::kClaims:
      return {"claims", "name", "name, holder, sum"};
    case Table::kCounters:
      return {"counters", "name", "name, value, sum"};
    case Table::kIds:
      return {"ids", "id", "id, number, sum"};
  }
  CHECK(false);
}

// `row` returns the columns of the shape by Integer(i) and Text(i).
template <class Columns>
TableRow ReadRow(Table table, const Columns& row) {
  const std::string key = row.Text(0);
  switch (table) {
    case Table::kAccounts:
      return {key, ledger::Account{row.Integer(1), row.Integer(2) != 0, row.Integer(3)},
              row.Integer(4) == RowSum(key, row.Integer(1), row.Integer(2), row.Integer(3))};
    case Table::kPersons:
      return {
          key,
          ledger::Person{static_cast<int>(row.Integer(1)), row.Integer(2) != 0,
                         static_cast<ledger::Residence>(row.Integer(3)), row.Text(4), row.Text(5)},
          row.Integer(6) == RowSum(key, row.Integer(1), row.Integer(2), row.Integer(3), row.Text(4),
                                   row.Text(5))};
    case Table::kClaims:
      return {key, row.Text(1), row.Integer(2) == RowSum(key, row.Text(1))};
    case Table::kCounters:
    case Table::kIds:
      return {key, row.Integer(1), row.Integer(2) == RowSum(key, row.Integer(1))};
  }
  CHECK(false);
}

inline int64_t HeadSum(const Head& head) {
  return RowSum("head", head.epoch, head.last_number, absl::ToUnixMillis(head.last_at),
                static_cast<int>(head.hash), head.chain);
}

// The checksum of the row that says what is saved.
inline int64_t SavedSum(const Head& head) {
  return RowSum(head.newest.id, head.epoch, head.saved_number, head.newest.number);
}

inline int64_t EntrySum(const SealedEntry& entry) {
  return RowSum(entry.body, entry.number, entry.chain);
}

// `row` has the columns epoch, last_number, last_at_ms, hash, chain, sum. A journal that was just
// created has no head yet; `hash` will seal it.
template <class Columns>
absl::StatusOr<Head> ReadHead(const Columns& row, HashKind hash) {
  Head head;
  head.epoch = row.Integer(0);
  head.last_number = row.Integer(1);
  head.last_at = absl::FromUnixMillis(row.Integer(2));
  head.hash = hash;
  if (head.epoch == 0 && head.last_number == 0) return head;
  head.hash = static_cast<HashKind>(row.Integer(3));
  head.chain = row.Text(4);
  if (row.Integer(5) != HeadSum(head)) return Damaged("head", "");
  return head;
}

// Returns `head`, completed with what is saved. `row` has the columns epoch, number, newest,
// newest_id, sum.
template <class Columns>
absl::StatusOr<Head> ReadSaved(const Columns& row, Head head) {
  head.epoch = row.Integer(0);
  head.saved_number = row.Integer(1);
  head.newest = {row.Integer(2), row.Text(3)};
  // Tables that were just created have no sum yet.
  const bool fresh = head.epoch == 0 && head.saved_number == 0;
  if (!fresh && row.Integer(4) != SavedSum(head)) return Damaged("saved", "");
  return head;
}

// `row` has the columns number, body, chain, sum.
template <class Columns>
SealedEntry ReadSealed(const Columns& row) {
  SealedEntry entry{.number = row.Integer(0), .body = row.Text(1), .chain = row.Text(2)};
  entry.whole = row.Integer(3) == EntrySum(entry);
  return entry;
}

// Returns the row of `entry`, which must follow `head`, and moves `head` to it.
inline SealedEntry Seal(const ledger::Entry& entry, Hasher& hasher, Head& head) {
  SealedEntry sealed{.number = entry.number, .body = EncodeEntry(entry)};
  sealed.chain = hasher.Chain(head.chain, entry.number, sealed.body);
  head.chain = sealed.chain;
  head.last_number = entry.number;
  head.last_at = entry.at;
  return sealed;
}

// WalletStore::Walk in a journal that ends with `last`; `read` returns the entry with a number.
template <class Read>
absl::StatusOr<std::vector<ledger::Entry>> WalkBack(const std::string& account, int64_t number,
                                                    int64_t last, int limit, const Read& read) {
  std::vector<ledger::Entry> entries;
  if (number > last) return entries;
  while (number > 0 && std::ssize(entries) < limit) {
    ASSIGN_OR_RETURN(ledger::Entry entry, read(number));
    const auto before = ledger::EntryBefore(entry.rows, account);
    if (before.has_value()) entries.push_back(std::move(entry));
    number = before.value_or(0);
  }
  return entries;
}

// Adds the entries of `rows` to `entries`. ROW_DAMAGED unless they are all entries from `first` to
// `last`, each of them whole.
inline absl::Status AddEntries(int64_t first, int64_t last, const std::vector<SealedEntry>& rows,
                               std::vector<ledger::Entry>& entries) {
  int64_t expected = first;
  for (const SealedEntry& row : rows) {
    ledger::Entry entry;
    entry.number = row.number;
    if (row.number != expected || !row.whole || !DecodeEntry(row.body, entry)) break;
    ++expected;
    entries.push_back(std::move(entry));
  }
  return expected > last ? absl::OkStatus() : Damaged("entries", std::to_string(expected));
}

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_STORE_STORED_ROWS_H_
