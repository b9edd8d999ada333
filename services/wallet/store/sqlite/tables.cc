// A save is one transaction: it checks the epoch, writes the rows and ids of the slice, and notes
// in the row of `saved` how far the tables have come. Each row carries a checksum, which is checked
// when a row is loaded; Stored() only reports it.
#include "services/wallet/store/sqlite/tables.h"

#include <optional>
#include <variant>

#include "absl/strings/str_cat.h"
#include "services/common/errors/reasons.h"
#include "services/common/errors/status.h"
#include "services/wallet/store/stored_rows.h"

namespace gongji::wallet {

using sql::Statement;

namespace {

// An id is answered once: another number for an id that exists violates NOT NULL. A trigger would
// say so more plainly, but cost a savepoint for every row.
constexpr char kWriteId[] =
    "INSERT INTO ids (id, number, sum) VALUES (?1, ?2, ?3) "
    "ON CONFLICT (id) DO UPDATE SET number = CASE WHEN number = ?2 THEN ?2 END, sum = ?3";

}  // namespace

absl::StatusOr<Head> Tables::TakeOver(const Head& journal) {
  Head head;
  RETURN_IF_ERROR(database_->Transaction([&]() -> absl::Status {
    ASSIGN_OR_RETURN(head, ReadSaved(journal));
    head.epoch = journal.epoch;
    return WriteSaved(head);
  }));
  return head;
}

absl::Status Tables::Save(int64_t epoch, const Slice& slice) {
  return database_->Transaction([&]() -> absl::Status {
    ASSIGN_OR_RETURN(Head head, ReadSaved({}));
    if (head.epoch != epoch) return Refuse(reason::kNotWriter);
    RETURN_IF_ERROR(Write(slice.rows));
    for (const auto& [id, number] : slice.ids) {
      RETURN_IF_ERROR(database_->Prepared(kWriteId).Run(id, number, RowSum(id, number)));
    }
    head.newest = slice.newest;
    if (slice.up_to > 0) head.saved_number = slice.up_to;
    return WriteSaved(head);
  });
}

absl::StatusOr<Loaded> Tables::Load(const Keys& keys) {
  Loaded loaded;
  RETURN_IF_ERROR(LoadAll(Table::kAccounts, keys.accounts, loaded.rows.accounts));
  RETURN_IF_ERROR(LoadAll(Table::kPersons, keys.persons, loaded.rows.persons));
  RETURN_IF_ERROR(LoadAll(Table::kClaims, keys.claims, loaded.rows.claims));
  RETURN_IF_ERROR(LoadAll(Table::kCounters, keys.counters, loaded.rows.counters));
  Rows::Table<int64_t> numbers;
  RETURN_IF_ERROR(LoadAll(Table::kIds, keys.ids, numbers));
  for (const auto& [id, number] : numbers) {
    if (number.has_value()) loaded.numbers[id] = *number;
  }
  return loaded;
}

template <class T>
absl::Status Tables::LoadAll(Table table, const std::vector<std::string>& keys,
                             Rows::Table<T>& rows) {
  const TableShape shape = ShapeOf(table);
  const std::string select =
      absl::StrCat("SELECT ", shape.columns, " FROM ", shape.name, " WHERE ", shape.key, " = ?1");
  absl::Status status;
  for (const std::string& key : keys) {
    auto& value = rows[key];
    const auto read = [&](const Statement& row) {
      TableRow stored = ReadRow(table, row);
      if (!stored.whole && status.ok()) status = Damaged(shape.name, key);
      value = std::get<T>(std::move(stored.value));
    };
    RETURN_IF_ERROR(database_->Prepared(select).ForEach(read, key));
  }
  return status;
}

absl::StatusOr<std::vector<std::vector<AccountRow>>> Tables::Accounts(
    const std::vector<Range>& ranges) {
  std::vector<std::vector<AccountRow>> found;
  absl::Status status;
  const TableShape shape = ShapeOf(Table::kAccounts);
  Statement& select =
      database_->Prepared(absl::StrCat("SELECT ", shape.columns, " FROM ", shape.name,
                                       " WHERE name > ?1 AND name < ?2 ORDER BY name LIMIT ?3"));
  for (const Range& range : ranges) {
    auto& accounts = found.emplace_back();
    const auto read = [&](const Statement& row) {
      TableRow stored = ReadRow(Table::kAccounts, row);
      if (!stored.whole && status.ok()) status = Damaged(shape.name, stored.key);
      accounts.push_back({std::move(stored.key), std::get<ledger::Account>(stored.value)});
    };
    // Every range gets an upper bound, so that the search for a person's accounts ends with them.
    const std::string before = range.before.empty() ? kBehindAllNames : range.before;
    RETURN_IF_ERROR(select.ForEach(read, range.after, before, range.limit));
  }
  RETURN_IF_ERROR(status);
  return found;
}

absl::StatusOr<TablePage> Tables::Stored(Table table, const std::string& after, int limit) {
  TablePage page;
  const TableShape shape = ShapeOf(table);
  const auto read = [&](const Statement& row) { page.rows.push_back(ReadRow(table, row)); };
  RETURN_IF_ERROR(
      database_
          ->Prepared(absl::StrCat("SELECT ", shape.columns, " FROM ", shape.name, " WHERE ",
                                  shape.key, " > ?1 ORDER BY ", shape.key, " LIMIT ?2"))
          .ForEach(read, after, limit));
  // Read after the rows, because they may contain what was saved meanwhile.
  ASSIGN_OR_RETURN(const Head head, ReadSaved({}));
  page.saved_number = head.saved_number;
  page.newest_number = head.newest.number;
  return page;
}

absl::StatusOr<Head> Tables::ReadSaved(Head head) {
  absl::StatusOr<Head> saved = Damaged("saved", "");
  RETURN_IF_ERROR(
      database_->Prepared("SELECT epoch, number, newest, newest_id, sum FROM saved WHERE one = 1")
          .ForEach([&](const Statement& row) {
            saved = gongji::wallet::ReadSaved(row, std::move(head));
          }));
  return saved;
}

absl::Status Tables::WriteSaved(const Head& head) {
  return database_
      ->Prepared(
          "UPDATE saved SET epoch = ?1, number = ?2, newest = ?3, newest_id = ?4, "
          "sum = ?5 WHERE one = 1")
      .Run(head.epoch, head.saved_number, head.newest.number, head.newest.id, SavedSum(head));
}

absl::Status Tables::Write(const ChangedRows& rows) {
  for (const auto& [name, account] : rows.accounts) {
    if (!account.has_value()) continue;  // Accounts are never removed.
    const int64_t closed = account->closed ? 1 : 0;
    RETURN_IF_ERROR(
        database_
            ->Prepared("INSERT INTO accounts (name, balance_fen, closed, last_number, sum) "
                       "VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (name) DO UPDATE SET "
                       "balance_fen = ?2, closed = ?3, last_number = ?4, sum = ?5")
            .Run(name, account->balance_fen, closed, account->last_number,
                 RowSum(name, account->balance_fen, closed, account->last_number)));
  }
  for (const auto& [psn_no, person] : rows.persons) {
    if (!person.has_value()) continue;
    const int64_t open = person->wallet_open ? 1 : 0;
    const auto residence = static_cast<int64_t>(person->residence);
    RETURN_IF_ERROR(
        database_
            ->Prepared("INSERT INTO persons (psn_no, year, wallet_open, standing, forward_to, "
                       "opened_by, sum) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) "
                       "ON CONFLICT (psn_no) DO UPDATE SET year = ?2, wallet_open = ?3, "
                       "standing = ?4, forward_to = ?5, opened_by = ?6, sum = ?7")
            .Run(psn_no, person->year, open, residence, person->forward_to, person->opened_by,
                 RowSum(psn_no, person->year, open, residence, person->forward_to,
                        person->opened_by)));
  }
  for (const auto& [name, holder] : rows.claims) {
    RETURN_IF_ERROR(
        holder.has_value()
            ? database_
                  ->Prepared("INSERT INTO claims (name, holder, sum) VALUES (?1, ?2, ?3) "
                             "ON CONFLICT (name) DO UPDATE SET holder = ?2, sum = ?3")
                  .Run(name, *holder, RowSum(name, *holder))
            : database_->Prepared("DELETE FROM claims WHERE name = ?1").Run(name));
  }
  for (const auto& [name, value] : rows.counters) {
    if (!value.has_value()) continue;
    RETURN_IF_ERROR(database_
                        ->Prepared("INSERT INTO counters (name, value, sum) VALUES (?1, ?2, ?3) "
                                   "ON CONFLICT (name) DO UPDATE SET value = ?2, sum = ?3")
                        .Run(name, *value, RowSum(name, *value)));
  }
  return absl::OkStatus();
}

}  // namespace gongji::wallet
