#include "services/relation/changes.h"

namespace gongji::relation {

bool Changes::empty() const {
  return !person.has_value() && facts.empty() && networks.empty() && relations.empty() &&
         seats_taken.empty() && seats_freed.empty();
}

std::set<std::string> Changes::Touched() const {
  std::set<std::string> touched;
  if (person.has_value()) touched.insert(person->psn_no);
  for (const Fact& fact : facts) touched.insert({fact.psn_no, fact.other_psn_no});
  for (const Network& network : networks) touched.insert(network.organiser);
  for (const Relation& relation : relations) touched.insert({relation.giver, relation.receiver});
  for (const Seat& seat : seats_taken) touched.insert(seat.psn_no);
  for (const Seat& seat : seats_freed) touched.insert(seat.psn_no);
  return touched;
}

std::vector<ChangeEvent> ChangesOf(const CommitUnit& unit) {
  std::vector<ChangeEvent> changes;
  const auto add = [&](ChangeKind kind, const std::string& id) {
    changes.push_back({.at = unit.at, .kind = kind, .id = id, .relation = std::nullopt});
  };
  if (unit.changes.person.has_value()) add(ChangeKind::kPerson, unit.changes.person->psn_no);
  for (const Fact& fact : unit.changes.facts) add(ChangeKind::kFact, fact.fact_id);
  for (const Network& network : unit.changes.networks) {
    const bool dissolved = network.dissolved_at.has_value();
    add(dissolved ? ChangeKind::kNetworkDissolved : ChangeKind::kNetworkCreated,
        network.network_id);
  }
  for (const Relation& relation : unit.changes.relations) {
    add(ChangeKind::kRelation, relation.relation_id);
  }
  return changes;
}

}  // namespace gongji::relation
