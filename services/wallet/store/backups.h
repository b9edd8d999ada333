// Copies of a shard's journal while it runs; what a shard can be made again from.
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

// A file with the journal up to an entry.
struct Backup {
  std::string path;
  int64_t last_number = 0;
  HashKind hash = HashKind::kSm3;
  Digest chain;  // of the last entry

  friend bool operator==(const Backup&, const Backup&) = default;
};

// Where copies are made. Implementations: sqlite/backup.h.
class BackupStore {
 public:
  virtual ~BackupStore() = default;

  // Writes a copy, checked and durable before it returns. After an error nothing of it is left:
  // DISK_FULL, ROW_DAMAGED (the journal), BACKUP_FAILED, BACKUPS_OFF, BACKUP_BY_SERVER. One call
  // at a time.
  virtual Task<absl::StatusOr<Backup>> BackUp() = 0;
};

// One backup at a time. A long one outlives the call that began it: nothing then stands for "still
// being written". All on the executor thread; everything given must outlive it.
class Backups {
 public:
  Backups(Env& env, TaskScope& scope, BackupStore& store)
      : env_(env), scope_(scope), store_(store), ended_(env) {}

  // Begins one, and waits for it until `deadline` (wall clock). BACKUP_IN_PROGRESS: another one is
  // being written. Other errors as BackupStore.
  Task<absl::StatusOr<std::optional<Backup>>> BackUp(absl::Time deadline);

  // Waits for the one that is being written, and gives the last one; an empty path if this process
  // has made none.
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
