// Registering persons and recording facts: what is refused, and which relations end by it (R02,
// R10).
#include "services/relation/registration.h"

#include <gtest/gtest.h>

#include "services/relation/testing/test_family.h"

namespace gongji::relation {
namespace {

// A mother with her own network of one son, and the father's wallet network with the same son.
class RegistrationTest : public testing::Test {
 protected:
  RegistrationTest() {
    for (const char* employee : {"mother", "father"}) family_.Employee(employee);
    family_.Resident("son");
    birth_ = family_.Mother("mother", "son");
    family_.Father("father", "son");
    network_ = family_.CreateNetwork("mother");
    live_ = family_.AddMember(network_, "son");
    quota_ = family_.AddMember(family_.CreateNetwork("father", Scope::kWallet), "son");
  }

  EndCause CauseOf(const std::string& relation) {
    return family_.disk.relations.at(relation).end_cause;
  }

  Family family_;
  std::string birth_;
  std::string network_;
  std::string live_;
  std::string quota_;
};

TEST_F(RegistrationTest, R10ASealedAccountEndsNothing) {
  family_.Must(RegisterPerson{.person = MakePerson("mother", "310", kShanghai),
                              .account_status = AccountStatus::kSealed});
  EXPECT_EQ(CauseOf(live_), EndCause::kNone);
}

TEST_F(RegistrationTest, R10APausedInsuranceEndsNothing) {
  Person paused = MakePerson("son", "390", kShanghai);
  paused.insurances[0].status = InsuranceStatus::kPaused;
  paused.insurances[0].until = Day("2026-03-01");
  family_.Register(paused);
  EXPECT_EQ(CauseOf(live_), EndCause::kNone);
}

TEST_F(RegistrationTest, R10ATerminatedMemberLosesAllHisRelations) {
  Person terminated = MakePerson("son", "390", kShanghai);
  terminated.insurances[0].status = InsuranceStatus::kTerminated;
  terminated.insurances[0].until = Day("2026-03-01");
  family_.Register(terminated);
  EXPECT_EQ(CauseOf(live_), EndCause::kInsuranceTerminated);
  EXPECT_EQ(CauseOf(quota_), EndCause::kInsuranceTerminated);
  EXPECT_FALSE(family_.View(network_).network.dissolved_at.has_value());
  EXPECT_EQ(family_.disk.dossiers.at("son")->seat, "");
}

TEST_F(RegistrationTest, R10AMovedOrganiserLosesHisNetwork) {
  family_.Register(MakePerson("mother", "310", kChengdu));
  EXPECT_EQ(CauseOf(live_), EndCause::kMoved);
  EXPECT_EQ(CauseOf(quota_), EndCause::kNone);
  EXPECT_TRUE(family_.View(network_).network.dissolved_at.has_value());
  EXPECT_EQ(family_.disk.dossiers.at("mother")->seat, "");
}

TEST_F(RegistrationTest, R10DeathEndsEverything) {
  Person dead = MakePerson("father", "310", kShanghai);
  dead.died_on = Day("2026-03-01");
  family_.Register(dead);
  EXPECT_EQ(CauseOf(quota_), EndCause::kDeceased);
  EXPECT_EQ(CauseOf(live_), EndCause::kNone);
  // If the death is registered again, nothing is left to end.
  family_.Register(dead);
  EXPECT_EQ(family_.disk.relations.at(quota_).version, 2);
}

TEST_F(RegistrationTest, R02AnEndedFactEndsWhatRestedOnIt) {
  family_.Must(EndFact{birth_, Day("2026-03-02"), EvidenceLevel::kRegistry, "court"});
  EXPECT_EQ(CauseOf(live_), EndCause::kKinshipEnded);
  EXPECT_EQ(CauseOf(quota_), EndCause::kNone);
}

TEST_F(RegistrationTest, R02AnotherFactKeepsTheRelation) {
  Fact adoption = Birth("mother", "son", ParentRole::kMother);
  adoption.kind = FactKind::kAdoption;
  family_.Must(RecordFact{adoption});
  family_.Must(EndFact{birth_, Day("2026-03-02"), EvidenceLevel::kRegistry, "court"});
  EXPECT_EQ(CauseOf(live_), EndCause::kNone);
}

TEST_F(RegistrationTest, R10TheChangeStreamTellsWhatEnded) {
  const int64_t before = family_.disk.revision;
  family_.Register(MakePerson("mother", "310", kChengdu));
  const ChangePage page = family_.env.Wait(family_.relations.ListChanges(before, 10)).value();
  ASSERT_EQ(page.changes.size(), 3u);
  EXPECT_EQ(page.changes[0].kind, ChangeKind::kPerson);
  EXPECT_EQ(page.changes[1].kind, ChangeKind::kNetworkDissolved);
  EXPECT_EQ(page.changes[2].kind, ChangeKind::kRelation);
  EXPECT_EQ(page.changes[2].relation.value_or(Relation{}).end_cause, EndCause::kMoved);
  EXPECT_EQ(page.last_revision, before + 1);
}

TEST_F(RegistrationTest, R10StatesOfAnAccountComeInOrder) {
  const auto account = [&](AccountStatus status, const std::string& since) {
    return family_.ReasonFor(RegisterPerson{.person = MakePerson("mother", "310", kShanghai),
                                            .account_status = status,
                                            .account_since = At(since)});
  };
  EXPECT_EQ(account(AccountStatus::kSealed, "2026-02-02T00:00:00+08:00"), "");
  EXPECT_EQ(account(AccountStatus::kNormal, "2026-02-01T00:00:00+08:00"), "INVALID_FIELD");
  EXPECT_EQ(account(AccountStatus::kSealed, "2026-02-01T00:00:00+08:00"), "");
  EXPECT_EQ(account(AccountStatus::kNormal, "2026-02-03T00:00:00+08:00"), "");
  EXPECT_EQ(family_.disk.dossiers.at("mother")->person.account_states.size(), 2u);
}

struct FactCase {
  const char* name;
  Fact first;
  Fact second;
  const char* reason;
};

class FactTest : public testing::TestWithParam<FactCase> {};

TEST_P(FactTest, R02ContradictionsAreRefused) {
  Family family;
  for (const char* person : {"a", "b", "c"}) family.Resident(person);
  const std::string first = family.Must(RecordFact{GetParam().first});
  const auto second = family.Do(RecordFact{GetParam().second});
  EXPECT_EQ(ReasonOf(second.status()), GetParam().reason);
  if (second.ok()) return;
  const Metadata wanted = {{"fact_id", first}};
  EXPECT_EQ(MetadataOf(second.status()), wanted);
}

Fact Divorced(Fact marriage, const std::string& until) {
  marriage.until = Day(until);
  return marriage;
}

Fact Adoption(Fact birth) {
  birth.kind = FactKind::kAdoption;
  return birth;
}

Fact Siblings(const std::string& one, const std::string& other) {
  Fact fact = Marriage(one, other, "2020-01-01");
  fact.kind = FactKind::kSiblinghood;
  return fact;
}

INSTANTIATE_TEST_SUITE_P(
    All, FactTest,
    testing::Values(
        FactCase{"TwoSpouses", Marriage("a", "b", "2010-05-01"), Marriage("c", "b", "2012-05-01"),
                 "FACT_CONTRADICTED"},
        FactCase{"MarriedAgainAfterDivorce",
                 Divorced(Marriage("a", "b", "2010-05-01"), "2012-05-01"),
                 Marriage("c", "b", "2012-05-01"), ""},
        FactCase{"MarriedAgainBeforeDivorce",
                 Divorced(Marriage("a", "b", "2010-05-01"), "2012-05-02"),
                 Marriage("c", "b", "2012-05-01"), "FACT_CONTRADICTED"},
        FactCase{"TwoMothers", Birth("a", "b", ParentRole::kMother),
                 Birth("c", "b", ParentRole::kMother), "FACT_CONTRADICTED"},
        FactCase{"MotherAndFather", Birth("a", "b", ParentRole::kMother),
                 Birth("c", "b", ParentRole::kFather), ""},
        FactCase{"MotherAsFather", Birth("a", "b", ParentRole::kMother),
                 Birth("a", "b", ParentRole::kFather), "FACT_CONTRADICTED"},
        FactCase{"AdoptiveMotherBesideMother", Birth("a", "b", ParentRole::kMother),
                 Adoption(Birth("c", "b", ParentRole::kMother)), ""},
        FactCase{"SiblingsTwice", Siblings("a", "b"), Siblings("b", "a"), "FACT_CONTRADICTED"},
        FactCase{"SiblingsOfThree", Siblings("a", "b"), Siblings("b", "c"), ""},
        FactCase{"SameMarriageTwice", Marriage("a", "b", "2010-05-01"),
                 Marriage("b", "a", "2010-05-01"), "FACT_CONTRADICTED"},
        // Whichever way the couples are written down, nobody is in two of them.
        FactCase{"FirstIsFirst", Marriage("a", "b", "2010-05-01"), Marriage("a", "c", "2012-05-01"),
                 "FACT_CONTRADICTED"},
        FactCase{"FirstIsSecond", Marriage("a", "b", "2010-05-01"),
                 Marriage("c", "a", "2012-05-01"), "FACT_CONTRADICTED"},
        FactCase{"SecondIsFirst", Marriage("a", "b", "2010-05-01"),
                 Marriage("b", "c", "2012-05-01"), "FACT_CONTRADICTED"},
        FactCase{"SameMarriageTwiceInOrder", Marriage("a", "b", "2010-05-01"),
                 Marriage("a", "b", "2011-05-01"), "FACT_CONTRADICTED"},
        FactCase{"MarriedBeforeAnEarlierMarriageEnded", Marriage("c", "b", "2012-05-01"),
                 Divorced(Marriage("a", "b", "2010-05-01"), "2012-05-02"), "FACT_CONTRADICTED"},
        FactCase{"AnEarlierMarriageIsRecordedLater", Marriage("c", "b", "2012-05-01"),
                 Divorced(Marriage("a", "b", "2010-05-01"), "2012-05-01"), ""},
        FactCase{"SiblingsTwiceInOrder", Siblings("a", "b"), Siblings("a", "b"),
                 "FACT_CONTRADICTED"},
        FactCase{"TwoAdoptiveMothers", Adoption(Birth("a", "b", ParentRole::kMother)),
                 Adoption(Birth("c", "b", ParentRole::kMother)), "FACT_CONTRADICTED"},
        FactCase{"MotherOfTwo", Birth("a", "b", ParentRole::kMother),
                 Birth("a", "c", ParentRole::kMother), ""}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(FactTest, R02FactsNeedRegisteredPersonsAndKnownFacts) {
  Family family;
  family.Resident("a");
  EXPECT_EQ(family.MetadataFor(RecordFact{Birth("a", "nobody", ParentRole::kMother)}),
            (Metadata{{"psn_no", "nobody"}}));
  EXPECT_EQ(family.ReasonFor(EndFact{"nothing", Day("2026-03-02"), EvidenceLevel::kRegistry, "x"}),
            "FACT_UNKNOWN");
}

TEST(FactTest, R02AWidowMayMarryAgain) {
  Family family;
  for (const char* person : {"widow", "dead", "next", "early"}) family.Resident(person);
  family.Marry("widow", "dead", "2010-05-01");
  Person dead = MakePerson("dead", "390", kShanghai);
  dead.died_on = Day("2020-01-01");
  family.Register(dead);
  EXPECT_EQ(family.ReasonFor(RecordFact{Marriage("early", "widow", "2019-12-31")}),
            "FACT_CONTRADICTED");
  EXPECT_EQ(family.ReasonFor(RecordFact{Marriage("next", "widow", "2020-01-01")}), "");
}

TEST(FactTest, R02OnlyAStepParentBringsUp) {
  Family family;
  for (const char* person : {"step", "mother", "father", "child"}) family.Resident(person);
  Fact upbringing = Birth("step", "child", ParentRole::kFather);
  upbringing.kind = FactKind::kUpbringing;
  const auto refused = [&] {
    const auto answer = family.Do(RecordFact{upbringing});
    if (!answer.ok()) {
      EXPECT_EQ(MetadataOf(answer.status()),
                (Metadata{{"psn_no", "step"}, {"child_psn_no", "child"}}));
    }
    return ReasonOf(answer.status());
  };
  EXPECT_EQ(refused(), "UPBRINGING_WITHOUT_MARRIAGE");
  family.Marry("mother", "step", "2010-05-01");
  EXPECT_EQ(refused(), "UPBRINGING_WITHOUT_MARRIAGE");
  // Not the parent whom the step-parent married.
  family.Father("father", "child");
  EXPECT_EQ(refused(), "UPBRINGING_WITHOUT_MARRIAGE");
  family.Mother("mother", "child");
  EXPECT_EQ(refused(), "");
  EXPECT_EQ(family.ReasonFor(RecordFact{upbringing}), "FACT_CONTRADICTED");
}

TEST(FactTest, R02AnEndBeforeTheBeginningIsRefused) {
  Family family;
  for (const char* person : {"a", "b"}) family.Resident(person);
  const std::string marriage = family.Marry("a", "b", "2010-05-01");
  EXPECT_EQ(
      family.ReasonFor(EndFact{marriage, Day("2010-04-30"), EvidenceLevel::kRegistry, "court"}),
      "INVALID_FIELD");
}

}  // namespace
}  // namespace gongji::relation
