#include "services/relation/snapshot.h"

namespace gongji::relation {
namespace {

template <class Row>
const Row* Find(const std::map<std::string, Row>& rows, const std::string& key) {
  const auto found = rows.find(key);
  return found == rows.end() ? nullptr : &found->second;
}

}  // namespace

bool Keys::empty() const {
  return persons.empty() && networks.empty() && relations.empty() && facts.empty() &&
         requests.empty();
}

void Keys::Add(const Keys& others) {
  persons.insert(others.persons.begin(), others.persons.end());
  networks.insert(others.networks.begin(), others.networks.end());
  relations.insert(others.relations.begin(), others.relations.end());
  facts.insert(others.facts.begin(), others.facts.end());
  requests.insert(others.requests.begin(), others.requests.end());
}

bool Reads::Loaded(const std::string& key, std::set<std::string> Keys::* kind) {
  if ((loaded_.*kind).contains(key)) return true;
  (missing_.*kind).insert(key);
  complete_ = false;
  return false;
}

const Dossier* Reads::FindPerson(const std::string& psn_no) {
  if (!Loaded(psn_no, &Keys::persons)) return nullptr;
  const auto* found = Find(snapshot_.persons, psn_no);
  const Dossier* dossier = found == nullptr ? nullptr : found->get();
  versions_[psn_no] = dossier == nullptr ? 0 : dossier->version;
  return dossier;
}

const Network* Reads::FindNetwork(const std::string& network_id) {
  return Loaded(network_id, &Keys::networks) ? Find(snapshot_.networks, network_id) : nullptr;
}

const Relation* Reads::FindRelation(const std::string& relation_id) {
  return Loaded(relation_id, &Keys::relations) ? Find(snapshot_.relations, relation_id) : nullptr;
}

const Fact* Reads::FindFact(const std::string& fact_id) {
  return Loaded(fact_id, &Keys::facts) ? Find(snapshot_.facts, fact_id) : nullptr;
}

}  // namespace gongji::relation
