// Messages of relation: every field goes to its own place, and what the contract does not allow is
// refused by the name of its field.
#include "services/relation/relation_wire.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "services/common/errors/reasons.h"
#include "services/common/testing/messages.h"

namespace gongji::relation {
namespace {

const BusinessDay kDay(2026, 3, 2);
absl::Time At(int64_t seconds) { return absl::FromUnixSeconds(seconds); }

// The field that INVALID_FIELD names, "" if the message is good.
template <class Message>
std::string BadField(const Message& message) {
  const auto detail = DetailOf(FromMessage(message).status());
  if (!detail.has_value()) return "";
  EXPECT_EQ(detail->reason, "INVALID_FIELD");
  for (const auto& [name, value] : detail->metadata) {
    if (name == "field") return value;
  }
  return "none";
}

template <class Message>
struct Mistake {
  std::string field;
  std::string change;  // merged into the good message
};

template <class Message>
void ExpectMistakes(const std::string& good, const std::vector<Mistake<Message>>& mistakes) {
  EXPECT_EQ(BadField(Parsed<Message>(good)), "");
  for (const auto& [field, change] : mistakes) {
    Message message = Parsed<Message>(good);
    message.MergeFrom(Parsed<Message>(change));
    EXPECT_EQ(BadField(message), field) << change;
  }
}

constexpr char kPerson[] = R"(person {
  psn_no: "p" name: "n" died_on: "2026-03-01"
  certificate { type: "08" number: "P1" }
  insurances { insurance_type: "310" area: "310000" person_type: "11"
               status: INSURANCE_STATUS_PAUSED insured_from: "2020-01-01"
               insured_until: "2025-01-01" }
  account { status: ACCOUNT_STATUS_FROZEN since { seconds: 5 } } })";

TEST(RelationWire, APersonArrivesWhole_R01) {
  const auto registered = FromMessage(Parsed<v1::RegisterPerson>(kPerson));
  ASSERT_TRUE(registered.ok()) << registered.status();
  Person expected{.psn_no = "p", .name = "n", .certificate = {"08", "P1"}};
  expected.insurances = {{.insurance_type = "310",
                          .area = "310000",
                          .person_type = "11",
                          .status = InsuranceStatus::kPaused,
                          .from = BusinessDay(2020, 1, 1),
                          .until = BusinessDay(2025, 1, 1)}};
  expected.has_account = true;
  expected.died_on = BusinessDay(2026, 3, 1);
  EXPECT_EQ(registered->person, expected);
  EXPECT_EQ(registered->account_status, AccountStatus::kFrozen);
  EXPECT_EQ(registered->account_since, At(5));
}

TEST(RelationWire, MistakesInAPersonAreNamed_R01) {
  const std::string long_name(201, 'n');
  ExpectMistakes<v1::RegisterPerson>(
      kPerson,
      {{"person.psn_no", "person { psn_no: 'p/q' }"},
       {"person.psn_no", "person { psn_no: '" + std::string(31, 'p') + "' }"},
       {"person.name", "person { name: '" + long_name + "' }"},
       {"person.died_on", "person { died_on: 'yesterday' }"},
       {"person.certificate.number", "person { certificate { number: '1' type: '01' } }"},
       {"person.insurances[1].insurance_type", "person { insurances {} }"},
       {"person.insurances[1].area",
        "person { insurances { insurance_type: '310' area: '31' person_type: '11' } }"},
       {"person.insurances[1].person_type",
        "person { insurances { insurance_type: '310' area: '310000' person_type: '1' } }"},
       {"person.insurances[1].status",
        "person { insurances { insurance_type: '310' area: '310000' person_type: '11' } }"},
       {"person.insurances[1].insured_from",
        "person { insurances { insurance_type: '310' area: '310000' person_type: '11' "
        "status: INSURANCE_STATUS_NORMAL } }"},
       {"person.insurances[1].insured_until",
        "person { insurances { insurance_type: '310' area: '310000' person_type: '11' "
        "status: INSURANCE_STATUS_NORMAL insured_from: '2020-01-01' "
        "insured_until: '2021-01-01' } }"},
       {"person.insurances[1].insured_until",
        "person { insurances { insurance_type: '310' area: '310000' person_type: '11' "
        "status: INSURANCE_STATUS_PAUSED insured_from: '2020-01-01' } }"},
       {"person.insurances[1].insured_until",
        "person { insurances { insurance_type: '310' area: '310000' person_type: '11' "
        "status: INSURANCE_STATUS_PAUSED insured_from: '2020-01-02' "
        "insured_until: '2020-01-01' } }"}});
}

TEST(RelationWire, SixteenInsurancesArriveAndNoMore_P32) {
  v1::RegisterPerson message = Parsed<v1::RegisterPerson>(kPerson);
  const v1::Insurance one = message.person().insurances(0);
  while (message.person().insurances_size() < 16) {
    *message.mutable_person()->add_insurances() = one;
  }
  EXPECT_EQ(BadField(message), "");
  *message.mutable_person()->add_insurances() = one;
  EXPECT_EQ(BadField(message), "person.insurances");
}

// Somebody whom only facts name needs no certificate; who is insured or has an account does.
TEST(RelationWire, OnlyWhoIsJustNamedNeedsNoCertificate_R01) {
  EXPECT_EQ(BadField(Parsed<v1::RegisterPerson>("person { psn_no: 'p' name: 'n' }")), "");
  EXPECT_EQ(BadField(Parsed<v1::RegisterPerson>(
                "person { psn_no: 'p' name: 'n' account { status: ACCOUNT_STATUS_NORMAL } }")),
            "person.certificate.type");
}

TEST(RelationWire, AFactArrivesWhole_R02) {
  const auto command = FromMessage(Parsed<v1::RecordFact>(R"(fact {
    kind: FACT_KIND_ADOPTION psn_no: "p" other_psn_no: "q" parent_role: PARENT_ROLE_MOTHER
    evidence: EVIDENCE_LEVEL_REGISTRY source: "s" valid_from: "2026-03-02"
    valid_to: "2026-03-03" })"));
  ASSERT_TRUE(command.ok()) << command.status();
  Fact expected{.kind = FactKind::kAdoption,
                .psn_no = "p",
                .other_psn_no = "q",
                .role = ParentRole::kMother,
                .evidence = EvidenceLevel::kRegistry,
                .source = "s",
                .from = kDay,
                .until = kDay + 1};
  EXPECT_EQ(std::get<RecordFact>(*command).fact, expected);
}

TEST(RelationWire, TheEndOfAFactArrivesWhole_R02) {
  const auto command = FromMessage(Parsed<v1::RecordFact>(R"(end {
    fact_id: "f" valid_to: "2026-03-02" evidence: EVIDENCE_LEVEL_DOCUMENT source: "s" })"));
  ASSERT_TRUE(command.ok()) << command.status();
  const auto& end = std::get<EndFact>(*command);
  EXPECT_EQ(end.fact_id, "f");
  EXPECT_EQ(end.until, kDay);
  EXPECT_EQ(end.evidence, EvidenceLevel::kDocument);
  EXPECT_EQ(end.source, "s");
}

TEST(RelationWire, MistakesInAFactAreNamed_R02) {
  ExpectMistakes<v1::RecordFact>(
      "fact { kind: FACT_KIND_MARRIAGE psn_no: 'p' other_psn_no: 'q' "
      "evidence: EVIDENCE_LEVEL_REGISTRY source: 's' valid_from: '2026-03-02' }",
      {{"fact.kind", "fact { kind: 9 }"},
       {"fact.other_psn_no", "fact { other_psn_no: 'p' }"},
       {"fact.evidence", "fact { evidence: 9 }"},
       {"fact.source", "fact { source: '" + std::string(513, 's') + "' }"},
       {"fact.valid_to", "fact { valid_to: '2026-03-02' }"},
       {"fact.valid_to", "fact { valid_to: '2026-02-30' }"},
       {"fact.parent_role", "fact { parent_role: PARENT_ROLE_FATHER }"},
       {"fact.parent_role", "fact { kind: FACT_KIND_PARENTHOOD }"},
       {"end.valid_to", "end { fact_id: 'f' evidence: EVIDENCE_LEVEL_REGISTRY source: 's' }"}});
  ExpectMistakes<v1::RecordFact>(
      "end { fact_id: 'f' valid_to: '2026-03-02' evidence: EVIDENCE_LEVEL_REGISTRY source: 's' }",
      {{"end.fact_id", "end { fact_id: ' ' }"},
       {"end.valid_to", "end { valid_to: '2026-3-2' }"},
       {"end.evidence", "end { evidence: 4 }"},
       {"end.source", "end { source: '" + std::string(513, 's') + "' }"}});
}

// One character or byte more is refused by the tests of mistakes.
TEST(RelationWire, AsMuchAsIsAllowedArrives) {
  const std::string psn_no(30, 'p');
  EXPECT_EQ(BadField(Parsed<v1::RegisterPerson>("person { psn_no: '" + psn_no + "' name: '" +
                                                std::string(200, 'n') + "' }")),
            "");
  const std::string source = "source: '" + std::string(512, 's') + "' ";
  EXPECT_EQ(BadField(Parsed<v1::RecordFact>(
                "end { fact_id: '" + std::string(64, 'f') +
                "' valid_to: '2026-03-02' evidence: EVIDENCE_LEVEL_PROMISE " + source + "}")),
            "");
  EXPECT_EQ(
      BadField(Parsed<v1::RecordFact>("fact { kind: FACT_KIND_SIBLINGHOOD psn_no: '" + psn_no +
                                      "' other_psn_no: 'q' evidence: EVIDENCE_LEVEL_PROMISE "
                                      "valid_from: '2026-03-01' valid_to: '2026-03-02' " +
                                      source + "}")),
      "");
}

TEST(RelationWire, MistakesAreDescribed) {
  const auto problem = [](const std::string& change) {
    v1::RegisterPerson message = Parsed<v1::RegisterPerson>(kPerson);
    message.MergeFrom(Parsed<v1::RegisterPerson>(change));
    const auto detail = DetailOf(FromMessage(message).status());
    return detail.has_value() ? detail->metadata.at(1).second : "";
  };
  EXPECT_EQ(problem("person { name: '" + std::string(201, 'n') + "' }"),
            "must have 1 to 200 bytes");
  EXPECT_EQ(problem("person { psn_no: 'p/q' }"),
            "must be 1 to 64 printable ASCII characters without '/'");
  EXPECT_EQ(problem("person { psn_no: '" + std::string(31, 'p') + "' }"),
            "must have at most 30 characters");
  EXPECT_EQ(problem("person { insurances { insurance_type: '310' area: '310000' "
                    "person_type: '1' } }"),
            "must be 2 to 6 digits");
}

TEST(RelationWire, WritesOfNetworksArriveWhole_R08) {
  const auto found = FromMessage(
      Parsed<v1::CreateNetworkRequest>("organiser_psn_no: 'p' scope: NETWORK_SCOPE_WALLET"));
  EXPECT_EQ(found->organiser, "p");
  EXPECT_EQ(found->scope, Scope::kWallet);
  const auto bind = FromMessage(Parsed<v1::AddMemberRequest>(
      "network_id: 'n' member_psn_no: 'q' modes: USE_MODE_PREMIUM filed_order: 7 "
      "origin { consent_document: 'c' }"));
  EXPECT_EQ(bind->network_id, "n");
  EXPECT_EQ(bind->member, "q");
  EXPECT_EQ(bind->modes, (std::set<UseMode>{UseMode::kPremium}));
  EXPECT_EQ(bind->filed_order, 7);
  EXPECT_TRUE(bind->has_consent);
  EXPECT_FALSE(
      FromMessage(Parsed<v1::AddMemberRequest>("network_id: 'n' member_psn_no: 'q'"))->has_consent);
  const auto set = FromMessage(Parsed<v1::SetModesRequest>(
      "relation_id: 'r' actor_psn_no: 'p' modes: USE_MODE_PAY modes: USE_MODE_PREMIUM"));
  EXPECT_EQ(set->relation_id, "r");
  EXPECT_EQ(set->actor, "p");
  EXPECT_EQ(set->modes.size(), 2U);
  const auto end =
      FromMessage(Parsed<v1::EndMembershipRequest>("relation_id: 'r' actor_psn_no: 'p'"));
  EXPECT_EQ(end->relation_id, "r");
  EXPECT_EQ(end->actor, "p");
  const auto dissolve =
      FromMessage(Parsed<v1::DissolveNetworkRequest>("network_id: 'n' actor_psn_no: 'p'"));
  EXPECT_EQ(dissolve->network_id, "n");
  EXPECT_EQ(dissolve->actor, "p");
}

TEST(RelationWire, MistakesInWritesOfNetworksAreNamed_R08) {
  ExpectMistakes<v1::CreateNetworkRequest>(
      "organiser_psn_no: 'p' scope: NETWORK_SCOPE_WALLET",
      {{"organiser_psn_no", "organiser_psn_no: ' '"}, {"scope", "scope: 3"}});
  ExpectMistakes<v1::AddMemberRequest>(
      "network_id: 'n' member_psn_no: 'q' filed_order: 1000",
      {{"network_id", "network_id: '" + std::string(65, 'n') + "'"},
       {"member_psn_no", "member_psn_no: 'a b'"},
       {"modes", "modes: 3"},
       {"modes", "modes: USE_MODE_PAY modes: USE_MODE_PAY"},
       {"filed_order", "filed_order: 1001"},
       {"filed_order", "filed_order: -1"}});
  ExpectMistakes<v1::SetModesRequest>("relation_id: 'r' actor_psn_no: 'p'",
                                      {{"relation_id", "relation_id: 'r/s'"},
                                       {"actor_psn_no", "actor_psn_no: 'p/q'"},
                                       {"modes", "modes: 9"}});
  ExpectMistakes<v1::EndMembershipRequest>(
      "relation_id: 'r' actor_psn_no: 'p'",
      {{"relation_id", "relation_id: ' '"}, {"actor_psn_no", "actor_psn_no: ' '"}});
  ExpectMistakes<v1::DissolveNetworkRequest>(
      "network_id: 'n' actor_psn_no: 'p'",
      {{"network_id", "network_id: ' '"}, {"actor_psn_no", "actor_psn_no: ' '"}});
}

TEST(RelationWire, QuestionsArriveWhole_R11) {
  const auto resolve = FromMessage(Parsed<v1::ResolveQuestion>(
      "psn_no: 'p' purpose: PURPOSE_PHARMACY care_area: '510100' at { seconds: 5 }"));
  EXPECT_EQ(resolve->patient, "p");
  EXPECT_EQ(resolve->purpose, Purpose::kPharmacy);
  EXPECT_EQ(resolve->care_area, "510100");
  EXPECT_EQ(resolve->at, At(5));
  const auto transfer = FromMessage(
      Parsed<v1::TransferQuestion>("giver_psn_no: 'g' receiver_psn_no: 'p' at { seconds: 5 }"));
  EXPECT_EQ(transfer->giver, "g");
  EXPECT_EQ(transfer->receiver, "p");
  EXPECT_EQ(transfer->at, At(5));
  EXPECT_EQ(FromMessage(Parsed<v1::TransferQuestion>("giver_psn_no: 'g' receiver_psn_no: 'p'"))->at,
            std::nullopt);
  ExpectMistakes<v1::ResolveQuestion>(
      "psn_no: 'p' purpose: PURPOSE_PHARMACY",
      {{"psn_no", "psn_no: ' '"}, {"purpose", "purpose: 99"}, {"care_area", "care_area: '51'"}});
  ExpectMistakes<v1::TransferQuestion>(
      "giver_psn_no: 'g' receiver_psn_no: 'p'",
      {{"giver_psn_no", "giver_psn_no: ' '"}, {"receiver_psn_no", "receiver_psn_no: ' '"}});
  ExpectMistakes<v1::KinshipQuestion>(
      "psn_no: 'g' other_psn_no: 'p'",
      {{"psn_no", "psn_no: ' '"}, {"other_psn_no", "other_psn_no: ' '"}});
}

Relation Bound() {
  return {.relation_id = "r",
          .version = 3,
          .network_id = "n",
          .scope = Scope::kWallet,
          .giver = "g",
          .receiver = "p",
          .giver_area = "510100",
          .receiver_area = "310000",
          .kin = Kin::kChild,
          .filed_order = 4,
          .modes = {{At(1), {UseMode::kPay}}, {At(2), {UseMode::kPremium}}},
          .added_at = At(6),
          .ended_at = At(7),
          .end_cause = EndCause::kMoved};
}

constexpr char kBound[] = R"(relation_id: "r" version: 3 network_id: "n"
  scope: NETWORK_SCOPE_WALLET giver_psn_no: "g" receiver_psn_no: "p" giver_area: "510100"
  receiver_area: "310000" kin: KIN_CHILD modes: USE_MODE_PREMIUM added_at { seconds: 6 }
  ended_at { seconds: 7 } end_cause: END_CAUSE_MOVED)";

TEST(RelationWire, RelationsAndNetworksLeaveWhole_R08) {
  ExpectMessage(ToMessage(Bound()), kBound);
  NetworkView view{.network = {.network_id = "n",
                               .scope = Scope::kInProvince,
                               .organiser = "g",
                               .area = "510100",
                               .created_at = At(1),
                               .dissolved_at = At(2)},
                   .relations = {Bound()}};
  ExpectMessage(ToMessage(view), std::string(R"(network_id: "n" scope: NETWORK_SCOPE_IN_PROVINCE
    organiser_psn_no: "g" area: "510100" created_at { seconds: 1 } dissolved_at { seconds: 2 }
    relations {)") + kBound + "}");
  ExpectMessage(ToMessage(Written{.id = "r", .revision = 5, .at = At(8), .replayed = true}),
                "id: 'r' revision: 5 at { seconds: 8 } replayed: true");
}

const PersonState kGiver = {.psn_no = "g",
                            .area = "510100",
                            .insured = true,
                            .person_type = "11",
                            .account = AccountStatus::kNormal,
                            .died_on = kDay};
constexpr char kGiverText[] =
    "{ psn_no: 'g' area: '510100' insured: true person_type: '11' "
    "account_status: ACCOUNT_STATUS_NORMAL died_on: '2026-03-02' }";
const PersonState kPatient = {
    .psn_no = "p", .area = "310000", .person_type = "1401", .account = {}, .died_on = {}};
constexpr char kPatientText[] = "{ psn_no: 'p' area: '310000' person_type: '1401' }";

// Names of reasons only: their texts are the catalogue's.
template <class Reasons>
std::vector<std::string> Names(const Reasons& reasons) {
  std::vector<std::string> names;
  for (const auto& reason : reasons) names.push_back(reason.name());
  return names;
}

TEST(RelationWire, PayersLeaveWhole_R21) {
  Payers payers{.patient = kPatient, .patient_failures = {{&reason::kPersonDeceased, {}}}};
  payers.payers = {{Bound(), "510100", {{&reason::kModeNotTicked, {{"needed", "PAY"}}}}}};
  payers.policies = {"a", "b"};
  v1::Payers message = ToMessage(payers);
  EXPECT_EQ(Names(message.patient_reasons()), (std::vector<std::string>{"PERSON_DECEASED"}));
  const auto& reasons = message.payers(0).reasons();
  EXPECT_EQ(Names(reasons), (std::vector<std::string>{"MODE_NOT_TICKED"}));
  EXPECT_EQ(reasons[0].metadata().at("needed"), "PAY");
  EXPECT_EQ(reasons[0].text_en(), reason::kModeNotTicked.text_en);
  EXPECT_EQ(reasons[0].text_zh(), reason::kModeNotTicked.text_zh);
  EXPECT_EQ(reasons[0].advice_en(), reason::kModeNotTicked.advice_en);
  EXPECT_EQ(reasons[0].advice_zh(), reason::kModeNotTicked.advice_zh);
  message.clear_patient_reasons();
  message.mutable_payers(0)->clear_reasons();
  ExpectMessage(message, std::string("patient ") + kPatientText +
                             "payers { giver_psn_no: 'g' relation_id: 'r' relation_version: 3 "
                             "scope: NETWORK_SCOPE_WALLET giver_area: '510100' kin: KIN_CHILD } "
                             "policies: 'a' policies: 'b'");
}

TEST(RelationWire, TransferPermissionsLeaveWhole_R15) {
  TransferPermission permission{.giver = kGiver,
                                .receiver = kPatient,
                                .relation = Bound(),
                                .failures = {{&reason::kRelationEnded, {}}},
                                .policies = {"a"}};
  v1::TransferPermission message = ToMessage(permission);
  EXPECT_EQ(Names(message.reasons()), (std::vector<std::string>{"RELATION_ENDED"}));
  message.clear_reasons();
  ExpectMessage(message, std::string("giver ") + kGiverText + "receiver " + kPatientText +
                             "relation_id: 'r' relation_version: 3 policies: 'a'");
}

TEST(RelationWire, KinshipsLeaveWhole_R02) {
  const std::vector<Kinship> kinships = {{.relationship = Relationship::kChild,
                                          .path = {{"f", "a", "b"}, {"h", "b", "c"}},
                                          .evidence = EvidenceLevel::kDocument,
                                          .by_adoption = true,
                                          .by_upbringing = false}};
  v1::Kinships message = ToMessage(kinships);
  EXPECT_FALSE(message.kinships(0).relationship().empty());
  message.mutable_kinships(0)->clear_relationship();
  ExpectMessage(message, R"(kinships {
    path { fact_id: "f" from_psn_no: "a" to_psn_no: "b" }
    path { fact_id: "h" from_psn_no: "b" to_psn_no: "c" }
    evidence: EVIDENCE_LEVEL_DOCUMENT by_adoption: true })");
}

TEST(RelationWire, ChangesLeaveWithWhatChanged_P24) {
  const std::pair<ChangeKind, std::string> changes[] = {
      {ChangeKind::kPerson, "registered_psn_no: 'x'"},
      {ChangeKind::kFact, "recorded_fact_id: 'x'"},
      {ChangeKind::kNetworkCreated, "created_network_id: 'x'"},
      {ChangeKind::kNetworkDissolved, "dissolved_network_id: 'x'"},
      {ChangeKind::kRelation, std::string("relation {") + kBound + "}"},
  };
  for (const auto& [kind, text] : changes) {
    ChangeEvent change{.revision = 5, .at = At(6), .kind = kind, .id = "x"};
    if (kind == ChangeKind::kRelation) change.relation = Bound();
    ExpectMessage(ToMessage(change), "revision: 5 at { seconds: 6 } " + text);
  }
}

}  // namespace
}  // namespace gongji::relation
