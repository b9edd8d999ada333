// The wallet store in two SQLite files.
#ifndef GONGJI_SERVICES_WALLET_STORE_SQLITE_SQLITE_STORE_H_
#define GONGJI_SERVICES_WALLET_STORE_SQLITE_SQLITE_STORE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/common/env.h"
#include "services/wallet/store/wallet_store.h"
#include "services/wallet/store/wallet_workers.h"

namespace gongji::sql {
struct Migrated;
}

namespace gongji::wallet {

// Brings the files of a shard, which no process may have open, to this version's schema.
absl::StatusOr<std::vector<sql::Migrated>> MigrateSqliteWalletStore(const std::string& path);

// How the files are used; only tests that break disks need other values.
struct WalletFileOptions {
  std::string vfs;  // services/common/sql/sqlite/sqlite_database.h, as the other two
  int checkpoint_pages = 10000;
  bool copy_beside_writer = true;
};

// Opens or creates the shard, with the newest schema, in two files: `path` with the journal, and
// beside it `path`-tables, which can be made again from it. UNAVAILABLE if another process has them
// open. `hash` is that of a journal that is created now; an existing one keeps its own.
absl::StatusOr<std::unique_ptr<WalletStore>> OpenSqliteWalletStore(Env& env, WalletWorkers workers,
                                                                   const std::string& path,
                                                                   HashKind hash = HashKind::kSm3,
                                                                   WalletFileOptions options = {});

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_STORE_SQLITE_SQLITE_STORE_H_
