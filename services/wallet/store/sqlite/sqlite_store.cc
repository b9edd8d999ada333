#include "services/wallet/store/sqlite/sqlite_store.h"

#include <memory>
#include <utility>

#include "gen/wallet_schema.h"
#include "services/common/errors/status.h"
#include "services/common/sql/migrations.h"
#include "services/common/sql/sqlite/sqlite_database.h"
#include "services/wallet/store/sqlite/journal.h"
#include "services/wallet/store/sqlite/tables.h"
#include "services/wallet/store/worker_store.h"

namespace gongji::wallet {

using sql::Database;

namespace {

std::string TablesPath(const std::string& path) { return path + "-tables"; }

// A shard needs both files, so neither schema is changed unless both files belong to it.
absl::StatusOr<std::vector<sql::Migrated>> MigrateBoth(Database& journal, Database& tables) {
  const sql::Schema of_journal = {.name = "wallet journal", .steps = {kSchema001Journal}};
  const sql::Schema of_tables = {.name = "wallet tables", .steps = {kSchema001Tables}};
  RETURN_IF_ERROR(sql::CheckStore(journal, of_journal));
  RETURN_IF_ERROR(sql::CheckStore(tables, of_tables));
  ASSIGN_OR_RETURN(sql::Migrated migrated_journal, sql::Migrate(journal, of_journal));
  ASSIGN_OR_RETURN(sql::Migrated migrated_tables, sql::Migrate(tables, of_tables));
  return std::vector{std::move(migrated_journal), std::move(migrated_tables)};
}

}  // namespace

absl::StatusOr<std::vector<sql::Migrated>> MigrateSqliteWalletStore(const std::string& path) {
  ASSIGN_OR_RETURN(const auto journal, Database::OpenSqlite({.path = path}));
  ASSIGN_OR_RETURN(const auto tables, Database::OpenSqlite({.path = TablesPath(path)}));
  return MigrateBoth(*journal, *tables);
}

absl::StatusOr<std::unique_ptr<WalletStore>> OpenSqliteWalletStore(Env& env, WalletWorkers workers,
                                                                   const std::string& path,
                                                                   HashKind hash,
                                                                   WalletFileOptions options) {
  const auto open = [&options](const std::string& file, bool durable, bool first) {
    return Database::OpenSqlite({.path = file,
                                 .checkpoint_pages = options.checkpoint_pages,
                                 .durable = durable,
                                 .first_in_process = first,
                                 .vfs = options.vfs,
                                 .copy_beside_writer = options.copy_beside_writer});
  };
  const std::string tables_path = TablesPath(path);
  ASSIGN_OR_RETURN(auto journal, open(path, true, true));
  ASSIGN_OR_RETURN(auto tables, open(tables_path, false, true));
  RETURN_IF_ERROR(MigrateBoth(*journal, *tables).status());
  ASSIGN_OR_RETURN(auto journal_read, open(path, true, false));
  ASSIGN_OR_RETURN(auto journal_history, open(path, true, false));
  ASSIGN_OR_RETURN(auto tables_read, open(tables_path, false, false));
  ASSIGN_OR_RETURN(auto tables_history, open(tables_path, false, false));
  using Store = WorkerStore<Journal, Tables>;
  return std::make_unique<Store>(
      env, workers,
      Store::Parts{.journal = std::make_unique<Journal>(std::move(journal), hash),
                   .journal_read = std::make_unique<Journal>(std::move(journal_read), hash),
                   .journal_history = std::make_unique<Journal>(std::move(journal_history), hash),
                   .tables = std::make_unique<Tables>(std::move(tables)),
                   .tables_read = std::make_unique<Tables>(std::move(tables_read)),
                   .tables_history = std::make_unique<Tables>(std::move(tables_history))});
}

}  // namespace gongji::wallet
