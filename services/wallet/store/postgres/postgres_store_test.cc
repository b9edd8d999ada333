// The contracts of wallet and lease stores on PostgreSQL, and what only this engine has: damaged
// rows, lost answers, restarts of the server, constraints of the schema.
#include "services/wallet/store/postgres/postgres_store.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/common/sql/postgres/postgres.h"
#include "services/common/testing/fault_proxy.h"
#include "services/common/testing/postgres_server.h"
#include "services/common/testing/temporary_folder.h"
#include "services/wallet/store/postgres/lease.h"
#include "services/wallet/testing/lease_store_contract.h"
#include "services/wallet/testing/wallet_store_contract.h"
#include "services/wallet/wallet.h"

namespace gongji::wallet {
namespace {

// One server for all tests of this process; each has a database of its own.
sql::PostgresServer& Server() {
  static sql::PostgresServer server;
  return server;
}

class PostgresEngine {
 public:
  PostgresEngine() { Reopen(); }
  ManualEnv& env() { return env_; }
  WalletStore& store() { return *store_; }
  void Reopen() { store_ = Open(); }
  std::unique_ptr<WalletStore> Open() {
    return *OpenPostgresWalletStore(env_, AllOn(worker_), {.connection = database_, .hash = hash_});
  }
  // The hash of a journal that is created at the next opening.
  void SetHash(HashKind hash) { hash_ = hash; }
  // Runs SQL that the store does not know of.
  void Run(const std::string& sql) {
    sql::Postgres postgres({.connection = database_});
    ASSERT_TRUE(postgres.Script(sql).ok());
  }
  const std::string& database() const { return database_; }

 private:
  const std::string database_ = Server().NewDatabase();
  ManualEnv env_;
  InlineWorker worker_;
  HashKind hash_ = HashKind::kSm3;
  std::unique_ptr<WalletStore> store_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Postgres, WalletStoreContract, PostgresEngine);

class PostgresLeases {
 public:
  ManualEnv& env() { return engine_.env(); }
  LeaseStore& one() { return *one_; }
  LeaseStore& other() { return *other_; }
  // All tests share the database's clock, so the lease is moved instead.
  void Expire() { engine_.Run("UPDATE lease SET until_ms = until_ms - 7200000"); }

 private:
  std::unique_ptr<LeaseStore> Open() {
    return OpenPostgresLeaseStore(engine_.env(), worker_, engine_.database());
  }

  PostgresEngine engine_;
  InlineWorker worker_;
  const std::unique_ptr<LeaseStore> one_ = Open();
  const std::unique_ptr<LeaseStore> other_ = Open();
};

INSTANTIATE_TYPED_TEST_SUITE_P(Postgres, LeaseStoreContract, PostgresLeases);

using PostgresStoreTest = WalletStoreContract<PostgresEngine>;

class DamagedPostgres : public PostgresStoreTest, public testing::WithParamInterface<Damage> {};

TEST_P(DamagedPostgres, IsNotServed_P14) {
  Fill();
  EXPECT_TRUE(engine.env().Wait(engine.store().Load(GetParam().keys)).ok());
  engine.Run(GetParam().sql);
  const auto loaded = engine.env().Wait(engine.store().Load(GetParam().keys));
  EXPECT_EQ(ReasonOf(loaded.status()), "ROW_DAMAGED");
}

INSTANTIATE_TEST_SUITE_P(Each, DamagedPostgres, testing::ValuesIn(DamagedRows()),
                         [](const auto& param) { return std::string(param.param.name); });

TEST_F(PostgresStoreTest, DamagedJournalIsNotServed_P14) {
  Fill();
  engine.Run("DROP TRIGGER entries_stay ON entries");
  engine.Run("UPDATE entries SET body = set_byte(body, 30, 0) WHERE number = 2");
  EXPECT_EQ(ReasonOf(engine.env().Wait(engine.store().Entries({2})).status()), "ROW_DAMAGED");
  EXPECT_EQ(ReasonOf(engine.env().Wait(engine.store().Tail(0, 10)).status()), "ROW_DAMAGED");
  EXPECT_TRUE(engine.env().Wait(engine.store().Entries({1, 3})).ok());
  for (const char* sql :
       {"DELETE FROM entries WHERE number = 2", "DELETE FROM entries WHERE number = 3"}) {
    engine.Run(sql);
    EXPECT_EQ(ReasonOf(engine.env().Wait(engine.store().Tail(0, 10)).status()), "ROW_DAMAGED");
  }
  EXPECT_EQ(ReasonOf(engine.env().Wait(engine.store().TakeOver()).status()), "ROW_DAMAGED");
}

TEST_F(PostgresStoreTest, HashIsChosenOnce) {
  engine.SetHash(HashKind::kSha256);
  engine.Reopen();
  EXPECT_EQ(TakeOver().hash, HashKind::kSha256);
  engine.SetHash(HashKind::kSm3);
  engine.Reopen();
  EXPECT_EQ(TakeOver().hash, HashKind::kSha256);
}

// Names as callers may send them.
TEST_F(PostgresStoreTest, NamesMayHaveAnyCharacters) {
  const std::string name = std::string("person/\xe5\x85\xb1\xff\0'\"\\{},NULL/prior", 28);
  const Head head = TakeOver();
  ASSERT_TRUE(Append(head.epoch, {Applied(1, name)}).ok());
  ChangedRows rows;
  rows.accounts = {{name, ledger::Account{4, false, 1}}};
  rows.claims = {{name, name}};
  rows.counters = {{name, 3}};
  ASSERT_TRUE(Save(head.epoch, {rows, {1, name}, {{name, 1}}, 1}).ok());
  const Loaded loaded =
      Load({.accounts = {name}, .claims = {name}, .counters = {name}, .ids = {name}});
  EXPECT_EQ(loaded.rows.accounts.at(name), (ledger::Account{4, false, 1}));
  EXPECT_EQ(loaded.rows.claims.at(name), name);
  EXPECT_EQ(loaded.rows.counters.at(name), 3);
  EXPECT_EQ(loaded.numbers.at(name), 1);
  EXPECT_EQ(TakeOver().newest, (Anchor{1, name}));
  EXPECT_EQ(engine.env().Wait(engine.store().Entries({1}))->front().id, name);
}

// Two stores on one database, as of two processes.
TEST_F(PostgresStoreTest, DeposedProcessWritesNothing) {
  const Head old = TakeOver();
  const auto other = engine.Open();
  const Head head = *engine.env().Wait(other->TakeOver());
  EXPECT_EQ(head.epoch, old.epoch + 1);
  EXPECT_EQ(ReasonOf(Append(old.epoch, {Applied(1, "a")})), "NOT_WRITER");
  EXPECT_EQ(ReasonOf(Save(old.epoch, {SomeRows(), {1, "a"}, {{"a", 1}}, 1})), "NOT_WRITER");
  EXPECT_EQ(Load({.persons = {"p"}}).rows.persons.at("p"), std::nullopt);
  EXPECT_EQ(TakeOver().last_number, 0);
}

// A server that restarts is no reason for a batch to fail.
TEST_F(PostgresStoreTest, ServerMayRestart) {
  const Head head = TakeOver();
  ASSERT_TRUE(Append(head.epoch, {Applied(1, "a")}).ok());
  Server().Restart();
  EXPECT_EQ(engine.env().Wait(engine.store().Tail(0, 10))->size(), 1U);
  EXPECT_TRUE(Append(head.epoch, {Applied(2, "b")}).ok());
  EXPECT_FALSE(Save(head.epoch, {SomeRows(), {2, "b"}, {{"a", 1}, {"b", 2}}, 2}).ok());
  EXPECT_TRUE(Save(head.epoch, {SomeRows(), {2, "b"}, {{"a", 1}, {"b", 2}}, 2}).ok());
  EXPECT_EQ(engine.env().Wait(engine.store().Tail(0, 10))->size(), 2U);
  EXPECT_EQ(TakeOver().saved_number, 2);
}

// A store whose connection to the server breaks where the test wants.
class LostAnswers : public PostgresStoreTest, public testing::WithParamInterface<sql::Fault> {
 public:
  ~LostAnswers() override {
    store_ = nullptr;
    std::filesystem::remove_all(folder_);
  }

 protected:
  absl::Status Append(int64_t epoch, std::vector<ledger::Entry> entries) {
    const int64_t first = entries.front().number;
    return engine.env().Wait(store_->Append(
        epoch, first, std::make_shared<const std::vector<ledger::Entry>>(std::move(entries))));
  }
  absl::Status Save(int64_t epoch, Slice slice) {
    return engine.env().Wait(store_->Save(epoch, std::make_shared<const Slice>(std::move(slice))));
  }

  const std::filesystem::path folder_ = MakeTemporaryFolder();
  sql::FaultProxy proxy_{folder_ / ".s.PGSQL.5432", Server().socket()};
  InlineWorker worker_;
  std::unique_ptr<WalletStore> store_ = *OpenPostgresWalletStore(
      engine.env(), AllOn(worker_),
      {.connection = sql::PostgresServer::Through(folder_, engine.database())});
};

// Whatever became of the COMMIT, the caller gets a true answer, and what arrives late is refused.
TEST_P(LostAnswers, AppendsHappenOnce_P10) {
  const Head head = *engine.env().Wait(store_->TakeOver());
  std::vector<ledger::Entry> all;
  for (int64_t number = 1; number <= 20; ++number) {
    all.push_back(Applied(number, absl::StrCat("id", number)));
    proxy_.Next(number % 2 == 0 ? GetParam() : sql::Fault::kNone);
    const absl::Status appended = Append(head.epoch, {all.back()});
    EXPECT_TRUE(appended.ok()) << number << " " << appended;
    if (number % 3 == 0) proxy_.Release();
  }
  proxy_.Release();
  EXPECT_EQ(*engine.env().Wait(store_->Tail(0, 100)), all);
  EXPECT_EQ(engine.env().Wait(store_->TakeOver())->last_number, 20);
}

// A save that comes late must not put older rows over newer ones.
TEST_P(LostAnswers, SavesHappenInOrder) {
  const Head head = *engine.env().Wait(store_->TakeOver());
  ASSERT_TRUE(Append(head.epoch, {Applied(1, "a"), Applied(2, "b")}).ok());
  ChangedRows rows;
  rows.accounts = {{"provider/h", ledger::Account{1, false, 1}}};
  ASSERT_TRUE(Save(head.epoch, {rows, {1, "a"}, {{"a", 1}}, 1}).ok());
  rows.accounts = {{"provider/h", ledger::Account{2, false, 1}}};
  proxy_.Next(GetParam());
  const bool saved = Save(head.epoch, {rows, {2, "b"}, {{"b", 2}}, 2}).ok();
  EXPECT_EQ(saved, GetParam() == sql::Fault::kCutAnswer);
  EXPECT_EQ(Load({.accounts = {"provider/h"}}).rows.accounts.at("provider/h")->balance_fen,
            saved ? 2 : 1);
  rows.accounts = {{"provider/h", ledger::Account{3, false, 1}}};
  ASSERT_TRUE(Save(head.epoch, {rows, {2, "b"}, {{"b", 2}}, 2}).ok());
  proxy_.Release();
  EXPECT_EQ(Load({.accounts = {"provider/h"}}).rows.accounts.at("provider/h")->balance_fen, 3);
}

std::string NameOfFault(const testing::TestParamInfo<sql::Fault>& fault) {
  if (fault.param == sql::Fault::kCutRequest) return "CutRequest";
  return fault.param == sql::Fault::kCutAnswer ? "CutAnswer" : "HoldRequest";
}

INSTANTIATE_TEST_SUITE_P(Each, LostAnswers,
                         testing::Values(sql::Fault::kCutRequest, sql::Fault::kCutAnswer,
                                         sql::Fault::kHoldRequest),
                         NameOfFault);

// Nobody knows whether the entries were written, so this process writes nothing after them.
class UnknownFate : public LostAnswers {};

TEST_P(UnknownFate, WhoCannotFindOutWritesNothingMore_P10) {
  const Head head = *engine.env().Wait(store_->TakeOver());
  ASSERT_TRUE(Append(head.epoch, {Applied(1, "a")}).ok());
  const std::filesystem::path socket = folder_ / ".s.PGSQL.5432";
  const std::filesystem::path elsewhere = folder_ / "elsewhere";
  std::filesystem::rename(socket, elsewhere);
  proxy_.Next(GetParam());
  EXPECT_EQ(Append(head.epoch, {Applied(2, "b")}).code(), absl::StatusCode::kUnavailable);
  std::filesystem::rename(elsewhere, socket);
  EXPECT_EQ(ReasonOf(Append(head.epoch, {Applied(2, "c")})), "NOT_WRITER");
  const Head next = *engine.env().Wait(store_->TakeOver());
  const auto entries = engine.env().Wait(store_->Tail(0, 10));
  ASSERT_TRUE(entries.ok()) << entries.status();
  EXPECT_EQ(std::ssize(*entries), next.last_number);
  ASSERT_EQ(next.last_number, 2);
  EXPECT_EQ(entries->back().id, "b");
}

// One fault is enough, because the wait for the server takes some seconds.
INSTANTIATE_TEST_SUITE_P(Each, UnknownFate, testing::Values(sql::Fault::kCutAnswer), NameOfFault);

using PostgresStoreDeathTest = PostgresStoreTest;

// The schema repeats what the rules guarantee: a writer that gets it wrong is stopped.
TEST_F(PostgresStoreDeathTest, SchemaKeepsPersonsAboveZero_P3) {
  const Head head = TakeOver();
  ASSERT_TRUE(Append(head.epoch, {Applied(1, "a")}).ok());
  ChangedRows rows;
  rows.accounts = {{"person/p/prior", ledger::Account{-1, false, 1}}};
  EXPECT_DEATH(Save(head.epoch, {rows, {1, "a"}, {}, 1}).IgnoreError(),
               "violates check constraint");
}

TEST_F(PostgresStoreDeathTest, EntriesAreNeverChanged_P4) {
  Fill();
  EXPECT_DEATH(engine.Run("UPDATE entries SET sum = 2"), "entries are never");
  EXPECT_DEATH(engine.Run("DELETE FROM entries"), "entries are never");
  EXPECT_DEATH(engine.Run("TRUNCATE entries"), "entries are never");
}

}  // namespace
}  // namespace gongji::wallet
