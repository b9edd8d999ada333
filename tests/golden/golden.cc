#include "tests/golden/golden.h"

#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "services/common/errors/check.h"
#include "services/common/sql/postgres/postgres.h"

namespace gongji::golden {

namespace {

std::string ReadDump(const std::string& name) {
  std::ifstream in(absl::StrCat("tests/golden/", name, ".1.dump"));
  std::string dump{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  CHECK(!dump.empty());
  return dump;
}

}  // namespace

void MakeStore(const std::string& name, const std::string& path) {
  const auto database = sql::Database::OpenSqlite({.path = path});
  CHECK(database.ok());
  CHECK((*database)->Script(ReadDump(name)).ok());
}

void MakePostgresStore(const std::string& name, const std::string& connection) {
  sql::Postgres postgres({.connection = connection});
  CHECK(postgres.Script(ReadDump(name)).ok());
}

std::map<std::string, int64_t> CountRows(sql::Database& database) {
  std::map<std::string, int64_t> rows;
  const auto list = [&rows](const sql::Statement& row) { rows[row.Text(0)] = 0; };
  CHECK(database
            .Prepared("SELECT name FROM sqlite_master WHERE type = 'table' "
                      "AND name NOT IN ('schema_version', 'sqlite_sequence')")
            .ForEach(list)
            .ok());
  for (auto& [table, count] : rows) {
    const auto take = [&count](const sql::Statement& row) { count = row.Integer(0); };
    CHECK(
        database.Prepared(absl::StrCat("SELECT count(*) FROM \"", table, "\"")).ForEach(take).ok());
  }
  return rows;
}

}  // namespace gongji::golden
