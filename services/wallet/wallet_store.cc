#include "services/wallet/wallet_store.h"

#include <algorithm>
#include <optional>

#include "gen/wallet_schema.h"
#include "services/common/bytes.h"
#include "services/common/check.h"
#include "services/common/checksum.h"
#include "services/common/sql/database.h"
#include "services/common/status.h"
#include "services/reasons/reasons.h"
#include "services/wallet/entry_codec.h"

namespace gongji::wallet {
namespace {

using sql::Blob;
using sql::Database;
using sql::Statement;

absl::Status Damaged(const std::string& table, const std::string& key) {
  return Refuse(reason::kRowDamaged, {{"table", table}, {"key", key}});
}

// Checksum of a row: its key and contents, in order of the columns.
template <class... Values>
int64_t Sum(const std::string& key, const Values&... values) {
  BytesWriter row;
  row.String(key);
  const auto put = [&row](const auto& value) {
    if constexpr (std::is_convertible_v<decltype(value), std::string_view>) {
      row.String(value);
    } else {
      row.Integer(value);
    }
  };
  (put(values), ...);
  return Checksum(std::move(row).Finish());
}

// Sorted, so that a slice writes each table from one end to the other.
template <class T>
std::vector<std::pair<std::string, T>> Sorted(const absl::flat_hash_map<std::string, T>& rows) {
  std::vector<std::pair<std::string, T>> sorted(rows.begin(), rows.end());
  std::sort(sorted.begin(), sorted.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  return sorted;
}

// The journal file. One instance writes, one reads, each on its own thread.
class Journal {
 public:
  explicit Journal(std::unique_ptr<Database> database) : database_(std::move(database)) {}

  absl::StatusOr<Head> TakeOver() {
    Head head;
    RETURN_IF_ERROR(database_->Transaction([&]() -> absl::Status {
      ASSIGN_OR_RETURN(head, ReadHead());
      ++head.epoch;
      return WriteHead(head);
    }));
    return head;
  }

  absl::Status Append(int64_t epoch, int64_t first_number, const std::vector<Entry>& entries) {
    return database_->Transaction([&]() -> absl::Status {
      ASSIGN_OR_RETURN(const Head head, ReadHead());
      if (head.epoch != epoch || head.last_number + 1 != first_number) {
        return Refuse(reason::kNotWriter);
      }
      Statement& insert =
          database_->Prepared("INSERT INTO entries (number, body, sum) VALUES (?1, ?2, ?3)");
      for (const Entry& entry : entries) {
        const std::string body = EncodeEntry(entry);
        RETURN_IF_ERROR(insert.Run(entry.number, Blob{body}, Sum(body, entry.number)));
      }
      return WriteHead({head.epoch, entries.back().number, entries.back().at, 0, {}});
    });
  }

  absl::StatusOr<std::vector<Entry>> Entries(const std::vector<int64_t>& numbers) {
    std::vector<Entry> entries;
    for (const int64_t number : numbers) RETURN_IF_ERROR(Read(number, number, entries));
    return entries;
  }

  absl::StatusOr<std::vector<Entry>> Tail(int64_t after, int limit) {
    ASSIGN_OR_RETURN(const Head head, ReadHead());
    std::vector<Entry> entries;
    RETURN_IF_ERROR(Read(after + 1, std::min(after + limit, head.last_number), entries));
    return entries;
  }

 private:
  absl::StatusOr<Head> ReadHead() {
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

  absl::Status WriteHead(const Head& head) {
    return database_
        ->Prepared(
            "UPDATE head SET epoch = ?1, last_number = ?2, last_at_ms = ?3, sum = ?4 WHERE one = 1")
        .Run(head.epoch, head.last_number, absl::ToUnixMillis(head.last_at), HeadSum(head));
  }

  static int64_t HeadSum(const Head& head) {
    return Sum("head", head.epoch, head.last_number, absl::ToUnixMillis(head.last_at));
  }

  // Appends the entries from `first` to `last`, all of which must be there and whole.
  absl::Status Read(int64_t first, int64_t last, std::vector<Entry>& entries) {
    int64_t expected = first;
    absl::Status status;
    const auto add = [&](const Statement& row) {
      const std::string body = row.Text(1);
      Entry entry;
      entry.number = row.Integer(0);
      const bool whole = entry.number == expected && row.Integer(2) == Sum(body, entry.number) &&
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

  const std::unique_ptr<Database> database_;
};

// The file of tables; instances as with Journal.
class Tables {
 public:
  explicit Tables(std::unique_ptr<Database> database) : database_(std::move(database)) {}

  // Lets nobody save but the writer of `epoch`; tells in `head` what is saved.
  absl::Status TakeOver(int64_t epoch, Head& head) {
    return database_->Transaction([&]() -> absl::Status {
      ASSIGN_OR_RETURN(head, ReadSaved(head));
      head.epoch = epoch;
      return WriteSaved(head);
    });
  }

  absl::Status Save(int64_t epoch, const Slice& slice) {
    return database_->Transaction([&]() -> absl::Status {
      ASSIGN_OR_RETURN(Head head, ReadSaved({}));
      if (head.epoch != epoch) return Refuse(reason::kNotWriter);
      RETURN_IF_ERROR(Write(slice.rows));
      for (const auto& [id, number] : slice.ids) {
        RETURN_IF_ERROR(database_
                            ->Prepared("INSERT INTO ids (id, number, sum) VALUES (?1, ?2, ?3) "
                                       "ON CONFLICT (id) DO UPDATE SET number = ?2, sum = ?3")
                            .Run(id, number, Sum(id, number)));
      }
      head.newest = slice.newest;
      if (slice.up_to > 0) head.saved_number = slice.up_to;
      return WriteSaved(head);
    });
  }

  absl::StatusOr<Loaded> Load(const Keys& keys) {
    Loaded loaded;
    absl::Status status;
    const auto check = [&status](bool whole, const char* table, const std::string& key) {
      if (!whole && status.ok()) status = Damaged(table, key);
    };
    for (const std::string& key : keys.accounts) {
      auto& account = loaded.rows.accounts[key];
      RETURN_IF_ERROR(
          database_
              ->Prepared("SELECT name, balance_fen, closed, last_number, sum FROM accounts "
                         "WHERE name = ?1")
              .ForEach([&](const Statement& row) { account = ReadAccount(row, status).account; },
                       key));
    }
    for (const std::string& key : keys.persons) {
      auto& person = loaded.rows.persons[key];
      const auto read = [&](const Statement& row) {
        person = {static_cast<int>(row.Integer(0)), row.Integer(1) != 0};
        check(row.Integer(2) == Sum(key, row.Integer(0), row.Integer(1)), "persons", key);
      };
      RETURN_IF_ERROR(
          database_->Prepared("SELECT year, wallet_open, sum FROM persons WHERE psn_no = ?1")
              .ForEach(read, key));
    }
    for (const std::string& key : keys.claims) {
      auto& holder = loaded.rows.claims[key];
      const auto read = [&](const Statement& row) {
        holder = row.Text(0);
        check(row.Integer(1) == Sum(key, *holder), "claims", key);
      };
      RETURN_IF_ERROR(
          database_->Prepared("SELECT holder, sum FROM claims WHERE name = ?1").ForEach(read, key));
    }
    for (const std::string& key : keys.counters) {
      auto& value = loaded.rows.counters[key];
      const auto read = [&](const Statement& row) {
        value = row.Integer(0);
        check(row.Integer(1) == Sum(key, *value), "counters", key);
      };
      RETURN_IF_ERROR(database_->Prepared("SELECT value, sum FROM counters WHERE name = ?1")
                          .ForEach(read, key));
    }
    for (const std::string& id : keys.ids) {
      const auto read = [&](const Statement& row) {
        loaded.numbers[id] = row.Integer(0);
        check(row.Integer(1) == Sum(id, row.Integer(0)), "ids", id);
      };
      RETURN_IF_ERROR(
          database_->Prepared("SELECT number, sum FROM ids WHERE id = ?1").ForEach(read, id));
    }
    RETURN_IF_ERROR(status);
    return loaded;
  }

  absl::StatusOr<std::vector<std::vector<AccountRow>>> Accounts(const std::vector<Range>& ranges) {
    std::vector<std::vector<AccountRow>> found;
    absl::Status status;
    for (const Range& range : ranges) {
      auto& rows = found.emplace_back();
      const auto read = [&](const Statement& row) { rows.push_back(ReadAccount(row, status)); };
      Statement& select = range.before.empty()
                              ? database_->Prepared(
                                    "SELECT name, balance_fen, closed, last_number, sum "
                                    "FROM accounts WHERE name > ?1 ORDER BY name LIMIT ?2")
                              : database_->Prepared(
                                    "SELECT name, balance_fen, closed, last_number, sum "
                                    "FROM accounts WHERE name > ?1 AND name < ?3 "
                                    "ORDER BY name LIMIT ?2");
      RETURN_IF_ERROR(range.before.empty()
                          ? select.ForEach(read, range.after, range.limit)
                          : select.ForEach(read, range.after, range.limit, range.before));
    }
    RETURN_IF_ERROR(status);
    return found;
  }

 private:
  // `head` with what stands in the tables.
  absl::StatusOr<Head> ReadSaved(Head head) {
    bool whole = false;
    RETURN_IF_ERROR(
        database_->Prepared("SELECT epoch, number, newest, newest_id, sum FROM saved WHERE one = 1")
            .ForEach([&](const Statement& row) {
              head.epoch = row.Integer(0);
              head.saved_number = row.Integer(1);
              head.newest = {row.Integer(2), row.Text(3)};
              // A file that was just made has none yet.
              whole =
                  row.Integer(4) == SavedSum(head) || (head.epoch == 0 && head.saved_number == 0);
            }));
    if (!whole) return Damaged("saved", "");
    return head;
  }

  absl::Status WriteSaved(const Head& head) {
    return database_
        ->Prepared(
            "UPDATE saved SET epoch = ?1, number = ?2, newest = ?3, newest_id = ?4, "
            "sum = ?5 WHERE one = 1")
        .Run(head.epoch, head.saved_number, head.newest.number, head.newest.id, SavedSum(head));
  }

  static int64_t SavedSum(const Head& head) {
    return Sum(head.newest.id, head.epoch, head.saved_number, head.newest.number);
  }

  static AccountRow ReadAccount(const Statement& row, absl::Status& status) {
    AccountRow read{row.Text(0), {row.Integer(1), row.Integer(2) != 0, row.Integer(3)}};
    const bool whole =
        row.Integer(4) == Sum(read.name, row.Integer(1), row.Integer(2), row.Integer(3));
    if (!whole && status.ok()) status = Damaged("accounts", read.name);
    return read;
  }

  absl::Status Write(const Rows& rows) {
    for (const auto& [name, account] : Sorted(rows.accounts)) {
      if (!account.has_value()) continue;  // Accounts are never taken away.
      const int64_t closed = account->closed ? 1 : 0;
      RETURN_IF_ERROR(
          database_
              ->Prepared("INSERT INTO accounts (name, balance_fen, closed, last_number, sum) "
                         "VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (name) DO UPDATE SET "
                         "balance_fen = ?2, closed = ?3, last_number = ?4, sum = ?5")
              .Run(name, account->balance_fen, closed, account->last_number,
                   Sum(name, account->balance_fen, closed, account->last_number)));
    }
    for (const auto& [psn_no, person] : Sorted(rows.persons)) {
      if (!person.has_value()) continue;
      const int64_t open = person->wallet_open ? 1 : 0;
      RETURN_IF_ERROR(database_
                          ->Prepared("INSERT INTO persons (psn_no, year, wallet_open, sum) "
                                     "VALUES (?1, ?2, ?3, ?4) ON CONFLICT (psn_no) DO UPDATE SET "
                                     "year = ?2, wallet_open = ?3, sum = ?4")
                          .Run(psn_no, person->year, open, Sum(psn_no, person->year, open)));
    }
    for (const auto& [name, holder] : Sorted(rows.claims)) {
      RETURN_IF_ERROR(
          holder.has_value()
              ? database_
                    ->Prepared("INSERT INTO claims (name, holder, sum) VALUES (?1, ?2, ?3) "
                               "ON CONFLICT (name) DO UPDATE SET holder = ?2, sum = ?3")
                    .Run(name, *holder, Sum(name, *holder))
              : database_->Prepared("DELETE FROM claims WHERE name = ?1").Run(name));
    }
    for (const auto& [name, value] : Sorted(rows.counters)) {
      if (!value.has_value()) continue;
      RETURN_IF_ERROR(database_
                          ->Prepared("INSERT INTO counters (name, value, sum) VALUES (?1, ?2, ?3) "
                                     "ON CONFLICT (name) DO UPDATE SET value = ?2, sum = ?3")
                          .Run(name, *value, Sum(name, *value)));
    }
    return absl::OkStatus();
  }

  const std::unique_ptr<Database> database_;
};

class SqliteWalletStore final : public WalletStore {
 public:
  struct Files {
    std::unique_ptr<Database> journal;
    std::unique_ptr<Database> journal_read;
    std::unique_ptr<Database> tables;
    std::unique_ptr<Database> tables_read;
  };

  SqliteWalletStore(Env& env, WalletWorkers workers, Files files)
      : env_(env),
        workers_(workers),
        journal_(std::move(files.journal)),
        journal_read_(std::move(files.journal_read)),
        tables_(std::move(files.tables)),
        tables_read_(std::move(files.tables_read)) {}

  Task<absl::StatusOr<Head>> TakeOver() override {
    // The journal first: its epoch is the one that the tables are told.
    auto journal =
        RunOn<absl::StatusOr<Head>>(env_, workers_.append, [this] { return journal_.TakeOver(); });
    ASSIGN_OR_CO_RETURN(Head head, co_await std::move(journal));
    co_return co_await RunOn<absl::StatusOr<Head>>(
        env_, workers_.save, [this, head]() mutable -> absl::StatusOr<Head> {
          RETURN_IF_ERROR(tables_.TakeOver(head.epoch, head));
          return head;
        });
  }
  Task<absl::Status> Append(int64_t epoch, int64_t first_number,
                            std::shared_ptr<const std::vector<Entry>> entries) override {
    return RunOn<absl::Status>(env_, workers_.append,
                               [this, epoch, first_number, entries = std::move(entries)] {
                                 return journal_.Append(epoch, first_number, *entries);
                               });
  }
  Task<absl::Status> Save(int64_t epoch, std::shared_ptr<const Slice> slice) override {
    return RunOn<absl::Status>(env_, workers_.save, [this, epoch, slice = std::move(slice)] {
      return tables_.Save(epoch, *slice);
    });
  }
  Task<absl::StatusOr<Loaded>> Load(Keys keys) override {
    return RunOn<absl::StatusOr<Loaded>>(
        env_, workers_.read, [this, keys = std::move(keys)] { return tables_read_.Load(keys); });
  }
  Task<absl::StatusOr<std::vector<std::vector<AccountRow>>>> Accounts(
      std::vector<Range> ranges) override {
    return RunOn<absl::StatusOr<std::vector<std::vector<AccountRow>>>>(
        env_, workers_.read,
        [this, ranges = std::move(ranges)] { return tables_read_.Accounts(ranges); });
  }
  Task<absl::StatusOr<std::vector<Entry>>> Entries(std::vector<int64_t> numbers) override {
    return RunOn<absl::StatusOr<std::vector<Entry>>>(
        env_, workers_.read,
        [this, numbers = std::move(numbers)] { return journal_read_.Entries(numbers); });
  }
  Task<absl::StatusOr<std::vector<Entry>>> Tail(int64_t after, int limit) override {
    return RunOn<absl::StatusOr<std::vector<Entry>>>(
        env_, workers_.read, [this, after, limit] { return journal_read_.Tail(after, limit); });
  }

 private:
  Env& env_;
  const WalletWorkers workers_;
  Journal journal_;
  Journal journal_read_;
  Tables tables_;
  Tables tables_read_;
};

// Creates the schema if there is none. `table` is one of its tables.
absl::Status Prepare(Database& database, const char* schema, const std::string& table) {
  bool exists = false;
  RETURN_IF_ERROR(
      database.Prepared("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?1")
          .ForEach([&](const Statement&) { exists = true; }, table));
  return exists ? absl::OkStatus() : database.Script(schema);
}

}  // namespace

absl::StatusOr<std::unique_ptr<WalletStore>> OpenSqliteWalletStore(Env& env, WalletWorkers workers,
                                                                   const std::string& path) {
  const std::string tables_path = path + "-tables";
  SqliteWalletStore::Files files;
  ASSIGN_OR_RETURN(files.journal, Database::OpenSqlite({.path = path}));
  RETURN_IF_ERROR(Prepare(*files.journal, kSchema001Journal, "entries"));
  ASSIGN_OR_RETURN(files.journal_read, Database::OpenSqlite({.path = path}));
  ASSIGN_OR_RETURN(files.tables, Database::OpenSqlite({.path = tables_path, .durable = false}));
  RETURN_IF_ERROR(Prepare(*files.tables, kSchema001Tables, "saved"));
  ASSIGN_OR_RETURN(files.tables_read,
                   Database::OpenSqlite({.path = tables_path, .durable = false}));
  return std::make_unique<SqliteWalletStore>(env, workers, std::move(files));
}

}  // namespace gongji::wallet
