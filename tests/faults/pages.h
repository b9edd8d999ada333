// Finds where in an SQLite file the bytes of each row are. It knows only the part of the format
// that a shard's tables need (sqlite.org/fileformat2.html); the file must be whole.
#ifndef GONGJI_TESTS_FAULTS_PAGES_H_
#define GONGJI_TESTS_FAULTS_PAGES_H_

#include <cstdint>
#include <string>
#include <vector>

namespace gongji::faults {

struct StoredRow {
  std::string table;
  std::string key;              // in a table without rowid: its first column
  int64_t number = 0;           // in other tables: its rowid
  std::vector<size_t> offsets;  // of the row's bytes in the file: sizes, types and contents
};

// Returns all rows of the tables named in `roots`, which has the page on which each begins
// (sqlite_master).
struct Root {
  std::string table;
  int64_t page = 0;
};
std::vector<StoredRow> RowsIn(const std::string& file, const std::vector<Root>& roots);

}  // namespace gongji::faults

#endif  // GONGJI_TESTS_FAULTS_PAGES_H_
