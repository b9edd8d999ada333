// Copies of a shard's journal, made while it runs, from which the shard can be made again.
#ifndef GONGJI_SERVICES_WALLET_STORE_BACKUPS_H_
#define GONGJI_SERVICES_WALLET_STORE_BACKUPS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/common/env.h"
#include "services/common/event.h"
#include "services/common/task.h"
#include "services/wallet/rules/seal.h"

namespace gongji::wallet {

// A file that holds the journal up to an entry.
struct Backup {
  std::string path;
  int64_t last_number = 0;
  HashKind hash = HashKind::kSm3;
  Digest chain;  // of the last entry

  friend bool operator==(const Backup&, const Backup&) = default;
};

// Makes the copies. Implementation: sqlite/backup.h.
class BackupStore {
 public:
  virtual ~BackupStore() = default;

  // Writes a copy, which is checked and durable when it returns. Only one call at a time. Errors,
  // after which nothing of the copy is left: DISK_FULL, ROW_DAMAGED (of the journal),
  // BACKUP_FAILED, BACKUPS_OFF, BACKUP_BY_SERVER.
  virtual Task<absl::StatusOr<Backup>> BackUp() = 0;
};

// Runs one backup at a time. A long one outlives the call that began it; that call then returns no
// value, which means that the backup is still being written. All on the executor thread; the
// constructor's arguments must outlive it.
class Backups {
 public:
  Backups(Env& env, TaskScope& scope, BackupStore& store)
      : env_(env), scope_(scope), store_(store), ended_(env) {}

  // Begins a backup and waits for it until `deadline` (wall clock). BACKUP_IN_PROGRESS if another
  // one is being written; other errors as BackupStore.
  Task<absl::StatusOr<std::optional<Backup>>> BackUp(absl::Time deadline);

  // Waits for the backup that is being written, if any, until `deadline` (wall clock), and returns
  // the last one; its path is empty if this process has made none.
  Task<absl::StatusOr<std::optional<Backup>>> Wait(absl::Time deadline);

 private:
  Task<void> Run();

  Env& env_;
  TaskScope& scope_;
  BackupStore& store_;
  bool running_ = false;
  absl::StatusOr<Backup> last_ = Backup{};
  Event ended_;
};

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_STORE_BACKUPS_H_
