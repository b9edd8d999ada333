// The relation store in an SQLite file.
#ifndef GONGJI_SERVICES_RELATION_RELATION_STORE_SQLITE_H_
#define GONGJI_SERVICES_RELATION_RELATION_STORE_SQLITE_H_

#include <cstddef>
#include <memory>

#include "absl/status/statusor.h"
#include "services/common/env.h"
#include "services/common/metrics.h"
#include "services/common/sql/migrations.h"
#include "services/common/task.h"
#include "services/common/worker.h"
#include "services/relation/relation_store.h"

namespace gongji::relation {

struct SqliteStoreOptions {
  // The most dossiers held in memory, about 1 KB each for a small family.
  size_t max_cached_dossiers = 200'000;
};

// Brings a store to this version's schema.
absl::StatusOr<sql::Migrated> MigrateRelationStore(sql::Database& database);

// The SQL implementation. `database` is used on `worker` only and is brought to the newest schema.
// Dossiers that were read are kept in memory: this process is the only writer, so only its own
// commits change them. All arguments must outlive the store.
absl::StatusOr<std::unique_ptr<RelationStore>> NewSqliteRelationStore(
    Env& env, TaskScope& scope, Worker& worker, sql::Database& database,
    SqliteStoreOptions options = {}, Metrics& metrics = NullMetrics());

}  // namespace gongji::relation

#endif  // GONGJI_SERVICES_RELATION_RELATION_STORE_SQLITE_H_
