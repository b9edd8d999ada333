// The service through its wire.
#include "services/relation/relation_service.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "gongji/relation/v1/relation.pb.h"
#include "services/common/rpc/status_wire.h"
#include "services/common/testing/messages.h"
#include "services/relation/testing/test_family.h"
#include "services/relation/testing/test_service.h"

namespace gongji::relation {
namespace {

// The published example, from registration to the answer that settlement gets.
TEST_F(RelationServiceTest, R33TheMotherMayPayForHerSon) {
  Register(MakePerson("mother", "310", kShanghai));
  Register(MakePerson("son", "390", kShanghai));
  peers_.prior_fen["mother"] = 16231;
  v1::BatchRecordFactsRequest facts;
  *facts.add_facts() = MotherOf("mother", "son");
  ASSERT_TRUE(
      Call<v1::BatchRecordFactsResponse>("BatchRecordFacts", facts)->outcomes(0).has_written());

  v1::CreateNetworkRequest create;
  create.set_request_id("network");
  create.set_organiser_psn_no("mother");
  create.set_scope(v1::NETWORK_SCOPE_IN_PROVINCE);
  create.mutable_origin()->set_channel(common::v1::CHANNEL_APP);
  const auto created = Call<v1::CreateNetworkResponse>("CreateNetwork", create);
  ASSERT_TRUE(created.ok()) << created.status();

  v1::AddMemberRequest add;
  add.set_request_id("member");
  add.set_network_id(created->written().id());
  add.set_member_psn_no("son");
  add.add_modes(policy::v1::USE_MODE_PAY);
  const auto added = Call<v1::AddMemberResponse>("AddMember", add);
  ASSERT_TRUE(added.ok()) << added.status();
  EXPECT_TRUE(Call<v1::AddMemberResponse>("AddMember", add)->written().replayed());

  v1::BatchResolveRequest resolve;
  v1::ResolveQuestion& question = *resolve.add_questions();
  question.set_psn_no("son");
  question.set_purpose(policy::v1::PURPOSE_HOSPITAL);
  question.set_care_area(kShanghai);
  const auto resolved = Call<v1::BatchResolveResponse>("BatchResolve", resolve);
  ASSERT_TRUE(resolved.ok()) << resolved.status();
  EXPECT_EQ(resolved->revision(), added->written().revision());
  const v1::Payers& payers = resolved->outcomes(0).payers();
  EXPECT_EQ(payers.patient().area(), kShanghai);
  ASSERT_EQ(payers.payers_size(), 1);
  EXPECT_EQ(payers.payers(0).giver_psn_no(), "mother");
  EXPECT_EQ(payers.payers(0).relation_id(), added->written().id());
  EXPECT_EQ(payers.payers(0).scope(), v1::NETWORK_SCOPE_IN_PROVINCE);
  EXPECT_EQ(payers.payers(0).kin(), policy::v1::KIN_CHILD);
  EXPECT_EQ(payers.payers(0).reasons_size(), 0);
  EXPECT_EQ(payers.policies_size(), 2);
}

TEST_F(RelationServiceTest, R42ARefusalCarriesReasonMetadataAndBothTexts) {
  Register(MakePerson("child", "390", kShanghai));
  v1::CreateNetworkRequest create;
  create.set_request_id("network");
  create.set_organiser_psn_no("child");
  create.set_scope(v1::NETWORK_SCOPE_IN_PROVINCE);
  const absl::Status refused = Call<v1::CreateNetworkResponse>("CreateNetwork", create).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(refused), "INSURANCE_NOT_ACTIVE");
  EXPECT_TRUE(IsFinal(refused));
  EXPECT_EQ(DetailOf(refused).value_or(ErrorDetail{}).text_zh, reason::kInsuranceNotActive.text_zh);
}

TEST_F(RelationServiceTest, R11FailedRulesComeAsReasonsWithAdvice) {
  Register(MakePerson("giver", "310", kShanghai));
  Register(MakePerson("receiver", "390", kChengdu));
  v1::BatchResolveTransferRequest request;
  request.add_questions()->set_giver_psn_no("giver");
  request.mutable_questions(0)->set_receiver_psn_no("receiver");
  request.add_questions()->set_giver_psn_no("giver");
  request.mutable_questions(1)->set_receiver_psn_no("nobody");
  const auto response = Call<v1::BatchResolveTransferResponse>("BatchResolveTransfer", request);
  ASSERT_TRUE(response.ok()) << response.status();
  const v1::TransferPermission& permission = response->outcomes(0).permission();
  EXPECT_EQ(permission.relation_id(), "");
  ASSERT_EQ(permission.reasons_size(), 2);
  EXPECT_EQ(permission.reasons(0).name(), "NO_WALLET_RELATION");
  EXPECT_EQ(permission.reasons(0).advice_en(), reason::kNoWalletRelation.advice_en);
  EXPECT_EQ(permission.reasons(1).name(), "NOT_RELATED");
  EXPECT_EQ(ReasonOf(rpc::FromMessage(response->outcomes(1).error())), "PERSON_UNKNOWN");
}

TEST_F(RelationServiceTest, R02SaysWhoIsWhatToWhomAndByWhichFacts) {
  for (const char* person : {"one", "other"}) Register(MakePerson(person, "310", kShanghai));
  v1::BatchRegisterPersonsRequest named;
  v1::RegisterPerson& mother = *named.add_persons();
  mother.set_request_id("mother");
  mother.mutable_person()->set_psn_no("mother");
  mother.mutable_person()->set_name("known by facts only");
  ASSERT_TRUE(Call<v1::BatchRegisterPersonsResponse>("BatchRegisterPersons", named)
                  ->outcomes(0)
                  .has_written());
  v1::BatchRecordFactsRequest facts;
  *facts.add_facts() = MotherOf("mother", "one");
  *facts.add_facts() = MotherOf("mother", "other");
  facts.mutable_facts(1)->mutable_fact()->set_kind(v1::FACT_KIND_ADOPTION);
  facts.mutable_facts(1)->mutable_fact()->set_evidence(policy::v1::EVIDENCE_LEVEL_DOCUMENT);
  const auto recorded = Call<v1::BatchRecordFactsResponse>("BatchRecordFacts", facts);
  ASSERT_TRUE(recorded->outcomes(1).has_written()) << recorded->DebugString();

  v1::BatchFindKinshipsRequest request;
  request.add_questions()->set_psn_no("one");
  request.mutable_questions(0)->set_other_psn_no("other");
  request.add_questions()->set_psn_no("one");
  request.add_questions()->set_psn_no("one");
  request.mutable_questions(2)->set_other_psn_no("nobody");
  const auto response = Call<v1::BatchFindKinshipsResponse>("BatchFindKinships", request);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->revision(), 5);
  ASSERT_EQ(response->outcomes_size(), 3);
  ASSERT_EQ(response->outcomes(0).kinships().kinships_size(), 1);
  const v1::Kinship& kinship = response->outcomes(0).kinships().kinships(0);
  EXPECT_EQ(kinship.relationship(), "SIBLING");
  ASSERT_EQ(kinship.path_size(), 2);
  EXPECT_EQ(kinship.path(0).fact_id(), recorded->outcomes(0).written().id());
  EXPECT_EQ(kinship.path(0).from_psn_no(), "one");
  EXPECT_EQ(kinship.path(0).to_psn_no(), "mother");
  EXPECT_EQ(kinship.evidence(), policy::v1::EVIDENCE_LEVEL_DOCUMENT);
  EXPECT_TRUE(kinship.by_adoption());
  EXPECT_FALSE(kinship.by_upbringing());
  EXPECT_EQ(ReasonOf(rpc::FromMessage(response->outcomes(1).error())), "INVALID_FIELD");
  EXPECT_EQ(ReasonOf(rpc::FromMessage(response->outcomes(2).error())), "PERSON_UNKNOWN");
}

TEST_F(RelationServiceTest, R43AWrongNumberIsRefusedWithoutRepeatingIt) {
  v1::BatchRegisterPersonsRequest request;
  *request.add_persons() = Message(MakePerson("good", "390", kShanghai));
  *request.add_persons() = Message(MakePerson("bad", "390", kShanghai));
  request.mutable_persons(1)->mutable_person()->mutable_certificate()->set_number(
      "110105194912310021");
  const auto response = Call<v1::BatchRegisterPersonsResponse>("BatchRegisterPersons", request);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->outcomes(0).written().id(), "good");
  const auto& error = response->outcomes(1).error();
  EXPECT_EQ(MetadataOf(rpc::FromMessage(error)).at(0).second, "person.certificate.number");
  EXPECT_EQ(error.DebugString().find("110105194912310021"), std::string::npos);
}

TEST_F(RelationServiceTest, ListsNetworksPageByPageAndChangesInOrder) {
  Register(MakePerson("mother", "310", kShanghai));
  peers_.prior_fen["mother"] = 1;
  for (const v1::NetworkScope scope : {v1::NETWORK_SCOPE_IN_PROVINCE, v1::NETWORK_SCOPE_WALLET}) {
    v1::CreateNetworkRequest create;
    create.set_request_id("network-" + std::to_string(scope));
    create.set_organiser_psn_no("mother");
    create.set_scope(scope);
    ASSERT_TRUE(Call<v1::CreateNetworkResponse>("CreateNetwork", create).ok());
  }
  v1::ListNetworksRequest list;
  list.set_psn_no("mother");
  list.set_page_size(1);
  const auto first = Call<v1::ListNetworksResponse>("ListNetworks", list);
  ASSERT_EQ(first->networks_size(), 1);
  ASSERT_NE(first->next_page_token(), "");
  list.set_page_token(first->next_page_token());
  const auto second = Call<v1::ListNetworksResponse>("ListNetworks", list);
  ASSERT_EQ(second->networks_size(), 1);
  EXPECT_EQ(second->next_page_token(), "");
  EXPECT_NE(first->networks(0).network_id(), second->networks(0).network_id());

  const auto changes = Call<v1::ListChangesResponse>("ListChanges", v1::ListChangesRequest());
  EXPECT_EQ(changes->last_revision(), 3);
  ASSERT_EQ(changes->changes_size(), 3);
  EXPECT_EQ(changes->changes(0).registered_psn_no(), "mother");
  EXPECT_TRUE(changes->changes(2).has_created_network_id());
}

TEST_F(RelationServiceTest, ChangesComeInPagesFromARevisionOn_P24) {
  for (const char* person : {"a", "b", "c"}) Register(MakePerson(person, "390", kShanghai));
  v1::ListChangesRequest list;
  list.set_after_revision(1);
  list.set_page_size(1);
  const auto page = Call<v1::ListChangesResponse>("ListChanges", list);
  ASSERT_EQ(page->changes_size(), 1);
  EXPECT_EQ(page->changes(0).registered_psn_no(), "b");
  EXPECT_EQ(page->last_revision(), 3);
  list.set_after_revision(-1);
  const auto refused = Call<v1::ListChangesResponse>("ListChanges", list);
  EXPECT_EQ(refused.status(), InvalidField("after_revision", "is negative"));
}

// The life of a network after its founding, by the calls that change and show it.
TEST_F(RelationServiceTest, ModesChangeMembersLeaveAndANetworkEnds_R08) {
  Register(MakePerson("mother", "310", kShanghai));
  Register(MakePerson("son", "390", kShanghai));
  peers_.prior_fen["mother"] = 1;
  v1::BatchRecordFactsRequest facts;
  *facts.add_facts() = MotherOf("mother", "son");
  ASSERT_TRUE(Call<v1::BatchRecordFactsResponse>("BatchRecordFacts", facts).ok());
  const auto network = Call<v1::CreateNetworkResponse>(
      "CreateNetwork", Parsed<v1::CreateNetworkRequest>("request_id: 'n' organiser_psn_no: "
                                                        "'mother' scope: NETWORK_SCOPE_WALLET"));
  ASSERT_TRUE(network.ok()) << network.status();
  auto add = Parsed<v1::AddMemberRequest>("request_id: 'm' member_psn_no: 'son'");
  add.set_network_id(network->written().id());
  const auto member = Call<v1::AddMemberResponse>("AddMember", add);
  ASSERT_TRUE(member.ok()) << member.status();

  auto modes =
      Parsed<v1::SetModesRequest>("request_id: 's' actor_psn_no: 'mother' modes: USE_MODE_PREMIUM");
  modes.set_relation_id(member->written().id());
  ASSERT_TRUE(Call<v1::SetModesResponse>("SetModes", modes).ok());
  v1::GetNetworkRequest get;
  get.set_network_id(network->written().id());
  auto seen = Call<v1::GetNetworkResponse>("GetNetwork", get);
  ASSERT_TRUE(seen.ok()) << seen.status();
  EXPECT_EQ(seen->network().organiser_psn_no(), "mother");
  ASSERT_EQ(seen->network().relations_size(), 1);
  EXPECT_EQ(seen->network().relations(0).modes(0), policy::v1::USE_MODE_PREMIUM);

  auto dissolve = Parsed<v1::DissolveNetworkRequest>("request_id: 'd' actor_psn_no: 'mother'");
  dissolve.set_network_id(network->written().id());
  ASSERT_TRUE(Call<v1::DissolveNetworkResponse>("DissolveNetwork", dissolve).ok());
  seen = Call<v1::GetNetworkResponse>("GetNetwork", get);
  EXPECT_TRUE(seen->network().has_dissolved_at());
  v1::BatchGetRelationsRequest relations;
  relations.add_relation_ids(member->written().id());
  relations.add_relation_ids("nobody");
  const auto found = Call<v1::BatchGetRelationsResponse>("BatchGetRelations", relations);
  ASSERT_EQ(found->outcomes_size(), 2);
  EXPECT_EQ(found->outcomes(0).relation().end_cause(), v1::END_CAUSE_DISSOLVED);
  EXPECT_EQ(ReasonOf(rpc::FromMessage(found->outcomes(1).error())), "RELATION_UNKNOWN");

  get.set_network_id("nowhere");
  EXPECT_EQ(ReasonOf(Call<v1::GetNetworkResponse>("GetNetwork", get).status()), "NETWORK_UNKNOWN");
  auto again = add;
  again.set_request_id("m2");
  EXPECT_EQ(ReasonOf(Call<v1::AddMemberResponse>("AddMember", again).status()),
            "NETWORK_DISSOLVED");
}

struct MalformedCase {
  const char* name;
  const char* field;
  std::function<void(v1::RegisterPerson&)> spoil;
};

class MalformedPersonTest : public RelationServiceTest,
                            public testing::WithParamInterface<MalformedCase> {};

TEST_P(MalformedPersonTest, IsRefusedWithTheFieldsPath) {
  v1::BatchRegisterPersonsRequest request;
  *request.add_persons() = Message(MakePerson("person", "310", kShanghai));
  GetParam().spoil(*request.mutable_persons(0));
  const auto response = Call<v1::BatchRegisterPersonsResponse>("BatchRegisterPersons", request);
  ASSERT_TRUE(response.ok()) << response.status();
  const absl::Status refused = rpc::FromMessage(response->outcomes(0).error());
  EXPECT_EQ(ReasonOf(refused), "INVALID_FIELD");
  EXPECT_EQ(MetadataOf(refused).at(0).second, GetParam().field);
  EXPECT_TRUE(disk_.requests.empty());
}

const MalformedCase kMalformed[] = {
    {"RequestId", "request_id", [](auto& m) { m.clear_request_id(); }},
    {"PsnNoMissing", "person.psn_no", [](auto& m) { m.mutable_person()->clear_psn_no(); }},
    {"PsnNoWithSlash", "person.psn_no", [](auto& m) { m.mutable_person()->set_psn_no("a/b"); }},
    {"PsnNoTooLong", "person.psn_no",
     [](auto& m) { m.mutable_person()->set_psn_no(std::string(31, '1')); }},
    {"NameMissing", "person.name", [](auto& m) { m.mutable_person()->clear_name(); }},
    {"DiedOn", "person.died_on", [](auto& m) { m.mutable_person()->set_died_on("yesterday"); }},
    {"CertificateType", "person.certificate.type",
     [](auto& m) { m.mutable_person()->mutable_certificate()->set_type("1"); }},
    {"CertificateMissing", "person.certificate.type",
     [](auto& m) { m.mutable_person()->clear_certificate(); }},
    {"CertificateOfAnAccountMissing", "person.certificate.type",
     [](auto& m) {
       m.mutable_person()->clear_certificate();
       m.mutable_person()->clear_insurances();
     }},
    {"AccountStatus", "person.account.status",
     [](auto& m) { m.mutable_person()->mutable_account()->clear_status(); }},
    {"InsuranceType", "person.insurances[0].insurance_type",
     [](auto& m) { m.mutable_person()->mutable_insurances(0)->set_insurance_type("31"); }},
    {"InsuranceArea", "person.insurances[0].area",
     [](auto& m) { m.mutable_person()->mutable_insurances(0)->set_area("31"); }},
    {"InsuranceFrom", "person.insurances[0].insured_from",
     [](auto& m) { m.mutable_person()->mutable_insurances(0)->clear_insured_from(); }},
    {"InsurancePausedWithoutDay", "person.insurances[0].insured_until",
     [](auto& m) {
       m.mutable_person()->mutable_insurances(0)->set_status(v1::INSURANCE_STATUS_PAUSED);
     }},
    {"InsuranceEndsBeforeItBegins", "person.insurances[0].insured_until",
     [](auto& m) {
       v1::Insurance& insurance = *m.mutable_person()->mutable_insurances(0);
       insurance.set_status(v1::INSURANCE_STATUS_PAUSED);
       insurance.set_insured_until("2019-12-31");
     }},
};

INSTANTIATE_TEST_SUITE_P(All, MalformedPersonTest, testing::ValuesIn(kMalformed),
                         [](const auto& info) { return std::string(info.param.name); });

// What is wrong with the service or with what it needs, rather than with a family.
TEST_F(RelationServiceTest, R42TellsWhatItCannotDoNow) {
  Register(MakePerson("mother", "310", kShanghai));
  const auto found = [&](const std::string& id, const std::string& organiser) {
    v1::CreateNetworkRequest create;
    create.set_request_id(id);
    create.set_organiser_psn_no(organiser);
    create.set_scope(v1::NETWORK_SCOPE_IN_PROVINCE);
    return ReasonOf(Call<v1::CreateNetworkResponse>("CreateNetwork", create).status());
  };
  peers_.away = true;
  EXPECT_EQ(found("wallet-away", "mother"), "PEER_UNAVAILABLE");
  peers_.away = false;
  peers_.prior_fen["mother"] = 1;
  full_ = true;
  EXPECT_EQ(found("full", "mother"), "DISK_FULL");
  full_ = false;
  Person twice = MakePerson("twice", "310", kShanghai);
  twice.insurances.push_back(Insured("310", kChengdu));
  Register(twice);
  EXPECT_EQ(found("twice", "twice"), "DUPLICATE_INSURANCE");
  meddled_with_ = "mother";
  EXPECT_EQ(found("busy", "mother"), "CONFLICT");
  meddled_with_ = "";
  ++disk_.epoch;  // Another process took over.
  EXPECT_EQ(found("deposed", "mother"), "NOT_WRITER");
}

}  // namespace
}  // namespace gongji::relation
