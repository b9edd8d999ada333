#include "services/wallet/postgres_store.h"

#include <utility>

#include "gen/wallet_schema.h"
#include "services/common/sql/postgres.h"
#include "services/common/status.h"
#include "services/wallet/postgres_journal_store.h"
#include "services/wallet/postgres_tables_store.h"
#include "services/wallet/worker_store.h"

namespace gongji::wallet {

absl::StatusOr<std::unique_ptr<WalletStore>> OpenPostgresWalletStore(
    Env& env, WalletWorkers workers, const PostgresStoreOptions& options) {
  // Every commit is durable, also those of the tables: a server may lose its last commits while
  // this process lives and does not redo them.
  const auto connect = [&](const char* what) {
    return std::make_unique<sql::Postgres>(
        sql::PostgresOptions{.connection = options.connection,
                             .application = std::string("gongji-wallet ") + what,
                             .patience = options.patience,
                             .reply_timeout = options.reply_timeout});
  };
  auto append = connect("append");
  RETURN_IF_ERROR(append->Create("head", kSchema001Postgres));
  using Store = WorkerStore<PostgresJournal, PostgresTables>;
  return std::make_unique<Store>(
      env, workers,
      Store::Parts{
          .journal = std::make_unique<PostgresJournal>(std::move(append), options.hash),
          .journal_read = std::make_unique<PostgresJournal>(connect("read journal"), options.hash),
          .tables = std::make_unique<PostgresTables>(connect("save")),
          .tables_read = std::make_unique<PostgresTables>(connect("read tables"))});
}

}  // namespace gongji::wallet
