// Rot makes a shard once and lists where the bytes of its rows are (pages.h). Each try changes one
// byte in the file, or one column through SQL, in a child that reads the row as a process that has
// just started does; the change must be found there or by a comparison with the journal.
#include "tests/faults/corruptions.h"

#include <algorithm>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/encoding/bytes.h"
#include "services/common/errors/check.h"
#include "services/common/sql/sqlite/sqlite_database.h"
#include "services/ledger/accounts.h"
#include "tests/faults/child.h"
#include "tests/faults/pages.h"
#include "tests/faults/shard.h"

namespace gongji::faults {
namespace {

using ledger::Entry;
using sql::Database;
using sql::Statement;
using wallet::Keys;

constexpr int kPersons = 720;
constexpr int kBatch = 60;
constexpr size_t kMostFindings = 40;

std::string Person(int number) { return absl::StrCat("310", 100'000'000 + number * 7919); }

ledger::Transaction Freeze(int number) {
  const std::string psn_no = Person(number);
  const std::string relation = absl::StrCat("r", number);
  ledger::Transaction freeze{.id = absl::StrCat("op", number, "/1/freeze"),
                             .kind = ledger::Kind::kFreeze,
                             .holder = absl::StrCat("op", number)};
  ledger::Move move{.from = ledger::PriorAccount(psn_no),
                    .to = ledger::GrantedPrior(psn_no, relation)};
  move.allowances = {{relation, 100'000}};
  freeze.groups = {{100, 100, {std::move(move)}}};
  freeze.claims.push_back({{ledger::PlaceKey(psn_no, "2026-03-02", 1)}});
  freeze.wallet_psn_nos.push_back(psn_no);
  return freeze;
}

// The disk of a shard with some 5,000 rows that was ended in order.
DiskState MakeShard() {
  Disk disk;
  {
    Process process(disk);
    CHECK(process.Start().ok());
    Told told;
    Client client(process, told);
    for (int first = 0; first < kPersons; first += kBatch) {
      std::vector<wallet::Contribution> lines;
      std::vector<std::string> psn_nos;
      std::vector<ledger::Transaction> freezes;
      for (int i = first; i < first + kBatch; ++i) {
        lines.push_back({.line_id = absl::StrCat("line-", i),
                         .psn_no = Person(i),
                         .current_fen = 3000 + i,
                         .prior_fen = 5000,
                         .year = 2026,
                         .source = "employer"});
        psn_nos.push_back(Person(i));
        if (i % 6 == 0) freezes.push_back(Freeze(i));
      }
      client.Contribute(lines);
      client.Open(psn_nos);
      client.Apply(freezes);
    }
    CHECK(told.wrong.empty());
    process.env().RunToEnd();
  }
  return disk.state();
}

class Rot {
 public:
  Rot(int64_t count, uint64_t seed) : count_(count), random_(seed), disk_(MakeShard()) {
    for (const char* file : {kJournalFile, kTablesFile}) AddRows(file);
    ReadAll();
  }

  CorruptionReport Run() {
    report_.rows = rows_.size();
    for (int64_t i = 0; i < count_ && report_.bad.size() < kMostFindings; ++i) ChangeByte();
    for (int64_t i = 0; i < count_ / 10 && report_.bad.size() < kMostFindings; ++i) ChangeColumn();
    return std::move(report_);
  }

 private:
  struct Place {
    const char* file;
    StoredRow row;
  };

  std::unique_ptr<Database> Open(const char* file) {
    return *Database::OpenSqlite({.path = file, .vfs = disk_.vfs(), .copy_beside_writer = false});
  }

  void AddRows(const char* file) {
    std::vector<Root> roots;
    const absl::Status read =
        Open(file)
            ->Prepared("SELECT name, rootpage FROM sqlite_master WHERE type = 'table'")
            .ForEach([&](const Statement& row) { roots.push_back({row.Text(0), row.Integer(1)}); });
    CHECK(read.ok());
    for (StoredRow& row : RowsIn(disk_.Content(file), roots)) {
      rows_.push_back({file, std::move(row)});
    }
  }

  size_t Below(size_t below) { return random_() % below; }

  // Draws a row; in one of 25 cases one of the two on which all others depend.
  const Place& Draw() {
    if (Below(25) > 0) return rows_[Below(rows_.size())];
    const char* const table = Below(2) == 0 ? "head" : "saved";
    return *std::find_if(rows_.begin(), rows_.end(),
                         [&](const Place& place) { return place.row.table == table; });
  }

  // Reads one row as a process does that has just started; returns its content, or why it is not
  // served.
  absl::StatusOr<std::string> Serve(const StoredRow& row) {
    ManualEnv env;
    InlineWorker worker;
    ASSIGN_OR_RETURN(const auto store, OpenStore(env, worker, disk_));
    if (row.table == "schema_version") return "opened";
    return Serve(env, *store, row);
  }
  static absl::StatusOr<std::string> Serve(ManualEnv& env, wallet::WalletStore& store,
                                           const StoredRow& row) {
    if (row.table == "head" || row.table == "saved") {
      ASSIGN_OR_RETURN(const wallet::Head head, env.Wait(store.TakeOver()));
      return absl::StrCat(head.epoch, " ", head.last_number, " ", absl::ToUnixMillis(head.last_at),
                          " ", head.chain, " ", head.saved_number, " ", head.newest.number, " ",
                          head.newest.id);
    }
    if (row.table == "entries") {
      std::vector<int64_t> numbers = {row.number};
      ASSIGN_OR_RETURN(const auto entries, env.Wait(store.Entries(std::move(numbers))));
      return Shown(entries.front());
    }
    Keys keys;
    (row.table == "accounts"   ? keys.accounts
     : row.table == "persons"  ? keys.persons
     : row.table == "claims"   ? keys.claims
     : row.table == "counters" ? keys.counters
                               : keys.ids)
        .push_back(row.key);
    ASSIGN_OR_RETURN(const wallet::Loaded loaded, env.Wait(store.Load(std::move(keys))));
    return Shown(loaded);
  }

  static std::string Shown(const Entry& entry) {
    std::string shown = absl::StrCat(entry.number, " ", entry.id, " ", entry.fingerprint);
    for (const ledger::Row& row : entry.rows) {
      absl::StrAppend(&shown, " ", row.from, ">", row.to, " ", row.amount_fen, " ",
                      row.from_after_fen, " ", row.to_after_fen);
    }
    return shown;
  }
  static std::string Shown(const wallet::Loaded& loaded) {
    std::string shown;
    for (const auto& [key, value] : loaded.rows.accounts) {
      if (value) absl::StrAppend(&shown, value->balance_fen, value->closed, value->last_number);
    }
    for (const auto& [key, value] : loaded.rows.persons) {
      if (value) {
        absl::StrAppend(&shown, value->year, value->wallet_open, static_cast<int>(value->residence),
                        value->forward_to, value->opened_by);
      }
    }
    for (const auto& [key, value] : loaded.rows.claims) absl::StrAppend(&shown, value.value_or(""));
    for (const auto& [key, value] : loaded.rows.counters) {
      if (value) absl::StrAppend(&shown, *value);
    }
    for (const auto& [key, value] : loaded.numbers) absl::StrAppend(&shown, value);
    return shown;
  }

  // Checks that before any change every row can be read and has content.
  void ReadAll() {
    ManualEnv env;
    InlineWorker worker;
    const auto store = *OpenStore(env, worker, disk_);
    for (const Place& place : rows_) {
      // Some rows change at every start, or are read whenever the file is opened.
      const std::string& table = place.row.table;
      if (table == "head" || table == "saved" || table == "schema_version") continue;
      const auto served = Serve(env, *store, place.row);
      CHECK(served.ok() && !served->empty());
    }
  }

  void ChangeByte() {
    const Place& place = Draw();
    const size_t offset = place.row.offsets[Below(place.row.offsets.size())];
    const auto by = static_cast<char>(1 + Below(255));
    Try(place, absl::StrCat("byte ", offset, " of ", place.file), false, [&] {
      char& byte = disk_.Content(place.file)[offset];
      byte = static_cast<char>(byte ^ by);
    });
    ++report_.changed_in_file;
  }

  // Changes a column through SQL, which writes the page anew, so that only the checksum of the row
  // can show it.
  void ChangeColumn() {
    const Place& place = Draw();
    const std::string column = ColumnOf(place.row.table);
    const std::string key = KeyOf(place.row.table);
    const bool changes_key = !place.row.key.empty() && column.starts_with(key + " =");
    Try(place, column, changes_key, [&] {
      const auto database = Open(place.file);
      CHECK(database->Prepared("DROP TRIGGER IF EXISTS entries_stay").Run().ok());
      const std::string set = absl::StrCat("UPDATE ", place.row.table, " SET ", column, " WHERE ");
      CHECK((place.row.key.empty()
                 ? database->Prepared(absl::StrCat(set, "rowid = ?1")).Run(place.row.number)
                 : database->Prepared(absl::StrCat(set, key, " = ?1")).Run(place.row.key))
                .ok());
    });
    ++report_.changed_in_sql;
  }

  static std::string KeyOf(const std::string& table) {
    return table == "ids" ? "id" : table == "persons" ? "psn_no" : "name";
  }
  // Draws a column to be changed. A row under another key is simply missing when it is read; only a
  // comparison with the journal can find that.
  std::string ColumnOf(const std::string& table) {
    static const std::map<std::string, std::vector<std::string>> kColumns = {
        {"accounts",
         {"name = name || 'x'", "balance_fen = balance_fen + 1", "closed = 1 - closed",
          "last_number = last_number + 256", "sum = sum + 1"}},
        {"persons",
         {"psn_no = psn_no || 'x'", "year = year + 1", "wallet_open = 1 - wallet_open",
          "standing = 2 - standing", "forward_to = forward_to || 'x'",
          "opened_by = opened_by || 'x'", "sum = sum - 1"}},
        {"claims", {"name = name || 'x'", "holder = holder || 'x'", "sum = sum + 1"}},
        {"counters", {"name = name || 'x'", "value = value + 1", "sum = sum + 1"}},
        {"ids", {"id = id || 'x'", "number = number + 1", "sum = sum + 1"}},
        {"saved", {"number = number - 1", "newest = newest + 1", "newest_id = 'x'", "sum = 1"}},
        {"head", {"last_number = last_number - 1", "chain = x'00'", "last_at_ms = 5", "sum = 1"}},
        {"schema_version", {"name = name || 'x'", "version = version + 1"}},
        {"entries",
         {"body = body || x'00'", "body = zeroblob(length(body))", "sum = sum + 1",
          "chain = zeroblob(32)"}}};
    const std::vector<std::string>& columns = kColumns.at(table);
    return columns[Below(columns.size())];
  }

  bool VerifyFinds() {
    ManualEnv env;
    InlineWorker worker;
    const auto store = *OpenStore(env, worker, disk_);
    return !Verify(env, *store).empty();
  }

  // Runs in a child, so that the next try begins with the shard as it was.
  void Try(const Place& place, const std::string& what, bool verified,
           const std::function<void()>& change) {
    const std::string name =
        absl::StrCat(place.row.table, " ", place.row.key, place.row.number, ": ", what);
    std::string served;
    const ChildEnd child = RunInChild(
        [&] {
          change();
          const auto row = Serve(place.row);
          served = row.ok() ? (row->empty() ? "MISSING" : "SERVED") : ReasonOf(row.status());
          if (verified && row.ok() && VerifyFinds()) served = "found by verify";
        },
        [&] { return served; });
    const std::string how = child.stopped ? "stopped" : child.left;
    ++report_.how[absl::StrCat(place.row.table, ": ", how)];
    if (how == "MISSING" || how == "SERVED") report_.bad.push_back(absl::StrCat(name, " ", how));
    if (child.stopped && child.said.find("stopping, the store") == std::string::npos) {
      report_.bad.push_back(absl::StrCat(name, ": ", child.said));
    }
  }

  const int64_t count_;
  std::mt19937_64 random_;
  Disk disk_;
  std::vector<Place> rows_;
  CorruptionReport report_;
};

}  // namespace

CorruptionReport RunCorruptions(int64_t count, uint64_t seed) { return Rot(count, seed).Run(); }

}  // namespace gongji::faults
