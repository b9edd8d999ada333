// A call connects if needed, sends every statement in one pipeline (preparing those that the server
// does not know yet) and reads the results until the sync. The caller gets one of the errors of
// postgres.h: lost conflicts are run again here (Again), and lost answers only where the caller
// said that the work may run twice (the Repeatable forms).
#include "services/common/sql/postgres/postgres.h"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <random>
#include <string_view>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/common/backoff.h"
#include "services/common/errors/check.h"
#include "services/common/errors/reasons.h"
#include "services/common/log.h"
#include "services/common/sql/postgres/postgres_errors.h"

namespace gongji::sql {
namespace {

constexpr int kBinary = 1;
// Object ids of types, which are the same in every server.
constexpr Oid kBytea = 17;
constexpr Oid kInt8 = 20;
constexpr Oid kByteaArray = 1001;
constexpr Oid kInt8Array = 1016;

constexpr int kMaxRuns = 10;
// How often the answer to a transaction may be lost before the caller gets an error.
constexpr int kLostAnswers = 3;
constexpr absl::Duration kFirstPause = absl::Milliseconds(1);
constexpr absl::Duration kLongestPause = absl::Milliseconds(100);

template <class T>
void AppendNetwork(T value, std::string& bytes) {
  for (int shift = 8 * (static_cast<int>(sizeof(T)) - 1); shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<char>(value >> shift));
  }
}

int64_t FromNetwork(std::string_view bytes) {
  CHECK(bytes.size() == sizeof(int64_t));  // Every number of ours is an int8.
  uint64_t value = 0;
  for (const char byte : bytes) value = (value << 8) | static_cast<uint8_t>(byte);
  return static_cast<int64_t>(value);
}

// One dimension, no nulls; an empty array must have no dimension.
std::string ArrayHead(Oid element, size_t size) {
  std::string bytes;
  AppendNetwork<uint32_t>(size == 0 ? 0 : 1, bytes);
  AppendNetwork<uint32_t>(0, bytes);
  AppendNetwork<uint32_t>(element, bytes);
  if (size == 0) return bytes;
  AppendNetwork(static_cast<uint32_t>(size), bytes);
  AppendNetwork<uint32_t>(1, bytes);
  return bytes;
}

// Pauses before something is tried again, on a thread that may block.
class Pauses {
 public:
  void Take() { absl::SleepFor(backoff_.Next(random_())); }

 private:
  // Full jitter, so that transactions that collided do not collide again.
  Backoff backoff_{{.first = kFirstPause, .longest = kLongestPause, .certain = 0}};
  std::mt19937_64 random_{std::random_device{}()};
};

absl::Status Broken(const PGconn* connection) {
  return absl::UnknownError(absl::StrCat("postgresql: ", PQerrorMessage(connection)));
}

}  // namespace

Values& Values::Add(int64_t value) {
  types_.push_back(kInt8);
  AppendNetwork(static_cast<uint64_t>(value), encoded_.emplace_back());
  return *this;
}

Values& Values::Add(const std::string& bytes) {
  types_.push_back(kBytea);
  encoded_.push_back(bytes);
  return *this;
}

Values& Values::Add(const std::vector<int64_t>& values) {
  types_.push_back(kInt8Array);
  std::string bytes = ArrayHead(kInt8, values.size());
  for (const int64_t value : values) {
    AppendNetwork<uint32_t>(sizeof(value), bytes);
    AppendNetwork(static_cast<uint64_t>(value), bytes);
  }
  encoded_.push_back(std::move(bytes));
  return *this;
}

Values& Values::Add(const std::vector<std::string>& values) {
  types_.push_back(kByteaArray);
  std::string bytes = ArrayHead(kBytea, values.size());
  for (const std::string& value : values) {
    AppendNetwork(static_cast<uint32_t>(value.size()), bytes);
    bytes.append(value);
  }
  encoded_.push_back(std::move(bytes));
  return *this;
}

void Result::Clear(pg_result* result) { PQclear(result); }

int Result::rows() const { return PQntuples(result_.get()); }

int64_t Result::Integer(int row, int column) const { return FromNetwork(Bytes(row, column)); }

std::string Result::Bytes(int row, int column) const {
  return {PQgetvalue(result_.get(), row, column),
          static_cast<size_t>(PQgetlength(result_.get(), row, column))};
}

int64_t Result::changed() const {
  int64_t changed = 0;
  CHECK(absl::SimpleAtoi(PQcmdTuples(result_.get()), &changed));
  return changed;
}

Postgres::Postgres(PostgresOptions options) : options_(std::move(options)) {}

Postgres::~Postgres() { Drop(); }

void Postgres::Drop() {
  if (connection_ != nullptr) PQfinish(connection_);
  connection_ = nullptr;
  in_transaction_ = false;
  prepared_.clear();
}

absl::Status Postgres::Connect() {
  const auto end = std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(options_.patience);
  const bool patient = !away_;
  Pauses pauses;
  while (true) {
    absl::Status status = ConnectOnce();
    if (status.ok() || !patient || in_transaction_ || std::chrono::steady_clock::now() >= end) {
      return status;
    }
    pauses.Take();
  }
}

absl::Status Postgres::ConnectOnce() {
  // One that broke was dropped by the call that noticed it.
  if (connection_ != nullptr) return absl::OkStatus();
  // What a transaction has done so far was lost with its connection.
  if (in_transaction_) return Away();
  Drop();
  const std::string timeout = absl::StrCat(absl::ToInt64Seconds(options_.connect_timeout));
  const std::string patience = absl::StrCat(absl::ToInt64Milliseconds(options_.reply_timeout));
  // Later entries win, so what the connection string says itself (dbname) overrides the entries
  // above.
  const std::vector<std::pair<const char*, const char*>> parameters = {
      {"connect_timeout", timeout.c_str()},
      {"keepalives_idle", "5"},
      {"tcp_user_timeout", patience.c_str()},
      {"target_session_attrs", "read-write"},
      {"fallback_application_name", options_.application.c_str()},
      {"dbname", options_.connection.c_str()},
      {nullptr, nullptr}};
  std::vector<const char*> names;
  std::vector<const char*> values;
  for (const auto& [name, value] : parameters) {
    names.push_back(name);
    values.push_back(value);
  }
  connection_ = PQconnectdbParams(names.data(), values.data(), /*expand_dbname=*/1);
  CHECK(connection_ != nullptr);
  if (PQstatus(connection_) != CONNECTION_OK) {
    // Logged once, not at each attempt.
    if (!std::exchange(away_, true)) {
      Log(LogLevel::kWarning, "no connection to postgresql",
          {{"why", PQerrorMessage(connection_)}});
    }
    Drop();
    return Away();
  }
  away_ = false;
  PQsetNoticeProcessor(connection_, [](void*, const char*) {}, nullptr);
  CHECK(PQsetnonblocking(connection_, 1) == 0 && PQenterPipelineMode(connection_) == 1);
  // The server gives up a wait for a row lock, but never a COMMIT: what was sent to it must end as
  // done or not done. The wait ends before ours does, or it would go on there without us.
  const int64_t lock_ms = absl::ToInt64Milliseconds(options_.reply_timeout) * 8 / 10;
  const absl::Status settings =
      RunOnce({{absl::StrCat("SELECT set_config('statement_timeout', '0', false), "
                             "set_config('lock_timeout', '",
                             lock_ms, "', false), set_config('synchronous_commit', 'on', false)")}})
          .status();
  if (settings.ok()) return absl::OkStatus();
  Drop();
  return Away();
}

absl::Status Postgres::Send(const std::vector<Query>& queries, std::vector<bool>& answers) {
  for (const Query& query : queries) {
    const auto known = prepared_.find(query.sql);
    std::string name = known == prepared_.end() ? "" : known->second;
    if (name.empty()) {
      static_assert(std::is_same_v<Oid, unsigned>);
      // Never the name of a statement that failed: it is not known whether the server has that one.
      name = absl::StrCat("s", ++names_given_);
      if (PQsendPrepare(connection_, name.c_str(), query.sql.c_str(),
                        static_cast<int>(query.values.types_.size()),
                        query.values.types_.data()) != 1) {
        return Broken(connection_);
      }
      answers.push_back(false);
      prepared_[query.sql] = name;
    }
    std::vector<const char*> values;
    std::vector<int> sizes;
    for (const std::string& value : query.values.encoded_) {
      values.push_back(value.data());
      sizes.push_back(static_cast<int>(value.size()));
    }
    const std::vector<int> formats(values.size(), kBinary);
    if (PQsendQueryPrepared(connection_, name.c_str(), static_cast<int>(values.size()),
                            values.data(), sizes.data(), formats.data(), kBinary) != 1) {
      return Broken(connection_);
    }
    answers.push_back(true);
  }
  return PQpipelineSync(connection_) == 1 ? absl::OkStatus() : Broken(connection_);
}

absl::Status Postgres::WaitForServer(std::chrono::steady_clock::time_point deadline) {
  const int unsent = PQflush(connection_);
  if (unsent < 0) return Broken(connection_);
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  if (left.count() <= 0) return absl::UnknownError("postgresql: no answer in time");
  pollfd waits{.fd = PQsocket(connection_),
               .events = static_cast<int16_t>(POLLIN | (unsent > 0 ? POLLOUT : 0)),
               .revents = 0};
  if (poll(&waits, 1, static_cast<int>(left.count())) < 0 && errno != EINTR) {
    return absl::UnknownError("postgresql: poll");
  }
  if ((waits.revents & ~POLLOUT) != 0 && PQconsumeInput(connection_) != 1) {
    return Broken(connection_);
  }
  return absl::OkStatus();
}

absl::StatusOr<pg_result*> Postgres::Next(std::chrono::steady_clock::time_point deadline) {
  // Data that is not flushed yet is sent while an answer is awaited; otherwise both sides could
  // wait for each other.
  if (PQflush(connection_) < 0) return Broken(connection_);
  while (PQisBusy(connection_) == 1) RETURN_IF_ERROR(WaitForServer(deadline));
  return PQgetResult(connection_);
}

absl::StatusOr<std::vector<Result>> Postgres::Receive(const std::vector<bool>& answers) {
  const auto deadline =
      std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(options_.reply_timeout);
  std::vector<Result> results;
  absl::Status status;
  for (size_t i = 0; i <= answers.size();) {
    ASSIGN_OR_RETURN(pg_result * raw, Next(deadline));
    if (raw == nullptr) {
      ++i;  // the end of one statement's results
      continue;
    }
    Result result(raw);
    switch (PQresultStatus(raw)) {
      case PGRES_PIPELINE_SYNC:
        if (!status.ok()) return status;
        return results;
      case PGRES_TUPLES_OK:
      case PGRES_COMMAND_OK:
        if (i < answers.size() && answers[i]) results.push_back(std::move(result));
        break;
      case PGRES_PIPELINE_ABORTED:
        break;  // after an error
      default:
        if (status.ok()) status = ErrorOf(*raw);
        if (PQstatus(connection_) != CONNECTION_OK) return Broken(connection_);
    }
  }
  return Broken(connection_);
}

absl::StatusOr<std::vector<Result>> Postgres::RunOnce(const std::vector<Query>& queries) {
  const auto known_before = prepared_.size();
  std::vector<bool> answers;
  absl::Status status = Send(queries, answers);
  if (status.ok()) {
    auto results = Receive(answers);
    if (results.ok()) return results;
    status = results.status();
  }
  const bool prepared_some = prepared_.size() != known_before;
  if (status.code() == absl::StatusCode::kUnknown || MustReconnect(status)) {
    const bool began = in_transaction_;
    Drop();
    // Keep the flag, so that the next statement of the open transaction fails.
    in_transaction_ = began;
  } else if (prepared_some) {
    // It is not known whether the server has processed the new statements.
    prepared_.clear();
  }
  return status;
}

absl::Status Postgres::Again(absl::FunctionRef<absl::Status()> attempt) {
  Pauses pauses;
  for (int run = 1;; ++run) {
    absl::Status status = attempt();
    if (status.code() != absl::StatusCode::kAborted) return status;
    if (run == kMaxRuns) return Refuse(reason::kConflict);
    pauses.Take();
  }
}

absl::StatusOr<std::vector<Result>> Postgres::Run(const std::vector<Query>& queries) {
  std::vector<Result> results;
  const auto run = [&]() -> absl::Status {
    RETURN_IF_ERROR(Connect());
    ASSIGN_OR_RETURN(results, RunOnce(queries));
    return absl::OkStatus();
  };
  // Within a transaction the whole of it runs again, not one statement.
  RETURN_IF_ERROR(in_transaction_ ? run() : Again(run));
  return results;
}

absl::StatusOr<std::vector<Result>> Postgres::Repeatable(const std::vector<Query>& queries) {
  auto results = Run(queries);
  if (results.status().code() == absl::StatusCode::kUnknown) results = Run(queries);
  if (results.status().code() == absl::StatusCode::kUnknown) {
    return Away();
  }
  return results;
}

absl::Status Postgres::Transaction(absl::FunctionRef<absl::Status()> work) {
  CHECK(!in_transaction_);
  return Again([&]() -> absl::Status {
    RETURN_IF_ERROR(Repeatable({{"BEGIN"}}).status());
    in_transaction_ = true;
    absl::Status status = work();
    const bool connected = connection_ != nullptr;
    in_transaction_ = false;
    // Without a COMMIT the server has done nothing.
    if (!connected) return Away();
    if (status.ok()) return RunOnce({{"COMMIT"}}).status();
    if (!RunOnce({{"ROLLBACK"}}).ok()) Drop();
    return status;
  });
}

absl::Status Postgres::RepeatableTransaction(absl::FunctionRef<absl::Status()> work) {
  absl::Status status;
  for (int answers = 0; answers < kLostAnswers; ++answers) {
    status = Transaction(work);
    if (status.code() != absl::StatusCode::kUnknown) return status;
  }
  return Away();
}

absl::Status Postgres::Script(const std::string& sql) {
  // Within a transaction the whole of it runs again.
  return in_transaction_ ? ScriptOnce(sql) : Again([&] { return ScriptOnce(sql); });
}

absl::Status Postgres::ScriptOnce(const std::string& sql) {
  RETURN_IF_ERROR(Connect());
  // Several statements in one string are only allowed outside a pipeline; they are one transaction.
  CHECK(PQexitPipelineMode(connection_) == 1);
  absl::Status status =
      PQsendQuery(connection_, sql.c_str()) == 1 ? absl::OkStatus() : Broken(connection_);
  const auto deadline =
      std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(options_.reply_timeout);
  while (status.code() != absl::StatusCode::kUnknown) {
    const absl::StatusOr<pg_result*> raw = Next(deadline);
    if (!raw.ok()) {
      status = raw.status();
    } else if (*raw == nullptr) {
      CHECK(PQenterPipelineMode(connection_) == 1);
      return status;
    } else {
      const Result result(*raw);
      const ExecStatusType kind = PQresultStatus(*raw);
      const bool good = kind == PGRES_COMMAND_OK || kind == PGRES_TUPLES_OK;
      if (!good && status.ok()) status = ErrorOf(**raw);
    }
  }
  Drop();
  return status;
}

bool IsPostgres(const std::string& database) {
  return absl::StartsWith(database, "postgresql://") || absl::StartsWith(database, "postgres://") ||
         absl::StrContains(database, "host=") || absl::StrContains(database, "dbname=");
}

}  // namespace gongji::sql
