// The stores of a shard, on the engine that --database names.
#ifndef GONGJI_SERVICES_WALLET_SHARD_H_
#define GONGJI_SERVICES_WALLET_SHARD_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "services/common/env.h"
#include "services/common/sql/migrations.h"
#include "services/common/worker.h"
#include "services/wallet/config.h"
#include "services/wallet/store/backups.h"
#include "services/wallet/store/lease_store.h"
#include "services/wallet/store/wallet_store.h"

namespace gongji::wallet {

// A thread for each kind of work, so that none waits for another. Must be destroyed after the
// stores and everything that uses them.
struct ShardThreads {
  ThreadWorker append;
  ThreadWorker save;
  ThreadWorker read;
  ThreadWorker history;
  ThreadWorker lease;
  ThreadWorker backup;

  // Finishes the jobs that wait, then ends the threads.
  void Join();
};

struct ShardStores {
  std::unique_ptr<WalletStore> wallet;
  // Null on SQLite, whose files are locked: no other process can be the writer or a standby.
  std::unique_ptr<LeaseStore> leases;
  // If `config` has no place for backups, a store that refuses with BACKUPS_OFF or
  // BACKUP_BY_SERVER.
  std::unique_ptr<BackupStore> backups;
};

// `env` and `threads` must outlive the stores.
absl::StatusOr<ShardStores> OpenShard(Env& env, ShardThreads& threads, const Config& config);

// Brings the shard, which no process may have open, to this version's schema.
absl::StatusOr<std::vector<sql::Migrated>> MigrateShard(const Config& config);

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_SHARD_H_
