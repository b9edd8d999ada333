// What the readers of a journal get: each value comes back as it was stored.
#include "services/wallet/journal_wire.h"

#include <gtest/gtest.h>

#include <vector>

#include "services/common/testing/messages.h"

namespace gongji::wallet {
namespace {

TEST(JournalWire, SealedEntriesComeBack_P4) {
  for (const bool whole : {true, false}) {
    const SealedEntry entry{.number = 7, .body = "b", .chain = "c", .whole = whole};
    EXPECT_EQ(FromMessage(ToMessage(entry)), entry);
  }
  ExpectMessage(ToMessage(SealedEntry{7, "b", "c", true}), "number: 7 body: 'b' chain: 'c'");
}

TEST(JournalWire, HashesComeBack_P4) {
  for (const HashKind hash : {HashKind::kSm3, HashKind::kSha256}) {
    EXPECT_EQ(FromMessage(ToMessage(hash)), hash);
  }
  EXPECT_EQ(FromMessage(static_cast<v1::JournalHash>(9)), std::nullopt);
  EXPECT_EQ(FromMessage(v1::JournalHash()), std::nullopt);
}

TEST(JournalWire, TablesComeBackAndUnknownOnesDoNot) {
  for (const Table table : kTables) EXPECT_EQ(FromMessage(ToMessage(table)), table);
  EXPECT_EQ(ToMessage(Table::kAccounts), v1::ListTableRowsRequest::TABLE_ACCOUNTS);
  EXPECT_EQ(ToMessage(Table::kIds), v1::ListTableRowsRequest::TABLE_IDS);
  for (const int unknown : {-1, 0, 6}) {
    EXPECT_EQ(FromMessage(static_cast<v1::ListTableRowsRequest::Table>(unknown)), std::nullopt);
  }
}

const std::vector<std::pair<Table, TableRow>>& Rows() {
  static const auto* rows = new std::vector<std::pair<Table, TableRow>>{
      {Table::kAccounts, {"a", ledger::Account{5, true, 6}}},
      {Table::kAccounts, {"a", ledger::Account{-5, false, 7}, false}},
      {Table::kPersons,
       {"p", ledger::Person{2026, true, ledger::Residence::kLeft, "clearing/x", "q"}}},
      {Table::kPersons, {"p", ledger::Person{2025, false, ledger::Residence::kLeaving, "", ""}}},
      {Table::kClaims, {"c", std::string("op")}},
      {Table::kCounters, {"n", int64_t{8}}},
      {Table::kIds, {"i", int64_t{9}}}};
  return *rows;
}

TEST(JournalWire, RowsComeBack_P5) {
  for (const auto& [table, row] : Rows()) EXPECT_EQ(FromMessage(table, ToMessage(table, row)), row);
}

TEST(JournalWire, ARowOfAnotherTableIsNone) {
  for (const auto& [table, row] : Rows()) {
    for (const Table other : kTables) {
      const bool numbers = (table == Table::kIds || table == Table::kCounters) &&
                           (other == Table::kIds || other == Table::kCounters);
      if (other == table || numbers) continue;
      EXPECT_EQ(FromMessage(other, ToMessage(table, row)), std::nullopt);
    }
  }
}

TEST(JournalWire, AProofLeavesWhole_P4) {
  ExpectMessage(ToMessage(Proof{.hash = HashKind::kSha256,
                                .number = 2,
                                .body = "b",
                                .before = "c",
                                .first_number = 1,
                                .last_number = 4,
                                .path = {"x", "y"},
                                .root = "r"}),
                "hash: JOURNAL_HASH_SHA256 number: 2 body: 'b' chain_before: 'c' first_number: 1 "
                "last_number: 4 path: 'x' path: 'y' root: 'r'");
}

}  // namespace
}  // namespace gongji::wallet
