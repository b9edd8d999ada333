// A connection to PostgreSQL over libpq: statements prepared once, parameters and rows in binary
// form, any number of statements in one round trip.
//
// Threads: a connection is used by one thread at a time (its store's Worker). A call blocks, at
// most for the reply timeout.
//
// Errors of every call:
//   UNAVAILABLE PEER_UNAVAILABLE  no connection, or the server cannot serve now; nothing was done
//   UNKNOWN                       the connection broke before the answer: the call was done, or was
//                                 not, or will be done later, when what was sent arrives
//   UNAVAILABLE CONFLICT          lost against other transactions repeatedly; nothing was done
//   RESOURCE_EXHAUSTED DISK_FULL  nothing was done
//   DATA_LOSS ROW_DAMAGED         the server found damage in its files
// A violated constraint or a statement that the server does not understand ends the process: code
// and schema disagree. The next call makes a broken connection again.
#ifndef GONGJI_SERVICES_COMMON_SQL_POSTGRES_POSTGRES_H_
#define GONGJI_SERVICES_COMMON_SQL_POSTGRES_POSTGRES_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

struct pg_conn;
struct pg_result;

namespace gongji::sql {

struct PostgresOptions {
  // In the form that libpq takes: "postgresql://..." or "host=... dbname=...". A password belongs
  // in a passfile that the string names, not in the string, which other users of the machine can
  // see.
  std::string connection;
  // The name in the server's list of sessions.
  std::string application = "gongji";
  absl::Duration connect_timeout = absl::Seconds(3);
  // How long a broken connection is tried again before the caller gets an error: a server that
  // restarts or fails over is back within seconds. A server that has been away since the last call
  // is tried only once.
  absl::Duration patience = absl::Seconds(5);
  // A call that takes longer counts as a broken connection. The server itself only gives up waits
  // for locks (after 80 % of this time), never a statement: a COMMIT that is cancelled while it
  // waits for its standby stays, but only on one machine.
  absl::Duration reply_timeout = absl::Seconds(10);
};

// The parameters $1, $2 ... of a statement, in this order. Bytes are `bytea`: names may have any
// characters, including ones that `text` cannot hold, and are compared byte by byte, as in SQLite.
class Values {
 public:
  Values& Add(int64_t value);
  Values& Add(const std::string& bytes);
  // Arrays, for unnest() and = ANY().
  Values& Add(const std::vector<int64_t>& values);
  Values& Add(const std::vector<std::string>& values);

 private:
  friend class Postgres;
  std::vector<unsigned> types_;
  std::vector<std::string> encoded_;
};

struct Query {
  // Kept and compared as text; it is prepared once on each connection.
  std::string sql;
  Values values = {};
};

// The result of one statement: rows of int8 and bytea columns.
class Result {
 public:
  explicit Result(pg_result* result) : result_(result, &Clear) {}

  int rows() const;
  // Columns are numbered from 0.
  int64_t Integer(int row, int column) const;
  std::string Bytes(int row, int column) const;
  // Number of rows that an INSERT, UPDATE or DELETE changed.
  int64_t changed() const;

 private:
  static void Clear(pg_result* result);
  std::unique_ptr<pg_result, void (*)(pg_result*)> result_;
};

// One row of a result.
struct ResultRow {
  int64_t Integer(int column) const { return result.Integer(row, column); }
  std::string Text(int column) const { return result.Bytes(row, column); }

  const Result& result;
  int row = 0;
};

class Postgres {
 public:
  // The first call connects.
  explicit Postgres(PostgresOptions options);
  ~Postgres();
  Postgres(const Postgres&) = delete;
  Postgres& operator=(const Postgres&) = delete;

  // Runs all of `queries` in one round trip, as one transaction (or within the one that is open).
  // If that transaction loses against another one, it is run again from the start.
  absl::StatusOr<std::vector<Result>> Run(const std::vector<Query>& queries);

  // Like Run, for queries that may run twice: if the connection breaks, it is made again once,
  // without a pause.
  absl::StatusOr<std::vector<Result>> Repeatable(const std::vector<Query>& queries);

  // Runs `work`, which calls Run, within one transaction: committed if it returns OK, else rolled
  // back. It is run again from the start if it loses against another transaction.
  absl::Status Transaction(absl::FunctionRef<absl::Status()> work);

  // Like Transaction, for work that may run twice: it is run again, a few times, while its answer
  // is lost.
  absl::Status RepeatableTransaction(absl::FunctionRef<absl::Status()> work);

  // Runs a script of several statements in one transaction (schemas), or within the one that is
  // open.
  absl::Status Script(const std::string& sql);

  // Drops the connection. What it has under way is done, or is not, or will be done later.
  void Drop();

 private:
  absl::Status Connect();
  absl::Status ConnectOnce();
  absl::Status ScriptOnce(const std::string& sql);
  absl::StatusOr<std::vector<Result>> RunOnce(const std::vector<Query>& queries);
  absl::Status Send(const std::vector<Query>& queries, std::vector<bool>& answers);
  // The results of what was sent. `answers` says for each statement whether the caller asked for
  // its result.
  absl::StatusOr<std::vector<Result>> Receive(const std::vector<bool>& answers);
  // The next result; null between two statements.
  absl::StatusOr<pg_result*> Next(std::chrono::steady_clock::time_point deadline);
  absl::Status WaitForServer(std::chrono::steady_clock::time_point deadline);
  // Runs `attempt` until it no longer loses against other transactions, a bounded number of times.
  static absl::Status Again(absl::FunctionRef<absl::Status()> attempt);

  const PostgresOptions options_;
  pg_conn* connection_ = nullptr;
  bool in_transaction_ = false;
  bool away_ = false;  // true once it was logged that the server is away
  // Statements that the server of this connection has prepared: text -> name.
  absl::flat_hash_map<std::string, std::string> prepared_;
  int64_t names_given_ = 0;
};

// True for a string that names a PostgreSQL database, and not a file.
bool IsPostgres(const std::string& database);

}  // namespace gongji::sql

#endif  // GONGJI_SERVICES_COMMON_SQL_POSTGRES_POSTGRES_H_
