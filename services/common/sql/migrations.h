// Schemas change by numbered steps that only go forward. A store says in `schema_version`, one row,
// which kind it is and how many of the steps it has.
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
  // Of the kind of store; without quotes.
  std::string name;
  // Scripts; the n-th one makes version n of version n - 1. Those that were released never change.
  std::vector<std::string> steps;
};

// The versions before and after.
struct Migrated {
  std::string name;
  int64_t from = 0;
  int64_t to = 0;

  friend bool operator==(const Migrated&, const Migrated&) = default;
};

enum class Older {
  kRefuse,  // only what is empty gets the schema
  kMigrate,
};

// Brings a store to the newest version. Every step and its number are one transaction that holds
// the row of `schema_version`: whoever else migrates waits and finds it done, and a crash leaves
// the version before a step or after it. With nothing changed: STORE_NOT_OURS (tables of something
// else), STORE_TOO_NEW, STORE_TOO_OLD (kRefuse); errors of the engine.
absl::StatusOr<Migrated> Migrate(Database& database, const Schema& schema);
absl::StatusOr<Migrated> Migrate(Postgres& database, const Schema& schema, Older older);

// What Migrate would refuse, without changing anything: for what has several stores.
absl::Status CheckStore(Database& database, const Schema& schema);

// A line each, for people.
std::string TextOf(const std::vector<Migrated>& stores);

}  // namespace gongji::sql

#endif  // GONGJI_SERVICES_COMMON_SQL_MIGRATIONS_H_
