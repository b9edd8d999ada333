#include "services/relation/relation_store_sqlite.h"

#include "absl/strings/str_join.h"
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

// What only the file shows.
class SqliteRelationStoreTest : public testing::Test {
 protected:
  SqliteRelationStoreTest() { EXPECT_TRUE(env_.Wait(store_->TakeOver()).ok()); }

  std::string Write(Command command) {
    std::vector<WriteRequest> one;
    one.push_back({std::to_string(++requests_), std::move(command)});
    return env_.Wait(relations_.Write(caller_, std::move(one), env_.Now()))[0].value().id;
  }
  // The columns of each row, with a bar between two.
  std::vector<std::string> Rows(const std::string& select, int columns) {
    std::vector<std::string> rows;
    const auto add = [&](const sql::Statement& row) {
      std::vector<std::string> texts;
      for (int column = 0; column < columns; ++column) texts.push_back(row.Text(column));
      rows.push_back(absl::StrJoin(texts, "|"));
    };
    EXPECT_TRUE(database_->Prepared(select).ForEach(add).ok());
    return rows;
  }

  ManualEnv env_;
  InlineWorker worker_;
  TaskScope scope_;
  const std::unique_ptr<sql::Database> database_ =
      sql::Database::OpenSqlite({.path = ":memory:"}).value();
  const std::unique_ptr<RelationStore> store_ =
      NewSqliteRelationStore(env_, scope_, worker_, *database_).value();
  FakePeers peers_;
  Relations relations_{env_, *store_, peers_, ShippedPolicy()};
  Caller caller_{.identity = "platform",
                 .area = kShanghai,
                 .channel = "window",
                 .operator_id = "clerk 7",
                 .consent_document = "letter 3"};
  int requests_ = 0;
};

TEST_F(SqliteRelationStoreTest, R08TheOriginOfAWriteIsKept) {
  Write(RegisterPerson{.person = MakePerson("a", "310", kShanghai)});
  EXPECT_EQ(Rows("SELECT caller, request_id, channel, operator_id, consent_document, revision "
                 "FROM requests",
                 6),
            std::vector<std::string>{"platform|1|window|clerk 7|letter 3|1"});
}

// For whoever looks into the file, and for the indexes.
TEST_F(SqliteRelationStoreTest, RowsSayWhatIsInTheirBytes) {
  Write(RegisterPerson{.person = MakePerson("a", "310", kShanghai)});
  Write(RegisterPerson{.person = MakePerson("b", "390", kShanghai)});
  Write(RecordFact{Birth("a", "b", ParentRole::kMother)});
  peers_.prior_fen["a"] = 100;
  const std::string network =
      Write(CreateNetwork{.network_id = "", .organiser = "a", .scope = Scope::kInProvince});
  const std::string relation = Write(
      AddMember{.relation_id = "", .network_id = network, .member = "b", .modes = {UseMode::kPay}});
  const std::string begun = std::to_string(absl::ToUnixMillis(env_.Now()));
  const auto seats = [&] { return Rows("SELECT psn_no, network_id FROM seats ORDER BY 1", 2); };
  EXPECT_EQ(seats(), (std::vector<std::string>{"a|" + network, "b|" + network}));
  env_.Advance(absl::Hours(1));
  Write(EndMembership{relation, "b"});
  EXPECT_EQ(seats(), std::vector<std::string>{"a|" + network});
  const std::string ended = std::to_string(absl::ToUnixMillis(env_.Now()));
  EXPECT_EQ(Rows("SELECT psn_no, version, certificate_type, certificate_number FROM persons "
                 "ORDER BY psn_no",
                 4),
            (std::vector<std::string>{"a|5|01|11010519491231002X", "b|4|01|11010519491231002X"}));
  EXPECT_EQ(Rows("SELECT relation_id, network_id, giver, receiver, scope, bound_at, ended_at "
                 "FROM relations",
                 7),
            std::vector<std::string>{
                absl::StrJoin({relation, network, std::string("a|b|1"), begun, ended}, "|")});
}

TEST_F(SqliteRelationStoreTest, R02FactsKeepWhatWasKnownWhen) {
  Write(RegisterPerson{.person = MakePerson("a", "310", kShanghai)});
  Write(RegisterPerson{.person = MakePerson("b", "310", kShanghai)});
  Fact marriage;
  marriage.kind = FactKind::kMarriage;
  marriage.psn_no = "a";
  marriage.other_psn_no = "b";
  marriage.source = "marriage register";
  const std::string id = Write(RecordFact{marriage});
  env_.Advance(absl::Hours(1));
  Write(EndFact{id, Day("2026-01-01"), EvidenceLevel::kRegistry, "divorce register"});
  EXPECT_EQ(
      Rows("SELECT version, valid_to, source, replaced_at - recorded_at FROM facts "
           "ORDER BY version",
           4),
      (std::vector<std::string>{"1||marriage register|3600000", "2|2026-01-01|divorce register|"}));
}

}  // namespace
}  // namespace gongji::relation
