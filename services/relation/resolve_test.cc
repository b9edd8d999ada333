// Who may pay for whom, in which order, and why not: the published examples and single rules (R11,
// R21, R33).
#include "services/relation/resolve.h"

#include <gtest/gtest.h>

#include "services/relation/testing/test_family.h"

namespace gongji::relation {
namespace {

using Names = std::vector<std::string>;

// R33: the published example. The mother creates her network in July 2022 and adds her son; the
// bill is of 2022-08-01.
class ShanghaiChildTest : public testing::Test {
 protected:
  ShanghaiChildTest() : family_("2022-07-15T10:00:00+08:00") {
    family_.Employee("mother");
    family_.Resident("son");
    family_.Mother("mother", "son");
    network_ = family_.CreateNetwork("mother");
  }

  void BindSon(std::set<UseMode> modes) { relation_ = family_.AddMember(network_, "son", modes); }

  Payers AskAllOn(const std::string& time) {
    return family_.Ask(
        {.patient = "son", .purpose = Purpose::kHospital, .care_area = kShanghai, .at = At(time)});
  }
  Payer AskOn(const std::string& time) {
    const Payers payers = AskAllOn(time);
    EXPECT_EQ(NamesOf(payers.patient_failures), Names{});
    EXPECT_EQ(payers.payers.size(), 1u);
    return payers.payers.at(0);
  }

  Family family_;
  std::string network_;
  std::string relation_;
};

TEST_F(ShanghaiChildTest, R33TheMotherMayPay) {
  BindSon({UseMode::kPay});
  const Payer mother = AskOn("2022-08-01T09:00:00+08:00");
  EXPECT_EQ(NamesOf(mother.failures), Names{});
  EXPECT_EQ(mother.relation.relation_id, relation_);
  EXPECT_EQ(mother.relation.giver, "mother");
  EXPECT_EQ(mother.relation.kin, Kin::kChild);
  EXPECT_EQ(mother.relation.scope, Scope::kInProvince);
  EXPECT_EQ(mother.giver_area, kShanghai);
}

TEST_F(ShanghaiChildTest, R33ControlNoModeTicked) {
  BindSon({});
  EXPECT_EQ(NamesOf(AskOn("2022-08-01T09:00:00+08:00").failures), Names{"MODE_NOT_CHOSEN"});
}

TEST_F(ShanghaiChildTest, R33ControlPremiumOnly) {
  BindSon({UseMode::kPremium});
  const Payer mother = AskOn("2022-08-01T09:00:00+08:00");
  EXPECT_EQ(mother.failures, (Failures{{&reason::kModeNotTicked, {{"needed", "PAY"}}}}));
}

TEST_F(ShanghaiChildTest, R33ControlBoundAfterTheBill) {
  family_.env.SetBusinessTime(At("2022-08-01T12:00:00+08:00"));
  BindSon({UseMode::kPay});
  const Payer mother = AskOn("2022-08-01T09:00:00+08:00");
  EXPECT_EQ(
      mother.failures,
      (Failures{{&reason::kRelationBoundLater, {{"added_at", "2022-08-01T12:00:00+08:00"}}}}));
}

TEST_F(ShanghaiChildTest, R33ControlTheDayBeforeSharingBegan) {
  BindSon({UseMode::kPay});
  const Payer mother = AskOn("2022-07-31T23:59:59+08:00");
  EXPECT_EQ(
      mother.failures,
      (Failures{{&reason::kSharingNotInForce, {{"area", "310000"}, {"from", "2022-08-01"}}}}));
}

TEST_F(ShanghaiChildTest, R33ControlAccountSealed) {
  BindSon({UseMode::kPay});
  family_.Must(RegisterPerson{.person = MakePerson("mother", "310", kShanghai),
                              .account_status = AccountStatus::kSealed,
                              .account_since = At("2022-07-31T00:00:00+08:00")});
  const Payer mother = AskOn("2022-08-01T09:00:00+08:00");
  EXPECT_EQ(mother.failures,
            (Failures{{&reason::kAccountBlocked, {{"psn_no", "mother"}, {"status", "SEALED"}}}}));
}

TEST_F(ShanghaiChildTest, R10UnsealingRestoresWithoutANewBinding) {
  BindSon({UseMode::kPay});
  const auto account = [&](AccountStatus status, const std::string& since) {
    family_.Must(RegisterPerson{.person = MakePerson("mother", "310", kShanghai),
                                .account_status = status,
                                .account_since = At(since)});
  };
  account(AccountStatus::kFrozen, "2022-08-02T00:00:00+08:00");
  account(AccountStatus::kNormal, "2022-08-05T00:00:00+08:00");
  EXPECT_EQ(NamesOf(AskOn("2022-08-01T09:00:00+08:00").failures), Names{});
  EXPECT_EQ(NamesOf(AskOn("2022-08-03T09:00:00+08:00").failures), Names{"ACCOUNT_BLOCKED"});
  EXPECT_EQ(NamesOf(AskOn("2022-08-05T09:00:00+08:00").failures), Names{});
}

TEST_F(ShanghaiChildTest, R07ModesCountAsOfSettlementTime) {
  BindSon({UseMode::kPremium});
  family_.env.SetBusinessTime(At("2022-08-02T00:00:00+08:00"));
  family_.Must(SetModes{relation_, "mother", {UseMode::kPay, UseMode::kPremium}});
  EXPECT_EQ(NamesOf(AskOn("2022-08-01T09:00:00+08:00").failures), Names{"MODE_NOT_TICKED"});
  EXPECT_EQ(NamesOf(AskOn("2022-08-02T09:00:00+08:00").failures), Names{});
}

TEST_F(ShanghaiChildTest, P26AnEndedRelationIsRefusedWhateverTimeIsAskedFor) {
  BindSon({UseMode::kPay});
  family_.env.SetBusinessTime(At("2022-08-02T00:00:00+08:00"));
  family_.Must(EndMembership{relation_, "son"});
  EXPECT_EQ(NamesOf(AskOn("2022-08-01T09:00:00+08:00").failures), Names{"RELATION_ENDED"});
}

TEST_F(ShanghaiChildTest, R15ARelationMadeAnewIsShownOnceWithItsNewId) {
  BindSon({UseMode::kPay});
  family_.env.SetBusinessTime(At("2022-07-20T00:00:00+08:00"));
  family_.Must(EndMembership{relation_, "son"});
  const std::string old = relation_;
  BindSon({UseMode::kPay});
  EXPECT_NE(relation_, old);
  EXPECT_EQ(AskOn("2022-08-01T09:00:00+08:00").relation.relation_id, relation_);
}

TEST_F(ShanghaiChildTest, R23APurposeThatIsNotListedIsRefused) {
  BindSon({UseMode::kPay, UseMode::kPremium});
  const auto ask = [&](Purpose purpose) {
    return NamesOf(family_
                       .Ask({.patient = "son",
                             .purpose = purpose,
                             .care_area = "",
                             .at = At("2022-08-01T09:00:00+08:00")})
                       .payers.at(0)
                       .failures);
  };
  EXPECT_EQ(ask(Purpose::kCommercialPremium), Names{});
  EXPECT_EQ(ask(Purpose::kCheckUp), Names{"PURPOSE_NOT_ALLOWED"});
}

TEST_F(ShanghaiChildTest, R21NothingIsSharedAfterADeath) {
  BindSon({UseMode::kPay});
  Person dead = MakePerson("son", "390", kShanghai);
  dead.died_on = Day("2022-07-30");
  family_.env.SetBusinessTime(At("2022-08-02T00:00:00+08:00"));
  family_.Register(dead);
  const Payers payers = AskAllOn("2022-08-01T09:00:00+08:00");
  EXPECT_EQ(NamesOf(payers.patient_failures), Names{"PERSON_DECEASED"});
  EXPECT_EQ(payers.patient.died_on, Day("2022-07-30"));
  EXPECT_EQ(NamesOf(payers.payers.at(0).failures), Names{"RELATION_ENDED"});
}

TEST_F(ShanghaiChildTest, R06AnUninsuredPatientIsToldWhy) {
  BindSon({UseMode::kPay});
  Person paused = MakePerson("son", "390", kShanghai);
  paused.insurances[0].status = InsuranceStatus::kPaused;
  paused.insurances[0].until = Day("2022-07-20");
  family_.env.SetBusinessTime(At("2022-07-20T10:00:00+08:00"));
  family_.Register(paused);
  EXPECT_EQ(NamesOf(AskAllOn("2022-08-01T09:00:00+08:00").patient_failures),
            Names{"INSURANCE_NOT_ACTIVE"});
}

TEST_F(ShanghaiChildTest, R06TwoActiveInsurancesAreNamed) {
  BindSon({UseMode::kPay});
  Person twice = MakePerson("son", "390", kShanghai);
  twice.insurances.push_back(Insured("310", kShanghai));
  family_.Register(twice);
  EXPECT_EQ(NamesOf(AskAllOn("2022-08-01T09:00:00+08:00").patient_failures),
            Names{"DUPLICATE_INSURANCE"});
}

TEST_F(ShanghaiChildTest, R40TheAnswerNamesItsPolicyFiles) {
  BindSon({UseMode::kPay});
  const Payers payers = AskAllOn("2022-08-01T09:00:00+08:00");
  ASSERT_EQ(payers.policies.size(), 2u);
  EXPECT_TRUE(payers.policies[0].starts_with("national@"));
  EXPECT_TRUE(payers.policies[1].starts_with("provinces/31@"));
  EXPECT_EQ(payers.patient.area, kShanghai);
  EXPECT_TRUE(payers.patient.insured);
}

TEST(ResolveTest, R11AStrangerIsUnknownAndSomebodyAloneHasNoPayers) {
  Family family;
  family.Employee("alone");
  EXPECT_TRUE(family.Ask({.patient = "alone", .care_area = kShanghai}).payers.empty());
  const auto unknown = family.env.Wait(family.relations.Resolve({{.patient = "nobody"}}));
  const auto nobody = Refuse(reason::kPersonUnknown, {{"psn_no", "nobody"}});
  EXPECT_EQ(unknown->value[0].status(), nobody);
  const auto transfers = family.env.Wait(
      family.relations.ResolveTransfer({{"nobody", "alone", {}}, {"alone", "nobody", {}}}));
  for (const auto& one : transfers->value) EXPECT_EQ(one.status(), nobody);
}

TEST(ResolveTest, R02ADivorceCountsFromItsDay) {
  Family family;
  family.Employee("wife");
  family.Resident("husband");
  const std::string marriage = family.Marry("wife", "husband", "2010-05-01");
  const std::string relation = family.AddMember(family.CreateNetwork("wife"), "husband");
  const EndFact divorce{marriage, Day("2026-03-04"), EvidenceLevel::kRegistry, "divorce register"};
  // Nothing may end on a future day: no event would announce the end then.
  EXPECT_EQ(family.ReasonFor(divorce), "INVALID_FIELD");
  const auto ask = [&](const std::string& time) {
    return NamesOf(family.Ask({.patient = "husband", .care_area = kShanghai, .at = At(time)})
                       .payers.at(0)
                       .failures);
  };
  EXPECT_EQ(ask("2026-03-03T09:00:00+08:00"), Names{});
  family.env.SetBusinessTime(At("2026-03-04T08:00:00+08:00"));
  family.Must(divorce);
  EXPECT_EQ(ask("2026-03-04T09:00:00+08:00"), Names{"RELATION_ENDED"});
  EXPECT_EQ(family.disk.relations.at(relation).end_cause, EndCause::kKinshipEnded);
}

TEST(ResolveTest, R21PayersComeInPolicyOrder) {
  Family family;
  for (const char* giver : {"mother", "daughter", "spouse"}) family.Employee(giver, kChengdu);
  family.Resident("patient", kChengdu);
  family.Mother("mother", "patient");
  family.Mother("patient", "daughter");
  family.Marry("patient", "spouse", "2010-05-01");
  // Sichuan: quota before live draws, then local givers, then by time of binding.
  const auto bind = [&](const std::string& giver, Scope scope) {
    family.env.Advance(absl::Seconds(1));
    return family.AddMember(family.CreateNetwork(giver, scope), "patient");
  };
  const std::string first = bind("spouse", Scope::kInProvince);
  const std::string second = bind("mother", Scope::kInProvince);
  const std::string quota = bind("daughter", Scope::kWallet);
  const Payers payers = family.Ask({.patient = "patient", .care_area = kChengdu});
  ASSERT_EQ(payers.payers.size(), 3u);
  EXPECT_EQ(payers.payers[0].relation.relation_id, quota);
  EXPECT_EQ(payers.payers[1].relation.relation_id, first);
  EXPECT_EQ(payers.payers[2].relation.relation_id, second);
  for (const Payer& payer : payers.payers) EXPECT_EQ(NamesOf(payer.failures), Names{});
}

// R33, second half: a worker in one province pays for a parent in another through wallets.
TEST(ResolveTest, R33WalletsReachAcrossProvinces) {
  Family family;
  family.Employee("worker", kShanghai);
  family.Resident("parent", kChengdu);
  family.Mother("parent", "worker");
  const std::string relation =
      family.AddMember(family.CreateNetwork("worker", Scope::kWallet), "parent");

  const TransferPermission transfer = family.AskTransfer({"worker", "parent", {}});
  EXPECT_EQ(NamesOf(transfer.failures), Names{});
  const Relation allowed = transfer.relation.value_or(Relation{});
  EXPECT_EQ(allowed.relation_id, relation);
  EXPECT_EQ(allowed.version, 1);
  EXPECT_EQ(transfer.giver.area, kShanghai);
  EXPECT_EQ(transfer.receiver.area, kChengdu);
  EXPECT_EQ(transfer.policies.size(), 3u);

  const Payers payers = family.Ask({.patient = "parent", .care_area = kChengdu});
  ASSERT_EQ(payers.payers.size(), 1u);
  EXPECT_EQ(NamesOf(payers.payers[0].failures), Names{});
  EXPECT_EQ(payers.payers[0].relation.scope, Scope::kWallet);
  EXPECT_EQ(payers.payers[0].giver_area, kShanghai);
}

TEST(ResolveTest, R15ATransferNeedsAWalletRelation) {
  Family family;
  family.Employee("giver");
  family.Resident("child");
  family.Mother("giver", "child");
  family.AddMember(family.CreateNetwork("giver"), "child");
  EXPECT_EQ(NamesOf(family.AskTransfer({"giver", "child", {}}).failures),
            Names{"NO_WALLET_RELATION"});
  const std::string relation =
      family.AddMember(family.CreateNetwork("giver", Scope::kWallet), "child");
  EXPECT_EQ(NamesOf(family.AskTransfer({"giver", "child", {}}).failures), Names{});
  family.Must(EndMembership{relation, "giver"});
  const TransferPermission ended = family.AskTransfer({"giver", "child", {}});
  EXPECT_EQ(NamesOf(ended.failures), Names{"RELATION_ENDED"});
  EXPECT_EQ(ended.relation.value_or(Relation{}).version, 2);
}

TEST(ResolveTest, R10ASealedGiverGrantsNothingNew) {
  Family family;
  family.Employee("giver");
  family.Resident("child");
  family.Mother("giver", "child");
  family.AddMember(family.CreateNetwork("giver", Scope::kWallet), "child");
  family.Must(RegisterPerson{.person = MakePerson("giver", "310", kShanghai),
                             .account_status = AccountStatus::kSealed});
  EXPECT_EQ(NamesOf(family.AskTransfer({"giver", "child", {}}).failures), Names{"ACCOUNT_BLOCKED"});
  EXPECT_EQ(NamesOf(family.Ask({.patient = "child", .care_area = kShanghai}).payers[0].failures),
            Names{"ACCOUNT_BLOCKED"});
}

TEST(ResolveTest, R14WalletsWereNotOpenBefore2026) {
  Family family;
  family.Employee("giver");
  family.Resident("child");
  family.Mother("giver", "child");
  family.AddMember(family.CreateNetwork("giver", Scope::kWallet), "child");
  const TransferPermission early =
      family.AskTransfer({"giver", "child", At("2026-01-08T12:00:00+08:00")});
  EXPECT_EQ(NamesOf(early.failures), (Names{"RELATION_BOUND_LATER", "WALLET_NOT_OPEN_IN_AREA"}));
}

}  // namespace
}  // namespace gongji::relation
