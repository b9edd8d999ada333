// All settings of the relation process, besides the flags that every process has (rpc/process.h).
#ifndef GONGJI_SERVICES_RELATION_CONFIG_H_
#define GONGJI_SERVICES_RELATION_CONFIG_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "services/relation/relation.h"
#include "services/relation/relation_store_sqlite.h"

namespace gongji::relation {

struct Config {
  // --database: SQLite file of persons and networks. No default: the data must be in one known
  // place.
  std::string database;
  // --policy: directory of the policy files.
  std::string policy;
  // --directory: file that maps provinces to shards, for the question of R05.
  std::map<std::string, std::string> shards;
  // --max_cached_dossiers.
  SqliteStoreOptions store;
  RelationOptions relation;
};

// Reads the flags and the directory; the text of INVALID_ARGUMENT names what is wrong.
absl::StatusOr<Config> ReadConfig();

}  // namespace gongji::relation

#endif  // GONGJI_SERVICES_RELATION_CONFIG_H_
