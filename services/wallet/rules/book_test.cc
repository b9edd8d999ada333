// What an entry has to record of a draft, and what a book forgets.
#include "services/wallet/rules/book.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gongji::wallet {
namespace {

using Names = std::vector<std::string>;

class DraftTest : public testing::Test {
 protected:
  DraftTest() {
    Rows rows;
    rows.accounts["person/p/lot/open"] = ledger::Account{10, false, 3};
    rows.accounts["person/p/lot/over"] = ledger::Account{0, true, 3};
    rows.claims["taken"] = "op";
    rows.claims["kept"] = "op";
    rows.counters["first"] = 4;
    book_.Learn(rows);
    book_.LearnMissing({.accounts = {"person/p/current", "person/p/prior", "person/q/prior"},
                        .persons = {"p", "q"},
                        .claims = {"free", "freed"},
                        .counters = {"second"}});
    draft_.Begin(7);
  }

  Book book_;
  const OwnedAccounts owned_;
  Draft draft_{book_, owned_};
};

TEST_F(DraftTest, AnEntryRecordsEachRowOnceAsItIsInTheEnd_P5) {
  draft_.SetPerson("p", {.year = 2025});
  const Draft::Mark mark = draft_.Here();
  draft_.SetPerson("p", {.year = 2026});
  draft_.SetPerson("q", {.year = 2024});
  draft_.SetPerson("p", {.year = 2026, .wallet_open = true});
  draft_.SetClaim("free", "new");
  draft_.SetClaim("taken", std::nullopt);
  draft_.SetClaim("freed", "new");
  draft_.SetClaim("freed", std::nullopt);
  draft_.SetCounter("first", 5);
  draft_.SetCounter("second", 1);
  draft_.SetCounter("first", 6);
  const ledger::Effects should{
      .persons = {{"p", {.year = 2026, .wallet_open = true}}, {"q", {.year = 2024}}},
      .claims = {{"free", "new"}, {"taken", std::nullopt}, {"freed", std::nullopt}},
      .counters = {{"first", 6}, {"second", 1}}};
  EXPECT_EQ(draft_.Since(mark), should);
}

TEST_F(DraftTest, AnEntryRecordsOfAccountsWhatItsPostingsDoNotSay_P5) {
  const Draft::Mark mark = draft_.Here();
  draft_.SetAccount("person/p/current", {});
  draft_.SetAccount("person/p/prior", {});
  draft_.SetAccount("person/q/prior", {5, false, 7});  // By a posting of this entry.
  draft_.SetAccount("person/p/lot/open", {10, true, 3});
  draft_.SetAccount("person/p/lot/over", {0, false, 3});
  const ledger::Effects should{.opened_accounts = {"person/p/current", "person/p/prior"},
                               .closed_accounts = {"person/p/lot/open"},
                               .reopened_accounts = {"person/p/lot/over"}};
  EXPECT_EQ(draft_.Since(mark), should);
  // An account that is opened and closed by one entry is both.
  draft_.SetAccount("person/p/prior", {0, true, 0});
  EXPECT_EQ(draft_.Since(mark).opened_accounts, should.opened_accounts);
  EXPECT_EQ(draft_.Since(mark).closed_accounts, (Names{"person/p/prior", "person/p/lot/open"}));
}

TEST_F(DraftTest, GoingBackTakesEverythingBackThatCameAfterTheMark_P1) {
  draft_.SetAccount("person/p/prior", {1, false, 7});
  draft_.SetPerson("p", {.year = 2025});
  draft_.SetClaim("free", "first");
  draft_.SetCounter("first", 5);
  const Draft::Mark mark = draft_.Here();
  draft_.SetAccount("person/p/prior", {2, false, 7});
  draft_.SetAccount("person/p/prior", {3, false, 7});
  draft_.SetPerson("p", {.year = 2026});
  draft_.SetPerson("q", {.year = 2026});
  draft_.SetClaim("free", std::nullopt);
  draft_.SetClaim("kept", std::nullopt);
  draft_.SetCounter("first", 6);
  draft_.SetCounter("second", 1);
  draft_.BackTo(mark);
  EXPECT_EQ(draft_.account("person/p/prior"), (ledger::Account{1, false, 7}));
  EXPECT_EQ(draft_.person("p"), (ledger::Person{.year = 2025}));
  EXPECT_EQ(draft_.person("q"), std::nullopt);
  EXPECT_EQ(draft_.claim("free"), "first");
  EXPECT_EQ(draft_.claim("kept"), "op");
  EXPECT_EQ(draft_.counter("first"), 5);
  EXPECT_EQ(draft_.counter("second"), 0);
  EXPECT_EQ(draft_.Since(mark), ledger::Effects());
  // Only what is left has to be saved.
  book_.BeginSaving();
  const ChangedRows changed = book_.TakeChanged(100);
  EXPECT_EQ(changed.accounts.size(), 1U);
  EXPECT_EQ(changed.persons.size(), 1U);
  EXPECT_EQ(changed.claims.size(), 1U);
  EXPECT_EQ(changed.counters.size(), 1U);
}

// A book of which two rows of each table are saved and one is not.
class EvictTest : public testing::Test {
 protected:
  EvictTest() {
    Rows rows;
    for (const std::string key : {"a", "b"}) {
      rows.accounts[key] = ledger::Account{};
      rows.persons[key] = ledger::Person{};
      rows.claims[key] = "op";
      rows.counters[key] = 1;
    }
    book_.Learn(rows);
    book_.LearnMissing({.accounts = {"c"}, .persons = {"c"}, .claims = {"c"}, .counters = {"c"}});
    const OwnedAccounts owned;
    Draft draft(book_, owned);
    draft.Begin(1);
    draft.SetAccount("c", {});
    draft.SetPerson("c", {});
    draft.SetClaim("c", "op");
    draft.SetCounter("c", 1);
  }

  Book book_;
};

TEST_F(EvictTest, NothingIsForgottenThatTheTablesLack) {
  EXPECT_EQ(book_.size(), 12U);
  book_.Evict(0);
  EXPECT_EQ(book_.size(), 4U);
  Keys keys{.accounts = {"c", "a"}, .persons = {"c", "b"}, .claims = {"c"}, .counters = {"c", "a"}};
  book_.DropKnown(keys);
  EXPECT_EQ(keys.accounts, Names{"a"});
  EXPECT_EQ(keys.persons, Names{"b"});
  EXPECT_EQ(keys.claims, Names{});
  EXPECT_EQ(keys.counters, Names{"a"});
}

TEST_F(EvictTest, NoMoreIsForgottenThanThereAreTooMany) {
  book_.Evict(12);
  EXPECT_EQ(book_.size(), 12U);
  book_.Evict(9);
  EXPECT_EQ(book_.size(), 9U);
}

TEST_F(EvictTest, WhatWasAskedForAgainStaysForAnotherRound) {
  Keys keys{.accounts = {"a", "b"}, .persons = {"a", "b"}, .claims = {"a"}, .counters = {}};
  book_.DropKnown(keys);
  book_.Evict(9);
  EXPECT_EQ(book_.size(), 9U);  // Without claim b and both counters.
  Keys left{.claims = {"a", "b"}, .counters = {"a", "b"}};
  book_.DropKnown(left);
  EXPECT_EQ(left.claims, Names{"b"});
  EXPECT_EQ(left.counters, (Names{"a", "b"}));
}

TEST(BookTest, KeysToLookUpAreSortedAndNamedOnce) {
  Book book;
  Keys keys{.accounts = {"b", "a", "b"}, .persons = {"q", "p", "q"}, .ids = {"z", "z"}};
  book.DropKnown(keys);
  EXPECT_EQ(keys.accounts, (Names{"a", "b"}));
  EXPECT_EQ(keys.persons, (Names{"p", "q"}));
  EXPECT_EQ(keys.ids, (Names{"z", "z"}));
}

TEST(BookTest, NewAccountsAreListedUntilTheTablesHaveThem) {
  Book book;
  ledger::Entry entry{.number = 1};
  entry.rows = {{"outside/x", "person/p/prior", 5, -5, 5, 0, 0},
                {"person/p/prior", "provider/h", 5, 0, 5, 1, 0}};
  entry.effects.opened_accounts = {"person/p/current"};
  const Names all = {"person/p/current", "outside/x", "person/p/prior", "provider/h"};
  EXPECT_EQ(book.NoteAccounts(entry), all);
  EXPECT_EQ(book.NoteAccounts(entry), Names{});
  book.ForgetAccounts({"outside/x"});
  EXPECT_EQ(book.NoteAccounts(entry), Names{"outside/x"});
  ChangedRows slice;
  slice.accounts = {{"person/p/prior", ledger::Account{}}};
  book.EndSaving(slice, 1, false);
  EXPECT_EQ(book.new_accounts().size(), 4U);
  book.EndSaving(slice, 1, true);
  EXPECT_EQ(book.new_accounts(),
            (std::set<std::string>{"outside/x", "person/p/current", "provider/h"}));
}

}  // namespace
}  // namespace gongji::wallet
