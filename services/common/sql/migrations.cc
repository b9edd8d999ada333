// One step is one transaction: read what the store says about itself, refuse a foreign or newer
// one, run the next script, store the new version. Migration repeats it until the newest version is
// reached; a new store gets all steps in one transaction. The same code serves both engines.
#include "services/common/sql/migrations.h"

#include "absl/strings/str_cat.h"
#include "services/common/errors/reasons.h"
#include "services/common/sql/postgres/postgres.h"
#include "services/common/sql/sqlite/sqlite_database.h"

namespace gongji::sql {
namespace {

// What a store says about itself; it is empty without tables. Another program may have a table of
// the same name, so the row is read only if the table has our columns.
struct Stored {
  int64_t tables = 0;
  bool has_version = false;
  std::string name;
  int64_t version = 0;
};

constexpr int64_t kVersionColumns = 3;

absl::StatusOr<Stored> Read(Database& database) {
  Stored stored;
  RETURN_IF_ERROR(database
                      .Prepared("SELECT count(*), (SELECT count(*) FROM "
                                "pragma_table_info('schema_version') "
                                "WHERE name IN ('one', 'name', 'version')) "
                                "FROM sqlite_master WHERE type = 'table'")
                      .ForEach([&](const Statement& row) {
                        stored.tables = row.Integer(0);
                        stored.has_version = row.Integer(1) == kVersionColumns;
                      }));
  if (!stored.has_version) return stored;
  // No lock is needed here: BEGIN IMMEDIATE locks the file.
  RETURN_IF_ERROR(database.Prepared("SELECT name, version FROM schema_version WHERE one = 1")
                      .ForEach([&](const Statement& row) {
                        stored.name = row.Text(0);
                        stored.version = row.Integer(1);
                      }));
  return stored;
}

absl::StatusOr<Stored> Read(Postgres& database) {
  Stored stored;
  ASSIGN_OR_RETURN(
      const auto tables,
      database.Run({{"SELECT count(*), (SELECT count(*) FROM information_schema.columns "
                     "WHERE table_schema = current_schema() AND table_name = 'schema_version' "
                     "AND (column_name, data_type) IN "
                     "(('one', 'bigint'), ('name', 'text'), ('version', 'bigint'))) "
                     "FROM information_schema.tables "
                     "WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'"}}));
  stored.tables = tables.front().Integer(0, 0);
  stored.has_version = tables.front().Integer(0, 1) == kVersionColumns;
  if (!stored.has_version) return stored;
  ASSIGN_OR_RETURN(const auto rows,
                   database.Run({{"SELECT convert_to(name, 'UTF8'), version FROM schema_version "
                                  "WHERE one = 1 FOR UPDATE"}}));
  if (rows.front().rows() == 1) {
    stored.name = rows.front().Bytes(0, 0);
    stored.version = rows.front().Integer(0, 1);
  }
  return stored;
}

absl::Status Check(const Stored& stored, const Schema& schema) {
  if (stored.name != schema.name || stored.version < 0) {
    return Refuse(reason::kStoreNotOurs, {{"wanted", schema.name}, {"found", stored.name}});
  }
  if (stored.version <= std::ssize(schema.steps)) return absl::OkStatus();
  return Refuse(reason::kStoreTooNew, {{"store", schema.name},
                                       {"version", std::to_string(stored.version)},
                                       {"known", std::to_string(schema.steps.size())}});
}

template <class Engine>
class Migration {
 public:
  Migration(Engine& engine, const Schema& schema, Older older)
      : engine_(engine), schema_(schema), older_(older) {
    done_.name = schema.name;
  }

  absl::StatusOr<Migrated> Run() {
    while (!ended_) {
      RETURN_IF_ERROR(engine_.Transaction([this] { return Step(); }));
      begun_ = true;
    }
    return done_;
  }

 private:
  absl::Status Step() {
    ASSIGN_OR_RETURN(Stored stored, Read(engine_));
    if (stored.tables == 0) {
      stored.name = schema_.name;
      RETURN_IF_ERROR(engine_.Script(
          absl::StrCat("CREATE TABLE schema_version (one BIGINT PRIMARY KEY CHECK (one = 1), "
                       "name TEXT NOT NULL, version BIGINT NOT NULL); "
                       "INSERT INTO schema_version (one, name, version) VALUES (1, '",
                       schema_.name, "', 0)")));
    }
    RETURN_IF_ERROR(Check(stored, schema_));
    if (!begun_) done_.from = stored.version;
    done_.to = stored.version;
    const auto newest = std::ssize(schema_.steps);
    const bool is_new = stored.version == 0;
    if (older_ == Older::kRefuse && !is_new && stored.version < newest) {
      return Refuse(reason::kStoreTooOld, {{"store", schema_.name},
                                           {"version", std::to_string(stored.version)},
                                           {"known", std::to_string(newest)}});
    }
    // A new store gets all steps in one transaction, so that nobody sees it half made.
    for (bool more = stored.version < newest; more; more = is_new && done_.to < newest) {
      RETURN_IF_ERROR(engine_.Script(schema_.steps[static_cast<size_t>(done_.to)]));
      ++done_.to;
    }
    ended_ = done_.to == newest;
    if (done_.to == stored.version) return absl::OkStatus();
    return engine_.Script(
        absl::StrCat("UPDATE schema_version SET version = ", done_.to, " WHERE one = 1"));
  }

  Engine& engine_;
  const Schema& schema_;
  const Older older_;
  Migrated done_;
  bool begun_ = false;
  bool ended_ = false;
};

}  // namespace

std::string TextOf(const std::vector<Migrated>& stores) {
  std::string text;
  for (const Migrated& store : stores) {
    absl::StrAppend(&text, store.name, ": version ", store.from, " -> ", store.to, "\n");
  }
  return text;
}

absl::Status CheckStore(Database& database, const Schema& schema) {
  return database.Transaction([&]() -> absl::Status {
    ASSIGN_OR_RETURN(const Stored stored, Read(database));
    return stored.tables == 0 ? absl::OkStatus() : Check(stored, schema);
  });
}

absl::StatusOr<Migrated> Migrate(Database& database, const Schema& schema) {
  return Migration(database, schema, Older::kMigrate).Run();
}

absl::StatusOr<Migrated> Migrate(Postgres& database, const Schema& schema, Older older) {
  return Migration(database, schema, older).Run();
}

}  // namespace gongji::sql
