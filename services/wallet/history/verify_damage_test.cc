// Verifier is verified: journals whose chain fits but that break an invariant, as somebody who can
// seal anew would write them, and every kind of damage of every table, at rest and while a save
// writes rows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "services/ledger/accounts.h"
#include "services/wallet/history/verify.h"
#include "services/wallet/rules/entry_bytes.h"

namespace gongji::wallet {
namespace {

using ledger::Account;
using ledger::Entry;
using ledger::Person;
using ledger::Row;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr char kCurrent[] = "person/p/current";
constexpr char kOutside[] = "outside/employer";
constexpr char kLot[] = "person/p/lot/r";
constexpr char kQuota[] = "quota/510100";

Entry Numbered(int64_t number, const std::string& id) {
  Entry entry{.number = number, .id = id};
  entry.at = absl::FromUnixSeconds(1'000 + number);
  return entry;
}

// A journal of five entries: money comes in, a lot is filled, a bill is claimed and paid, a wallet
// is opened, and the bill is given free again.
std::vector<Entry> Journal() {
  std::vector<Entry> journal = {Numbered(1, "in"), Numbered(2, "lot"), Numbered(3, "bill"),
                                Numbered(4, "open"), Numbered(5, "refund")};
  journal[0].rows = {{kOutside, kCurrent, 100, -100, 100}};
  journal[0].effects.opened_accounts = {"person/p/prior"};
  journal[0].effects.persons = {{"p", Person{.year = 2026}}};
  journal[1].rows = {{kQuota, kLot, 9, -9, 9}};
  journal[1].effects.counters = {{"number/lot", 1}};
  journal[2].rows = {{kCurrent, "provider/h", 60, 40, 60, 1, 0}};
  journal[2].effects.claims = {{"bill/1", "op"}};
  journal[3].effects.persons = {{"p", Person{.year = 2026, .wallet_open = true}}};
  journal[3].effects.counters = {{"number/lot", 2}};
  journal[4].rows = {{"provider/h", kCurrent, 60, 0, 100, 3, 3}};
  journal[4].effects.claims = {{"bill/1", std::nullopt}};
  return journal;
}

using Rows = std::vector<std::pair<Table, TableRow>>;

// What the tables hold after entry 3, the last one that they are complete up to.
Rows Saved() {
  return {{Table::kAccounts, {kOutside, Account{-100, false, 1}}},
          {Table::kAccounts, {kCurrent, Account{40, false, 3}}},
          {Table::kAccounts, {"person/p/prior", Account{}}},
          {Table::kAccounts, {kLot, Account{9, false, 2}}},
          {Table::kAccounts, {kQuota, Account{-9, false, 2}}},
          {Table::kAccounts, {"provider/h", Account{60, false, 3}}},
          {Table::kPersons, {"p", Person{.year = 2026}}},
          {Table::kClaims, {"bill/1", std::string("op")}},
          {Table::kCounters, {"number/lot", int64_t{1}}},
          {Table::kIds, {"in", int64_t{1}}},
          {Table::kIds, {"lot", int64_t{2}}},
          {Table::kIds, {"bill", int64_t{3}}}};
}

// The verifier after the whole journal, with a chain that fits, and these rows read after entry 3.
std::vector<std::string> Findings(const std::vector<Entry>& journal, const Rows& rows) {
  Hasher hasher(HashKind::kSha256);
  Verifier verifier("31", HashKind::kSha256);
  Digest chain = Hasher::Genesis();
  for (size_t at = 0; at < journal.size(); ++at) {
    if (at == 3) {
      verifier.BeginTables();
      for (const auto& [table, row] : rows) verifier.AddRow(table, row);
    }
    const std::string body = EncodeEntry(journal[at]);
    chain = hasher.Chain(chain, journal[at].number, body);
    verifier.AddEntry({.number = journal[at].number, .body = body, .chain = chain});
  }
  return verifier.Findings();
}

std::vector<std::string> FindingsOf(const std::function<void(std::vector<Entry>&)>& forge) {
  std::vector<Entry> journal = Journal();
  forge(journal);
  return Findings(journal, Saved());
}

TEST(VerifyForged, TheSoundOneHasNoFindings) {
  EXPECT_THAT(FindingsOf([](auto&) {}), IsEmpty());
}

struct Forged {
  const char* name;
  std::function<void(std::vector<Entry>&)> forge;
  const char* finding;
};

class VerifyForged : public testing::TestWithParam<Forged> {};

TEST_P(VerifyForged, IsNamed_P4) {
  EXPECT_THAT(FindingsOf(GetParam().forge), Contains(std::string("shard 31") + GetParam().finding));
}

INSTANTIATE_TEST_SUITE_P(
    Each, VerifyForged,
    testing::Values(
        Forged{"TimeGoesBack", [](auto& journal) { journal[2].at -= absl::Seconds(5); },
               ": entry 3 is before the one before"},
        Forged{"IdTwice", [](auto& journal) { journal[3].id = "lot"; },
               ": entry 4 answers lot again"},
        Forged{"NothingMoved", [](auto& journal) { journal[2].rows[0].amount_fen = 0; },
               ": entry 3 moves nothing"},
        Forged{
            "MovedBackwards",
            [](auto& journal) { journal[2].rows[0] = {"provider/h", kCurrent, -60, 60, 40, 0, 1}; },
            ": entry 3 moves nothing"},
        Forged{"BalanceOfPayer", [](auto& journal) { ++journal[2].rows[0].from_after_fen; },
               ": entry 3 states another balance of person/p/current than its rows give"},
        Forged{"BalanceOfPayee", [](auto& journal) { ++journal[2].rows[0].to_after_fen; },
               ": entry 3 states another balance of provider/h than its rows give"},
        Forged{"EntryBeforeOfPayer", [](auto& journal) { journal[2].rows[0].from_before = 2; },
               ": entry 3 names another entry before it for person/p/current"},
        Forged{"EntryBeforeOfPayee", [](auto& journal) { journal[2].rows[0].to_before = 1; },
               ": entry 3 names another entry before it for provider/h"},
        Forged{"Overdraft",
               [](auto& journal) {
                 journal[2].rows[0] = {kCurrent, "provider/h", 101, -1, 101, 1, 0};
               },
               ": entry 3 overdraws person/p/current"},
        Forged{"OverdraftOfALot",
               [](auto& journal) { journal[1].rows[0] = {kLot, kQuota, 1, -1, 1}; },
               ": entry 2 overdraws person/p/lot/r"},
        Forged{"ToItself",
               [](auto& journal) { journal[2].rows[0] = {kCurrent, kCurrent, 5, 101, 100, 1, 1}; },
               ": entry 3 states another balance of person/p/current than its rows give"},
        Forged{"EntryBeforeOfBoth",
               [](auto& journal) { journal[2].rows[0] = {kCurrent, kCurrent, 5, 100, 100, 2, 1}; },
               ": entry 3 names another entry before it for person/p/current"},
        Forged{"LotWithoutQuota",
               [](auto& journal) { journal[1].rows[0] = {kOutside, kLot, 9, -109, 9, 1, 0}; },
               ": lots and quota differ"},
        Forged{"QuotaWithoutLot",
               [](auto& journal) { journal[1].rows[0] = {kQuota, "provider/h", 9, -9, 9}; },
               ": lots and quota differ"}),
    [](const auto& param) { return std::string(param.param.name); });

// An account may be named twice in one entry: its second row follows the first.
TEST(VerifyForged, SeveralRowsOfOneAccountAreSound) {
  EXPECT_THAT(FindingsOf([](std::vector<Entry>& journal) {
                journal[2].rows = {{kCurrent, "provider/h", 20, 80, 20, 1, 0},
                                   {kCurrent, "provider/h", 40, 40, 60, 1, 0}};
              }),
              IsEmpty());
}

TEST(VerifyForged, AnEntryThatCannotBeReadIsNamed) {
  Verifier verifier("31", HashKind::kSha256);
  Hasher hasher(HashKind::kSha256);
  verifier.AddEntry({.number = 1, .body = "x", .chain = hasher.Chain(Hasher::Genesis(), 1, "x")});
  EXPECT_THAT(verifier.Findings(), ElementsAre("shard 31: entry 1 cannot be read"));
}

TEST(VerifyForged, FindingsAreBounded_P32) {
  std::vector<Entry> journal;
  Rows rows;
  for (int64_t number = 1; number <= 150; ++number) {
    journal.push_back(Numbered(number, "same"));
    rows.emplace_back(Table::kCounters, TableRow{std::to_string(number), int64_t{1}});
  }
  // A hundred of what is wrong with entries, and a hundred of what is wrong with rows.
  EXPECT_EQ(Findings(journal, rows).size(), 200U);
}

// Closing and opening again is seen in the tables.
TEST(VerifyForged, ClosedAccountsAreThoseThatEntriesHaveClosed) {
  std::vector<Entry> journal = Journal();
  journal[1].effects.closed_accounts = {kCurrent};
  Rows rows = Saved();
  EXPECT_THAT(Findings(journal, rows),
              ElementsAre(HasSubstr("person/p/current of accounts is not")));
  std::get<Account>(rows[1].second.value).closed = true;
  EXPECT_THAT(Findings(journal, rows), IsEmpty());
  journal[2].effects.reopened_accounts = {kCurrent};
  EXPECT_THAT(Findings(journal, rows),
              ElementsAre(HasSubstr("person/p/current of accounts is not")));
  std::get<Account>(rows[1].second.value).closed = false;
  EXPECT_THAT(Findings(journal, rows), IsEmpty());
}

// A row of each table, another value for it, an older one, and a row that nothing has made.
struct Damage {
  const char* table;
  size_t row;
  TableRow changed;
  TableRow older;
  TableRow extra;
};

class VerifyTableDamage : public testing::TestWithParam<Damage> {
 protected:
  // The rows with this one in the place of the one that the journal gives.
  static Rows With(const TableRow& row) {
    Rows rows = Saved();
    rows[GetParam().row].second = row;
    return rows;
  }
  static std::string Of(const TableRow& row, const char* what) {
    return "shard 31: row " + row.key + " of " + GetParam().table + what;
  }
};

TEST_P(VerifyTableDamage, ChangedRowIsNamed_P5) {
  EXPECT_THAT(Findings(Journal(), With(GetParam().changed)),
              Contains(Of(GetParam().changed, " is not what the journal gives")));
}

TEST_P(VerifyTableDamage, OlderRowIsNamed_P5) {
  EXPECT_THAT(Findings(Journal(), With(GetParam().older)),
              Contains(Of(GetParam().older, " is not what the journal gives")));
}

TEST_P(VerifyTableDamage, ExtraRowIsNamed_P5) {
  Rows rows = Saved();
  rows.emplace_back(rows[GetParam().row].first, GetParam().extra);
  EXPECT_THAT(Findings(Journal(), rows),
              ElementsAre(Of(GetParam().extra, " is not what the journal gives")));
}

TEST_P(VerifyTableDamage, MissingRowIsNamed_P5) {
  Rows rows = Saved();
  const auto [table, row] = rows[GetParam().row];
  rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(GetParam().row));
  const std::string name =
      table == Table::kIds ? "of entry " + std::to_string(std::get<int64_t>(row.value)) : row.key;
  // The bill's claim is removed by an entry that is read later: it was perhaps removed already.
  if (table == Table::kClaims) {
    EXPECT_THAT(Findings(Journal(), rows), IsEmpty());
  } else {
    EXPECT_THAT(Findings(Journal(), rows),
                ElementsAre("shard 31: row " + name + " of " + GetParam().table + " is missing"));
  }
}

TEST_P(VerifyTableDamage, DamagedRowIsNamed_P14) {
  Rows rows = Saved();
  rows[GetParam().row].second.whole = false;
  EXPECT_THAT(Findings(Journal(), rows),
              ElementsAre(Of(rows[GetParam().row].second, " is damaged")));
}

INSTANTIATE_TEST_SUITE_P(
    Each, VerifyTableDamage,
    testing::Values(
        Damage{"accounts",
               1,
               {kCurrent, Account{41, false, 3}},
               {kCurrent, Account{100, false, 1}},
               {"person/q/current", Account{}}},
        Damage{"persons",
               6,
               {"p", Person{.year = 2027}},
               {"p", Person{}},
               {"q", Person{.year = 2026}}},
        Damage{"claims",
               7,
               {"bill/1", std::string("oq")},
               {"bill/1", std::string("")},
               {"bill/2", std::string("op")}},
        Damage{"counters",
               8,
               {"number/lot", int64_t{3}},
               {"number/lot", int64_t{0}},
               {"number/other", int64_t{1}}},
        Damage{"ids", 11, {"bill", int64_t{4}}, {"bill", int64_t{2}}, {"other", int64_t{2}}}),
    [](const auto& param) { return std::string(param.param.table); });

// Rows that a save under way has already written have the value of a later entry.
TEST(VerifySave, NewerRowsAreSound) {
  Rows rows = Saved();
  rows[1].second.value = Account{100, false, 5};
  rows[5].second.value = Account{0, false, 5};
  rows[6].second.value = Person{.year = 2026, .wallet_open = true};
  rows.erase(rows.begin() + 7);  // The claim is removed.
  rows[7].second.value = int64_t{2};
  rows.emplace_back(Table::kIds, TableRow{"open", int64_t{4}});
  rows.emplace_back(Table::kIds, TableRow{"refund", int64_t{5}});
  EXPECT_THAT(Findings(Journal(), rows), IsEmpty());
}

TEST(VerifySave, RowsThatNoEntryEverGaveAreNamed) {
  Rows rows = Saved();
  rows[1].second.value = Account{99, false, 5};
  rows[6].second.value = Person{.year = 2027, .wallet_open = true};
  rows[8].second.value = int64_t{3};
  rows.emplace_back(Table::kIds, TableRow{"open", int64_t{5}});
  EXPECT_THAT(Findings(Journal(), rows),
              UnorderedElementsAre(HasSubstr("person/p/current of accounts is not"),
                                   HasSubstr("p of persons is not"),
                                   HasSubstr("number/lot of counters is not"),
                                   HasSubstr("open of ids is not")));
}

// A value that a later entry gave and a still later one replaced is sound as well.
TEST(VerifySave, AValueBetweenTwoEntriesIsSound) {
  std::vector<Entry> journal = Journal();
  journal.push_back(Numbered(6, "more"));
  journal[5].rows = {{kCurrent, "provider/h", 1, 99, 1, 5, 5}};
  Rows rows = Saved();
  rows[1].second.value = Account{100, false, 5};
  EXPECT_THAT(Findings(journal, rows), IsEmpty());
}

TEST(VerifyMirrors, ClearingAndGrantsOfTwoShards_P2) {
  const auto shard = [](const std::vector<Row>& rows) {
    Entry entry = Numbered(1, "1");
    entry.rows = rows;
    const std::string body = EncodeEntry(entry);
    auto verifier = std::make_unique<Verifier>("x", HashKind::kSha256);
    Hasher hasher(HashKind::kSha256);
    verifier->AddEntry({1, body, hasher.Chain(Hasher::Genesis(), 1, body)});
    return verifier;
  };
  const Row owed{"clearing/310000/510100", "provider/h", 7, -7, 7};
  const Row granted{"person/g/current", "person/g/granted/r/current", 9, -9, 9};
  const Row lot{kQuota, "person/p/lot/r", 9, -9, 9};
  const Row owing{"outside/x", "clearing/510100/310000", 7, -7, 7};
  const auto findings = [](const auto& first, const auto& second) {
    Mirrors mirrors;
    mirrors.Add(*first);
    mirrors.Add(*second);
    return mirrors.Findings();
  };
  EXPECT_THAT(findings(shard({owed, granted}), shard({lot, owing})), IsEmpty());
  EXPECT_THAT(findings(shard({owed, granted}), shard({lot})),
              ElementsAre("clearing of 310000 and 510100 differs by -7"));
  EXPECT_THAT(findings(shard({owed, granted}), shard({owing})),
              ElementsAre("relation r: grant and lot differ by 9"));
  EXPECT_THAT(findings(shard({owed}), shard({lot, owing})),
              ElementsAre("relation r: grant and lot differ by -9"));
}

}  // namespace
}  // namespace gongji::wallet
