// Founding, binding, changing and ending of networks (R03-R08), one test per rule.
#include "services/relation/network.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "services/relation/testing/test_family.h"

namespace gongji::relation {
namespace {

CreateNetwork Founding(const std::string& organiser, Scope scope = Scope::kInProvince) {
  return {.network_id = "", .organiser = organiser, .scope = scope};
}

AddMember Binding(const std::string& network, const std::string& member) {
  return {.relation_id = "", .network_id = network, .member = member, .modes = {UseMode::kPay}};
}

// Parents, two children and a stranger in Shanghai, and another person in Chengdu.
class NetworkTest : public testing::Test {
 protected:
  NetworkTest() {
    for (const char* employee : {"mother", "father", "stranger"}) family_.Employee(employee);
    for (const char* child : {"son", "daughter"}) {
      family_.Resident(child);
      family_.Mother("mother", child);
      family_.Father("father", child);
    }
  }

  // Counts the answer by its reason.
  Task<void> Join(std::string request_id, AddMember bind, std::map<std::string, int>* answers) {
    std::vector<WriteRequest> one;
    one.push_back({std::move(request_id), std::move(bind)});
    const auto done = co_await family_.relations.Write(family_.caller, std::move(one), {});
    ++(*answers)[ReasonOf(done[0].status())];
  }

  Family family_;
};

// --- founding ------------------------------------------------------------------------------------

TEST_F(NetworkTest, R05AnOrganiserFoundsANetwork) {
  const std::string network = family_.CreateNetwork("mother");
  const NetworkView view = family_.View(network);
  EXPECT_EQ(view.network.organiser, "mother");
  EXPECT_EQ(view.network.area, kShanghai);
  EXPECT_TRUE(view.relations.empty());
  EXPECT_EQ(family_.peers.asked, 1);
}

TEST_F(NetworkTest, R05TheOrganiserNeedsAPriorYearsBalance) {
  family_.peers.prior_fen["mother"] = 0;
  const Metadata wanted = {{"minimum_fen", "1"}, {"prior_only", "true"}};
  EXPECT_EQ(family_.MetadataFor(Founding("mother")), wanted);
  EXPECT_EQ(family_.ReasonFor(Founding("mother")), "BALANCE_BELOW_MINIMUM");
}

TEST_F(NetworkTest, R05AWalletNetworkNeedsNoMinimum) {
  family_.peers.prior_fen["mother"] = 0;
  family_.CreateNetwork("mother", Scope::kWallet);
  EXPECT_EQ(family_.peers.asked, 0);
}

TEST_F(NetworkTest, R05NobodyIsAskedWhenTheRulesRefuseAnyway) {
  EXPECT_EQ(family_.ReasonFor(Founding("son")), "INSURANCE_NOT_ACTIVE");
  EXPECT_EQ(family_.peers.asked, 0);
}

TEST_F(NetworkTest, R05WithoutAnAnswerNothingIsDecided) {
  family_.peers.away = true;
  EXPECT_EQ(ReasonOf(family_.Repeat("id", Founding("mother")).status()), "PEER_UNAVAILABLE");
  family_.peers.away = false;
  const auto founded = family_.Repeat("id", Founding("mother"));
  ASSERT_TRUE(founded.ok());
  EXPECT_FALSE(founded->replayed);
}

TEST_F(NetworkTest, R05AnAccountIsNeededAndUsable) {
  Person flexible = MakePerson("mother", "310", kShanghai);
  flexible.has_account = false;
  family_.Register(flexible);
  EXPECT_EQ(family_.ReasonFor(Founding("mother")), "NO_PERSONAL_ACCOUNT");
  for (const AccountStatus status :
       {AccountStatus::kSealed, AccountStatus::kFrozen, AccountStatus::kPaused}) {
    family_.env.Advance(absl::Seconds(1));
    family_.Must(
        RegisterPerson{.person = MakePerson("father", "310", kShanghai), .account_status = status});
    const Metadata wanted = {{"psn_no", "father"}, {"status", NameOf(status)}};
    EXPECT_EQ(family_.MetadataFor(Founding("father")), wanted);
  }
}

TEST_F(NetworkTest, R10TheDeadFoundNothingAndJoinNothing) {
  const std::string network = family_.CreateNetwork("father");
  for (const auto& [psn_no, type] : {std::pair("mother", "310"), {"son", "390"}}) {
    Person dead = MakePerson(psn_no, type, kShanghai);
    dead.died_on = Day("2026-03-01");
    family_.Register(dead);
  }
  EXPECT_EQ(family_.Do(Founding("mother")).status(),
            Refuse(reason::kPersonDeceased, {{"psn_no", "mother"}}));
  EXPECT_EQ(family_.Do(Founding("mother", Scope::kWallet)).status(),
            Refuse(reason::kPersonDeceased, {{"psn_no", "mother"}}));
  EXPECT_EQ(family_.Do(Binding(network, "son")).status(),
            Refuse(reason::kPersonDeceased, {{"psn_no", "son"}}));
}

TEST_F(NetworkTest, R05SharingMustBeInForce) {
  Family before("2022-06-30T10:00:00+08:00");
  before.Employee("mother");
  const auto refused = before.Do(Founding("mother"));
  EXPECT_EQ(ReasonOf(refused.status()), "SHARING_NOT_IN_FORCE");
  const Metadata wanted = {{"area", "310000"}, {"from", "2022-07-01"}};
  EXPECT_EQ(MetadataOf(refused.status()), wanted);
}

// --- R04 -----------------------------------------------------------------------------------------

TEST_F(NetworkTest, R04OneNetworkPerPersonInShanghai) {
  const std::string mothers = family_.CreateNetwork("mother");
  EXPECT_EQ(family_.ReasonFor(Founding("mother")), "ALREADY_IN_NETWORK");
  const std::string relation = family_.AddMember(mothers, "son");
  const std::string fathers = family_.CreateNetwork("father");
  const Metadata wanted = {{"psn_no", "son"}, {"network_id", mothers}};
  EXPECT_EQ(family_.MetadataFor(Binding(fathers, "son")), wanted);
  // Leaving first and joining afterwards is possible, even on the same day.
  family_.Must(EndMembership{relation, "son"});
  family_.AddMember(fathers, "son");
  EXPECT_EQ(family_.View(mothers).relations.size(), 0u);
  EXPECT_EQ(family_.View(fathers).relations.size(), 1u);
}

TEST_F(NetworkTest, R04TheOrganiserIsAMemberOfHisOwn) {
  family_.Marry("mother", "father", "2010-05-01");
  family_.CreateNetwork("mother");
  const std::string fathers = family_.CreateNetwork("father");
  EXPECT_EQ(family_.ReasonFor(Binding(fathers, "mother")), "ALREADY_IN_NETWORK");
}

TEST_F(NetworkTest, R04WalletRelationsDoNotCount) {
  family_.AddMember(family_.CreateNetwork("mother"), "son");
  family_.AddMember(family_.CreateNetwork("father", Scope::kWallet), "son");
  EXPECT_EQ(family_.disk.dossiers.at("son")->relations.size(), 2u);
}

TEST_F(NetworkTest, R04OtherAreasAllowSeveralNetworks) {
  for (const char* psn_no : {"m", "f"}) family_.Employee(psn_no, kChengdu);
  family_.Resident("c", kChengdu);
  family_.Mother("m", "c");
  family_.Father("f", "c");
  family_.AddMember(family_.CreateNetwork("m"), "c");
  family_.AddMember(family_.CreateNetwork("f"), "c");
  EXPECT_EQ(family_.disk.dossiers.at("c")->seat, "");
}

// Both parents bind both children at the same time, again and again.
TEST_F(NetworkTest, R04HoldsUnderSimultaneousJoins) {
  const std::string mothers = family_.CreateNetwork("mother");
  const std::string fathers = family_.CreateNetwork("father");
  family_.slow_disk = true;
  TaskScope scope;
  std::map<std::string, int> answers;
  int number = 0;
  for (int i = 0; i < 16; ++i) {
    for (const std::string& network : {mothers, fathers}) {
      for (const char* child : {"son", "daughter"}) {
        scope.Spawn(Join(std::to_string(++number), Binding(network, child), &answers));
      }
    }
  }
  family_.env.RunToEnd();
  EXPECT_EQ(answers[""], 2);
  EXPECT_EQ(answers["ALREADY_IN_NETWORK"], 32);
  EXPECT_EQ(answers["ALREADY_RELATED"], 30);
  EXPECT_EQ(family_.View(mothers).relations.size() + family_.View(fathers).relations.size(), 2u);
}

// --- binding -------------------------------------------------------------------------------------

TEST_F(NetworkTest, R01OnlyRelativesAreBound) {
  const std::string network = family_.CreateNetwork("mother");
  EXPECT_EQ(family_.ReasonFor(Binding(network, "stranger")), "NOT_RELATED");
  family_.AddMember(network, "son");
  const Relation relation = family_.View(network).relations.at(0);
  EXPECT_EQ(relation.receiver, "son");
  EXPECT_EQ(relation.kin, Kin::kChild);
  EXPECT_EQ(relation.version, 1);
}

TEST_F(NetworkTest, R01AnAdoptedChildCounts) {
  family_.Resident("adopted");
  Fact adoption = Birth("mother", "adopted", ParentRole::kMother);
  adoption.kind = FactKind::kAdoption;
  family_.Must(RecordFact{adoption});
  family_.AddMember(family_.CreateNetwork("mother"), "adopted");
}

TEST_F(NetworkTest, R06AMemberMustBeInsured) {
  Person paused = MakePerson("son", "390", kShanghai);
  paused.insurances[0].status = InsuranceStatus::kPaused;
  paused.insurances[0].until = Day("2026-01-01");
  family_.Register(paused);
  Person twice = MakePerson("daughter", "390", kShanghai);
  twice.insurances.push_back(Insured("310", kShanghai));
  family_.Register(twice);
  const std::string network = family_.CreateNetwork("mother");
  EXPECT_EQ(family_.ReasonFor(Binding(network, "son")), "INSURANCE_NOT_ACTIVE");
  EXPECT_EQ(family_.ReasonFor(Binding(network, "daughter")), "DUPLICATE_INSURANCE");
}

TEST_F(NetworkTest, R06SomebodyInsuredElsewhereIsSentToTheWallet) {
  family_.Resident("far", kChengdu);
  family_.Mother("mother", "far");
  const Metadata wanted = {{"insured_area", kChengdu}, {"network_area", kShanghai}};
  EXPECT_EQ(family_.MetadataFor(Binding(family_.CreateNetwork("mother"), "far")), wanted);
  family_.AddMember(family_.CreateNetwork("mother", Scope::kWallet), "far");
}

TEST_F(NetworkTest, R03AGiverHasManyReceiversAndAReceiverManyGivers) {
  const std::string mothers = family_.CreateNetwork("mother", Scope::kWallet);
  const std::string fathers = family_.CreateNetwork("father", Scope::kWallet);
  for (const std::string& network : {mothers, fathers}) {
    for (const char* child : {"son", "daughter"}) family_.AddMember(network, child);
  }
  EXPECT_EQ(family_.View(mothers).relations.size(), 2u);
}

TEST_F(NetworkTest, R03BindingTheSameMemberTwiceIsRefused) {
  const std::string network = family_.CreateNetwork("mother");
  const std::string relation = family_.AddMember(network, "son");
  EXPECT_EQ(family_.ReasonFor(Binding(network, "son")), "ALREADY_RELATED");
  const Metadata wanted = {{"relation_id", relation}};
  EXPECT_EQ(family_.MetadataFor(Binding(network, "son")), wanted);
}

TEST_F(NetworkTest, R08ANetworkShowsItsRelationsInTheOrderOfBinding) {
  const std::string network = family_.CreateNetwork("mother", Scope::kWallet);
  std::vector<std::string> bound;
  // The later the id, the earlier the binding.
  for (const auto& [time, child] : {std::pair("12:00:00", "son"), {"11:00:00", "daughter"}}) {
    family_.env.Advance(absl::Seconds(1));
    family_.env.SetBusinessTime(At(absl::StrCat("2026-03-02T", time, "+08:00")));
    bound.insert(bound.begin(), family_.AddMember(network, child));
  }
  // Those of one moment come by id.
  family_.env.SetBusinessTime(At("2026-03-02T13:00:00+08:00"));
  std::set<std::string> at_once;
  for (const char* child : {"a", "b", "c", "d", "e", "f"}) {
    family_.Resident(child);
    family_.Mother("mother", child);
    at_once.insert(family_.AddMember(network, child));
  }
  bound.insert(bound.end(), at_once.begin(), at_once.end());
  std::vector<std::string> shown;
  for (const Relation& relation : family_.View(network).relations) {
    shown.push_back(relation.relation_id);
  }
  EXPECT_EQ(shown, bound);
}

TEST_F(NetworkTest, R09NobodyBindsHimself) {
  EXPECT_EQ(family_.ReasonFor(Binding(family_.CreateNetwork("mother"), "mother")), "INVALID_FIELD");
}

TEST_F(NetworkTest, UnknownThingsAreNamed) {
  const std::string network = family_.CreateNetwork("mother");
  const auto refused = [&](Command command) { return family_.Do(std::move(command)).status(); };
  const auto no_network = Refuse(reason::kNetworkUnknown, {{"network_id", "nowhere"}});
  const auto no_person = Refuse(reason::kPersonUnknown, {{"psn_no", "nobody"}});
  const auto no_relation = Refuse(reason::kRelationUnknown, {{"relation_id", "nothing"}});
  EXPECT_EQ(refused(Binding("nowhere", "son")), no_network);
  EXPECT_EQ(refused(Binding(network, "nobody")), no_person);
  EXPECT_EQ(refused(Founding("nobody")), no_person);
  EXPECT_EQ(refused(SetModes{"nothing", "son", {}}), no_relation);
  EXPECT_EQ(refused(EndMembership{"nothing", "son"}), no_relation);
  EXPECT_EQ(refused(DissolveNetwork{"nowhere", "mother"}), no_network);
}

// --- changing and ending -------------------------------------------------------------------------

TEST_F(NetworkTest, R07OnlyTheOrganiserTicksModes) {
  const std::string relation = family_.AddMember(family_.CreateNetwork("mother"), "son", {});
  EXPECT_EQ(family_.ReasonFor(SetModes{relation, "son", {UseMode::kPay}}), "NOT_ALLOWED");
  family_.Must(SetModes{relation, "mother", {UseMode::kPay}});
  const Relation changed = family_.disk.relations.at(relation);
  EXPECT_EQ(changed.version, 2);
  EXPECT_EQ(changed.modes.back().modes, std::set<UseMode>{UseMode::kPay});
}

TEST_F(NetworkTest, R07ModesChangeAtAnyTimeAndEarlierOnesAreForgottenAtLast) {
  const std::string relation = family_.AddMember(family_.CreateNetwork("mother"), "son", {});
  for (int i = 0; i < 40; ++i) {
    family_.env.Advance(absl::Minutes(1));
    family_.Must(SetModes{relation, "mother", {i % 2 == 0 ? UseMode::kPay : UseMode::kPremium}});
  }
  EXPECT_EQ(family_.disk.relations.at(relation).modes.size(), kStatesKept);
  EXPECT_EQ(family_.disk.relations.at(relation).version, 41);
}

TEST_F(NetworkTest, R08EitherSideEndsARelation) {
  const std::string network = family_.CreateNetwork("mother");
  const std::string first = family_.AddMember(network, "son");
  const std::string second = family_.AddMember(network, "daughter");
  EXPECT_EQ(family_.ReasonFor(EndMembership{first, "daughter"}), "NOT_ALLOWED");
  family_.Must(EndMembership{first, "son"});
  family_.Must(EndMembership{second, "mother"});
  EXPECT_EQ(family_.disk.relations.at(first).end_cause, EndCause::kLeft);
  EXPECT_EQ(family_.disk.relations.at(second).end_cause, EndCause::kRemoved);
  const auto ended = Refuse(reason::kRelationEnded, {{"relation_id", first}});
  EXPECT_EQ(family_.Do(EndMembership{first, "son"}).status(), ended);
  EXPECT_EQ(family_.Do(SetModes{first, "mother", {}}).status(), ended);
}

TEST_F(NetworkTest, R08DissolvingEndsEverything) {
  const std::string network = family_.CreateNetwork("mother");
  const std::string first = family_.AddMember(network, "son");
  const std::string second = family_.AddMember(network, "daughter");
  EXPECT_EQ(family_.ReasonFor(DissolveNetwork{network, "son"}), "NOT_ALLOWED");
  family_.Must(DissolveNetwork{network, "mother"});
  for (const std::string& relation : {first, second}) {
    EXPECT_EQ(family_.disk.relations.at(relation).end_cause, EndCause::kDissolved);
  }
  EXPECT_TRUE(family_.View(network).network.dissolved_at.has_value());
  const auto dissolved = Refuse(reason::kNetworkDissolved, {{"network_id", network}});
  EXPECT_EQ(family_.Do(Binding(network, "son")).status(), dissolved);
  EXPECT_EQ(family_.Do(DissolveNetwork{network, "mother"}).status(), dissolved);
  // Everybody is free for another network.
  family_.AddMember(family_.CreateNetwork("father"), "son");
  family_.CreateNetwork("mother");
}

}  // namespace
}  // namespace gongji::relation
