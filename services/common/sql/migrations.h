// Schemas change by numbered steps that only go forward. The table `schema_version` of a store has
// one row, which says what kind of store it is and how many of the steps it has.
#ifndef GONGJI_SERVICES_COMMON_SQL_MIGRATIONS_H_
#define GONGJI_SERVICES_COMMON_SQL_MIGRATIONS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace gongji::sql {

class Database;
class Postgres;

struct Schema {
  // Name of the kind of store; without quotes.
  std::string name;
  // Scripts; the n-th one makes version n from version n - 1. A released script never changes.
  std::vector<std::string> steps;
};

// The versions before and after a migration.
struct Migrated {
  std::string name;
  int64_t from = 0;
  int64_t to = 0;

  friend bool operator==(const Migrated&, const Migrated&) = default;
};

enum class Older {
  kRefuse,  // only an empty database gets the schema
  kMigrate,
};

// Brings a store to the newest version. Every step and its number are one transaction that locks
// the row of `schema_version`: another process that migrates at the same time waits and finds it
// done, and a crash leaves the version before a step or after it. Errors that change nothing:
// STORE_NOT_OURS (tables of something else), STORE_TOO_NEW, STORE_TOO_OLD (kRefuse); also returns
// errors of the engine.
absl::StatusOr<Migrated> Migrate(Database& database, const Schema& schema);
absl::StatusOr<Migrated> Migrate(Postgres& database, const Schema& schema, Older older);

// Returns what Migrate would refuse, and changes nothing; for programs with several stores.
absl::Status CheckStore(Database& database, const Schema& schema);

// One line per store, for people.
std::string TextOf(const std::vector<Migrated>& stores);

}  // namespace gongji::sql

#endif  // GONGJI_SERVICES_COMMON_SQL_MIGRATIONS_H_
