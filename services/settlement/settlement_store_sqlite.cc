// Calls of the store that may share a transaction become jobs, which a batcher collects.
// Tables::Run executes them in order in one transaction on the worker's thread; a job that is
// refused writes nothing and does not affect the others. What all jobs add up to (totals, steps) is
// written once, at the end. Other calls run on the worker by themselves.
#include "services/settlement/settlement_store_sqlite.h"

#include <map>
#include <tuple>
#include <utility>
#include <variant>

#include "gen/settlement_schema.h"
#include "services/common/batcher.h"
#include "services/common/errors/check.h"
#include "services/common/errors/reasons.h"
#include "services/common/sql/migrations.h"
#include "services/common/sql/sqlite/sqlite_database.h"
#include "services/settlement/steps_table_sqlite.h"

namespace gongji::settlement {
namespace {

using sql::Blob;
using sql::Database;
using sql::Statement;

struct FindJob {
  std::string caller;
  std::string request_id;
};
struct FindByIdJob {
  std::string operation_id;
};
struct WriteJob {
  int64_t epoch = 0;
  OperationWritePtr write;
};
struct CursorJob {
  int64_t epoch = 0;
  std::string stream;
  int64_t revision = 0;
};
struct RenumberJob {
  int64_t epoch = 0;
  BookedStep step;
  int64_t number = 0;
};
using Job = std::variant<FindJob, FindByIdJob, WriteJob, CursorJob, RenumberJob>;

struct JobResult {
  absl::Status status = absl::OkStatus();
  // A pointer, because most jobs find nothing, and results are passed on many times.
  std::shared_ptr<Refundable> found = nullptr;
};

// Columns: body, plan.
Operation ReadOperation(const Statement& row) {
  Operation operation;
  CHECK(DecodeOperation(row.Text(0), operation));  // A damaged operation is never driven.
  if (!row.IsNull(1)) {
    Plan plan;
    CHECK(DecodePlan(row.Text(1), plan));
    operation.plan = std::make_shared<const Plan>(std::move(plan));
  }
  return operation;
}

std::shared_ptr<Refundable> Found(const Statement& row) {
  return std::make_shared<Refundable>(Refundable{ReadOperation(row), {}});
}

// The store's work, on its worker's thread.
class Tables {
 public:
  explicit Tables(Database& database) : database_(database), steps_(database) {}

  absl::StatusOr<int64_t> TakeOver() {
    int64_t epoch = 0;
    RETURN_IF_ERROR(database_.Transaction([&]() -> absl::Status {
      RETURN_IF_ERROR(database_.Prepared("UPDATE head SET epoch = epoch + 1 WHERE one = 1").Run());
      ASSIGN_OR_RETURN(epoch, Epoch());
      return absl::OkStatus();
    }));
    return epoch;
  }

  // Runs the jobs in order in one transaction; a job that is refused writes nothing. If the
  // commit fails, all fail.
  std::vector<JobResult> Run(const std::vector<Job>& jobs) {
    std::vector<JobResult> results(jobs.size());
    const absl::Status committed = database_.Transaction([&]() -> absl::Status {
      ASSIGN_OR_RETURN(const int64_t epoch, Epoch());
      Unit unit{.epoch = epoch};
      for (size_t i = 0; i < jobs.size(); ++i) {
        RETURN_IF_ERROR(
            std::visit([&](const auto& job) { return Do(job, unit, results[i]); }, jobs[i]));
      }
      for (const auto& [key, total] : unit.totals) RETURN_IF_ERROR(Add(total));
      return steps_.Add(std::move(unit.steps));
    });
    if (!committed.ok()) {
      for (JobResult& result : results) result = {.status = committed};
    }
    return results;
  }

  absl::StatusOr<std::vector<Operation>> Open(const std::string& after_id, int limit) {
    std::vector<Operation> operations;
    RETURN_IF_ERROR(
        database_
            .Prepared("SELECT o.body, p.body FROM operations AS o "
                      "LEFT JOIN plans AS p ON p.operation_id = o.id "
                      "WHERE o.state IN (1, 2) AND o.id > ?1 ORDER BY o.id LIMIT ?2")
            .ForEach([&](const Statement& row) { operations.push_back(ReadOperation(row)); },
                     after_id, limit));
    return operations;
  }

  absl::StatusOr<int64_t> Cursor(const std::string& stream) {
    int64_t revision = 0;
    RETURN_IF_ERROR(database_.Prepared("SELECT revision FROM cursors WHERE stream = ?1")
                        .ForEach([&](const Statement& row) { revision = row.Integer(0); }, stream));
    return revision;
  }

  absl::StatusOr<std::vector<BookedStep>> Steps(const BookedStep& after, int limit) {
    return steps_.Page(after, limit);
  }

  absl::StatusOr<std::vector<Total>> Totals(const TotalsPage& page) {
    const Total after = page.after.value_or(Total{.day = page.first_day});
    std::vector<Total> totals;
    RETURN_IF_ERROR(
        database_
            .Prepared("SELECT day, giver_area, receiver_area, count, amount_fen, refund_count, "
                      "refunded_fen FROM totals "
                      "WHERE (day, giver_area, receiver_area) > (?1, ?2, ?3) AND day <= ?4 "
                      "ORDER BY day, giver_area, receiver_area LIMIT ?5")
            .ForEach(
                [&](const Statement& row) {
                  totals.push_back({.giver_area = row.Text(1),
                                    .receiver_area = row.Text(2),
                                    .day = ParseDay(row.Text(0)).value_or(BusinessDay()),
                                    .count = row.Integer(3),
                                    .amount_fen = row.Integer(4),
                                    .refund_count = row.Integer(5),
                                    .refunded_fen = row.Integer(6)});
                },
                FormatDay(after.day), after.giver_area, after.receiver_area,
                FormatDay(page.last_day), page.limit));
    return totals;
  }

 private:
  // A transaction, with what its jobs add together; that is stored once, at the end.
  struct Unit {
    int64_t epoch = 0;
    TotalsByKey totals = {};
    std::vector<BookedStep> steps = {};
  };

  absl::StatusOr<int64_t> Epoch() {
    int64_t epoch = 0;
    RETURN_IF_ERROR(database_.Prepared("SELECT epoch FROM head WHERE one = 1")
                        .ForEach([&](const Statement& row) { epoch = row.Integer(0); }));
    return epoch;
  }

  // Each Do fills in the result of its job. An error that it returns fails the whole transaction.
  absl::Status Do(const FindJob& job, Unit& /*unit*/, JobResult& result) {
    return database_
        .Prepared(
            "SELECT o.body, p.body FROM requests AS r "
            "JOIN operations AS o ON o.id = r.operation_id "
            "LEFT JOIN plans AS p ON p.operation_id = o.id "
            "WHERE r.caller = ?1 AND r.request_id = ?2")
        .ForEach([&](const Statement& row) { result.found = Found(row); }, job.caller,
                 job.request_id);
  }

  absl::Status Do(const FindByIdJob& job, Unit& /*unit*/, JobResult& result) {
    RETURN_IF_ERROR(
        database_
            .Prepared("SELECT o.body, p.body FROM operations AS o "
                      "LEFT JOIN plans AS p ON p.operation_id = o.id WHERE o.id = ?1")
            .ForEach([&](const Statement& row) { result.found = Found(row); }, job.operation_id));
    if (result.found == nullptr) return absl::OkStatus();
    Drawn& drawn = result.found->drawn;
    return database_.Prepared("SELECT body FROM drawn WHERE settlement_id = ?1")
        .ForEach([&](const Statement& row) { CHECK(DecodeDrawn(row.Text(0), drawn)); },
                 job.operation_id);
  }

  absl::Status Do(const WriteJob& job, Unit& unit, JobResult& result) {
    if (job.epoch != unit.epoch) {
      result.status = Refuse(reason::kNotWriter);
      return absl::OkStatus();
    }
    const OperationWrite& write = *job.write;
    ASSIGN_OR_RETURN(bool stored, Follows(write.drawn));
    if (stored) {
      ASSIGN_OR_RETURN(stored, Put(*write.operation));
    }
    if (!stored) return WhyNotStored(write, unit, result);
    if (write.drawn.has_value()) RETURN_IF_ERROR(Put(*write.drawn));
    if (write.new_plan) RETURN_IF_ERROR(PutPlan(*write.operation));
    for (const Total& total : write.totals) AddTo(unit.totals, total);
    unit.steps.insert(unit.steps.end(), write.steps.begin(), write.steps.end());
    return absl::OkStatus();
  }

  absl::Status Do(const RenumberJob& job, Unit& unit, JobResult& result) {
    if (job.epoch != unit.epoch) {
      result.status = Refuse(reason::kNotWriter);
      return absl::OkStatus();
    }
    return steps_.Renumber(job.step, job.number);
  }

  absl::Status Do(const CursorJob& job, Unit& unit, JobResult& result) {
    if (job.epoch != unit.epoch) {
      result.status = Refuse(reason::kNotWriter);
      return absl::OkStatus();
    }
    return database_
        .Prepared(
            "INSERT INTO cursors (stream, revision) VALUES (?1, ?2) "
            "ON CONFLICT (stream) DO UPDATE SET revision = ?2")
        .Run(job.stream, job.revision);
  }

  // Stores the next version of an operation; false, with nothing stored, if it does not follow the
  // stored one.
  absl::StatusOr<bool> Put(const Operation& operation) {
    const auto state = static_cast<int64_t>(operation.state);
    if (operation.version > 1) {
      RETURN_IF_ERROR(database_
                          .Prepared("UPDATE operations SET state = ?2, version = ?3, body = ?4 "
                                    "WHERE id = ?1 AND version = ?5")
                          .Run(operation.id, state, operation.version,
                               Blob{EncodeOperation(operation)}, operation.version - 1));
      return database_.changed() == 1;
    }
    RETURN_IF_ERROR(database_
                        .Prepared("INSERT INTO requests (caller, request_id, operation_id) "
                                  "VALUES (?1, ?2, ?3) ON CONFLICT (caller, request_id) DO NOTHING")
                        .Run(operation.caller, operation.request_id, operation.id));
    if (database_.changed() == 0) return false;
    RETURN_IF_ERROR(
        database_
            .Prepared("INSERT INTO operations (id, state, version, body) VALUES (?1, ?2, ?3, ?4)")
            .Run(operation.id, state, operation.version, Blob{EncodeOperation(operation)}));
    return true;
  }

  absl::Status PutPlan(const Operation& operation) {
    return database_
        .Prepared(
            "INSERT INTO plans (operation_id, body) VALUES (?1, ?2) "
            "ON CONFLICT (operation_id) DO UPDATE SET body = ?2")
        .Run(operation.id, Blob{EncodePlan(*operation.plan)});
  }

  // True unless another refund has drawn in the meantime.
  absl::StatusOr<bool> Follows(const std::optional<Drawn>& drawn) {
    if (!drawn.has_value()) return true;
    int64_t version = 0;
    RETURN_IF_ERROR(database_.Prepared("SELECT version FROM drawn WHERE settlement_id = ?1")
                        .ForEach([&](const Statement& row) { version = row.Integer(0); },
                                 drawn->settlement_id));
    return version == drawn->version - 1;
  }

  absl::Status Put(const Drawn& drawn) {
    return database_
        .Prepared(
            "INSERT INTO drawn (settlement_id, version, body) VALUES (?1, ?2, ?3) "
            "ON CONFLICT (settlement_id) DO UPDATE SET version = ?2, body = ?3")
        .Run(drawn.settlement_id, drawn.version, Blob{EncodeDrawn(drawn)});
  }

  // Why `write` was not stored: another version exists, or another refund was faster.
  absl::Status WhyNotStored(const OperationWrite& write, Unit& unit, JobResult& result) {
    const Operation& operation = *write.operation;
    RETURN_IF_ERROR(Do(FindJob{operation.caller, operation.request_id}, unit, result));
    CHECK(result.found != nullptr || operation.version == 1);  // Versions follow one another.
    const int64_t version = result.found != nullptr ? result.found->operation.version : 0;
    if (version == operation.version - 1) result = {.status = Refuse(reason::kRefundInProgress)};
    return absl::OkStatus();
  }

  absl::Status Add(const Total& total) {
    return database_
        .Prepared(
            "INSERT INTO totals (day, giver_area, receiver_area, count, amount_fen, refund_count, "
            "refunded_fen) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) "
            "ON CONFLICT (day, giver_area, receiver_area) DO UPDATE SET "
            "count = count + ?4, amount_fen = amount_fen + ?5, "
            "refund_count = refund_count + ?6, refunded_fen = refunded_fen + ?7")
        .Run(FormatDay(total.day), total.giver_area, total.receiver_area, total.count,
             total.amount_fen, total.refund_count, total.refunded_fen);
  }

  Database& database_;
  StepsTable steps_;
};

class SqliteSettlementStore final : public SettlementStore {
 public:
  SqliteSettlementStore(Env& env, TaskScope& scope, Worker& worker, Database& database,
                        Metrics& metrics)
      : env_(env),
        worker_(worker),
        tables_(database),
        batcher_(
            env, scope, {.max_in_flight = 2},
            [this](std::vector<Job> jobs) { return RunJobs(std::move(jobs)); },
            BatcherMetrics::Of(metrics, "gongji_settlement_store")) {}

  Task<absl::StatusOr<int64_t>> TakeOver() override {
    return RunOn<absl::StatusOr<int64_t>>(env_, worker_, [this] { return tables_.TakeOver(); });
  }

  Task<absl::StatusOr<OperationPtr>> Find(std::string caller, std::string request_id) override {
    return OperationOf(FindJob{std::move(caller), std::move(request_id)});
  }

  Task<absl::StatusOr<std::optional<Refundable>>> FindById(std::string operation_id) override {
    ASSIGN_OR_CO_RETURN(const auto found, co_await Run(FindByIdJob{std::move(operation_id)}));
    if (found == nullptr) co_return std::nullopt;
    co_return std::move(*found);
  }

  Task<absl::StatusOr<std::vector<Operation>>> Open(std::string after_id, int limit) override {
    return RunOn<absl::StatusOr<std::vector<Operation>>>(
        env_, worker_,
        [this, after_id = std::move(after_id), limit] { return tables_.Open(after_id, limit); });
  }

  Task<absl::StatusOr<OperationPtr>> Write(int64_t epoch, OperationWritePtr write) override {
    return OperationOf(WriteJob{epoch, std::move(write)});
  }

  Task<absl::StatusOr<int64_t>> Cursor(std::string stream) override {
    return RunOn<absl::StatusOr<int64_t>>(
        env_, worker_, [this, stream = std::move(stream)] { return tables_.Cursor(stream); });
  }

  Task<absl::Status> SetCursor(int64_t epoch, std::string stream, int64_t revision) override {
    co_return (co_await Run(CursorJob{epoch, std::move(stream), revision})).status();
  }

  Task<absl::StatusOr<std::vector<BookedStep>>> Steps(BookedStep after, int limit) override {
    return RunOn<absl::StatusOr<std::vector<BookedStep>>>(
        env_, worker_,
        [this, after = std::move(after), limit] { return tables_.Steps(after, limit); });
  }

  Task<absl::Status> Renumber(int64_t epoch, BookedStep step, int64_t number) override {
    co_return (co_await Run(RenumberJob{epoch, std::move(step), number})).status();
  }

  Task<absl::StatusOr<std::vector<Total>>> Totals(TotalsPage page) override {
    return RunOn<absl::StatusOr<std::vector<Total>>>(
        env_, worker_, [this, page = std::move(page)] { return tables_.Totals(page); });
  }

 private:
  Task<absl::StatusOr<std::shared_ptr<Refundable>>> Run(Job job) {
    ASSIGN_OR_CO_RETURN(JobResult result, co_await batcher_.Call(std::move(job)));
    CO_RETURN_IF_ERROR(result.status);
    co_return std::move(result.found);
  }

  Task<absl::StatusOr<OperationPtr>> OperationOf(Job job) {
    ASSIGN_OR_CO_RETURN(std::shared_ptr<Refundable> found, co_await Run(std::move(job)));
    if (found == nullptr) co_return nullptr;
    co_return OperationPtr(found, &found->operation);
  }

  Task<std::vector<JobResult>> RunJobs(std::vector<Job> jobs) {
    return RunOn<std::vector<JobResult>>(
        env_, worker_, [this, jobs = std::move(jobs)] { return tables_.Run(jobs); });
  }

  Env& env_;
  Worker& worker_;
  Tables tables_;
  Batcher<Job, JobResult> batcher_;
};

}  // namespace

absl::StatusOr<sql::Migrated> MigrateSettlementStore(sql::Database& database) {
  return sql::Migrate(database, {.name = "settlement", .steps = {kSchema001Init, kSchema002Steps}});
}

absl::StatusOr<std::unique_ptr<SettlementStore>> NewSqliteSettlementStore(
    Env& env, TaskScope& scope, Worker& worker, sql::Database& database, Metrics& metrics) {
  RETURN_IF_ERROR(MigrateSettlementStore(database).status());
  return std::make_unique<SqliteSettlementStore>(env, scope, worker, database, metrics);
}

}  // namespace gongji::settlement
