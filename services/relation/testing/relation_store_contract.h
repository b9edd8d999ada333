// What every relation store promises, as tests; each implementation instantiates them.
#ifndef GONGJI_SERVICES_RELATION_TESTING_RELATION_STORE_CONTRACT_H_
#define GONGJI_SERVICES_RELATION_TESTING_RELATION_STORE_CONTRACT_H_

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "services/common/errors/reasons.h"
#include "services/relation/relation_store.h"
#include "services/relation/testing/test_family.h"

namespace gongji::relation {

// A place where a store's data outlives the store.
class StoreDisk {
 public:
  virtual ~StoreDisk() = default;
  // Opens a store over the existing data; stores that were opened before stay usable, like a
  // process that does not know that it was replaced.
  virtual std::unique_ptr<RelationStore> Open() = 0;
};

struct Engine {
  const char* name;
  std::function<std::unique_ptr<StoreDisk>(ManualEnv&)> make;
};

class RelationStoreContract : public testing::TestWithParam<Engine> {
 protected:
  RelationStoreContract() : disk_(GetParam().make(env_)), store_(Open()) {}

  std::unique_ptr<RelationStore> Open() {
    std::unique_ptr<RelationStore> store = disk_->Open();
    EXPECT_TRUE(env_.Wait(store->TakeOver()).ok());
    return store;
  }

  absl::StatusOr<int64_t> Commit(CommitUnit unit) {
    return env_.Wait(store_->Commit({std::move(unit)}))[0];
  }
  Snapshot Load(Keys keys) { return env_.Wait(store_->Load(std::move(keys))).value(); }
  std::shared_ptr<const Dossier> Person(const std::string& psn_no) {
    return Load({.persons = {psn_no}}).persons[psn_no];
  }

  // A unit that registers a new person.
  CommitUnit NewPerson(const std::string& psn_no) {
    CommitUnit unit;
    unit.expected = {{psn_no, 0}};
    unit.changes.person = MakePerson(psn_no, "310", kShanghai);
    unit.at = env_.BusinessNow();
    return unit;
  }

  // Mother and son with a network, a relation, a fact and seats, in one unit.
  CommitUnit NewFamily() {
    CommitUnit unit;
    unit.expected = {{"mother", 1}, {"son", 1}};
    unit.at = At("2026-03-02T10:00:00+08:00");
    unit.changes.facts.push_back({.fact_id = "f",
                                  .kind = FactKind::kParenthood,
                                  .psn_no = "mother",
                                  .other_psn_no = "son",
                                  .role = ParentRole::kMother,
                                  .evidence = EvidenceLevel::kDocument,
                                  .source = "birth certificate",
                                  .from = Day("2015-05-05"),
                                  .until = std::nullopt,
                                  .recorded_at = unit.at});
    unit.changes.networks.push_back({.network_id = "n",
                                     .scope = Scope::kInProvince,
                                     .organiser = "mother",
                                     .area = kShanghai,
                                     .created_at = unit.at,
                                     .dissolved_at = std::nullopt});
    unit.changes.relations.push_back(NewRelation("r"));
    unit.changes.seats_taken = {{"mother", "n"}, {"son", "n"}};
    return unit;
  }
  Relation NewRelation(const std::string& id) {
    return {.relation_id = id,
            .version = 1,
            .network_id = "n",
            .scope = Scope::kInProvince,
            .giver = "mother",
            .receiver = "son",
            .giver_area = kShanghai,
            .receiver_area = kShanghai,
            .kin = Kin::kChild,
            .filed_order = 3,
            .modes = {{At("2026-03-02T10:00:00+08:00"), {UseMode::kPay, UseMode::kPremium}}},
            .added_at = At("2026-03-02T10:00:00+08:00"),
            .ended_at = std::nullopt,
            .end_cause = EndCause::kNone};
  }
  void CommitFamily() {
    ASSERT_TRUE(Commit(NewPerson("mother")).ok());
    ASSERT_TRUE(Commit(NewPerson("son")).ok());
    ASSERT_TRUE(Commit(NewFamily()).ok());
  }

  // Commits on the first version of a person.
  Task<void> Compete(int* won, int* lost) {
    CommitUnit unit = NewPerson("a");
    unit.expected = {{"a", 1}};
    const auto results = co_await store_->Commit({unit});
    ++*(results[0].ok() ? won : lost);
  }

  ManualEnv env_;
  std::unique_ptr<StoreDisk> disk_;
  std::unique_ptr<RelationStore> store_;
};

TEST_P(RelationStoreContract, WhatIsNotThereIsMissing) {
  const Snapshot snapshot = Load({.persons = {"nobody"},
                                  .networks = {"n"},
                                  .relations = {"r"},
                                  .facts = {"f"},
                                  .requests = {{"caller", "id"}}});
  EXPECT_EQ(snapshot.revision, 0);
  EXPECT_TRUE(snapshot.persons.empty());
  EXPECT_TRUE(snapshot.networks.empty());
  EXPECT_TRUE(snapshot.relations.empty());
  EXPECT_TRUE(snapshot.facts.empty());
  EXPECT_TRUE(snapshot.requests.empty());
}

TEST_P(RelationStoreContract, GivesBackEverythingThatWasCommitted) {
  CommitFamily();
  const CommitUnit unit = NewFamily();
  for (const bool reopened : {false, true}) {
    if (reopened) store_ = Open();
    const Snapshot snapshot =
        Load({.persons = {"mother", "son"}, .networks = {"n"}, .relations = {"r"}, .facts = {"f"}});
    EXPECT_EQ(snapshot.revision, 3);
    ASSERT_EQ(snapshot.persons.size(), 2u);
    const Dossier& mother = *snapshot.persons.at("mother");
    EXPECT_EQ(mother.version, 2);
    EXPECT_EQ(mother.person, MakePerson("mother", "310", kShanghai));
    EXPECT_EQ(mother.facts, unit.changes.facts);
    EXPECT_EQ(mother.networks, unit.changes.networks);
    EXPECT_EQ(mother.relations, unit.changes.relations);
    EXPECT_EQ(mother.seat, "n");
    const Dossier& son = *snapshot.persons.at("son");
    EXPECT_EQ(son.relations, unit.changes.relations);
    EXPECT_EQ(son.facts, unit.changes.facts);
    EXPECT_TRUE(son.networks.empty());
    EXPECT_EQ(snapshot.networks.at("n"), unit.changes.networks[0]);
    EXPECT_EQ(snapshot.relations.at("r"), unit.changes.relations[0]);
    EXPECT_EQ(snapshot.facts.at("f"), unit.changes.facts[0]);
  }
}

// Everything is different from everything else, and from what it is by itself.
TEST_P(RelationStoreContract, GivesBackAPersonWhole) {
  CommitUnit unit = NewPerson("a");
  unit.changes.person = relation::Person{
      .psn_no = "a",
      .name = "张三",
      .certificate = {"08", "P1"},
      .insurances = {{.insurance_type = "310",
                      .area = kShanghai,
                      .person_type = "11",
                      .status = InsuranceStatus::kPaused,
                      .from = Day("2020-01-01"),
                      .until = Day("2021-02-03")},
                     {.insurance_type = "390",
                      .area = kChengdu,
                      .person_type = "1403",
                      .status = InsuranceStatus::kNormal,
                      .from = Day("2021-02-03"),
                      .until = std::nullopt}},
      .has_account = true,
      .account_states = {{AccountStatus::kFrozen, At("2021-01-01T00:00:00+08:00")},
                         {AccountStatus::kNormal, At("2021-01-02T00:00:00+08:00")}},
      .died_on = Day("2026-03-01")};
  ASSERT_TRUE(Commit(unit).ok());
  for (const bool reopened : {false, true}) {
    if (reopened) store_ = Open();
    EXPECT_EQ(Person("a")->person, unit.changes.person);
  }
}

TEST_P(RelationStoreContract, R04AUnitWhoseVersionHasPassedChangesNothing) {
  CommitFamily();
  CommitUnit stale = NewFamily();
  stale.changes = {};
  stale.changes.person = MakePerson("mother", "390", kChengdu);
  stale.expected = {{"mother", 1}};
  stale.request = RequestRecord{.key = {"caller", "id"}, .fingerprint = "f"};
  EXPECT_TRUE(absl::IsAborted(Commit(stale).status()));
  EXPECT_EQ(Person("mother")->person, MakePerson("mother", "310", kShanghai));
  EXPECT_TRUE(Load({.requests = {{"caller", "id"}}}).requests.empty());
}

TEST_P(RelationStoreContract, R04AUnitAlsoChecksWhatItOnlyRead) {
  CommitFamily();
  CommitUnit unit = NewPerson("other");
  unit.expected["son"] = 1;
  EXPECT_TRUE(absl::IsAborted(Commit(unit).status()));
  EXPECT_EQ(Person("other"), nullptr);
  unit.expected["son"] = 2;
  EXPECT_TRUE(Commit(unit).ok());
}

TEST_P(RelationStoreContract, UnitsOfOneCallAreAppliedInOrderAndEachByItself) {
  std::vector<CommitUnit> units = {NewPerson("a"), NewPerson("a"), NewPerson("b")};
  const auto results = env_.Wait(store_->Commit(units));
  ASSERT_EQ(results.size(), 3u);
  EXPECT_EQ(*results[0], 1);
  EXPECT_TRUE(absl::IsAborted(results[1].status()));
  EXPECT_EQ(*results[2], 2);
}

TEST_P(RelationStoreContract, R41ARequestIsStoredOnceWithItsAnswer) {
  CommitUnit unit = NewPerson("a");
  unit.request = RequestRecord{
      .key = {"caller", "id"},
      .fingerprint = std::string("\0\xff", 2),
      .origin = {.identity = "caller", .channel = "window", .operator_id = "clerk"},
      .answer = {.id = "a", .reason = "", .metadata = {}, .at = unit.at, .revision = 0}};
  ASSERT_TRUE(Commit(unit).ok());
  const RequestRecord stored = Load({.requests = {{"caller", "id"}}}).requests.at({"caller", "id"});
  EXPECT_EQ(stored.fingerprint, unit.request->fingerprint);
  Answer expected = unit.request->answer;
  expected.revision = 1;
  EXPECT_EQ(stored.answer, expected);

  CommitUnit again = NewPerson("b");
  again.request = unit.request;
  EXPECT_TRUE(absl::IsAborted(Commit(again).status()));
  EXPECT_EQ(Person("b"), nullptr);
  again.request->key = {"other caller", "id"};
  EXPECT_TRUE(Commit(again).ok());
}

TEST_P(RelationStoreContract, R41ARefusalIsStoredWithoutANewRevision) {
  ASSERT_EQ(*Commit(NewPerson("a")), 1);
  CommitUnit refusal;
  refusal.expected = {{"a", 1}};
  refusal.at = env_.BusinessNow();
  refusal.request = RequestRecord{
      .key = {"caller", "id"},
      .fingerprint = "f",
      .origin = {},
      .answer = {.reason = "NOT_RELATED", .metadata = {{"kin", "NONE"}}, .at = refusal.at}};
  EXPECT_EQ(*Commit(refusal), 1);
  EXPECT_EQ(Person("a")->version, 1);
  const Answer stored = Load({.requests = {{"caller", "id"}}}).requests.at({"caller", "id"}).answer;
  EXPECT_EQ(stored.reason, "NOT_RELATED");
  EXPECT_EQ(stored.metadata, (Metadata{{"kin", "NONE"}}));
  EXPECT_EQ(stored.revision, 1);
}

TEST_P(RelationStoreContract, ChangesComeInOrderOfRevisionWithoutGaps) {
  CommitFamily();
  const auto list = [&](int64_t after, int revisions) {
    return env_.Wait(store_->ListChanges(after, revisions)).value();
  };
  const ChangePage all = list(0, 100);
  EXPECT_EQ(all.last_revision, 3);
  const auto registered = [](int64_t revision, const std::string& psn_no) {
    return ChangeEvent{revision, At("2026-03-02T09:30:00+08:00"), ChangeKind::kPerson, psn_no, {}};
  };
  const absl::Time at = NewFamily().at;
  EXPECT_EQ(all.changes,
            (std::vector<ChangeEvent>{registered(1, "mother"),
                                      registered(2, "son"),
                                      {3, at, ChangeKind::kFact, "f", {}},
                                      {3, at, ChangeKind::kNetworkCreated, "n", {}},
                                      {3, at, ChangeKind::kRelation, "r", NewRelation("r")}}));

  EXPECT_EQ(list(0, 2).changes.size(), 2u);
  EXPECT_EQ(list(2, 1).changes.size(), 3u);
  EXPECT_TRUE(list(3, 100).changes.empty());
}

TEST_P(RelationStoreContract, R08AnEndedRelationFreesItsSeatAndStaysReadable) {
  CommitFamily();
  CommitUnit unit;
  unit.expected = {{"mother", 2}, {"son", 2}};
  unit.at = At("2026-03-03T10:00:00+08:00");
  unit.changes.relations = {NewRelation("r")};
  unit.changes.relations[0].version = 2;
  unit.changes.relations[0].ended_at = unit.at;
  unit.changes.relations[0].end_cause = EndCause::kLeft;
  unit.changes.seats_freed = {{"son", "n"}};
  ASSERT_TRUE(Commit(unit).ok());
  EXPECT_EQ(Person("son")->seat, "");
  EXPECT_EQ(Person("mother")->seat, "n");
  EXPECT_EQ(Person("son")->relations, unit.changes.relations);
  EXPECT_EQ(Load({.relations = {"r"}}).relations.at("r"), unit.changes.relations[0]);
}

TEST_P(RelationStoreContract, R08ADissolvedNetworkLeavesTheDossierAndStaysReadable) {
  CommitFamily();
  CommitUnit unit;
  unit.expected = {{"mother", 2}};
  unit.at = At("2026-03-03T10:00:00+08:00");
  unit.changes.networks = NewFamily().changes.networks;
  unit.changes.networks[0].dissolved_at = unit.at;
  unit.changes.seats_freed = {{"mother", "n"}};
  ASSERT_TRUE(Commit(unit).ok());
  EXPECT_TRUE(Person("mother")->networks.empty());
  EXPECT_EQ(Load({.networks = {"n"}}).networks.at("n"), unit.changes.networks[0]);
  const ChangePage page = env_.Wait(store_->ListChanges(3, 1)).value();
  const ChangeEvent wanted{4, unit.at, ChangeKind::kNetworkDissolved, "n", {}};
  EXPECT_EQ(page.changes, std::vector<ChangeEvent>{wanted});
}

// Whether what is read comes from the disk or from memory.
TEST_P(RelationStoreContract, R11AReadTellsItsRevision) {
  for (int i = 1; i <= 3; ++i) {
    CommitUnit unit = NewPerson("a");
    unit.expected = {{"a", i - 1}};
    ASSERT_EQ(*Commit(unit), i);
    EXPECT_EQ(Load({.persons = {"a"}}).revision, i);
  }
}

TEST_P(RelationStoreContract, R11AReadOfAnOpenedStoreTellsItsRevision) {
  CommitFamily();
  store_ = Open();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Load({.persons = {"son"}}).revision, 3);
}

TEST_P(RelationStoreContract, DossiersShowTheRelationsThatEndedLast) {
  CommitFamily();
  for (int i = 0; i < 12; ++i) {
    CommitUnit unit;
    unit.expected = {{"mother", 2 + i}, {"son", 2 + i}};
    unit.at = At("2026-03-03T10:00:00+08:00") + absl::Minutes(i);
    Relation relation = NewRelation("x" + std::to_string(100 + i));
    relation.ended_at = unit.at;
    relation.end_cause = EndCause::kRemoved;
    unit.changes.relations = {relation};
    ASSERT_TRUE(Commit(unit).ok());
  }
  store_ = Open();
  const auto& shown = Person("son")->relations;
  ASSERT_EQ(shown.size(), kEndedRelationsShown + 1);
  EXPECT_EQ(shown.front().relation_id, "r");
  EXPECT_EQ(shown[1].relation_id, "x104");
  EXPECT_EQ(shown.back().relation_id, "x111");
}

TEST_P(RelationStoreContract, R02AFactThatChangesIsReplaced) {
  CommitFamily();
  CommitUnit unit;
  unit.expected = {{"mother", 2}, {"son", 2}};
  unit.at = At("2026-03-03T10:00:00+08:00");
  unit.changes.facts = NewFamily().changes.facts;
  unit.changes.facts[0].until = Day("2026-03-04");
  unit.changes.facts[0].recorded_at = unit.at;
  ASSERT_TRUE(Commit(unit).ok());
  EXPECT_EQ(Person("son")->facts, unit.changes.facts);
  EXPECT_EQ(Load({.facts = {"f"}}).facts.at("f"), unit.changes.facts[0]);
}

TEST_P(RelationStoreContract, ADeposedWriterIsRefused) {
  std::unique_ptr<RelationStore> old = std::move(store_);
  store_ = Open();
  const auto refused = env_.Wait(old->Commit({NewPerson("a")}));
  EXPECT_EQ(ReasonOf(refused[0].status()), "NOT_WRITER");
  EXPECT_EQ(Person("a"), nullptr);
  EXPECT_TRUE(Commit(NewPerson("a")).ok());
}

TEST_P(RelationStoreContract, ConcurrentUnitsOnOnePersonLeaveOneWinner) {
  ASSERT_TRUE(Commit(NewPerson("a")).ok());
  TaskScope scope;
  int won = 0;
  int lost = 0;
  for (int i = 0; i < 64; ++i) scope.Spawn(Compete(&won, &lost));
  env_.RunToEnd();
  EXPECT_EQ(won, 1);
  EXPECT_EQ(lost, 63);
  EXPECT_EQ(Person("a")->version, 2);
}

}  // namespace gongji::relation

#endif  // GONGJI_SERVICES_RELATION_TESTING_RELATION_STORE_CONTRACT_H_
