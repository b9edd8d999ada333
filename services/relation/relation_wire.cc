// One ToMessage per type, from domain values to messages; relation_wire_parse.cc is the other
// direction. Enums are cast, because the static_asserts below make sure that their numbers are the
// contract's.
#include "services/relation/relation_wire.h"

#include "services/common/errors/reasons.h"
#include "services/common/rpc/mirror.h"
#include "services/common/rpc/time_wire.h"

namespace gongji::relation {
namespace {

static_assert(rpc::Mirrors<Scope, v1::NetworkScope>({{Scope::kInProvince,
                                                      v1::NETWORK_SCOPE_IN_PROVINCE},
                                                     {Scope::kWallet, v1::NETWORK_SCOPE_WALLET}},
                                                    v1::NetworkScope_ARRAYSIZE));
static_assert(rpc::Mirrors<EndCause, v1::EndCause>(
    {{EndCause::kRemoved, v1::END_CAUSE_REMOVED},
     {EndCause::kLeft, v1::END_CAUSE_LEFT},
     {EndCause::kDissolved, v1::END_CAUSE_DISSOLVED},
     {EndCause::kKinshipEnded, v1::END_CAUSE_KINSHIP_ENDED},
     {EndCause::kInsuranceTerminated, v1::END_CAUSE_INSURANCE_TERMINATED},
     {EndCause::kMoved, v1::END_CAUSE_MOVED},
     {EndCause::kDeceased, v1::END_CAUSE_DECEASED}},
    v1::EndCause_ARRAYSIZE));

std::string DayText(const std::optional<BusinessDay>& day) {
  return day.has_value() ? FormatDay(*day) : "";
}

common::v1::Reason ToMessage(const FailedRule& failure) {
  common::v1::Reason message;
  message.set_name(failure.reason->name);
  for (const auto& [name, value] : failure.metadata) (*message.mutable_metadata())[name] = value;
  message.set_text_en(failure.reason->text_en);
  message.set_text_zh(failure.reason->text_zh);
  message.set_advice_en(failure.reason->advice_en);
  message.set_advice_zh(failure.reason->advice_zh);
  return message;
}

v1::PersonState ToMessage(const PersonState& state) {
  v1::PersonState message;
  message.set_psn_no(state.psn_no);
  message.set_area(state.area);
  message.set_insured(state.insured);
  message.set_person_type(state.person_type);
  if (state.account.has_value()) {
    message.set_account_status(static_cast<policy::v1::AccountStatus>(*state.account));
  }
  message.set_died_on(DayText(state.died_on));
  return message;
}

v1::Payer ToMessage(const Payer& payer) {
  v1::Payer message;
  message.set_giver_psn_no(payer.relation.giver);
  message.set_relation_id(payer.relation.relation_id);
  message.set_relation_version(payer.relation.version);
  message.set_scope(static_cast<v1::NetworkScope>(payer.relation.scope));
  message.set_giver_area(payer.giver_area);
  message.set_kin(static_cast<policy::v1::Kin>(payer.relation.kin));
  for (const FailedRule& failure : payer.failures) *message.add_reasons() = ToMessage(failure);
  return message;
}

}  // namespace

v1::WriteResult ToMessage(const Written& written) {
  v1::WriteResult message;
  message.set_id(written.id);
  message.set_revision(written.revision);
  *message.mutable_at() = rpc::ToMessage(written.at);
  message.set_replayed(written.replayed);
  return message;
}

v1::Relation ToMessage(const Relation& relation) {
  v1::Relation message;
  message.set_relation_id(relation.relation_id);
  message.set_version(relation.version);
  message.set_network_id(relation.network_id);
  message.set_scope(static_cast<v1::NetworkScope>(relation.scope));
  message.set_giver_psn_no(relation.giver);
  message.set_receiver_psn_no(relation.receiver);
  message.set_giver_area(relation.giver_area);
  message.set_receiver_area(relation.receiver_area);
  message.set_kin(static_cast<policy::v1::Kin>(relation.kin));
  for (const UseMode mode : relation.modes.back().modes) {
    message.add_modes(static_cast<policy::v1::UseMode>(mode));
  }
  *message.mutable_added_at() = rpc::ToMessage(relation.added_at);
  if (relation.ended_at.has_value()) {
    *message.mutable_ended_at() = rpc::ToMessage(*relation.ended_at);
  }
  message.set_end_cause(static_cast<v1::EndCause>(relation.end_cause));
  return message;
}

v1::Network ToMessage(const NetworkView& view) {
  const Network& network = view.network;
  v1::Network message;
  message.set_network_id(network.network_id);
  message.set_scope(static_cast<v1::NetworkScope>(network.scope));
  message.set_organiser_psn_no(network.organiser);
  message.set_area(network.area);
  *message.mutable_created_at() = rpc::ToMessage(network.created_at);
  if (network.dissolved_at.has_value()) {
    *message.mutable_dissolved_at() = rpc::ToMessage(*network.dissolved_at);
  }
  for (const Relation& relation : view.relations) *message.add_relations() = ToMessage(relation);
  return message;
}

v1::Payers ToMessage(const Payers& payers) {
  v1::Payers message;
  *message.mutable_patient() = ToMessage(payers.patient);
  for (const FailedRule& failure : payers.patient_failures) {
    *message.add_patient_reasons() = ToMessage(failure);
  }
  for (const Payer& payer : payers.payers) *message.add_payers() = ToMessage(payer);
  message.mutable_policies()->Assign(payers.policies.begin(), payers.policies.end());
  return message;
}

v1::TransferPermission ToMessage(const TransferPermission& permission) {
  v1::TransferPermission message;
  *message.mutable_giver() = ToMessage(permission.giver);
  *message.mutable_receiver() = ToMessage(permission.receiver);
  if (permission.relation.has_value()) {
    message.set_relation_id(permission.relation->relation_id);
    message.set_relation_version(permission.relation->version);
  }
  for (const FailedRule& failure : permission.failures) *message.add_reasons() = ToMessage(failure);
  message.mutable_policies()->Assign(permission.policies.begin(), permission.policies.end());
  return message;
}

v1::Kinships ToMessage(const std::vector<Kinship>& kinships) {
  v1::Kinships message;
  for (const Kinship& kinship : kinships) {
    v1::Kinship& to = *message.add_kinships();
    to.set_relationship(NameOf(kinship.relationship));
    for (const Link& link : kinship.path) {
      v1::KinshipLink& step = *to.add_path();
      step.set_fact_id(link.fact_id);
      step.set_from_psn_no(link.from);
      step.set_to_psn_no(link.to);
    }
    to.set_evidence(static_cast<policy::v1::EvidenceLevel>(kinship.evidence));
    to.set_by_adoption(kinship.by_adoption);
    to.set_by_upbringing(kinship.by_upbringing);
  }
  return message;
}

v1::ChangeEvent ToMessage(const ChangeEvent& change) {
  v1::ChangeEvent message;
  message.set_revision(change.revision);
  *message.mutable_at() = rpc::ToMessage(change.at);
  switch (change.kind) {
    case ChangeKind::kPerson:
      message.set_registered_psn_no(change.id);
      break;
    case ChangeKind::kFact:
      message.set_recorded_fact_id(change.id);
      break;
    case ChangeKind::kNetworkCreated:
      message.set_created_network_id(change.id);
      break;
    case ChangeKind::kNetworkDissolved:
      message.set_dissolved_network_id(change.id);
      break;
    case ChangeKind::kRelation:
      if (change.relation.has_value()) *message.mutable_relation() = ToMessage(*change.relation);
      break;
  }
  return message;
}

}  // namespace gongji::relation
