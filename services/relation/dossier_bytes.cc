#include "services/relation/dossier_bytes.h"

#include "services/common/archive.h"

namespace gongji::relation {
namespace {

int64_t Bits(const std::set<UseMode>& modes) {
  int64_t bits = 0;
  for (const UseMode mode : modes) bits |= int64_t{1} << static_cast<int>(mode);
  return bits;
}

std::set<UseMode> ModesOf(int64_t bits) {
  std::set<UseMode> modes;
  for (const UseMode mode : {UseMode::kPay, UseMode::kPremium}) {
    if ((bits >> static_cast<int>(mode) & 1) != 0) modes.insert(mode);
  }
  return modes;
}

}  // namespace

// One list of members per record serves both directions (archive.h); add members at the end only.

template <class Archive>
void Fields(Archive& archive, Insurance& insurance) {
  archive(insurance.insurance_type, insurance.area, insurance.person_type, insurance.status,
          insurance.from, insurance.until);
}

template <class Archive>
void Fields(Archive& archive, AccountState& state) {
  archive(state.status, state.since);
}

template <class Archive>
void Fields(Archive& archive, Person& person) {
  archive(person.psn_no, person.name, person.insurances, person.has_account, person.account_states,
          person.died_on);
}

template <class Archive>
void Fields(Archive& archive, Fact& fact) {
  archive(fact.fact_id, fact.kind, fact.psn_no, fact.other_psn_no, fact.role, fact.evidence,
          fact.source, fact.from, fact.until, fact.recorded_at);
}

template <class Archive>
void Fields(Archive& archive, Network& network) {
  archive(network.network_id, network.scope, network.organiser, network.area, network.created_at,
          network.dissolved_at);
}

template <class Archive>
void Fields(Archive& archive, ModesSince& entry) {
  int64_t bits = Bits(entry.modes);
  archive(entry.since, bits);
  entry.modes = ModesOf(bits);
}

template <class Archive>
void Fields(Archive& archive, Relation& relation) {
  archive(relation.relation_id, relation.version, relation.network_id, relation.scope,
          relation.giver, relation.receiver, relation.giver_area, relation.receiver_area,
          relation.kin, relation.filed_order, relation.modes, relation.added_at, relation.ended_at,
          relation.end_cause);
}

template <class Archive>
void Fields(Archive& archive, Dossier& dossier) {
  archive(dossier.version, dossier.person, dossier.facts, dossier.networks, dossier.relations,
          dossier.seat);
}

std::string EncodeDossier(const Dossier& dossier) { return ToBytes(dossier); }
std::string EncodeRelation(const Relation& relation) { return ToBytes(relation); }

bool DecodeDossier(const std::string& bytes, Dossier& dossier) { return FromBytes(bytes, dossier); }
bool DecodeRelation(const std::string& bytes, Relation& relation) {
  return FromBytes(bytes, relation);
}

}  // namespace gongji::relation
