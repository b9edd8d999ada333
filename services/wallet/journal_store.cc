#include "services/wallet/journal_store.h"

#include <algorithm>

#include "services/common/status.h"
#include "services/reasons/reasons.h"
#include "services/wallet/entry_bytes.h"
#include "services/wallet/row_sum.h"
#include "services/wallet/stored_rows.h"

namespace gongji::wallet {

using sql::Blob;
using sql::Statement;

absl::StatusOr<Head> Journal::TakeOver() {
  Head head;
  RETURN_IF_ERROR(database_->Transaction([&]() -> absl::Status {
    ASSIGN_OR_RETURN(head, ReadHead());
    if (head.last_number > 0) {
      std::vector<SealedEntry> last;
      RETURN_IF_ERROR(ReadRows(head.last_number, head.last_number, last));
      if (last.empty() || last.front().chain != head.chain) return Damaged("head", "");
    }
    ++head.epoch;
    return WriteHead(head);
  }));
  return head;
}

absl::Status Journal::Append(int64_t epoch, int64_t first_number,
                             const std::vector<Entry>& entries) {
  return database_->Transaction([&]() -> absl::Status {
    ASSIGN_OR_RETURN(Head head, ReadHead());
    if (head.epoch != epoch || head.last_number + 1 != first_number) {
      return Refuse(reason::kNotWriter);
    }
    Hasher hasher(head.hash);
    Statement& insert = database_->Prepared(
        "INSERT INTO entries (number, body, chain, sum) VALUES (?1, ?2, ?3, ?4)");
    for (const Entry& entry : entries) {
      const std::string body = EncodeEntry(entry);
      head.chain = hasher.Chain(head.chain, entry.number, body);
      RETURN_IF_ERROR(insert.Run(entry.number, Blob{body}, Blob{head.chain},
                                 RowSum(body, entry.number, head.chain)));
    }
    head.last_number = entries.back().number;
    head.last_at = entries.back().at;
    return WriteHead(head);
  });
}

absl::StatusOr<std::vector<Entry>> Journal::Entries(const std::vector<int64_t>& numbers) {
  std::vector<Entry> entries;
  for (const int64_t number : numbers) RETURN_IF_ERROR(Read(number, number, entries));
  return entries;
}

absl::StatusOr<std::vector<Entry>> Journal::Walk(const std::string& account, int64_t number,
                                                 int limit) {
  std::vector<Entry> entries;
  ASSIGN_OR_RETURN(const Head head, ReadHead());
  if (number > head.last_number) return entries;
  while (number > 0 && std::ssize(entries) < limit) {
    RETURN_IF_ERROR(Read(number, number, entries));
    const auto before = EntryBefore(entries.back().rows, account);
    if (!before.has_value()) entries.pop_back();
    number = before.value_or(0);
  }
  return entries;
}

absl::StatusOr<std::vector<Entry>> Journal::Tail(int64_t after, int limit) {
  ASSIGN_OR_RETURN(const Head head, ReadHead());
  std::vector<Entry> entries;
  RETURN_IF_ERROR(Read(after + 1, std::min(after + limit, head.last_number), entries));
  return entries;
}

absl::StatusOr<SealedPage> Journal::Sealed(int64_t after, int limit) {
  SealedPage page;
  ASSIGN_OR_RETURN(const Head head, ReadHead());
  page.hash = head.hash;
  page.last_number = head.last_number;
  RETURN_IF_ERROR(ReadRows(after + 1, std::min(after + limit, head.last_number), page.entries));
  return page;
}

absl::StatusOr<Head> Journal::ReadHead() {
  Head head;
  bool whole = false;
  RETURN_IF_ERROR(
      database_
          ->Prepared("SELECT epoch, last_number, last_at_ms, hash, chain, sum FROM head "
                     "WHERE one = 1")
          .ForEach([&](const Statement& row) {
            head.epoch = row.Integer(0);
            head.last_number = row.Integer(1);
            head.last_at = absl::FromUnixMillis(row.Integer(2));
            // A journal that was just made has no head yet.
            const bool fresh = head.epoch == 0 && head.last_number == 0;
            head.hash = fresh ? hash_ : static_cast<HashKind>(row.Integer(3));
            head.chain = fresh ? Hasher::Genesis() : row.Text(4);
            whole = fresh || row.Integer(5) == HeadSum(head);
          }));
  if (!whole) return Damaged("head", "");
  return head;
}

absl::Status Journal::WriteHead(const Head& head) {
  return database_
      ->Prepared(
          "UPDATE head SET epoch = ?1, last_number = ?2, last_at_ms = ?3, hash = ?4, chain = ?5, "
          "sum = ?6 WHERE one = 1")
      .Run(head.epoch, head.last_number, absl::ToUnixMillis(head.last_at),
           static_cast<int>(head.hash), Blob{head.chain}, HeadSum(head));
}

absl::Status Journal::ReadRows(int64_t first, int64_t last, std::vector<SealedEntry>& rows) {
  const auto add = [&rows](const Statement& row) {
    SealedEntry& entry = rows.emplace_back();
    entry.number = row.Integer(0);
    entry.body = row.Text(1);
    entry.chain = row.Text(2);
    entry.whole = row.Integer(3) == RowSum(entry.body, entry.number, entry.chain);
  };
  return database_
      ->Prepared(
          "SELECT number, body, chain, sum FROM entries "
          "WHERE number BETWEEN ?1 AND ?2 ORDER BY number")
      .ForEach(add, first, last);
}

absl::Status Journal::Read(int64_t first, int64_t last, std::vector<Entry>& entries) {
  std::vector<SealedEntry> rows;
  RETURN_IF_ERROR(ReadRows(first, last, rows));
  return AddEntries(first, last, rows, entries);
}

}  // namespace gongji::wallet
