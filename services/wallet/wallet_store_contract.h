// What every wallet store promises, as tests. A fixture derives from WalletStoreContract's world:
//
//   struct Engine { Env& env(); WalletStore& store(); void Reopen(); };
//   INSTANTIATE_TYPED_TEST_SUITE_P(Memory, WalletStoreContract, Engine);
#ifndef GONGJI_SERVICES_WALLET_WALLET_STORE_CONTRACT_H_
#define GONGJI_SERVICES_WALLET_WALLET_STORE_CONTRACT_H_

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "services/common/manual_env.h"
#include "services/reasons/reasons.h"
#include "services/wallet/wallet_store.h"

namespace gongji::wallet {

template <class Engine>
class WalletStoreContract : public testing::Test {
 protected:
  static Entry Applied(int64_t number, const std::string& id) {
    Entry entry;
    entry.number = number;
    entry.id = id;
    entry.at = absl::FromUnixMillis(1'772'415'000'000 + number);
    entry.fingerprint = std::string("\x00\x01print", 7);
    entry.moves = {{.tag = "own",
                    .amount_fen = 5,
                    .balance_seen_fen = 9,
                    .stop = Stop::kKept,
                    .credited = "provider/h",
                    .year = 2026,
                    .lot_number = 3}};
    entry.claims = {{"bill/h/v/1", {"op", ""}}};
    entry.rows = {{"person/p/prior", "provider/h", 5, 4, 5}};
    return entry;
  }

  absl::Status Append(int64_t epoch, std::vector<Entry> entries, Rows changes) {
    const int64_t first = entries.front().number;
    return engine.env().Wait(
        engine.store().Append(epoch, first, std::move(entries), std::move(changes)));
  }
  Head TakeOver() { return *engine.env().Wait(engine.store().TakeOver()); }
  Loaded Load(Keys keys) { return *engine.env().Wait(engine.store().Load(std::move(keys))); }

  static Rows SomeRows() {
    Rows rows;
    rows.accounts["person/p/prior"] = Account{4, false};
    rows.accounts["person/p/lot/r"] = Account{0, true};
    rows.accounts["provider/h"] = Account{5, false};
    rows.persons["p"] = Person{2026, true};
    rows.claims["bill/h/v/1"] = "op";
    rows.counters["number/person/p/lot/r"] = 7;
    return rows;
  }

  Engine engine;
};

TYPED_TEST_SUITE_P(WalletStoreContract);

TYPED_TEST_P(WalletStoreContract, EmptyStoreHasNothing) {
  const Head head = this->TakeOver();
  EXPECT_EQ(head.epoch, 1);
  EXPECT_EQ(head.last_number, 0);
  const Loaded loaded = this->Load({.accounts = {"person/p/prior"},
                                    .persons = {"p"},
                                    .claims = {"k"},
                                    .counters = {"c"},
                                    .ids = {"id"}});
  EXPECT_EQ(loaded.rows.accounts.at("person/p/prior"), std::nullopt);
  EXPECT_EQ(loaded.rows.persons.at("p"), std::nullopt);
  EXPECT_EQ(loaded.rows.claims.at("k"), std::nullopt);
  EXPECT_EQ(loaded.rows.counters.at("c"), std::nullopt);
  EXPECT_TRUE(loaded.entries.empty());
}

TYPED_TEST_P(WalletStoreContract, WhatIsAppendedIsThereAfterReopening_P10) {
  const Head head = this->TakeOver();
  const std::vector<Entry> entries = {this->Applied(1, "a"), this->Applied(2, "b")};
  ASSERT_TRUE(this->Append(head.epoch, entries, this->SomeRows()).ok());
  this->engine.Reopen();
  const Head again = this->TakeOver();
  EXPECT_EQ(again.epoch, 2);
  EXPECT_EQ(again.last_number, 2);
  EXPECT_EQ(again.last_at, entries[1].at);
  Loaded loaded = this->Load({.accounts = {"person/p/prior", "person/p/lot/r", "other"},
                              .persons = {"p"},
                              .claims = {"bill/h/v/1"},
                              .counters = {"number/person/p/lot/r"},
                              .ids = {"b", "z"}});
  EXPECT_EQ(loaded.rows.accounts["person/p/prior"], (Account{4, false}));
  EXPECT_EQ(loaded.rows.accounts["person/p/lot/r"], (Account{0, true}));
  EXPECT_EQ(loaded.rows.accounts["other"], std::nullopt);
  EXPECT_EQ(loaded.rows.persons["p"], (Person{2026, true}));
  EXPECT_EQ(loaded.rows.claims["bill/h/v/1"], "op");
  EXPECT_EQ(loaded.rows.counters["number/person/p/lot/r"], 7);
  ASSERT_EQ(loaded.entries.size(), 1U);
  EXPECT_EQ(loaded.entries["b"].moves, entries[1].moves);
  EXPECT_EQ(loaded.entries["b"].claims, entries[1].claims);
  EXPECT_EQ(loaded.entries["b"].fingerprint, entries[1].fingerprint);
}

TYPED_TEST_P(WalletStoreContract, RefusalsKeepReasonAndMetadata_P8) {
  const Head head = this->TakeOver();
  Entry refused = this->Applied(1, "a");
  refused.outcome = Outcome::kRefused;
  refused.rows.clear();
  refused.moves.clear();
  refused.status = Refuse(reason::kInsufficientFunds, {{"available_fen", "3"}});
  ASSERT_TRUE(this->Append(head.epoch, {refused}, {}).ok());
  const Loaded loaded = this->Load({.ids = {"a"}});
  EXPECT_EQ(loaded.entries.at("a").status, refused.status);
  EXPECT_EQ(loaded.entries.at("a").outcome, Outcome::kRefused);
}

TYPED_TEST_P(WalletStoreContract, DeposedWriterWritesNothing) {
  const Head old = this->TakeOver();
  const Head head = this->TakeOver();
  const absl::Status refused = this->Append(old.epoch, {this->Applied(1, "a")}, this->SomeRows());
  EXPECT_EQ(ReasonOf(refused), "NOT_WRITER");
  EXPECT_TRUE(this->Load({.ids = {"a"}}).entries.empty());
  EXPECT_TRUE(this->Append(head.epoch, {this->Applied(1, "b")}, {}).ok());
}

TYPED_TEST_P(WalletStoreContract, NumbersFollowWithoutAGap) {
  const Head head = this->TakeOver();
  EXPECT_EQ(ReasonOf(this->Append(head.epoch, {this->Applied(2, "a")}, {})), "NOT_WRITER");
  ASSERT_TRUE(this->Append(head.epoch, {this->Applied(1, "a")}, {}).ok());
  EXPECT_EQ(ReasonOf(this->Append(head.epoch, {this->Applied(1, "b")}, {})), "NOT_WRITER");
}

TYPED_TEST_P(WalletStoreContract, RowsAreReplacedAndFreed) {
  const Head head = this->TakeOver();
  ASSERT_TRUE(this->Append(head.epoch, {this->Applied(1, "a")}, this->SomeRows()).ok());
  Rows changes;
  changes.accounts["person/p/prior"] = Account{1, false};
  changes.claims["bill/h/v/1"] = std::nullopt;
  changes.counters["number/person/p/lot/r"] = 8;
  ASSERT_TRUE(this->Append(head.epoch, {this->Applied(2, "b")}, changes).ok());
  const Loaded loaded = this->Load({.accounts = {"person/p/prior"},
                                    .claims = {"bill/h/v/1"},
                                    .counters = {"number/person/p/lot/r"}});
  EXPECT_EQ(loaded.rows.accounts.at("person/p/prior"), (Account{1, false}));
  EXPECT_EQ(loaded.rows.claims.at("bill/h/v/1"), std::nullopt);
  EXPECT_EQ(loaded.rows.counters.at("number/person/p/lot/r"), 8);
}

TYPED_TEST_P(WalletStoreContract, ReadsInOrder_R19) {
  const Head head = this->TakeOver();
  ASSERT_TRUE(
      this->Append(head.epoch, {this->Applied(1, "a"), this->Applied(2, "b")}, this->SomeRows())
          .ok());
  ManualEnv& env = this->engine.env();
  WalletStore& store = this->engine.store();
  const auto tail = env.Wait(store.Tail(1, 10));
  ASSERT_TRUE(tail.ok());
  ASSERT_EQ(tail->size(), 1U);
  EXPECT_EQ(tail->front(), this->Applied(2, "b"));
  const auto accounts = env.Wait(store.Accounts("person/p/lot/r", 10));
  ASSERT_TRUE(accounts.ok());
  EXPECT_EQ(accounts->second, 2);
  ASSERT_EQ(accounts->first.size(), 2U);
  EXPECT_EQ(accounts->first[0].name, "person/p/prior");
  EXPECT_EQ(accounts->first[1].name, "provider/h");
  const auto persons = env.Wait(store.Persons({"p", "nobody"}));
  ASSERT_TRUE(persons.ok());
  EXPECT_TRUE(persons->first[0].person.wallet_open);
  EXPECT_EQ(persons->first[0].accounts.size(), 2U);
  EXPECT_TRUE(persons->first[1].accounts.empty());
}

REGISTER_TYPED_TEST_SUITE_P(WalletStoreContract, EmptyStoreHasNothing,
                            WhatIsAppendedIsThereAfterReopening_P10,
                            RefusalsKeepReasonAndMetadata_P8, DeposedWriterWritesNothing,
                            NumbersFollowWithoutAGap, RowsAreReplacedAndFreed, ReadsInOrder_R19);

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_WALLET_STORE_CONTRACT_H_
