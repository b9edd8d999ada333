// Stores of each kind as the first released schema wrote them: dumps of a cluster's stores after
// examples/live-draw-across-provinces.jsonl. The dumps are never made again.
#ifndef GONGJI_TESTS_GOLDEN_GOLDEN_H_
#define GONGJI_TESTS_GOLDEN_GOLDEN_H_

#include <map>
#include <string>

#include "services/common/sql/sqlite/sqlite_database.h"

namespace gongji::golden {

// Makes an SQLite file from the dump tests/golden/`name`.1.dump.
void MakeStore(const std::string& name, const std::string& path);

// The same in an empty PostgreSQL database.
void MakePostgresStore(const std::string& name, const std::string& connection);

// The number of rows by table, without schema_version.
std::map<std::string, int64_t> CountRows(sql::Database& database);

}  // namespace gongji::golden

#endif  // GONGJI_TESTS_GOLDEN_GOLDEN_H_
