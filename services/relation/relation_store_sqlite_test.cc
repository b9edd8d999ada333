#include "services/relation/relation_store_sqlite.h"

#include "services/common/sql/sqlite/sqlite_database.h"
#include "services/relation/testing/relation_store_contract.h"

namespace gongji::relation {
namespace {

class SqliteDisk final : public StoreDisk {
 public:
  explicit SqliteDisk(ManualEnv& env)
      : env_(env), database_(sql::Database::OpenSqlite({.path = ":memory:"}).value()) {}
  std::unique_ptr<RelationStore> Open() override {
    // One dossier in memory: every test also goes through reads from the tables.
    return NewSqliteRelationStore(env_, scope_, worker_, *database_, {.max_cached_dossiers = 1})
        .value();
  }

 private:
  ManualEnv& env_;
  InlineWorker worker_;
  TaskScope scope_;
  std::unique_ptr<sql::Database> database_;
};

INSTANTIATE_TEST_SUITE_P(Sqlite, RelationStoreContract,
                         testing::Values(Engine{
                             "Sqlite",
                             [](ManualEnv& env) { return std::make_unique<SqliteDisk>(env); }}),
                         [](const auto& info) { return std::string(info.param.name); });

// Only a file shows both times of a fact.
TEST(SqliteRelationStoreTest, R02FactsKeepWhatWasKnownWhen) {
  ManualEnv env;
  InlineWorker worker;
  TaskScope scope;
  const auto database = sql::Database::OpenSqlite({.path = ":memory:"}).value();
  const auto store = NewSqliteRelationStore(env, scope, worker, *database).value();
  ASSERT_TRUE(env.Wait(store->TakeOver()).ok());
  FakePeers peers;
  Relations relations(env, *store, peers, ShippedPolicy());
  int request = 0;
  const auto write = [&](Command command) {
    std::vector<WriteRequest> one;
    one.push_back({std::to_string(++request), std::move(command)});
    return env.Wait(relations.Write({.identity = "x"}, std::move(one), env.Now()))[0].value().id;
  };
  write(RegisterPerson{.person = MakePerson("a", "310", kShanghai)});
  write(RegisterPerson{.person = MakePerson("b", "310", kShanghai)});
  Fact marriage;
  marriage.kind = FactKind::kMarriage;
  marriage.psn_no = "a";
  marriage.other_psn_no = "b";
  marriage.source = "marriage register";
  const std::string id = write(RecordFact{marriage});
  env.Advance(absl::Hours(1));
  write(EndFact{id, Day("2026-01-01"), EvidenceLevel::kRegistry, "divorce register"});

  std::vector<std::string> states;
  ASSERT_TRUE(database
                  ->Prepared("SELECT version, valid_to, source, replaced_at - recorded_at "
                             "FROM facts ORDER BY version")
                  .ForEach([&](const sql::Statement& row) {
                    states.push_back(row.Text(0) + "|" + row.Text(1) + "|" + row.Text(2) + "|" +
                                     row.Text(3));
                  })
                  .ok());
  EXPECT_EQ(states, (std::vector<std::string>{"1||marriage register|3600000",
                                              "2|2026-01-01|divorce register|"}));
}

}  // namespace
}  // namespace gongji::relation
