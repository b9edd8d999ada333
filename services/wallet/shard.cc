#include "services/wallet/shard.h"

#include "absl/strings/str_cat.h"
#include "services/common/errors/reasons.h"
#include "services/wallet/store/postgres/lease.h"
#include "services/wallet/store/postgres/postgres_store.h"
#include "services/wallet/store/sqlite/backup.h"
#include "services/wallet/store/sqlite/sqlite_store.h"

namespace gongji::wallet {
namespace {

class NoBackups final : public BackupStore {
 public:
  explicit NoBackups(const Reason& why) : why_(why) {}
  Task<absl::StatusOr<Backup>> BackUp() override { co_return Refuse(why_); }

 private:
  const Reason& why_;
};

absl::StatusOr<ShardStores> OpenOnSqlite(Env& env, ShardThreads& threads, WalletWorkers workers,
                                         const Config& config) {
  ShardStores stores;
  ASSIGN_OR_RETURN(stores.wallet,
                   OpenSqliteWalletStore(env, workers, config.database, config.hash));
  if (config.backup_dir.empty()) {
    stores.backups = std::make_unique<NoBackups>(reason::kBackupsOff);
    return stores;
  }
  ASSIGN_OR_RETURN(stores.backups,
                   OpenSqliteBackupStore(env, threads.backup,
                                         {.journal = config.database,
                                          .directory = config.backup_dir,
                                          .name = absl::StrCat("wallet", config.area_province),
                                          .vfs = ""}));
  return stores;
}

absl::StatusOr<ShardStores> OpenOnPostgres(Env& env, ShardThreads& threads, WalletWorkers workers,
                                           const Config& config) {
  ShardStores stores;
  ASSIGN_OR_RETURN(
      stores.wallet,
      OpenPostgresWalletStore(env, workers, {.connection = config.database, .hash = config.hash}));
  stores.leases = OpenPostgresLeaseStore(env, threads.lease, config.database);
  stores.backups = std::make_unique<NoBackups>(reason::kBackupByServer);
  return stores;
}

}  // namespace

void ShardThreads::Join() {
  for (ThreadWorker* worker : {&append, &save, &read, &history, &lease, &backup}) worker->Join();
}

absl::StatusOr<ShardStores> OpenShard(Env& env, ShardThreads& threads, const Config& config) {
  const WalletWorkers workers = {threads.append, threads.save, threads.read, threads.history};
  return config.engine == Engine::kPostgres ? OpenOnPostgres(env, threads, workers, config)
                                            : OpenOnSqlite(env, threads, workers, config);
}

absl::StatusOr<std::vector<sql::Migrated>> MigrateShard(const Config& config) {
  if (config.engine == Engine::kSqlite) return MigrateSqliteWalletStore(config.database);
  ASSIGN_OR_RETURN(sql::Migrated migrated, MigratePostgresWalletStore(config.database));
  return std::vector{std::move(migrated)};
}

}  // namespace gongji::wallet
