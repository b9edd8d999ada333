// The wallet store in a PostgreSQL database of its own.
#ifndef GONGJI_SERVICES_WALLET_STORE_POSTGRES_POSTGRES_STORE_H_
#define GONGJI_SERVICES_WALLET_STORE_POSTGRES_POSTGRES_STORE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/common/sql/migrations.h"
#include "services/wallet/store/wallet_store.h"
#include "services/wallet/store/wallet_workers.h"

namespace gongji::wallet {

struct PostgresStoreOptions {
  // As libpq takes it (services/common/sql/postgres/postgres.h).
  std::string connection;
  // The hash of a journal that is created now; an existing one keeps its own.
  HashKind hash = HashKind::kSm3;
  absl::Duration reply_timeout = absl::Seconds(10);
  absl::Duration patience = absl::Seconds(5);
};

// Brings the database of a shard to this version's schema.
absl::StatusOr<sql::Migrated> MigratePostgresWalletStore(const std::string& connection);

// Opens the shard, or creates it in a database without tables; STORE_TOO_OLD before it is migrated.
// It has six connections, so that appends, saves, the writer's reads and reads of history wait only
// for others of their kind. PEER_UNAVAILABLE if the server cannot be reached.
absl::StatusOr<std::unique_ptr<WalletStore>> OpenPostgresWalletStore(
    Env& env, WalletWorkers workers, const PostgresStoreOptions& options);

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_STORE_POSTGRES_POSTGRES_STORE_H_
