// Tests of what every wallet store promises. An Engine is one store and the files under it:
//
//   struct Engine { Env& env(); WalletStore& store(); void Reopen(); };
//   INSTANTIATE_TYPED_TEST_SUITE_P(Memory, WalletStoreContract, Engine);
#ifndef GONGJI_SERVICES_WALLET_TESTING_WALLET_STORE_CONTRACT_H_
#define GONGJI_SERVICES_WALLET_TESTING_WALLET_STORE_CONTRACT_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "services/common/errors/reasons.h"
#include "services/common/testing/manual_env.h"
#include "services/wallet/rules/entry_bytes.h"
#include "services/wallet/store/wallet_store.h"

namespace gongji::wallet {

template <class Engine>
class WalletStoreContract : public testing::Test {
 protected:
  static ledger::Entry Applied(int64_t number, const std::string& id) {
    ledger::Entry entry;
    entry.number = number;
    entry.id = id;
    entry.at = absl::FromUnixMillis(1'772'415'000'000 + number);
    entry.fingerprint = std::string("\x00\x01print", 7);
    entry.moves = {{.tag = "own",
                    .amount_fen = 5,
                    .balance_seen_fen = 9,
                    .stop = ledger::Stop::kKept,
                    .credited = "provider/h",
                    .year = 2026,
                    .lot_number = 3}};
    entry.claims = {{"bill/h/v/1", {"op", ""}}};
    entry.rows = {{"person/p/prior", "provider/h", 5, 4, 5, number - 1, 0}};
    entry.effects = {.opened_accounts = {"person/p/current"},
                     .closed_accounts = {"person/p/lot/r"},
                     .persons = {{"p", {.year = 2026, .wallet_open = true}}},
                     .claims = {{"bill/h/v/1", "op"}, {"freed", std::nullopt}},
                     .counters = {{"number/person/p/lot/r", 7}}};
    return entry;
  }

  absl::Status Append(int64_t epoch, std::vector<ledger::Entry> entries) {
    const int64_t first = entries.front().number;
    return engine.env().Wait(engine.store().Append(
        epoch, first, std::make_shared<const std::vector<ledger::Entry>>(std::move(entries))));
  }
  absl::Status Save(int64_t epoch, Slice slice) {
    return engine.env().Wait(
        engine.store().Save(epoch, std::make_shared<const Slice>(std::move(slice))));
  }
  Head TakeOver() { return *engine.env().Wait(engine.store().TakeOver()); }
  Loaded Load(Keys keys) { return *engine.env().Wait(engine.store().Load(std::move(keys))); }

  // A journal of three entries, of which the first is saved with SomeRows.
  void Fill() {
    const Head head = TakeOver();
    ASSERT_TRUE(Append(head.epoch, {Applied(1, "a"), Applied(2, "b"), Applied(3, "c")}).ok());
    ASSERT_TRUE(Save(head.epoch, {SomeRows(), {1, "a"}, {{"a", 1}}, 1}).ok());
  }

  static ChangedRows SomeRows() {
    ChangedRows rows;
    rows.accounts = {{"person/p/lot/r", ledger::Account{0, true, 0}},
                     {"person/p/prior", ledger::Account{4, false, 2}},
                     {"provider/h", ledger::Account{5, false, 2}}};
    rows.persons = {
        {"p", ledger::Person{2026, true, ledger::Residence::kLeft, "clearing/1/2", "q"}}};
    rows.claims = {{"bill/h/v/1", "op"}};
    rows.counters = {{"number/person/p/lot/r", 7}};
    return rows;
  }

  Engine engine;
};

// A change made to a row of a filled store's tables without the store.
struct Damage {
  const char* name;
  const char* sql;
  Keys keys;  // what has to be refused afterwards
};

// One of each kind of row, and a row under the name of another. Both engines name their columns
// alike.
inline std::vector<Damage> DamagedRows() {
  return {
      Damage{"account",
             "UPDATE accounts SET balance_fen = 400 WHERE name = 'person/p/prior'",
             {.accounts = {"person/p/prior"}}},
      Damage{"lot", "UPDATE accounts SET closed = 0", {.accounts = {"person/p/lot/r"}}},
      Damage{"person", "UPDATE persons SET wallet_open = 0", {.persons = {"p"}}},
      Damage{"claim", "UPDATE claims SET holder = 'oq'", {.claims = {"bill/h/v/1"}}},
      Damage{"counter", "UPDATE counters SET value = 6", {.counters = {"number/person/p/lot/r"}}},
      Damage{"id", "UPDATE ids SET sum = 2", {.ids = {"a"}}},
      Damage{"swapped",
             "UPDATE accounts SET name = 'person/q/prior' WHERE balance_fen = 4",
             {.accounts = {"person/q/prior"}}}};
}

TYPED_TEST_SUITE_P(WalletStoreContract);

TYPED_TEST_P(WalletStoreContract, EmptyStoreHasNothing) {
  const Head head = this->TakeOver();
  EXPECT_EQ(head.epoch, 1);
  EXPECT_EQ(head.last_number, 0);
  EXPECT_EQ(head.saved_number, 0);
  const Loaded loaded = this->Load({.accounts = {"person/p/prior"},
                                    .persons = {"p"},
                                    .claims = {"k"},
                                    .counters = {"c"},
                                    .ids = {"id"}});
  EXPECT_EQ(loaded.rows.accounts.at("person/p/prior"), std::nullopt);
  EXPECT_EQ(loaded.rows.persons.at("p"), std::nullopt);
  EXPECT_EQ(loaded.rows.claims.at("k"), std::nullopt);
  EXPECT_EQ(loaded.rows.counters.at("c"), std::nullopt);
  EXPECT_TRUE(loaded.numbers.empty());
}

TYPED_TEST_P(WalletStoreContract, WhatIsAppendedIsThereAfterReopening_P10) {
  const Head head = this->TakeOver();
  const std::vector<ledger::Entry> entries = {this->Applied(1, "a"), this->Applied(2, "b")};
  ASSERT_TRUE(this->Append(head.epoch, entries).ok());
  this->engine.Reopen();
  const Head again = this->TakeOver();
  EXPECT_EQ(again.epoch, 2);
  EXPECT_EQ(again.last_number, 2);
  EXPECT_EQ(again.last_at, entries[1].at);
  EXPECT_EQ(again.saved_number, 0);
  const auto tail = this->engine.env().Wait(this->engine.store().Tail(0, 10));
  ASSERT_TRUE(tail.ok()) << tail.status();
  EXPECT_EQ(*tail, entries);
}

TYPED_TEST_P(WalletStoreContract, WhatIsSavedIsThereAfterReopening) {
  const Head head = this->TakeOver();
  ASSERT_TRUE(this->Append(head.epoch, {this->Applied(1, "a"), this->Applied(2, "b")}).ok());
  ASSERT_TRUE(this->Save(head.epoch, {this->SomeRows(), {1, "a"}, {{"a", 1}}, 0}).ok());
  this->engine.Reopen();
  Head again = this->TakeOver();
  EXPECT_EQ(again.saved_number, 0);
  EXPECT_EQ(again.newest, (Anchor{1, "a"}));
  ASSERT_TRUE(this->Save(again.epoch, {{}, {2, "b"}, {{"b", 2}}, 2}).ok());
  this->engine.Reopen();
  again = this->TakeOver();
  EXPECT_EQ(again.epoch, 3);
  EXPECT_EQ(again.last_number, 2);
  EXPECT_EQ(again.saved_number, 2);
  EXPECT_EQ(again.newest, (Anchor{2, "b"}));
  Loaded loaded = this->Load({.accounts = {"person/p/prior", "person/p/lot/r", "other"},
                              .persons = {"p"},
                              .claims = {"bill/h/v/1"},
                              .counters = {"number/person/p/lot/r"},
                              .ids = {"a", "b", "z"}});
  EXPECT_EQ(loaded.rows.accounts["person/p/prior"], (ledger::Account{4, false, 2}));
  EXPECT_EQ(loaded.rows.accounts["person/p/lot/r"], (ledger::Account{0, true, 0}));
  EXPECT_EQ(loaded.rows.accounts["other"], std::nullopt);
  EXPECT_EQ(loaded.rows.persons["p"],
            (ledger::Person{2026, true, ledger::Residence::kLeft, "clearing/1/2", "q"}));
  EXPECT_EQ(loaded.rows.claims["bill/h/v/1"], "op");
  EXPECT_EQ(loaded.rows.counters["number/person/p/lot/r"], 7);
  EXPECT_EQ(loaded.numbers, (absl::flat_hash_map<std::string, int64_t>{{"a", 1}, {"b", 2}}));
}

TYPED_TEST_P(WalletStoreContract, RefusalsKeepReasonAndMetadata_P8) {
  const Head head = this->TakeOver();
  ledger::Entry refused = this->Applied(1, "a");
  refused.outcome = ledger::Outcome::kRefused;
  refused.rows.clear();
  refused.moves.clear();
  refused.effects = {};
  refused.status = Refuse(reason::kInsufficientFunds, {{"available_fen", "3"}});
  ASSERT_TRUE(this->Append(head.epoch, {refused, this->Applied(2, "b")}).ok());
  const auto entries = this->engine.env().Wait(this->engine.store().Entries({2, 1}));
  ASSERT_TRUE(entries.ok()) << entries.status();
  EXPECT_EQ(*entries, (std::vector<ledger::Entry>{this->Applied(2, "b"), refused}));
}

TYPED_TEST_P(WalletStoreContract, DeposedWriterWritesNothing) {
  const Head old = this->TakeOver();
  const Head head = this->TakeOver();
  EXPECT_EQ(ReasonOf(this->Append(old.epoch, {this->Applied(1, "a")})), "NOT_WRITER");
  ASSERT_TRUE(this->Append(head.epoch, {this->Applied(1, "b")}).ok());
  EXPECT_EQ(ReasonOf(this->Save(old.epoch, {this->SomeRows(), {1, "b"}, {{"b", 1}}, 1})),
            "NOT_WRITER");
  EXPECT_EQ(this->Load({.claims = {"bill/h/v/1"}}).rows.claims.at("bill/h/v/1"), std::nullopt);
  EXPECT_EQ(this->TakeOver().saved_number, 0);
}

TYPED_TEST_P(WalletStoreContract, NumbersFollowWithoutAGap) {
  const Head head = this->TakeOver();
  EXPECT_EQ(ReasonOf(this->Append(head.epoch, {this->Applied(2, "a")})), "NOT_WRITER");
  ASSERT_TRUE(this->Append(head.epoch, {this->Applied(1, "a")}).ok());
  EXPECT_EQ(ReasonOf(this->Append(head.epoch, {this->Applied(1, "b")})), "NOT_WRITER");
}

TYPED_TEST_P(WalletStoreContract, RowsAreReplacedAndFreed) {
  const Head head = this->TakeOver();
  ASSERT_TRUE(this->Append(head.epoch, {this->Applied(1, "a")}).ok());
  ASSERT_TRUE(this->Save(head.epoch, {this->SomeRows(), {1, "a"}, {}, 0}).ok());
  ChangedRows changes;
  changes.accounts = {{"person/p/prior", ledger::Account{1, false, 3}}};
  changes.claims = {{"bill/h/v/1", std::nullopt}};
  changes.counters = {{"number/person/p/lot/r", 8}};
  ASSERT_TRUE(this->Save(head.epoch, {changes, {1, "a"}, {}, 1}).ok());
  const Loaded loaded = this->Load({.accounts = {"person/p/prior"},
                                    .claims = {"bill/h/v/1"},
                                    .counters = {"number/person/p/lot/r"}});
  EXPECT_EQ(loaded.rows.accounts.at("person/p/prior"), (ledger::Account{1, false, 3}));
  EXPECT_EQ(loaded.rows.claims.at("bill/h/v/1"), std::nullopt);
  EXPECT_EQ(loaded.rows.counters.at("number/person/p/lot/r"), 8);
}

TYPED_TEST_P(WalletStoreContract, ReadsInOrder_R19) {
  const Head head = this->TakeOver();
  ASSERT_TRUE(this->Append(head.epoch, {this->Applied(1, "a"), this->Applied(2, "b")}).ok());
  ASSERT_TRUE(this->Save(head.epoch, {this->SomeRows(), {1, "a"}, {}, 0}).ok());
  ManualEnv& env = this->engine.env();
  WalletStore& store = this->engine.store();
  const auto tail = env.Wait(store.Tail(1, 10));
  ASSERT_TRUE(tail.ok());
  EXPECT_EQ(*tail, (std::vector<ledger::Entry>{this->Applied(2, "b")}));
  EXPECT_EQ(env.Wait(store.Tail(0, 1))->size(), 1U);
  EXPECT_TRUE(env.Wait(store.Tail(2, 10))->empty());
  const auto names = [&](const std::string& after, const std::string& before, int limit) {
    std::vector<std::string> found;
    const auto rows = env.Wait(store.Accounts({{after, before, limit}}));
    for (const AccountRow& row : rows->front()) found.push_back(row.name);
    return found;
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(names("person/p/lot/r", "", 10), (Names{"person/p/prior", "provider/h"}));
  EXPECT_EQ(names("person/p/", "person/p0", 10), (Names{"person/p/lot/r", "person/p/prior"}));
  EXPECT_EQ(names("", "", 1), (Names{"person/p/lot/r"}));
}

TYPED_TEST_P(WalletStoreContract, WalksBackwardsByAccount_R19) {
  const Head head = this->TakeOver();
  std::vector<ledger::Entry> entries = {this->Applied(1, "a"), this->Applied(2, "b"),
                                        this->Applied(3, "c"), this->Applied(4, "d")};
  entries[1].rows = {{"outside/x", "person/q/prior", 5, -5, 5, 0, 0}};
  entries[2].rows.front().from_before = 1;
  ASSERT_TRUE(this->Append(head.epoch, entries).ok());
  const auto walk = [&](const std::string& account, int64_t number, int limit) {
    std::vector<int64_t> numbers;
    const auto found = this->engine.env().Wait(this->engine.store().Walk(account, number, limit));
    for (const ledger::Entry& entry : *found) numbers.push_back(entry.number);
    return numbers;
  };
  using Numbers = std::vector<int64_t>;
  EXPECT_EQ(walk("person/p/prior", 4, 10), (Numbers{4, 3, 1}));
  EXPECT_EQ(walk("person/p/prior", 4, 2), (Numbers{4, 3}));
  EXPECT_EQ(walk("person/q/prior", 2, 10), (Numbers{2}));
  EXPECT_EQ(walk("person/q/prior", 3, 10), (Numbers{}));
  EXPECT_EQ(walk("person/q/prior", 0, 10), (Numbers{}));
  EXPECT_EQ(walk("person/q/prior", 9, 10), (Numbers{}));
}

TYPED_TEST_P(WalletStoreContract, SealsEveryEntryFromTheFirstOn_P4) {
  Head head = this->TakeOver();
  ASSERT_TRUE(this->Append(head.epoch, {this->Applied(1, "a"), this->Applied(2, "b")}).ok());
  this->engine.Reopen();
  head = this->TakeOver();
  ASSERT_TRUE(this->Append(head.epoch, {this->Applied(3, "c")}).ok());
  const auto page = this->engine.env().Wait(this->engine.store().Sealed(0, 10));
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->hash, HashKind::kSm3);
  EXPECT_EQ(page->last_number, 3);
  ASSERT_EQ(page->entries.size(), 3U);
  Hasher hasher(HashKind::kSm3);
  Digest chain = Hasher::Genesis();
  for (const SealedEntry& entry : page->entries) {
    EXPECT_TRUE(entry.whole);
    chain = hasher.Chain(chain, entry.number, entry.body);
    EXPECT_EQ(entry.chain, chain);
    ledger::Entry decoded{.number = entry.number};
    EXPECT_TRUE(DecodeEntry(entry.body, decoded));
    EXPECT_EQ(decoded, this->Applied(entry.number, decoded.id));
  }
  const auto second = this->engine.env().Wait(this->engine.store().Sealed(1, 1));
  ASSERT_EQ(second->entries.size(), 1U);
  EXPECT_EQ(second->entries.front(), page->entries[1]);
  EXPECT_EQ(second->last_number, 3);
}

TYPED_TEST_P(WalletStoreContract, ShowsItsTables) {
  const Head head = this->TakeOver();
  ASSERT_TRUE(this->Append(head.epoch, {this->Applied(1, "a"), this->Applied(2, "b")}).ok());
  ASSERT_TRUE(
      this->Save(head.epoch, {this->SomeRows(), {2, "b"}, {{"~", 1}, {"\xe5\x85\xb1", 2}}, 1})
          .ok());
  const auto stored = [&](Table table, const std::string& after, int limit) {
    auto page = this->engine.env().Wait(this->engine.store().Stored(table, after, limit));
    EXPECT_EQ(page->saved_number, 1);
    EXPECT_EQ(page->newest_number, 2);
    return page->rows;
  };
  using Found = std::vector<TableRow>;
  EXPECT_EQ(stored(Table::kAccounts, "person/p/lot/r", 1),
            (Found{{"person/p/prior", ledger::Account{4, false, 2}}}));
  EXPECT_EQ(stored(Table::kAccounts, "", 9).size(), 3U);
  EXPECT_EQ(
      stored(Table::kPersons, "", 9),
      (Found{{"p", ledger::Person{2026, true, ledger::Residence::kLeft, "clearing/1/2", "q"}}}));
  EXPECT_EQ(stored(Table::kClaims, "", 9), (Found{{"bill/h/v/1", "op"}}));
  EXPECT_EQ(stored(Table::kCounters, "", 9), (Found{{"number/person/p/lot/r", int64_t{7}}}));
  EXPECT_EQ(stored(Table::kIds, "", 9), (Found{{"~", int64_t{1}}, {"\xe5\x85\xb1", int64_t{2}}}));
  EXPECT_EQ(stored(Table::kIds, "~", 9).size(), 1U);
}

REGISTER_TYPED_TEST_SUITE_P(WalletStoreContract, EmptyStoreHasNothing,
                            WhatIsAppendedIsThereAfterReopening_P10,
                            WhatIsSavedIsThereAfterReopening, RefusalsKeepReasonAndMetadata_P8,
                            DeposedWriterWritesNothing, NumbersFollowWithoutAGap,
                            RowsAreReplacedAndFreed, ReadsInOrder_R19, WalksBackwardsByAccount_R19,
                            SealsEveryEntryFromTheFirstOn_P4, ShowsItsTables);

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_TESTING_WALLET_STORE_CONTRACT_H_
