// The settlement store in an SQLite file.
#ifndef GONGJI_SERVICES_SETTLEMENT_SETTLEMENT_STORE_SQLITE_H_
#define GONGJI_SERVICES_SETTLEMENT_SETTLEMENT_STORE_SQLITE_H_

#include <memory>

#include "absl/status/statusor.h"
#include "services/common/env.h"
#include "services/common/metrics.h"
#include "services/common/sql/migrations.h"
#include "services/common/task.h"
#include "services/common/worker.h"
#include "services/settlement/settlement_store.h"

namespace gongji::settlement {

// Brings a store to this version's schema.
absl::StatusOr<sql::Migrated> MigrateSettlementStore(sql::Database& database);

// The SQL implementation. `database` is used on `worker` only, and is brought to the newest schema.
// Concurrent calls share one transaction. All arguments must outlive the store.
absl::StatusOr<std::unique_ptr<SettlementStore>> NewSqliteSettlementStore(
    Env& env, TaskScope& scope, Worker& worker, sql::Database& database,
    Metrics& metrics = NullMetrics());

}  // namespace gongji::settlement

#endif  // GONGJI_SERVICES_SETTLEMENT_SETTLEMENT_STORE_SQLITE_H_
