// Limits that policy may set and no shipped file of Shanghai does: how many may share, in which
// modes, with what consent, and where care may be given.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "services/relation/testing/test_family.h"

namespace gongji::relation {
namespace {

using Names = std::vector<std::string>;

std::string FileOf(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// The shipped rules, with `rules` for the pooling area of Shanghai.
policy::PolicyBook BookWith(const std::string& rules) {
  return policy::PolicyBook::Parse(
             {{"national.textproto", FileOf("policy/national.textproto")},
              {"provinces/31.textproto", FileOf("policy/provinces/31.textproto")},
              {"provinces/51.textproto", FileOf("policy/provinces/51.textproto")},
              {"areas/310000.textproto",
               "area: \"310000\" name_zh: \"上海市\" name_en: \"Shanghai\" "
               "rules { sources: \"test\" " +
                   rules + " }"}})
      .value();
}

// Two parents and two children in Shanghai.
class PolicyLimitsTest : public testing::Test {
 protected:
  void Start(const std::string& rules) {
    policies_ = BookWith(rules);
    family_.emplace("2026-03-02T09:30:00+08:00", *policies_);
    for (const char* parent : {"mother", "father"}) family_->Employee(parent);
    for (const char* child : {"son", "daughter"}) {
      family_->Resident(child);
      family_->Mother("mother", child);
      family_->Father("father", child);
    }
    network_ = family_->CreateNetwork("mother");
  }
  AddMember Adding(const std::string& member, std::set<UseMode> modes = {UseMode::kPay}) const {
    return {.relation_id = "", .network_id = network_, .member = member, .modes = std::move(modes)};
  }

  // What is wrong with the mother for a bill of this place.
  Names FailuresAt(const std::string& care_area, std::optional<absl::Time> at = std::nullopt) {
    const Payers payers = family_->Ask(
        {.patient = "son", .purpose = Purpose::kHospital, .care_area = care_area, .at = at});
    EXPECT_EQ(payers.payers.size(), 1U);
    return NamesOf(payers.payers.at(0).failures);
  }

  std::optional<policy::PolicyBook> policies_;
  std::optional<Family> family_;
  std::string network_;
};

TEST_F(PolicyLimitsTest, R03AGiverHasSoManyReceivers) {
  Start("network { max_receivers_per_giver: 1 }");
  const std::string first = family_->AddMember(network_, "son");
  const Metadata wanted = {{"limit", "1"}};
  EXPECT_EQ(family_->ReasonFor(Adding("daughter")), "TOO_MANY_RECEIVERS");
  EXPECT_EQ(family_->MetadataFor(Adding("daughter")), wanted);
  // A place that was given up can be taken again.
  family_->Must(EndMembership{.relation_id = first, .actor = "son"});
  family_->AddMember(network_, "daughter");
}

TEST_F(PolicyLimitsTest, R03AReceiverHasSoManyGivers) {
  Start("network { max_givers_per_receiver: 1 single_network_per_person: false }");
  family_->AddMember(network_, "son");
  network_ = family_->CreateNetwork("father");
  EXPECT_EQ(family_->ReasonFor(Adding("son")), "TOO_MANY_GIVERS");
  family_->AddMember(network_, "daughter");
}

// Each role has its own limit: who receives from one may give to another.
TEST_F(PolicyLimitsTest, R03GivingAndReceivingAreCountedApart) {
  Start(
      "network { max_receivers_per_giver: 1 max_givers_per_receiver: 1 "
      "single_network_per_person: false }");
  family_->Employee("grandmother");
  family_->Mother("grandmother", "mother");
  family_->AddMember(family_->CreateNetwork("grandmother"), "mother");
  family_->AddMember(network_, "son");
  EXPECT_EQ(family_->ReasonFor(Adding("daughter")), "TOO_MANY_RECEIVERS");
}

// Networks of the time when an area allowed several still count when it allows one.
TEST_F(PolicyLimitsTest, R04WhoWasInANetworkBeforeTheRuleIsInIt) {
  Start(
      "valid_to: \"2026-03-31\" network { single_network_per_person: false } } "
      "rules { sources: \"test\" valid_from: \"2026-04-01\" "
      "network { single_network_per_person: true }");
  const std::string mothers = network_;
  const std::string sons = family_->AddMember(mothers, "son");
  family_->AddMember(family_->CreateNetwork("father", Scope::kWallet), "daughter");
  family_->Marry("mother", "father", "2010-05-01");
  EXPECT_EQ(family_->disk.dossiers.at("son")->seat, "");
  family_->env.SetBusinessTime(At("2026-04-01T09:00:00+08:00"));
  network_ = family_->CreateNetwork("father");
  const auto in_mothers = [&](const std::string& psn_no) {
    return Refuse(reason::kAlreadyInNetwork, {{"psn_no", psn_no}, {"network_id", mothers}});
  };
  EXPECT_EQ(family_->Do(Adding("son")).status(), in_mothers("son"));
  EXPECT_EQ(family_->Do(Adding("mother")).status(), in_mothers("mother"));
  // Only wallets so far, which do not count; and one who has left.
  family_->AddMember(network_, "daughter");
  family_->Must(EndMembership{sons, "son"});
  family_->AddMember(network_, "son");
}

// The giver is judged by the giver's area and the receiver by the receiver's.
TEST_F(PolicyLimitsTest, R45EachSideIsJudgedByItsOwnArea) {
  for (const bool giver_differs : {true, false}) {
    policies_ = policy::PolicyBook::Parse(
                    {{"national.textproto", FileOf("policy/national.textproto")},
                     {"areas/310100.textproto",
                      "area: \"310100\" name_zh: \"x\" name_en: \"x\" rules { sources: \"test\" "
                      "organiser { insurances { codes: \"320\" } } "
                      "member { insurances { codes: \"330\" } } "
                      "fund { blocking_statuses { statuses: ACCOUNT_STATUS_SEALED } } }"}})
                    .value();
    family_.emplace("2026-03-02T09:30:00+08:00", *policies_);
    Person giver =
        MakePerson("mother", giver_differs ? "320" : "310", giver_differs ? "310100" : kShanghai);
    giver.has_account = true;
    family_->Register(giver);
    family_->Register(
        MakePerson("son", giver_differs ? "390" : "330", giver_differs ? kShanghai : "310100"));
    family_->Mother("mother", "son");
    family_->AddMember(family_->CreateNetwork("mother", Scope::kWallet), "son");
    EXPECT_EQ(NamesOf(family_->AskTransfer({"mother", "son", {}}).failures), Names{});
    EXPECT_EQ(FailuresAt("310100"), Names{});
    family_->Must(RegisterPerson{.person = giver, .account_status = AccountStatus::kFrozen});
    const Names wanted = giver_differs ? Names{} : Names{"ACCOUNT_BLOCKED"};
    EXPECT_EQ(NamesOf(family_->AskTransfer({"mother", "son", {}}).failures), wanted);
    EXPECT_EQ(FailuresAt("310100"), wanted);
  }
}

TEST_F(PolicyLimitsTest, R07OnlyModesOnOfferCanBeChosen) {
  Start("network { use_modes { use_modes: [USE_MODE_PAY] } }");
  const Metadata wanted = {{"mode", "PREMIUM"}};
  EXPECT_EQ(family_->ReasonFor(Adding("son", {UseMode::kPremium})), "MODE_NOT_OFFERED");
  EXPECT_EQ(family_->MetadataFor(Adding("son", {UseMode::kPay, UseMode::kPremium})), wanted);
  family_->AddMember(network_, "son", {UseMode::kPay});
}

TEST_F(PolicyLimitsTest, R08AMemberConsentsWherePolicyAsksForIt) {
  Start("network { member_consent: MEMBER_CONSENT_PROMISE_LETTER }");
  EXPECT_EQ(family_->ReasonFor(Adding("son")), "CONSENT_MISSING");
  AddMember adding = Adding("son");
  adding.has_consent = true;
  EXPECT_EQ(family_->ReasonFor(adding), "");
}

// The narrower of the two areas counts: a giver of Shanghai, whose area stays at home, and a
// patient of another one in the same province, whose area does not; and the other way round.
TEST_F(PolicyLimitsTest, R24TheNarrowerScopeOfGiverAndPatientCounts) {
  for (const auto& [giver, patient] : {std::pair("310000", "310100"), {"310100", "310000"}}) {
    policies_ = policy::PolicyBook::Parse(
                    {{"national.textproto", FileOf("policy/national.textproto")},
                     {"areas/310000.textproto",
                      "area: \"310000\" name_zh: \"x\" name_en: \"x\" rules { sources: \"test\" "
                      "care { care_scope: CARE_SCOPE_OWN_AREA } }"}})
                    .value();
    family_.emplace("2026-03-02T09:30:00+08:00", *policies_);
    family_->Employee("mother", giver);
    family_->Resident("son", patient);
    family_->Mother("mother", "son");
    network_ = family_->CreateNetwork("mother");
    family_->AddMember(network_, "son");
    for (const char* elsewhere : {"510100", giver}) {
      EXPECT_EQ(FailuresAt(elsewhere), Names{"CARE_OUTSIDE_SCOPE"}) << elsewhere;
    }
    // At home is where the patient is insured.
    EXPECT_EQ(FailuresAt(patient), Names{});
  }
}

// A giver who was insured in another province on the day of the bill: that is told, and nothing of
// the care, which was given in the patient's province.
TEST_F(PolicyLimitsTest, R24TheProvinceIsThatOfThePatient) {
  Start("care { care_scope: CARE_SCOPE_PROVINCE }");
  Person moved = MakePerson("mother", "310", "510100");
  moved.insurances[0].until = Day("2026-02-01");
  moved.insurances.push_back(Insured("310", "310000"));
  moved.insurances[1].from = Day("2026-02-01");
  family_->Register(moved);
  family_->AddMember(network_, "son");
  const auto then = At("2026-01-20T09:00:00+08:00");
  EXPECT_EQ(FailuresAt("310100", then),
            (Names{"MEMBER_INSURED_ELSEWHERE", "RELATION_BOUND_LATER"}));
  EXPECT_EQ(FailuresAt("510100", then),
            (Names{"MEMBER_INSURED_ELSEWHERE", "CARE_OUTSIDE_SCOPE", "RELATION_BOUND_LATER"}));
}

// A row is a scope and a place of care, and says whether the mother may pay there.
struct Care {
  const char* name;
  const char* scope;
  const char* area;
  bool within;
};

class CareScopeTest : public PolicyLimitsTest, public testing::WithParamInterface<Care> {};

TEST_P(CareScopeTest, R24LimitsWhereSharedMoneyPays) {
  Start(std::string("care { care_scope: ") + GetParam().scope + " }");
  family_->AddMember(network_, "son");
  const Names wanted = GetParam().within ? Names{} : Names{"CARE_OUTSIDE_SCOPE"};
  EXPECT_EQ(FailuresAt(GetParam().area), wanted);
}

INSTANTIATE_TEST_SUITE_P(
    All, CareScopeTest,
    testing::Values(Care{"OwnAreaAtHome", "CARE_SCOPE_OWN_AREA", "310000", true},
                    Care{"OwnAreaInTheProvince", "CARE_SCOPE_OWN_AREA", "310100", false},
                    Care{"OwnAreaElsewhere", "CARE_SCOPE_OWN_AREA", "510100", false},
                    Care{"ProvinceInTheProvince", "CARE_SCOPE_PROVINCE", "310100", true},
                    Care{"ProvinceElsewhere", "CARE_SCOPE_PROVINCE", "510100", false},
                    Care{"NationwideElsewhere", "CARE_SCOPE_NATIONWIDE", "510100", true}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace gongji::relation
