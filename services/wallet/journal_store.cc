#include "services/wallet/journal_store.h"

#include <algorithm>

#include "services/common/status.h"
#include "services/reasons/reasons.h"
#include "services/wallet/entry_codec.h"
#include "services/wallet/row_sum.h"

namespace gongji::wallet {

using sql::Blob;
using sql::Statement;

absl::StatusOr<Head> Journal::TakeOver() {
  Head head;
  RETURN_IF_ERROR(database_->Transaction([&]() -> absl::Status {
    ASSIGN_OR_RETURN(head, ReadHead());
    ++head.epoch;
    return WriteHead(head);
  }));
  return head;
}

absl::Status Journal::Append(int64_t epoch, int64_t first_number,
                             const std::vector<Entry>& entries) {
  return database_->Transaction([&]() -> absl::Status {
    ASSIGN_OR_RETURN(const Head head, ReadHead());
    if (head.epoch != epoch || head.last_number + 1 != first_number) {
      return Refuse(reason::kNotWriter);
    }
    Statement& insert =
        database_->Prepared("INSERT INTO entries (number, body, sum) VALUES (?1, ?2, ?3)");
    for (const Entry& entry : entries) {
      const std::string body = EncodeEntry(entry);
      RETURN_IF_ERROR(insert.Run(entry.number, Blob{body}, RowSum(body, entry.number)));
    }
    return WriteHead({head.epoch, entries.back().number, entries.back().at, 0, {}});
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

absl::StatusOr<Head> Journal::ReadHead() {
  Head head;
  bool whole = false;
  RETURN_IF_ERROR(
      database_->Prepared("SELECT epoch, last_number, last_at_ms, sum FROM head WHERE one = 1")
          .ForEach([&](const Statement& row) {
            head.epoch = row.Integer(0);
            head.last_number = row.Integer(1);
            head.last_at = absl::FromUnixMillis(row.Integer(2));
            // A file that was just made has none yet.
            whole = row.Integer(3) == HeadSum(head) || (head.epoch == 0 && head.last_number == 0);
          }));
  if (!whole) return Damaged("head", "");
  return head;
}

absl::Status Journal::WriteHead(const Head& head) {
  return database_
      ->Prepared(
          "UPDATE head SET epoch = ?1, last_number = ?2, last_at_ms = ?3, sum = ?4 WHERE one = 1")
      .Run(head.epoch, head.last_number, absl::ToUnixMillis(head.last_at), HeadSum(head));
}

int64_t Journal::HeadSum(const Head& head) {
  return RowSum("head", head.epoch, head.last_number, absl::ToUnixMillis(head.last_at));
}

absl::Status Journal::Read(int64_t first, int64_t last, std::vector<Entry>& entries) {
  int64_t expected = first;
  absl::Status status;
  const auto add = [&](const Statement& row) {
    const std::string body = row.Text(1);
    Entry entry;
    entry.number = row.Integer(0);
    const bool whole = entry.number == expected && row.Integer(2) == RowSum(body, entry.number) &&
                       DecodeEntry(body, entry);
    if (!whole && status.ok()) status = Damaged("entries", std::to_string(expected));
    ++expected;
    entries.push_back(std::move(entry));
  };
  RETURN_IF_ERROR(database_
                      ->Prepared("SELECT number, body, sum FROM entries "
                                 "WHERE number BETWEEN ?1 AND ?2 ORDER BY number")
                      .ForEach(add, first, last));
  RETURN_IF_ERROR(status);
  return expected > last ? absl::OkStatus() : Damaged("entries", std::to_string(expected));
}

}  // namespace gongji::wallet
