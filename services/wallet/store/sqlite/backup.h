// Copies of a shard's journal in SQLite files.
#ifndef GONGJI_SERVICES_WALLET_STORE_SQLITE_BACKUP_H_
#define GONGJI_SERVICES_WALLET_STORE_SQLITE_BACKUP_H_

#include <memory>
#include <string>

#include "services/common/env.h"
#include "services/common/worker.h"
#include "services/wallet/store/backups.h"

namespace gongji::wallet {

struct SqliteBackupOptions {
  std::string journal;    // file of a journal that this process has open
  std::string directory;  // exists; another disk is better
  std::string name;       // beginning of the files' names; no other shard uses it in this directory
  std::string vfs;        // services/common/sql/sqlite/sqlite_database.h
  int page = 1000;        // entries of a copy that are checked at a time
};

// Copies an SQLite journal into "<directory>/<name>-<last number>-<begin of its chain>.db". The
// work is done on `worker`, which should have nothing else to do. Must be called before the first
// write.
absl::StatusOr<std::unique_ptr<BackupStore>> OpenSqliteBackupStore(Env& env, Worker& worker,
                                                                   SqliteBackupOptions options);

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_STORE_SQLITE_BACKUP_H_
