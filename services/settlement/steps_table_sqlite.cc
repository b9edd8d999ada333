#include "services/settlement/steps_table_sqlite.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "services/common/archive.h"
#include "services/common/errors/check.h"
#include "services/common/errors/status.h"
#include "services/common/sql/sqlite/sqlite_database.h"

namespace gongji::settlement {

// The province is a column of the row.
template <class Archive>
void Fields(Archive& archive, BookedStep& step) {
  archive(step.number, step.id, step.release);
}

namespace {

using sql::Blob;
using sql::Statement;

int64_t SpanOf(int64_t number) { return number - number % kStepsSpan; }

// The order of steps within a province.
bool Before(const BookedStep& a, const BookedStep& b) {
  return std::tie(a.number, a.id) < std::tie(b.number, b.id);
}

}  // namespace

absl::Status StepsTable::Add(std::vector<BookedStep> steps) {
  std::sort(steps.begin(), steps.end(), [](const BookedStep& a, const BookedStep& b) {
    return std::tie(a.province, a.number, a.id) < std::tie(b.province, b.number, b.id);
  });
  for (auto first = steps.begin(); first != steps.end();) {
    const auto end = std::find_if(first, steps.end(), [first](const BookedStep& step) {
      return step.province != first->province || SpanOf(step.number) != SpanOf(first->number);
    });
    ArchiveWriter body;
    body(std::vector<BookedStep>(first, end));
    RETURN_IF_ERROR(
        database_.Prepared("INSERT INTO steps (province, number, id, body) VALUES (?1, ?2, ?3, ?4)")
            .Run(first->province, first->number, first->id, Blob{std::move(body).Finish()}));
    first = end;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<StepsTable::Block>> StepsTable::Span(const std::string& province,
                                                                int64_t first) {
  std::vector<Block> blocks;
  const auto read = [&](const Statement& row) {
    Block& block = blocks.emplace_back(Block{row.Integer(0), row.Text(1), {}});
    const std::string body = row.Text(2);
    ArchiveReader reader(body);
    reader(block.steps);
    CHECK(reader.intact());
    for (BookedStep& step : block.steps) step.province = province;
  };
  RETURN_IF_ERROR(
      database_
          .Prepared("SELECT number, id, body FROM steps "
                    "WHERE province = ?1 AND number BETWEEN ?2 AND ?3 ORDER BY number, id")
          .ForEach(read, province, first, first + (kStepsSpan - 1)));
  return blocks;
}

absl::StatusOr<std::vector<BookedStep>> StepsTable::Page(const BookedStep& after, int limit) {
  std::vector<BookedStep> page;
  int64_t before_span = SpanOf(after.number) - 1;
  while (std::ssize(page) < limit) {
    std::optional<int64_t> next;
    RETURN_IF_ERROR(
        database_.Prepared("SELECT min(number) FROM steps WHERE province = ?1 AND number > ?2")
            .ForEach(
                [&next](const Statement& row) {
                  if (!row.IsNull(0)) next = row.Integer(0);
                },
                after.province, before_span));
    if (!next.has_value()) break;
    ASSIGN_OR_RETURN(std::vector<Block> blocks, Span(after.province, SpanOf(*next)));
    const auto sorted_to = std::ssize(page);
    for (Block& block : blocks) {
      std::copy_if(std::make_move_iterator(block.steps.begin()),
                   std::make_move_iterator(block.steps.end()), std::back_inserter(page),
                   [&after](const BookedStep& step) { return Before(after, step); });
    }
    std::sort(page.begin() + sorted_to, page.end(), Before);
    before_span = SpanOf(*next) + (kStepsSpan - 1);
  }
  if (std::ssize(page) > limit) page.resize(static_cast<size_t>(limit));
  return page;
}

absl::Status StepsTable::Renumber(const BookedStep& step, int64_t number) {
  ASSIGN_OR_RETURN(std::vector<Block> blocks, Span(step.province, SpanOf(step.number)));
  for (Block& block : blocks) {
    const auto found = std::find(block.steps.begin(), block.steps.end(), step);
    if (found == block.steps.end()) continue;
    RETURN_IF_ERROR(
        database_.Prepared("DELETE FROM steps WHERE province = ?1 AND number = ?2 AND id = ?3")
            .Run(step.province, block.number, block.id));
    found->number = number;
    return Add(std::move(block.steps));
  }
  return absl::OkStatus();
}

}  // namespace gongji::settlement
