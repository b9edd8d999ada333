// A save sends all statements of a slice as one transaction. The first one moves the row of `saved`
// if this writer's epoch and attempt are still there; the others write rows, in arrays, only if it
// did. If the answer is lost, Resolve finds out what happened, as in journal.cc, at the latest
// before the next save. Reads are one statement for each table or range.
#include "services/wallet/store/postgres/tables.h"

#include <optional>
#include <string_view>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "services/common/errors/reasons.h"
#include "services/common/errors/status.h"
#include "services/wallet/store/stored_rows.h"

namespace gongji::wallet {

using sql::Query;
using sql::Result;
using sql::ResultRow;
using sql::Values;

namespace {

constexpr int kTries = 3;

constexpr char kReadSaved[] =
    "SELECT epoch, number, newest, newest_id, sum, attempt FROM saved WHERE one = 1";
constexpr char kLockSaved[] =
    "SELECT epoch, number, newest, newest_id, sum, attempt FROM saved WHERE one = 1 FOR UPDATE";
constexpr int kAttemptColumn = 5;

constexpr char kTakeOver[] =
    "UPDATE saved SET epoch = $1, attempt = 0, sum = $2 WHERE one = 1 AND epoch < $1";

constexpr char kSave[] =
    "UPDATE saved SET attempt = $2 + 1, number = $3, newest = $4, newest_id = $5, sum = $6 "
    "WHERE one = 1 AND epoch = $1 AND attempt = $2";

// A statement that was sent and has not arrived yet will find another attempt, and change nothing.
constexpr char kFence[] =
    "UPDATE saved SET attempt = $2 + 2 WHERE one = 1 AND epoch = $1 AND attempt = $2";

// Condition of the statements after kSave: that it moved the row.
constexpr char kIsSaver[] =
    "EXISTS (SELECT 1 FROM saved WHERE one = 1 AND epoch = $1 AND attempt = $2 + 1)";

bool IsBytes(const std::string& column, const TableShape& shape) {
  return column == shape.key || column == "holder" || column == "forward_to" ||
         column == "opened_by";
}

// Writes rows from one array for each column: $3 and following, in the order of the shape.
std::string UpsertOf(Table table) {
  const TableShape shape = ShapeOf(table);
  const std::vector<std::string> columns = absl::StrSplit(shape.columns, ", ");
  std::vector<std::string> arrays;
  std::vector<std::string> changes;
  for (const std::string& column : columns) {
    arrays.push_back(absl::StrCat("$", arrays.size() + 3,
                                  "::", IsBytes(column, shape) ? "bytea" : "bigint", "[]"));
    if (column != shape.key) changes.push_back(absl::StrCat(column, " = excluded.", column));
  }
  return absl::StrCat("INSERT INTO ", shape.name, " (", shape.columns, ") SELECT r.* FROM unnest(",
                      absl::StrJoin(arrays, ", "), ") AS r (", shape.columns, ") WHERE ", kIsSaver,
                      " ON CONFLICT (", shape.key, ") DO UPDATE SET ",
                      absl::StrJoin(changes, ", "));
}

Values Saver(const Head& head, int64_t attempt) { return Values().Add(head.epoch).Add(attempt); }

Query WriteAccounts(Values values, const ChangedRows& rows) {
  std::vector<std::string> names;
  std::vector<int64_t> balances;
  std::vector<int64_t> closed;
  std::vector<int64_t> last_numbers;
  std::vector<int64_t> sums;
  for (const auto& [name, account] : rows.accounts) {
    if (!account.has_value()) continue;  // Accounts are never removed.
    names.push_back(name);
    balances.push_back(account->balance_fen);
    closed.push_back(account->closed ? 1 : 0);
    last_numbers.push_back(account->last_number);
    sums.push_back(RowSum(name, account->balance_fen, closed.back(), account->last_number));
  }
  return {UpsertOf(Table::kAccounts),
          values.Add(names).Add(balances).Add(closed).Add(last_numbers).Add(sums)};
}

Query WritePersons(Values values, const ChangedRows& rows) {
  std::vector<std::string> psn_nos;
  std::vector<int64_t> years;
  std::vector<int64_t> open;
  std::vector<int64_t> residences;
  std::vector<std::string> forwards;
  std::vector<std::string> openers;
  std::vector<int64_t> sums;
  for (const auto& [psn_no, person] : rows.persons) {
    if (!person.has_value()) continue;
    psn_nos.push_back(psn_no);
    years.push_back(person->year);
    open.push_back(person->wallet_open ? 1 : 0);
    residences.push_back(static_cast<int64_t>(person->residence));
    forwards.push_back(person->forward_to);
    openers.push_back(person->opened_by);
    sums.push_back(RowSum(psn_no, years.back(), open.back(), residences.back(), forwards.back(),
                          openers.back()));
  }
  return {UpsertOf(Table::kPersons), values.Add(psn_nos)
                                         .Add(years)
                                         .Add(open)
                                         .Add(residences)
                                         .Add(forwards)
                                         .Add(openers)
                                         .Add(sums)};
}

void WriteClaims(const Values& values, const ChangedRows& rows, std::vector<Query>& queries) {
  std::vector<std::string> names;
  std::vector<std::string> holders;
  std::vector<int64_t> sums;
  std::vector<std::string> freed;
  for (const auto& [name, holder] : rows.claims) {
    if (!holder.has_value()) {
      freed.push_back(name);
      continue;
    }
    names.push_back(name);
    holders.push_back(*holder);
    sums.push_back(RowSum(name, *holder));
  }
  queries.push_back({UpsertOf(Table::kClaims), Values(values).Add(names).Add(holders).Add(sums)});
  if (freed.empty()) return;
  queries.push_back(
      {absl::StrCat("DELETE FROM claims WHERE name = ANY($3::bytea[]) AND ", kIsSaver),
       Values(values).Add(freed)});
}

// Writes counters or ids, which are numbers by key.
Query WriteNumbers(Table table, Values values,
                   const std::vector<std::pair<std::string, int64_t>>& rows) {
  std::vector<std::string> keys;
  std::vector<int64_t> numbers;
  std::vector<int64_t> sums;
  for (const auto& [key, number] : rows) {
    keys.push_back(key);
    numbers.push_back(number);
    sums.push_back(RowSum(key, number));
  }
  return {UpsertOf(table), values.Add(keys).Add(numbers).Add(sums)};
}

std::vector<std::pair<std::string, int64_t>> CountersOf(const ChangedRows& rows) {
  std::vector<std::pair<std::string, int64_t>> counters;
  for (const auto& [name, value] : rows.counters) {
    if (value.has_value()) counters.emplace_back(name, *value);
  }
  return counters;
}

// Returns `head`, completed with what is saved.
absl::StatusOr<Head> SavedOf(const Result& result, Head head) {
  if (result.rows() != 1) return Damaged("saved", "");
  return ReadSaved(ResultRow{result, 0}, std::move(head));
}

Query LoadOf(Table table, const std::vector<std::string>& keys) {
  const TableShape shape = ShapeOf(table);
  return {absl::StrCat("SELECT ", shape.columns, " FROM ", shape.name, " WHERE ", shape.key,
                       " = ANY($1::bytea[])"),
          Values().Add(keys)};
}

template <class T>
absl::Status Take(Table table, const Result& result, const std::vector<std::string>& keys,
                  Rows::Table<T>& rows) {
  for (const std::string& key : keys) rows[key];
  for (int i = 0; i < result.rows(); ++i) {
    TableRow row = ReadRow(table, ResultRow{result, i});
    if (!row.whole) return Damaged(ShapeOf(table).name, row.key);
    rows[row.key] = std::get<T>(std::move(row.value));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Head> PostgresTables::TakeOver(const Head& journal) {
  Head head;
  RETURN_IF_ERROR(postgres_->RepeatableTransaction([&] { return TryTakeOver(journal, head); }));
  head_ = head;
  attempt_ = 0;
  known_ = true;
  return head;
}

absl::Status PostgresTables::TryTakeOver(const Head& journal, Head& head) {
  ASSIGN_OR_RETURN(const auto locked, postgres_->Run({{kLockSaved}}));
  ASSIGN_OR_RETURN(head, SavedOf(locked.front(), journal));
  if (head.epoch > journal.epoch) return Refuse(reason::kNotWriter);
  const bool again = head.epoch == journal.epoch;  // It was done already, and the answer was lost.
  head.epoch = journal.epoch;
  if (again) return absl::OkStatus();
  return postgres_->Run({{kTakeOver, Values().Add(head.epoch).Add(SavedSum(head))}}).status();
}

std::vector<Query> PostgresTables::StatementsOf(const Head& wanted, const Slice& slice) const {
  const Values saver = Saver(wanted, attempt_);
  std::vector<Query> queries = {{kSave, Values(saver)
                                            .Add(wanted.saved_number)
                                            .Add(wanted.newest.number)
                                            .Add(wanted.newest.id)
                                            .Add(SavedSum(wanted))}};
  const ChangedRows& rows = slice.rows;
  if (!rows.accounts.empty()) queries.push_back(WriteAccounts(saver, rows));
  if (!rows.persons.empty()) queries.push_back(WritePersons(saver, rows));
  if (!rows.claims.empty()) WriteClaims(saver, rows, queries);
  if (!rows.counters.empty()) {
    queries.push_back(WriteNumbers(Table::kCounters, saver, CountersOf(rows)));
  }
  if (!slice.ids.empty()) queries.push_back(WriteNumbers(Table::kIds, saver, slice.ids));
  return queries;
}

absl::Status PostgresTables::Save(int64_t epoch, const Slice& slice) {
  if (epoch != head_.epoch) return Refuse(reason::kNotWriter);
  if (!known_) RETURN_IF_ERROR(Resolve(head_).status());
  Head wanted = head_;
  wanted.newest = slice.newest;
  if (slice.up_to > 0) wanted.saved_number = slice.up_to;
  const auto results = postgres_->Run(StatementsOf(wanted, slice));
  if (results.status().code() == absl::StatusCode::kUnknown) {
    known_ = false;
    ASSIGN_OR_RETURN(const bool written, Resolve(wanted));
    return written ? absl::OkStatus() : PeerUnavailable("postgresql");
  }
  RETURN_IF_ERROR(results.status());
  if (results->front().changed() == 0) return Refuse(reason::kNotWriter);
  ++attempt_;
  head_ = wanted;
  return absl::OkStatus();
}

absl::StatusOr<bool> PostgresTables::Resolve(const Head& wanted) {
  absl::Status status;
  for (int tries = 0; tries < kTries; ++tries) {
    const auto results =
        postgres_->Run({{kLockSaved}, {kFence, Values().Add(wanted.epoch).Add(attempt_)}});
    status = results.status();
    if (!status.ok()) continue;
    const Result& row = results->front();
    ASSIGN_OR_RETURN(const Head head, SavedOf(row, wanted));
    if (head.epoch != wanted.epoch) return Refuse(reason::kNotWriter);
    // Older than what was answered: the server lost commits, which this process would not redo.
    if (row.Integer(0, kAttemptColumn) < attempt_) return Refuse(reason::kNotWriter);
    const bool written = row.Integer(0, kAttemptColumn) == attempt_ + 1;
    attempt_ += written ? 1 : 2;
    head_ = head;
    known_ = true;
    return written;
  }
  return absl::UnavailableError(status.message());
}

absl::StatusOr<Loaded> PostgresTables::Load(const Keys& keys) {
  ASSIGN_OR_RETURN(const auto results,
                   postgres_->Repeatable(
                       {LoadOf(Table::kAccounts, keys.accounts),
                        LoadOf(Table::kPersons, keys.persons), LoadOf(Table::kClaims, keys.claims),
                        LoadOf(Table::kCounters, keys.counters), LoadOf(Table::kIds, keys.ids)}));
  Loaded loaded;
  RETURN_IF_ERROR(Take(Table::kAccounts, results[0], keys.accounts, loaded.rows.accounts));
  RETURN_IF_ERROR(Take(Table::kPersons, results[1], keys.persons, loaded.rows.persons));
  RETURN_IF_ERROR(Take(Table::kClaims, results[2], keys.claims, loaded.rows.claims));
  RETURN_IF_ERROR(Take(Table::kCounters, results[3], keys.counters, loaded.rows.counters));
  Rows::Table<int64_t> numbers;
  RETURN_IF_ERROR(Take(Table::kIds, results[4], {}, numbers));
  for (const auto& [id, number] : numbers) loaded.numbers[id] = *number;
  return loaded;
}

absl::StatusOr<std::vector<std::vector<AccountRow>>> PostgresTables::Accounts(
    const std::vector<Range>& ranges) {
  const TableShape shape = ShapeOf(Table::kAccounts);
  const std::string select =
      absl::StrCat("SELECT ", shape.columns,
                   " FROM accounts WHERE name > $1 AND name < $2 ORDER BY name LIMIT $3");
  std::vector<Query> queries;
  for (const Range& range : ranges) {
    // Every range gets an upper bound, so that the search for a person's accounts ends with them.
    const std::string before = range.before.empty() ? kBehindAllNames : range.before;
    queries.push_back({select, Values().Add(range.after).Add(before).Add(range.limit)});
  }
  ASSIGN_OR_RETURN(const auto results, postgres_->Repeatable(queries));
  std::vector<std::vector<AccountRow>> found;
  for (const Result& result : results) {
    auto& accounts = found.emplace_back();
    for (int i = 0; i < result.rows(); ++i) {
      TableRow row = ReadRow(Table::kAccounts, ResultRow{result, i});
      if (!row.whole) return Damaged(shape.name, row.key);
      accounts.push_back({std::move(row.key), std::get<ledger::Account>(row.value)});
    }
  }
  return found;
}

absl::StatusOr<TablePage> PostgresTables::Stored(Table table, const std::string& after, int limit) {
  const TableShape shape = ShapeOf(table);
  // How far the tables are saved is read after the rows, because rows may contain what was saved
  // meanwhile.
  ASSIGN_OR_RETURN(const auto results,
                   postgres_->Repeatable(
                       {{absl::StrCat("SELECT ", shape.columns, " FROM ", shape.name, " WHERE ",
                                      shape.key, " > $1 ORDER BY ", shape.key, " LIMIT $2"),
                         Values().Add(after).Add(limit)},
                        {kReadSaved}}));
  TablePage page;
  for (int i = 0; i < results.front().rows(); ++i) {
    page.rows.push_back(ReadRow(table, ResultRow{results.front(), i}));
  }
  ASSIGN_OR_RETURN(const Head head, SavedOf(results.back(), {}));
  page.saved_number = head.saved_number;
  page.newest_number = head.newest.number;
  return page;
}

}  // namespace gongji::wallet
