#include "services/wallet/store/sqlite/journal.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/common/errors/reasons.h"
#include "services/common/errors/status.h"
#include "services/wallet/store/stored_rows.h"

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
                             const std::vector<ledger::Entry>& entries) {
  return database_->Transaction([&]() -> absl::Status {
    ASSIGN_OR_RETURN(Head head, ReadHead());
    if (head.epoch != epoch || head.last_number + 1 != first_number) {
      return Refuse(reason::kNotWriter);
    }
    Hasher hasher(head.hash);
    Statement& insert = database_->Prepared(
        "INSERT INTO entries (number, body, chain, sum) VALUES (?1, ?2, ?3, ?4)");
    for (const ledger::Entry& entry : entries) {
      const SealedEntry row = Seal(entry, hasher, head);
      RETURN_IF_ERROR(insert.Run(row.number, Blob{row.body}, Blob{row.chain}, EntrySum(row)));
    }
    return WriteHead(head);
  });
}

absl::StatusOr<std::vector<ledger::Entry>> Journal::Entries(const std::vector<int64_t>& numbers) {
  std::vector<ledger::Entry> entries;
  for (const int64_t number : numbers) RETURN_IF_ERROR(Read(number, number, entries));
  return entries;
}

absl::StatusOr<std::vector<ledger::Entry>> Journal::Walk(const std::string& account, int64_t number,
                                                         int limit) {
  ASSIGN_OR_RETURN(const Head head, ReadHead());
  const auto read = [this](int64_t one) -> absl::StatusOr<ledger::Entry> {
    std::vector<ledger::Entry> entries;
    RETURN_IF_ERROR(Read(one, one, entries));
    return std::move(entries.front());
  };
  return WalkBack(account, number, head.last_number, limit, read);
}

absl::StatusOr<std::vector<ledger::Entry>> Journal::Tail(int64_t after, int limit) {
  ASSIGN_OR_RETURN(const Head head, ReadHead());
  std::vector<ledger::Entry> entries;
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

absl::StatusOr<Head> Journal::Check(int page) {
  ASSIGN_OR_RETURN(Head head, ReadHead());
  Hasher hasher(head.hash);
  Digest chain = Hasher::Genesis();
  for (int64_t number = 0; number < head.last_number;) {
    std::vector<SealedEntry> rows;
    RETURN_IF_ERROR(ReadRows(number + 1, std::min(number + page, head.last_number), rows));
    if (rows.empty()) return Damaged("entries", absl::StrCat(number + 1));
    for (const SealedEntry& row : rows) {
      // The chain shows a number that is not the next one, too.
      chain = hasher.Chain(chain, ++number, row.body);
      if (!row.whole || row.chain != chain) {
        return Damaged("entries", absl::StrCat(number));
      }
    }
  }
  if (chain != head.chain) return Damaged("head", "");
  return head;
}

absl::StatusOr<Head> Journal::ReadHead() {
  absl::StatusOr<Head> head = Damaged("head", "");
  RETURN_IF_ERROR(
      database_
          ->Prepared("SELECT epoch, last_number, last_at_ms, hash, chain, sum FROM head "
                     "WHERE one = 1")
          .ForEach([&](const Statement& row) { head = gongji::wallet::ReadHead(row, hash_); }));
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
  const auto add = [&rows](const Statement& row) { rows.push_back(ReadSealed(row)); };
  return database_
      ->Prepared(
          "SELECT number, body, chain, sum FROM entries "
          "WHERE number BETWEEN ?1 AND ?2 ORDER BY number")
      .ForEach(add, first, last);
}

absl::Status Journal::Read(int64_t first, int64_t last, std::vector<ledger::Entry>& entries) {
  std::vector<SealedEntry> rows;
  RETURN_IF_ERROR(ReadRows(first, last, rows));
  return AddEntries(first, last, rows, entries);
}

}  // namespace gongji::wallet
