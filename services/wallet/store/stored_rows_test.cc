// Rows as an engine returns them: what is read, and what is recognised as damaged.
#include "services/wallet/store/stored_rows.h"

#include <gtest/gtest.h>

#include <string>
#include <variant>
#include <vector>

#include "services/common/errors/reasons.h"

namespace gongji::wallet {
namespace {

// One row of a result.
struct Columns {
  std::vector<std::variant<int64_t, std::string>> values;

  int64_t Integer(int i) const { return std::get<int64_t>(values.at(static_cast<size_t>(i))); }
  std::string Text(int i) const { return std::get<std::string>(values.at(static_cast<size_t>(i))); }
};

Columns RowOf(const Head& head) {
  return {{head.epoch, head.last_number, absl::ToUnixMillis(head.last_at),
           static_cast<int64_t>(head.hash), head.chain, HeadSum(head)}};
}

Columns SavedRowOf(const Head& head) {
  return {{head.epoch, head.saved_number, head.newest.number, head.newest.id, SavedSum(head)}};
}

// Changes one column after the other, the checksum last, and expects that `read` notices.
template <class Read>
void ExpectEachChangeIsNoticed(const Columns& row, const Read& read) {
  for (size_t i = 0; i < row.values.size(); ++i) {
    Columns damaged = row;
    if (auto* number = std::get_if<int64_t>(&damaged.values[i])) {
      ++*number;
    } else {
      std::get<std::string>(damaged.values[i]) += "x";
    }
    EXPECT_FALSE(read(damaged)) << "column " << i;
  }
}

TEST(StoredRows, HeadComesBackOrIsDamaged_P14) {
  const Head head{.epoch = 2,
                  .last_number = 5,
                  .last_at = absl::FromUnixMillis(1234),
                  .hash = HashKind::kSha256,
                  .chain = "chain"};
  const auto read = ReadHead(RowOf(head), HashKind::kSm3);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->epoch, 2);
  EXPECT_EQ(read->last_number, 5);
  EXPECT_EQ(read->last_at, head.last_at);
  EXPECT_EQ(read->hash, HashKind::kSha256);
  EXPECT_EQ(read->chain, "chain");
  ExpectEachChangeIsNoticed(RowOf(head),
                            [](const Columns& row) { return ReadHead(row, HashKind::kSm3).ok(); });
  Columns damaged = RowOf(head);
  damaged.values[5] = int64_t{0};
  EXPECT_EQ(ReadHead(damaged, HashKind::kSm3).status(), Damaged("head", ""));
}

TEST(StoredRows, OnlyAJournalThatWasJustCreatedHasNoSum_P14) {
  const Columns fresh{{int64_t{0}, int64_t{0}, int64_t{0}, int64_t{0}, "", int64_t{0}}};
  const auto read = ReadHead(fresh, HashKind::kSha256);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->hash, HashKind::kSha256);
  for (const size_t column : {0U, 1U}) {
    Columns row = fresh;
    row.values[column] = int64_t{1};
    EXPECT_FALSE(ReadHead(row, HashKind::kSm3).ok()) << "column " << column;
  }
}

TEST(StoredRows, WhatIsSavedComesBackOrIsDamaged_P14) {
  const Head saved{.epoch = 2, .saved_number = 5, .newest = {6, "id"}};
  const auto read = ReadSaved(SavedRowOf(saved), {.last_number = 9, .chain = "chain"});
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->epoch, 2);
  EXPECT_EQ(read->saved_number, 5);
  EXPECT_EQ(read->newest, (Anchor{6, "id"}));
  EXPECT_EQ(read->last_number, 9);  // What is known of the journal stays.
  EXPECT_EQ(read->chain, "chain");
  ExpectEachChangeIsNoticed(SavedRowOf(saved),
                            [](const Columns& row) { return ReadSaved(row, {}).ok(); });
  Columns damaged = SavedRowOf(saved);
  damaged.values[4] = int64_t{0};
  EXPECT_EQ(ReadSaved(damaged, {}).status(), Damaged("saved", ""));
}

TEST(StoredRows, OnlyTablesThatWereJustCreatedHaveNoSum_P14) {
  const Columns fresh{{int64_t{0}, int64_t{0}, int64_t{0}, "", int64_t{0}}};
  EXPECT_TRUE(ReadSaved(fresh, {}).ok());
  for (const size_t column : {0U, 1U}) {
    Columns row = fresh;
    row.values[column] = int64_t{1};
    EXPECT_FALSE(ReadSaved(row, {}).ok()) << "column " << column;
  }
}

TEST(StoredRows, ARowOfEachTableIsWholeOnlyAsItWasWritten_P14) {
  const struct {
    Table table;
    Columns row;  // without its sum
    int64_t sum;
    TableRow should;
  } cases[] = {
      {Table::kAccounts,
       {{"a", int64_t{5}, int64_t{1}, int64_t{3}}},
       RowSum(std::string("a"), int64_t{5}, int64_t{1}, int64_t{3}),
       {"a", ledger::Account{5, true, 3}}},
      {Table::kPersons,
       {{"p", int64_t{2026}, int64_t{1}, int64_t{2}, "clearing/1/2", "q"}},
       RowSum(std::string("p"), int64_t{2026}, int64_t{1}, int64_t{2}, std::string("clearing/1/2"),
              std::string("q")),
       {"p", ledger::Person{2026, true, static_cast<ledger::Residence>(2), "clearing/1/2", "q"}}},
      {Table::kClaims, {{"c", "op"}}, RowSum(std::string("c"), std::string("op")), {"c", "op"}},
      {Table::kCounters,
       {{"n", int64_t{7}}},
       RowSum(std::string("n"), int64_t{7}),
       {"n", int64_t{7}}},
      {Table::kIds, {{"i", int64_t{8}}}, RowSum(std::string("i"), int64_t{8}), {"i", int64_t{8}}},
  };
  for (const auto& test : cases) {
    Columns row = test.row;
    row.values.emplace_back(test.sum);
    EXPECT_EQ(ReadRow(test.table, row), test.should) << ShapeOf(test.table).name;
    ExpectEachChangeIsNoticed(
        row, [&](const Columns& damaged) { return ReadRow(test.table, damaged).whole; });
  }
}

TEST(StoredRows, EntriesAreAddedUpToTheFirstThatIsDamagedOrMissing_P14) {
  Hasher hasher(HashKind::kSm3);
  Head head;
  std::vector<SealedEntry> rows;
  for (int64_t number = 1; number <= 3; ++number) {
    const ledger::Entry entry{
        .number = number, .id = "e" + std::to_string(number), .at = absl::FromUnixSeconds(number)};
    const SealedEntry sealed = Seal(entry, hasher, head);
    rows.push_back(
        ReadSealed(Columns{{sealed.number, sealed.body, sealed.chain, EntrySum(sealed)}}));
    EXPECT_TRUE(rows.back().whole);
    EXPECT_EQ(head.last_number, number);
    EXPECT_EQ(head.last_at, entry.at);
    EXPECT_EQ(head.chain, sealed.chain);
  }
  const auto added = [&](int64_t first, int64_t last, const std::vector<SealedEntry>& from) {
    std::vector<ledger::Entry> entries;
    const absl::Status status = AddEntries(first, last, from, entries);
    return std::pair(status, entries.size());
  };
  using Added = std::pair<absl::Status, size_t>;
  EXPECT_EQ(added(1, 3, rows), Added(absl::OkStatus(), 3));
  EXPECT_EQ(added(1, 4, rows), Added(Damaged("entries", "4"), 3));
  EXPECT_EQ(added(2, 3, rows), Added(Damaged("entries", "2"), 0));
  std::vector<SealedEntry> damaged = rows;
  damaged[1].whole = false;
  EXPECT_EQ(added(1, 3, damaged), Added(Damaged("entries", "2"), 1));
  damaged = rows;
  damaged[2].body = "x";
  EXPECT_EQ(added(1, 3, damaged), Added(Damaged("entries", "3"), 2));
  EXPECT_EQ(added(4, 3, {}), Added(absl::OkStatus(), 0));
}

}  // namespace
}  // namespace gongji::wallet
