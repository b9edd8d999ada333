#include "services/wallet/store/postgres/postgres_store.h"

#include <utility>

#include "gen/wallet_schema.h"
#include "services/common/errors/status.h"
#include "services/common/sql/postgres/postgres.h"
#include "services/wallet/store/postgres/journal.h"
#include "services/wallet/store/postgres/tables.h"
#include "services/wallet/store/worker_store.h"

namespace gongji::wallet {

namespace {

sql::Schema SchemaOfShard() { return {.name = "wallet", .steps = {kSchema001Postgres}}; }

}  // namespace

absl::StatusOr<sql::Migrated> MigratePostgresWalletStore(const std::string& connection) {
  // A migration step may write every row anew, and other processes that migrate wait for it.
  sql::Postgres postgres({.connection = connection,
                          .application = "gongji-wallet migrate",
                          .reply_timeout = absl::Hours(24)});
  return sql::Migrate(postgres, SchemaOfShard(), sql::Older::kMigrate);
}

absl::StatusOr<std::unique_ptr<WalletStore>> OpenPostgresWalletStore(
    Env& env, WalletWorkers workers, const PostgresStoreOptions& options) {
  // Every commit is durable, including those of the tables: otherwise a server could lose its last
  // commits while this process lives on and does not redo them.
  const auto connect = [&](const char* what) {
    return std::make_unique<sql::Postgres>(
        sql::PostgresOptions{.connection = options.connection,
                             .application = std::string("gongji-wallet ") + what,
                             .patience = options.patience,
                             .reply_timeout = options.reply_timeout});
  };
  auto append = connect("append");
  // A migration affects writers and standbys of the older version that still serve, therefore its
  // operator decides when it runs.
  RETURN_IF_ERROR(sql::Migrate(*append, SchemaOfShard(), sql::Older::kRefuse).status());
  using Store = WorkerStore<PostgresJournal, PostgresTables>;
  return std::make_unique<Store>(
      env, workers,
      Store::Parts{
          .journal = std::make_unique<PostgresJournal>(std::move(append), options.hash),
          .journal_read = std::make_unique<PostgresJournal>(connect("read journal"), options.hash),
          .journal_history =
              std::make_unique<PostgresJournal>(connect("journal history"), options.hash),
          .tables = std::make_unique<PostgresTables>(connect("save")),
          .tables_read = std::make_unique<PostgresTables>(connect("read tables")),
          .tables_history = std::make_unique<PostgresTables>(connect("tables history"))});
}

}  // namespace gongji::wallet
