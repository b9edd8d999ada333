#include "services/wallet/wallet_store.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "gen/wallet_schema.h"
#include "services/common/check.h"
#include "services/common/sql/database.h"
#include "services/common/status.h"
#include "services/reasons/reasons.h"
#include "services/wallet/entry_codec.h"

namespace gongji::wallet {
namespace {

using sql::Blob;
using sql::Database;
using sql::Statement;

// Sorted, so that a batch writes each table from one end to the other.
template <class T>
std::vector<std::pair<std::string, std::optional<T>>> Sorted(
    const absl::flat_hash_map<std::string, std::optional<T>>& changes) {
  std::vector<std::pair<std::string, std::optional<T>>> sorted(changes.begin(), changes.end());
  std::sort(sorted.begin(), sorted.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  return sorted;
}

Entry ReadEntry(const Statement& row) {
  Entry entry;
  entry.number = row.Integer(0);
  entry.id = row.Text(1);
  entry.at = absl::FromUnixMillis(row.Integer(2));
  entry.outcome = static_cast<Outcome>(row.Integer(3));
  entry.fingerprint = row.Text(4);
  CHECK(DecodeAnswer(row.Text(5), entry));  // A damaged answer is never served.
  return entry;
}

// The store's work, on its worker's thread.
class Tables {
 public:
  explicit Tables(Database& database) : database_(database) {}

  absl::StatusOr<Head> TakeOver() {
    Head head;
    RETURN_IF_ERROR(database_.Transaction([&]() -> absl::Status {
      RETURN_IF_ERROR(database_.Prepared("UPDATE head SET epoch = epoch + 1 WHERE one = 1").Run());
      ASSIGN_OR_RETURN(head, ReadHead());
      return absl::OkStatus();
    }));
    return head;
  }

  absl::StatusOr<Loaded> Load(const Keys& keys) {
    Loaded loaded;
    for (const std::string& key : keys.accounts) {
      auto& account = loaded.rows.accounts[key];
      RETURN_IF_ERROR(
          database_.Prepared("SELECT balance_fen, closed FROM accounts WHERE name = ?1")
              .ForEach(
                  [&](const Statement& row) { account = {row.Integer(0), row.Integer(1) != 0}; },
                  key));
    }
    for (const std::string& key : keys.persons) {
      ASSIGN_OR_RETURN(loaded.rows.persons[key], ReadPerson(key));
    }
    for (const std::string& key : keys.claims) {
      auto& holder = loaded.rows.claims[key];
      RETURN_IF_ERROR(database_.Prepared("SELECT holder FROM claims WHERE name = ?1")
                          .ForEach([&](const Statement& row) { holder = row.Text(0); }, key));
    }
    for (const std::string& key : keys.counters) {
      auto& value = loaded.rows.counters[key];
      RETURN_IF_ERROR(database_.Prepared("SELECT value FROM counters WHERE name = ?1")
                          .ForEach([&](const Statement& row) { value = row.Integer(0); }, key));
    }
    for (const std::string& id : keys.ids) {
      RETURN_IF_ERROR(
          database_
              .Prepared("SELECT number, id, at_ms, outcome, fingerprint, answer "
                        "FROM entries WHERE id = ?1")
              .ForEach([&](const Statement& row) { loaded.entries[id] = ReadEntry(row); }, id));
    }
    return loaded;
  }

  absl::Status Append(int64_t epoch, int64_t first_number, const std::vector<Entry>& entries,
                      const Rows& changes) {
    return database_.Transaction([&]() -> absl::Status {
      ASSIGN_OR_RETURN(const Head head, ReadHead());
      if (head.epoch != epoch || head.last_number + 1 != first_number) {
        return Refuse(reason::kNotWriter);
      }
      for (const Entry& entry : entries) RETURN_IF_ERROR(Write(entry));
      RETURN_IF_ERROR(Write(changes));
      return database_.Prepared("UPDATE head SET last_number = ?1, last_at_ms = ?2 WHERE one = 1")
          .Run(entries.back().number, absl::ToUnixMillis(entries.back().at));
    });
  }

  absl::StatusOr<std::vector<Entry>> Tail(int64_t after, int limit) {
    std::vector<Entry> entries;
    RETURN_IF_ERROR(database_
                        .Prepared("SELECT number, id, at_ms, outcome, fingerprint, answer "
                                  "FROM entries WHERE number > ?1 ORDER BY number LIMIT ?2")
                        .ForEach([&](const Statement& row) { entries.push_back(ReadEntry(row)); },
                                 after, limit));
    for (Entry& entry : entries) {
      RETURN_IF_ERROR(
          database_
              .Prepared("SELECT from_account, to_account, amount_fen, from_after_fen, to_after_fen "
                        "FROM postings WHERE entry = ?1 ORDER BY ordinal")
              .ForEach(
                  [&](const Statement& row) {
                    entry.rows.push_back(
                        {row.Text(0), row.Text(1), row.Integer(2), row.Integer(3), row.Integer(4)});
                  },
                  entry.number));
    }
    return entries;
  }

  absl::StatusOr<std::pair<std::vector<AccountRow>, int64_t>> Accounts(const std::string& after,
                                                                       int limit) {
    std::vector<AccountRow> rows;
    RETURN_IF_ERROR(database_
                        .Prepared("SELECT name, balance_fen, closed FROM accounts "
                                  "WHERE name > ?1 ORDER BY name LIMIT ?2")
                        .ForEach([&](const Statement& row) { rows.push_back(ReadAccount(row)); },
                                 after, limit));
    ASSIGN_OR_RETURN(const Head head, ReadHead());
    return std::pair(std::move(rows), head.last_number);
  }

  absl::StatusOr<std::pair<std::vector<PersonView>, int64_t>> Persons(
      const std::vector<std::string>& psn_nos) {
    std::vector<PersonView> views;
    for (const std::string& psn_no : psn_nos) {
      PersonView view{.psn_no = psn_no, .person = {}, .accounts = {}};
      ASSIGN_OR_RETURN(const auto person, ReadPerson(psn_no));
      view.person = person.value_or(Person{});
      // '0' follows '/' in every collation by bytes: the range is the person's own accounts.
      const std::string first = absl::StrCat("person/", psn_no, "/");
      const std::string last = absl::StrCat("person/", psn_no, "0");
      RETURN_IF_ERROR(
          database_
              .Prepared("SELECT name, balance_fen, closed FROM accounts "
                        "WHERE name > ?1 AND name < ?2 ORDER BY name")
              .ForEach([&](const Statement& row) { view.accounts.push_back(ReadAccount(row)); },
                       first, last));
      views.push_back(std::move(view));
    }
    ASSIGN_OR_RETURN(const Head head, ReadHead());
    return std::pair(std::move(views), head.last_number);
  }

 private:
  static AccountRow ReadAccount(const Statement& row) {
    return {row.Text(0), {row.Integer(1), row.Integer(2) != 0}};
  }

  absl::StatusOr<Head> ReadHead() {
    Head head;
    RETURN_IF_ERROR(
        database_.Prepared("SELECT epoch, last_number, last_at_ms FROM head WHERE one = 1")
            .ForEach([&](const Statement& row) {
              head = {row.Integer(0), row.Integer(1), absl::FromUnixMillis(row.Integer(2))};
            }));
    return head;
  }

  absl::StatusOr<std::optional<Person>> ReadPerson(const std::string& psn_no) {
    std::optional<Person> person;
    RETURN_IF_ERROR(database_.Prepared("SELECT year, wallet_open FROM persons WHERE psn_no = ?1")
                        .ForEach(
                            [&](const Statement& row) {
                              person = {static_cast<int>(row.Integer(0)), row.Integer(1) != 0};
                            },
                            psn_no));
    return person;
  }

  absl::Status Write(const Entry& entry) {
    const std::string answer = EncodeAnswer(entry);
    RETURN_IF_ERROR(
        database_
            .Prepared("INSERT INTO entries (number, id, at_ms, outcome, fingerprint, answer) "
                      "VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
            .Run(entry.number, entry.id, absl::ToUnixMillis(entry.at),
                 static_cast<int64_t>(entry.outcome), Blob{entry.fingerprint}, Blob{answer}));
    int64_t ordinal = 0;
    for (const Row& row : entry.rows) {
      RETURN_IF_ERROR(
          database_
              .Prepared("INSERT INTO postings (entry, ordinal, from_account, to_account, "
                        "amount_fen, from_after_fen, to_after_fen) "
                        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")
              .Run(entry.number, ++ordinal, row.from, row.to, row.amount_fen, row.from_after_fen,
                   row.to_after_fen));
    }
    return absl::OkStatus();
  }

  absl::Status Write(const Rows& changes) {
    for (const auto& [name, account] : Sorted(changes.accounts)) {
      if (!account.has_value()) continue;  // Accounts are never taken away.
      RETURN_IF_ERROR(
          database_
              .Prepared("INSERT INTO accounts (name, balance_fen, closed) VALUES (?1, ?2, ?3) "
                        "ON CONFLICT (name) DO UPDATE SET balance_fen = ?2, closed = ?3")
              .Run(name, account->balance_fen, account->closed));
    }
    for (const auto& [psn_no, person] : Sorted(changes.persons)) {
      if (!person.has_value()) continue;
      RETURN_IF_ERROR(
          database_
              .Prepared("INSERT INTO persons (psn_no, year, wallet_open) VALUES (?1, ?2, ?3) "
                        "ON CONFLICT (psn_no) DO UPDATE SET year = ?2, wallet_open = ?3")
              .Run(psn_no, person->year, person->wallet_open));
    }
    for (const auto& [name, holder] : Sorted(changes.claims)) {
      RETURN_IF_ERROR(holder.has_value()
                          ? database_
                                .Prepared("INSERT INTO claims (name, holder) VALUES (?1, ?2) "
                                          "ON CONFLICT (name) DO UPDATE SET holder = ?2")
                                .Run(name, *holder)
                          : database_.Prepared("DELETE FROM claims WHERE name = ?1").Run(name));
    }
    for (const auto& [name, value] : Sorted(changes.counters)) {
      RETURN_IF_ERROR(database_
                          .Prepared("INSERT INTO counters (name, value) VALUES (?1, ?2) "
                                    "ON CONFLICT (name) DO UPDATE SET value = ?2")
                          .Run(name, value.value_or(0)));
    }
    return absl::OkStatus();
  }

  Database& database_;
};

class SqlWalletStore final : public WalletStore {
 public:
  SqlWalletStore(Env& env, Worker& worker, Database& database)
      : env_(env), worker_(worker), tables_(database) {}

  Task<absl::StatusOr<Head>> TakeOver() override {
    return On<absl::StatusOr<Head>>([this] { return tables_.TakeOver(); });
  }
  Task<absl::StatusOr<Loaded>> Load(Keys keys) override {
    return On<absl::StatusOr<Loaded>>(
        [this, keys = std::move(keys)] { return tables_.Load(keys); });
  }
  Task<absl::Status> Append(int64_t epoch, int64_t first_number, std::vector<Entry> entries,
                            Rows changes) override {
    return On<absl::Status>(
        [this, epoch, first_number, entries = std::move(entries), changes = std::move(changes)] {
          return tables_.Append(epoch, first_number, entries, changes);
        });
  }
  Task<absl::StatusOr<std::vector<Entry>>> Tail(int64_t after, int limit) override {
    return On<absl::StatusOr<std::vector<Entry>>>(
        [this, after, limit] { return tables_.Tail(after, limit); });
  }
  Task<absl::StatusOr<std::pair<std::vector<AccountRow>, int64_t>>> Accounts(std::string after,
                                                                             int limit) override {
    return On<absl::StatusOr<std::pair<std::vector<AccountRow>, int64_t>>>(
        [this, after = std::move(after), limit] { return tables_.Accounts(after, limit); });
  }
  Task<absl::StatusOr<std::pair<std::vector<PersonView>, int64_t>>> Persons(
      std::vector<std::string> psn_nos) override {
    return On<absl::StatusOr<std::pair<std::vector<PersonView>, int64_t>>>(
        [this, psn_nos = std::move(psn_nos)] { return tables_.Persons(psn_nos); });
  }

 private:
  template <class T>
  Task<T> On(absl::AnyInvocable<T()> work) {
    return RunOn<T>(env_, worker_, std::move(work));
  }

  Env& env_;
  Worker& worker_;
  Tables tables_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<WalletStore>> NewSqlWalletStore(Env& env, Worker& worker,
                                                               sql::Database& database) {
  bool exists = false;
  RETURN_IF_ERROR(
      database.Prepared("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'head'")
          .ForEach([&](const Statement&) { exists = true; }));
  if (!exists) RETURN_IF_ERROR(database.Script(kSchema001Init));
  return std::make_unique<SqlWalletStore>(env, worker, database);
}

}  // namespace gongji::wallet
