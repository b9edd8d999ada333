#include "tools/loadgen/raw_sqlite.h"

#include <sqlite3.h>

#include <chrono>
#include <memory>

#include "absl/status/status.h"
#include "services/common/errors/check.h"
#include "tools/loadgen/ledger.h"

namespace gongji::load {
namespace {

constexpr int64_t kAmountFen = 100;

// The settings that were found to be the fastest (log copied back every 40 MiB).
constexpr char kSettings[] =
    "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
    "PRAGMA cache_size=-262144; PRAGMA wal_autocheckpoint=10000;";

constexpr char kNames[] =
    "CREATE TABLE accounts (name TEXT PRIMARY KEY, balance_fen INTEGER NOT NULL, "
    "closed INTEGER NOT NULL, last_number INTEGER NOT NULL, sum INTEGER NOT NULL) WITHOUT ROWID;";
constexpr char kIntegers[] =
    "CREATE TABLE accounts (name INTEGER PRIMARY KEY, balance_fen INTEGER NOT NULL);";

struct Close {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

class Raw {
 public:
  Raw(RawRows rows, sqlite3* database) : rows_(rows), database_(database) {}

  void Run(const char* script) {
    CHECK(sqlite3_exec(database_.get(), script, nullptr, nullptr, nullptr) == SQLITE_OK);
  }
  void Prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    CHECK(sqlite3_prepare_v2(database_.get(), sql, -1, &statement, nullptr) == SQLITE_OK);
    statement_.reset(statement);
  }
  // Runs the statement for one account.
  void Step(int64_t account, int64_t fen) {
    if (rows_ == RawRows::kNames) {
      const std::string name = AccountAt(account);
      sqlite3_bind_text(statement_.get(), 1, name.data(), static_cast<int>(name.size()),
                        SQLITE_TRANSIENT);
    } else {
      sqlite3_bind_int64(statement_.get(), 1, account);
    }
    sqlite3_bind_int64(statement_.get(), 2, fen);
    CHECK(sqlite3_step(statement_.get()) == SQLITE_DONE);
    sqlite3_reset(statement_.get());
  }

 private:
  const RawRows rows_;
  const std::unique_ptr<sqlite3, Close> database_;
  std::unique_ptr<sqlite3_stmt, Close> statement_;
};

}  // namespace

absl::StatusOr<double> RawSqlite(const std::string& path, RawRows rows, int64_t accounts,
                                 int per_commit, double seconds) {
  sqlite3* database = nullptr;
  const int opened = sqlite3_open(path.c_str(), &database);
  Raw raw(rows, database);
  if (opened != SQLITE_OK) return absl::UnavailableError(path);
  raw.Run(kSettings);
  raw.Run("BEGIN");
  raw.Run(rows == RawRows::kNames ? kNames : kIntegers);
  raw.Prepare(rows == RawRows::kNames ? "INSERT INTO accounts VALUES (?1, ?2, 0, 1, 1)"
                                      : "INSERT INTO accounts VALUES (?1, ?2)");
  for (int64_t i = 0; i < accounts; ++i) raw.Step(i, 0);
  raw.Run("COMMIT");
  raw.Prepare("UPDATE accounts SET balance_fen = balance_fen + ?2 WHERE name = ?1");
  const auto start = std::chrono::steady_clock::now();
  const auto passed = [&start] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  uint64_t number = 0;
  while (passed() < seconds) {
    raw.Run("BEGIN");
    for (int i = 0; i < per_commit; ++i, ++number) {
      raw.Step(Draw(2 * number, accounts, Spread::kUniform), -kAmountFen);
      raw.Step(Draw(2 * number + 1, accounts, Spread::kUniform), kAmountFen);
    }
    raw.Run("COMMIT");
  }
  return static_cast<double>(number) / passed();
}

}  // namespace gongji::load
