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
  const auto connect = [&](const char* what, bool durable) {
    return std::make_unique<sql::Postgres>(
        sql::PostgresOptions{.connection = options.connection,
                             .application = std::string("gongji-wallet ") + what,
                             .patience = options.patience,
                             .reply_timeout = options.reply_timeout,
                             .durable = durable});
  };
  auto append = connect("append", true);
  RETURN_IF_ERROR(append->Create("head", kSchema001Postgres));
  using Store = WorkerStore<PostgresJournal, PostgresTables>;
  return std::make_unique<Store>(
      env, workers,
      Store::Parts{.journal = std::make_unique<PostgresJournal>(std::move(append), options.hash),
                   .journal_read = std::make_unique<PostgresJournal>(connect("read journal", true),
                                                                     options.hash),
                   // Not durable: what a crash takes from their end, the journal has.
                   .tables = std::make_unique<PostgresTables>(connect("save", false)),
                   .tables_read = std::make_unique<PostgresTables>(connect("read tables", true))});
}

}  // namespace gongji::wallet
