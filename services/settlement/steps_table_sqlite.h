// The steps of settlement's SQL store. A transaction stores its steps of a shard in blocks, so that
// a bill does not cost a row for each of its steps.
#ifndef GONGJI_SERVICES_SETTLEMENT_STEPS_TABLE_SQLITE_H_
#define GONGJI_SERVICES_SETTLEMENT_STEPS_TABLE_SQLITE_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/settlement/operation.h"

namespace gongji::sql {
class Database;
}  // namespace gongji::sql

namespace gongji::settlement {

// The journal numbers of a block lie in one span of this many, so that a page reads whole spans and
// nothing else.
inline constexpr int64_t kStepsSpan = 1024;

// Used within the caller's transactions. Errors are those of the engine.
class StepsTable {
 public:
  explicit StepsTable(sql::Database& database) : database_(database) {}

  // Adds steps that are not stored yet, in any order.
  absl::Status Add(std::vector<BookedStep> steps);

  // As SettlementStore::Steps.
  absl::StatusOr<std::vector<BookedStep>> Page(const BookedStep& after, int limit);

  // Moves `step` to `number`; nothing changes if it is not stored under its present number.
  absl::Status Renumber(const BookedStep& step, int64_t number);

 private:
  struct Block {
    int64_t number = 0;
    std::string id;
    std::vector<BookedStep> steps;
  };

  // The blocks of the span that begins with number `first`.
  absl::StatusOr<std::vector<Block>> Span(const std::string& province, int64_t first);

  sql::Database& database_;
};

}  // namespace gongji::settlement

#endif  // GONGJI_SERVICES_SETTLEMENT_STEPS_TABLE_SQLITE_H_
