#include "services/wallet/store/sqlite/backup.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "services/common/errors/reasons.h"
#include "services/common/errors/status.h"
#include "services/common/sql/sqlite/sqlite_database.h"
#include "services/wallet/store/sqlite/journal.h"

namespace gongji::wallet {
namespace {

using sql::Database;

absl::Status Failed(const std::string& path, int error) {
  if (error == ENOSPC || error == EDQUOT) return Refuse(reason::kDiskFull);
  return Refuse(reason::kBackupFailed, {{"path", path}, {"error", std::strerror(error)}});
}

// Makes a file or a directory durable.
absl::Status Sync(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return Failed(path, errno);
  const int error = fsync(file) == 0 ? 0 : errno;
  close(file);
  return error == 0 ? absl::OkStatus() : Failed(path, error);
}

class SqliteBackupStore final : public BackupStore {
 public:
  SqliteBackupStore(Env& env, Worker& worker, std::unique_ptr<Database> journal,
                    SqliteBackupOptions options)
      : env_(env), worker_(worker), journal_(std::move(journal)), options_(std::move(options)) {}

  Task<absl::StatusOr<Backup>> BackUp() override {
    return RunOn<absl::StatusOr<Backup>>(env_, worker_, [this] { return Write(); });
  }

 private:
  absl::StatusOr<Backup> Write() {
    const std::string part = absl::StrCat(options_.directory, "/", options_.name, ".part");
    Remove(part);  // Removes what a process that ended during a backup left.
    auto backup = WriteVia(part);
    Remove(part);
    return backup;
  }

  // The file gets its name only when everything in it is checked and durable.
  absl::StatusOr<Backup> WriteVia(const std::string& part) {
    RETURN_IF_ERROR(journal_->CopyTo(part));
    ASSIGN_OR_RETURN(const Head head, Check(part));
    RETURN_IF_ERROR(Sync(part));
    // The name includes the chain, because a restored journal may use the same numbers for other
    // entries.
    std::string path = absl::StrCat(options_.directory, "/", options_.name, "-",
                                    absl::StrFormat("%012d", head.last_number), "-",
                                    absl::BytesToHexString(head.chain.substr(0, 4)), ".db");
    if (rename(part.c_str(), path.c_str()) != 0) return Failed(path, errno);
    RETURN_IF_ERROR(Sync(options_.directory));
    return Backup{std::move(path), head.last_number, head.hash, head.chain};
  }

  // Checks the copy as the next start would read it.
  absl::StatusOr<Head> Check(const std::string& part) const {
    ASSIGN_OR_RETURN(auto copy,
                     Database::OpenSqlite({.path = part, .vfs = options_.vfs, .needed = false}));
    return Journal(std::move(copy), HashKind::kSm3).Check(options_.page);
  }

  static void Remove(const std::string& part) {
    std::error_code ignored;
    for (const char* suffix : {"", "-wal", "-journal"}) {
      std::filesystem::remove(part + suffix, ignored);
    }
  }

  Env& env_;
  Worker& worker_;
  // Opened once, because opening a journal waits for its writer.
  const std::unique_ptr<Database> journal_;
  const SqliteBackupOptions options_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<BackupStore>> OpenSqliteBackupStore(Env& env, Worker& worker,
                                                                   SqliteBackupOptions options) {
  ASSIGN_OR_RETURN(auto journal, Database::OpenSqlite({.path = options.journal,
                                                       .first_in_process = false,
                                                       .vfs = options.vfs,
                                                       .needed = false}));
  return std::make_unique<SqliteBackupStore>(env, worker, std::move(journal), std::move(options));
}

}  // namespace gongji::wallet
