// Measures what SQLite alone can do with the same rows, for comparison with the ledger.
#ifndef GONGJI_TOOLS_LOADGEN_RAW_SQLITE_H_
#define GONGJI_TOOLS_LOADGEN_RAW_SQLITE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace gongji::load {

enum class RawRows {
  kNames,    // the shard's table of accounts: rows by name, with a checksum
  kIntegers  // as small as a table of balances can be
};

// Updates two rows of one table in place for each transaction, `per_commit` of them in one durable
// commit, for `seconds`, and writes no journal. Returns transactions per second.
absl::StatusOr<double> RawSqlite(const std::string& path, RawRows rows, int64_t accounts,
                                 int per_commit, double seconds);

}  // namespace gongji::load

#endif  // GONGJI_TOOLS_LOADGEN_RAW_SQLITE_H_
