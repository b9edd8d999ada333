// OpenSqlite checks that the file may be ours, opens it through PageSums, restores the log of an
// earlier process and starts the LogKeeper. After that every call is a prepared statement, inside a
// transaction or not; StatusOf decides which result codes are a status and which end the process.
#include "services/common/sql/sqlite/sqlite_database.h"

#include <sqlite3.h>

#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/errors/check.h"
#include "services/common/errors/reasons.h"
#include "services/common/sql/sqlite/log_keeper.h"
#include "services/common/sql/sqlite/log_restore.h"
#include "services/common/sql/sqlite/page_sums.h"
#include "services/common/sql/sqlite/stop.h"

namespace gongji::sql {
namespace {

// The status of a result code that is not success. For a file that is `needed`, every error ends
// the process except a full disk and a page that is not what was written.
absl::Status StatusOf(sqlite3* connection, int code, const char* what, bool needed) {
  if ((code & 0xff) == SQLITE_FULL) return Refuse(reason::kDiskFull);
  if (code == SQLITE_IOERR_DATA) {
    const char* const file = sqlite3_db_filename(connection, "main");
    return Refuse(reason::kRowDamaged, {{"file", file == nullptr ? "" : file},
                                        {"page", std::to_string(PageSums::DamagedPage())}});
  }
  if (needed) Stop(connection, what);
  return Refuse(reason::kBackupFailed,
                {{"statement", what}, {"error", sqlite3_errmsg(connection)}});
}

// unix-excl: one process owns the file, and the index of the log lives in its heap.
const std::string& SystemVfs() {
  static const auto& sums = *new PageSums("unix-excl");
  return sums.vfs();
}

// False for a file that this program cannot have made: it is not SQLite's, or lacks the room that
// PageSums reserves in every page. Must be called before any connection opens the file, because
// closing it drops the locks of this process.
bool MayBeOurs(const std::string& path) {
  constexpr size_t kHeaderBytes = 100;
  constexpr size_t kReservedByte = 20;
  std::ifstream in(path, std::ios::binary);
  std::string header(kHeaderBytes, '\0');
  in.read(header.data(), kHeaderBytes);
  // The file does not exist yet, or a crash came before the first page, which SQLite takes back.
  if (header == std::string(kHeaderBytes, '\0')) return true;
  return header.starts_with("SQLite format 3") && header[kReservedByte] != 0;
}

}  // namespace

Statement::~Statement() { sqlite3_finalize(statement_); }

void Statement::Bind(int number, int64_t value) {
  CHECK(sqlite3_bind_int64(statement_, number, value) == SQLITE_OK);
}

void Statement::Bind(int number, const std::string& value) {
  // Values outlive the run of the statement, so SQLite needs no copy.
  CHECK(sqlite3_bind_text64(statement_, number, value.data(), value.size(), SQLITE_STATIC,
                            SQLITE_UTF8) == SQLITE_OK);
}

void Statement::Bind(int number, const Blob& value) {
  CHECK(sqlite3_bind_blob64(statement_, number, value.bytes.data(), value.bytes.size(),
                            SQLITE_STATIC) == SQLITE_OK);
}

void Statement::Bind(int number, std::nullopt_t) {
  CHECK(sqlite3_bind_null(statement_, number) == SQLITE_OK);
}

absl::Status Statement::Finish() {
  return Rows([](const Statement&) {
    const bool gives_no_rows = false;
    CHECK(gives_no_rows);
  });
}

absl::Status Statement::Rows(absl::FunctionRef<void(const Statement&)> row) {
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(statement_)) == SQLITE_ROW) row(*this);
  absl::Status status;
  if (code != SQLITE_DONE) status = StatusOf(connection_, code, sqlite3_sql(statement_), needed_);
  sqlite3_reset(statement_);
  return status;
}

int64_t Statement::Integer(int column) const { return sqlite3_column_int64(statement_, column); }

std::string Statement::Text(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  if (bytes == nullptr) return "";
  return {bytes, static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
}

bool Statement::IsNull(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

absl::StatusOr<std::unique_ptr<Database>> Database::OpenSqlite(SqliteOptions options) {
  sqlite3* connection = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  const bool on_system = options.vfs.empty() && options.path != ":memory:";
  if (on_system && options.first_in_process && !MayBeOurs(options.path)) {
    return Refuse(reason::kStoreNotOurs, {{"store", options.path}});
  }
  if (options.vfs.empty()) options.vfs = SystemVfs();
  const char* vfs = options.path == ":memory:" ? nullptr : options.vfs.c_str();
  const int code = sqlite3_open_v2(options.path.c_str(), &connection, flags, vfs);
  auto database = std::unique_ptr<Database>(new Database(connection, options.needed));
  if (code != SQLITE_OK) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot open ", options.path, ": ", sqlite3_errmsg(connection)));
  }
  sqlite3_extended_result_codes(connection, 1);
  if (vfs != nullptr) PageSums::MakeRoom(connection);
  const std::string settings = absl::StrCat(
      "PRAGMA journal_mode=WAL; PRAGMA foreign_keys=ON; PRAGMA synchronous=",
      options.durable ? "FULL;" : "NORMAL;", "PRAGMA cache_size=", options.cache_pages, ";",
      // Takes the lock now, so that a second process is refused at start.
      "BEGIN IMMEDIATE; COMMIT;");
  const int ready = sqlite3_exec(connection, settings.c_str(), nullptr, nullptr, nullptr);
  if ((ready & 0xff) == SQLITE_BUSY) {
    return absl::UnavailableError(absl::StrCat(options.path, " is in use by another process"));
  }
  if (ready != SQLITE_OK) return StatusOf(connection, ready, "settings", options.needed);
  if (vfs == nullptr) return database;
  sqlite3_file* file = nullptr;
  sqlite3_file_control(connection, "main", SQLITE_FCNTL_FILE_POINTER, static_cast<void*>(&file));
  const int restored =
      options.first_in_process ? RestoreLog(vfs, options.path, file, options.durable) : SQLITE_OK;
  if (restored == SQLITE_IOERR_DATA) {
    return Refuse(reason::kRowDamaged, {{"file", options.path + "-wal"}});
  }
  if (restored != SQLITE_OK) return StatusOf(connection, restored, "log", options.needed);
  database->log_keeper_ = std::make_unique<LogKeeper>(
      options.path, options.vfs, options.checkpoint_pages, options.copy_beside_writer);
  sqlite3_wal_hook(
      connection,
      [](void* keeper, sqlite3* writer, const char* /*schema*/, int pages) {
        static_cast<LogKeeper*>(keeper)->Committed(writer, pages);
        return SQLITE_OK;
      },
      database->log_keeper_.get());
  return database;
}

Database::Database(sqlite3* connection, bool needed) : connection_(connection), needed_(needed) {}

Database::~Database() {
  statements_.clear();
  log_keeper_ = nullptr;
  sqlite3_close(connection_);
}

absl::Status Database::Script(const std::string& sql) {
  const auto run = [&]() -> absl::Status {
    const int code = sqlite3_exec(connection_, sql.c_str(), nullptr, nullptr, nullptr);
    return code == SQLITE_OK ? absl::OkStatus() : StatusOf(connection_, code, "script", needed_);
  };
  return sqlite3_get_autocommit(connection_) == 0 ? run() : Transaction(run);
}

Statement& Database::Prepared(absl::string_view sql) {
  const auto known = statements_.find(sql);
  if (known != statements_.end()) return *known->second;
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(connection_, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) Stop(connection_, std::string(sql).c_str());
  auto kept = std::unique_ptr<Statement>(new Statement(connection_, statement, needed_));
  return *statements_.emplace(std::string(sql), std::move(kept)).first->second;
}

int64_t Database::changed() const { return sqlite3_changes64(connection_); }

absl::Status Database::Transaction(absl::FunctionRef<absl::Status()> work) {
  RETURN_IF_ERROR(Prepared("BEGIN IMMEDIATE").Run());
  absl::Status status = work();
  if (status.ok()) status = Prepared("COMMIT").Run();
  // A full disk may already have rolled back; what matters is that no transaction stays open.
  if (!status.ok() && sqlite3_get_autocommit(connection_) == 0) {
    RETURN_IF_ERROR(Prepared("ROLLBACK").Run());
  }
  return status;
}

absl::Status Database::CopyTo(const std::string& path) {
  // One read transaction over everything. The alternative, sqlite3_backup, begins again whenever
  // another connection has written, unless it does all in one step, and it copies free pages too.
  sqlite3_stmt* statement = nullptr;
  CHECK(sqlite3_prepare_v2(connection_, "VACUUM INTO ?1", -1, &statement, nullptr) == SQLITE_OK);
  return Statement(connection_, statement, false).Run(path);
}

}  // namespace gongji::sql
