// The seam to SQLite: one connection, prepared statements, transactions. PostgreSQL has a seam and
// SQL of its own (services/common/sql/postgres/postgres.h).
//
// Threads: a Database is used by one thread at a time (its store's Worker).
//
// Errors: an I/O error, a corrupt file or a violated constraint ends the process (P12): after a
// failed fsync nobody knows what the disk holds, and a constraint that fires means that code and
// schema disagree about an invariant. A full disk is an ordinary status, DISK_FULL (P13), and so is
// a page that is not what was written, ROW_DAMAGED (P14): work that does not need the page goes on.
#ifndef GONGJI_SERVICES_COMMON_SQL_SQLITE_SQLITE_DATABASE_H_
#define GONGJI_SERVICES_COMMON_SQL_SQLITE_SQLITE_DATABASE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

struct sqlite3;
struct sqlite3_stmt;

namespace gongji::sql {

// Bytes that are not text.
struct Blob {
  const std::string& bytes;
};

// A prepared statement. Parameters are numbered, `?1` .. `?n`: a number means the same in every
// engine, an order of appearance does not.
class Statement {
 public:
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  // Binds all parameters in order of number and runs a statement that returns no rows.
  template <class... Values>
  absl::Status Run(const Values&... values) {
    Start(values...);
    return Finish();
  }

  // Like Run, for a statement that returns rows; `row` is called for each.
  template <class... Values>
  absl::Status ForEach(absl::FunctionRef<void(const Statement&)> row, const Values&... values) {
    Start(values...);
    return Rows(row);
  }

  // Columns of the current row, numbered from 0. NULL reads as 0 or "".
  int64_t Integer(int column) const;
  std::string Text(int column) const;
  bool IsNull(int column) const;

 private:
  friend class Database;
  Statement(sqlite3* connection, sqlite3_stmt* statement, bool needed)
      : connection_(connection), statement_(statement), needed_(needed) {}

  template <class... Values>
  void Start(const Values&... values) {
    int number = 0;
    (Bind(++number, values), ...);
  }
  void Bind(int number, int64_t value);
  void Bind(int number, int value) { Bind(number, static_cast<int64_t>(value)); }
  void Bind(int number, bool value) { Bind(number, static_cast<int64_t>(value)); }
  void Bind(int number, const std::string& value);
  void Bind(int number, const Blob& value);
  void Bind(int number, std::nullopt_t);
  template <class T>
  void Bind(int number, const std::optional<T>& value) {
    value.has_value() ? Bind(number, *value) : Bind(number, std::nullopt);
  }
  absl::Status Finish();
  absl::Status Rows(absl::FunctionRef<void(const Statement&)> row);

  sqlite3* connection_;
  sqlite3_stmt* statement_;
  const bool needed_;
};

struct SqliteOptions {
  // A file, or ":memory:".
  std::string path;
  // Pages of 4 KiB held in memory: 8 MiB. Every commit that split a page walks through all of them
  // (SQLite 3.40 uses the number of its pending-byte page on the way, and then drops the pages that
  // it thinks lie after the end): 16384 pages cost 1 ms per commit. Other pages are in the system's
  // cache.
  int cache_pages = 2048;
  // Pages of write-ahead log between checkpoints (log_keeper.h): 40 MiB. A small interval rewrites
  // the same pages every few commits and costs more than half of the throughput.
  int checkpoint_pages = 10000;
  // False: a commit survives a crash of the process, but after a power cut the last ones may be
  // lost. For data that can be made again from something durable.
  bool durable = true;
  // False: this process has the file open already. The first connection deals with what an earlier
  // process has left (log_restore.h).
  bool first_in_process = true;
  // The VFS that SQLite reads and writes through, with checksums of pages (page_sums.h); "": the
  // system's. Only tests that break disks set another one.
  std::string vfs;
  // False: the log is copied on the writer's thread, for tests in which every run must be the same.
  bool copy_beside_writer = true;
  // False: the process can do without this file, so an error is BACKUP_FAILED and does not end it.
  bool needed = true;
};

class LogKeeper;

class Database {
 public:
  // Opens or creates the file, durable on every commit unless the options say otherwise, locked
  // against other processes. Errors: UNAVAILABLE if another process holds it; STORE_NOT_OURS if it
  // is not a file of this program, which leaves it unchanged.
  static absl::StatusOr<std::unique_ptr<Database>> OpenSqlite(SqliteOptions options);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Runs a script of several statements in one transaction (schemas), or within the one that is
  // open.
  absl::Status Script(const std::string& sql);

  // Prepared once and kept; `sql` must be correct.
  Statement& Prepared(absl::string_view sql);

  // Number of rows that the latest writing statement inserted, changed or deleted.
  int64_t changed() const;

  // Runs `work` inside one transaction: committed (and durable) when it returns OK, rolled back
  // when `work` or the commit returns an error.
  absl::Status Transaction(absl::FunctionRef<absl::Status()> work);

  // Writes what is committed at this moment into a new file as this kind of database, checksums of
  // pages included; other connections can read and write meanwhile. The new file is not durable
  // yet. No failure ends the process, because the file may be on another disk: DISK_FULL,
  // ROW_DAMAGED (a page of this database), BACKUP_FAILED. After a failure a file may be left.
  absl::Status CopyTo(const std::string& path);

 private:
  Database(sqlite3* connection, bool needed);

  sqlite3* connection_;
  const bool needed_;
  std::unique_ptr<LogKeeper> log_keeper_;
  absl::flat_hash_map<std::string, std::unique_ptr<Statement>> statements_;
};

}  // namespace gongji::sql

#endif  // GONGJI_SERVICES_COMMON_SQL_SQLITE_SQLITE_DATABASE_H_
