// Events that end relations, events that only block them, and how followers learn of it (R02,
// R08, R10).
#include <gtest/gtest.h>

#include "services/relation/registration.h"
#include "services/relation/testing/test_family.h"

namespace gongji::relation {
namespace {

// A grandmother in Shanghai grants quota to everybody: husband, son, grandson, sister; her mother
// is known by facts only. Her grandson is insured in Chengdu.
class EndingsTest : public testing::Test {
 protected:
  EndingsTest() {
    for (const char* person : {"gran", "husband", "sister"}) family_.Employee(person);
    family_.Resident("son");
    family_.Resident("grandson", kChengdu);
    Person known = MakePerson("mother", "310", kShanghai);
    known.certificate = {};
    known.insurances.clear();
    known.has_account = false;
    family_.Register(known);
    marriage_ = family_.Marry("gran", "husband", "1990-01-01");
    birth_ = family_.Mother("gran", "son");
    family_.Father("son", "grandson");
    family_.Mother("mother", "gran");
    sister_birth_ = family_.Mother("mother", "sister");
    network_ = family_.CreateNetwork("gran", Scope::kWallet);
    for (const char* member : {"husband", "son", "grandson", "sister"}) {
      relations_[member] = family_.AddMember(network_, member);
    }
    before_ = family_.disk.revision;
  }

  // Whose relation has ended, and why, as a follower reads it since the family was bound.
  std::map<std::string, EndCause> Ended() {
    std::map<std::string, EndCause> ended;
    const ChangePage page = family_.env.Wait(family_.relations.ListChanges(before_, 100)).value();
    for (const ChangeEvent& change : page.changes) {
      if (change.kind != ChangeKind::kRelation) continue;
      const Relation relation = change.relation.value_or(Relation{});
      EXPECT_EQ(relation.ended_at, family_.env.BusinessNow());
      EXPECT_EQ(relation.relation_id, relations_[relation.receiver]);
      EXPECT_EQ(relation.giver, "gran");
      EXPECT_EQ(relation.giver_area, kShanghai);
      EXPECT_EQ(relation.receiver_area, relation.receiver == "grandson" ? kChengdu : kShanghai);
      EXPECT_EQ(relation.scope, Scope::kWallet);
      EXPECT_TRUE(ended.emplace(relation.receiver, relation.end_cause).second);
    }
    return ended;
  }
  void End(const std::string& fact) {
    family_.Must(EndFact{fact, Day("2026-03-02"), EvidenceLevel::kRegistry, "court"});
  }
  std::vector<std::string> MayGrant(const std::string& receiver) {
    return NamesOf(family_.AskTransfer({"gran", receiver, {}}).failures);
  }

  using Causes = std::map<std::string, EndCause>;
  using Names = std::vector<std::string>;
  Family family_;
  std::string marriage_;
  std::string birth_;
  std::string sister_birth_;
  std::string network_;
  std::map<std::string, std::string> relations_;
  int64_t before_ = 0;
};

TEST_F(EndingsTest, R02ADivorceEndsTheSpousesRelationOnly) {
  End(marriage_);
  EXPECT_EQ(Ended(), (Causes{{"husband", EndCause::kKinshipEnded}}));
}

TEST_F(EndingsTest, R02ACorrectedBirthEndsWhatWasDerivedFromItToo) {
  End(birth_);
  EXPECT_EQ(Ended(),
            (Causes{{"son", EndCause::kKinshipEnded}, {"grandson", EndCause::kKinshipEnded}}));
}

TEST_F(EndingsTest, R02SistersAreNoLongerSistersWithoutTheirMother) {
  End(sister_birth_);
  EXPECT_EQ(Ended(), (Causes{{"sister", EndCause::kKinshipEnded}}));
}

TEST_F(EndingsTest, R02AnotherPathKeepsTheRelation) {
  Fact siblings = Marriage("gran", "sister", "2020-01-01");
  siblings.kind = FactKind::kSiblinghood;
  family_.Must(RecordFact{siblings});
  End(sister_birth_);
  EXPECT_EQ(Ended(), Causes{});
  EXPECT_EQ(MayGrant("sister"), Names{});
}

TEST_F(EndingsTest, R10ADeathEndsEverythingTheDeadGaveOrReceived) {
  Person dead = MakePerson("gran", "310", kShanghai);
  dead.died_on = Day("2026-03-01");
  family_.Register(dead);
  EXPECT_EQ(Ended().size(), 4u);
  EXPECT_EQ(Ended()["grandson"], EndCause::kDeceased);
  EXPECT_EQ(MayGrant("son"), (Names{"RELATION_ENDED", "PERSON_DECEASED"}));
}

TEST_F(EndingsTest, R10ADeathBetweenTwoKeepsThemRelated) {
  Person dead = MakePerson("son", "390", kShanghai);
  dead.died_on = Day("2026-03-02");
  family_.Register(dead);
  EXPECT_EQ(Ended(), (Causes{{"son", EndCause::kDeceased}}));
  EXPECT_EQ(MayGrant("grandson"), Names{});
}

TEST_F(EndingsTest, R10AMoveEndsTheMoversRelation) {
  family_.Register(MakePerson("grandson", "390", "510300"));
  EXPECT_EQ(Ended(), (Causes{{"grandson", EndCause::kMoved}}));
}

TEST_F(EndingsTest, R10TerminationEndsIt) {
  Person terminated = MakePerson("son", "390", kShanghai);
  terminated.insurances[0].status = InsuranceStatus::kTerminated;
  terminated.insurances[0].until = Day("2026-03-01");
  family_.Register(terminated);
  EXPECT_EQ(Ended(), (Causes{{"son", EndCause::kInsuranceTerminated}}));
}

TEST_F(EndingsTest, R08EitherSideEndsItAndDissolvingEndsAll) {
  family_.Must(EndMembership{relations_["husband"], "husband"});
  family_.Must(EndMembership{relations_["sister"], "gran"});
  family_.Must(DissolveNetwork{network_, "gran"});
  EXPECT_EQ(Ended(), (Causes{{"husband", EndCause::kLeft},
                             {"sister", EndCause::kRemoved},
                             {"son", EndCause::kDissolved},
                             {"grandson", EndCause::kDissolved}}));
}

TEST_F(EndingsTest, R10WhatOnlyBlocksEndsNothing) {
  for (const AccountStatus status :
       {AccountStatus::kSealed, AccountStatus::kFrozen, AccountStatus::kPaused}) {
    family_.env.Advance(absl::Seconds(1));
    family_.Must(
        RegisterPerson{.person = MakePerson("gran", "310", kShanghai), .account_status = status});
    EXPECT_EQ(MayGrant("son"), Names{"ACCOUNT_BLOCKED"});
    EXPECT_EQ(NamesOf(family_.Ask({.patient = "son", .care_area = kShanghai}).payers[0].failures),
              Names{"ACCOUNT_BLOCKED"});
  }
  Person paused = MakePerson("son", "390", kShanghai);
  paused.insurances[0].status = InsuranceStatus::kPaused;
  paused.insurances[0].until = Day("2026-03-01");
  family_.Register(paused);
  EXPECT_EQ(MayGrant("son"), (Names{"INSURANCE_NOT_ACTIVE", "ACCOUNT_BLOCKED"}));
  EXPECT_EQ(Ended(), Causes{});
}

TEST_F(EndingsTest, R10UnsealingAndResumingRestoreWithoutANewBinding) {
  family_.Must(RegisterPerson{.person = MakePerson("gran", "310", kShanghai),
                              .account_status = AccountStatus::kSealed});
  family_.env.Advance(absl::Hours(1));
  family_.Must(RegisterPerson{.person = MakePerson("gran", "310", kShanghai)});
  EXPECT_EQ(MayGrant("son"), Names{});
  EXPECT_EQ(family_.AskTransfer({"gran", "son", {}}).relation.value_or(Relation{}).version, 1);
  EXPECT_EQ(Ended(), Causes{});
}

TEST_F(EndingsTest, R10NothingIsRegisteredForADayToCome) {
  const auto field = [&](const Person& person) {
    const Metadata metadata = family_.MetadataFor(RegisterPerson{.person = person});
    return metadata.empty() ? "" : metadata.at(0).second;
  };
  Person person = MakePerson("son", "390", kShanghai);
  person.died_on = Day("2026-03-03");
  EXPECT_EQ(field(person), "person.died_on");
  person = MakePerson("son", "390", kShanghai);
  person.insurances.push_back(Insured("310", kChengdu));
  person.insurances[1].from = Day("2026-03-03");
  EXPECT_EQ(field(person), "person.insurances[1].insured_from");
  person = MakePerson("son", "390", kShanghai);
  person.insurances[0].until = Day("2026-03-03");
  EXPECT_EQ(field(person), "person.insurances[0].insured_until");
  Fact marriage = Marriage("son", "sister", "2020-01-01");
  marriage.until = Day("2026-03-03");
  EXPECT_EQ(family_.MetadataFor(RecordFact{marriage}).at(0).second, "fact.valid_to");
  // The refusal is not final: the same request succeeds on the day itself.
  person.insurances[0].status = InsuranceStatus::kTerminated;
  const RegisterPerson registered{.person = person};
  EXPECT_FALSE(family_.Repeat("id", registered).ok());
  family_.env.Advance(absl::Hours(24));
  EXPECT_TRUE(family_.Repeat("id", registered).ok());
}

TEST_F(EndingsTest, R02SomebodyKnownByFactsOnlyIsNobodysReceiver) {
  EXPECT_EQ(
      family_.ReasonFor(AddMember{
          .relation_id = "", .network_id = network_, .member = "mother", .modes = {UseMode::kPay}}),
      "INSURANCE_NOT_ACTIVE");
}

}  // namespace
}  // namespace gongji::relation
