// Both searches walk paths from one person to the other over the facts that hold on the day (Walk).
// The steps of a path spell a word; the tables below map words to relationships, and a path is
// followed only while some word of the table begins with it.
#include "services/relation/kinship.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "services/common/errors/check.h"

namespace gongji::relation {
namespace {

// Words of paths. Each step is a letter: U up to a parent, D down to a child, A across to a spouse,
// B beside to a brother or sister by a fact of its own.
using Names = std::map<std::string, Relationship>;

const Names& NearNames() {
  static const auto* names = new Names{
      {"A", Relationship::kSpouse},      {"U", Relationship::kParent},
      {"D", Relationship::kChild},       {"B", Relationship::kSibling},
      {"UD", Relationship::kSibling},    {"UU", Relationship::kGrandparent},
      {"DD", Relationship::kGrandchild},
  };
  return *names;
}

const Names& DistantNames() {
  static const auto* names = new Names{
      {"UA", Relationship::kStepParent},
      {"AD", Relationship::kStepChild},
      {"UAD", Relationship::kStepSibling},
      {"UUA", Relationship::kStepGrandparent},
      {"UAU", Relationship::kStepGrandparent},
      {"ADD", Relationship::kStepGrandchild},
      {"DAD", Relationship::kStepGrandchild},
      {"AU", Relationship::kParentInLaw},
      {"DA", Relationship::kChildInLaw},
      {"AB", Relationship::kSiblingInLaw},
      {"BA", Relationship::kSiblingInLaw},
      {"AUD", Relationship::kSiblingInLaw},
      {"UDA", Relationship::kSiblingInLaw},
      {"AUU", Relationship::kGrandparentInLaw},
      {"DDA", Relationship::kGrandchildInLaw},
      {"UB", Relationship::kUncleOrAunt},
      {"UUD", Relationship::kUncleOrAunt},
      {"BD", Relationship::kNephewOrNiece},
      {"UDD", Relationship::kNephewOrNiece},
      {"UBA", Relationship::kUncleOrAuntByMarriage},
      {"UUDA", Relationship::kUncleOrAuntByMarriage},
      {"ABD", Relationship::kNephewOrNieceByMarriage},
      {"AUDD", Relationship::kNephewOrNieceByMarriage},
      {"UBD", Relationship::kCousin},
      {"UUDD", Relationship::kCousin},
      {"UUU", Relationship::kGreatGrandparent},
      {"DDD", Relationship::kGreatGrandchild},
      {"UUB", Relationship::kGreatUncleOrAunt},
      {"UUUD", Relationship::kGreatUncleOrAunt},
      {"BDD", Relationship::kGrandNephewOrNiece},
      {"UDDD", Relationship::kGrandNephewOrNiece},
      {"DU", Relationship::kCoParent},
      {"DAU", Relationship::kCoParentInLaw},
  };
  return *names;
}

struct Edge {
  char step;
  const std::string* to;
  const Fact* fact;
};

char StepOf(const Fact& fact, bool from_first) {
  switch (fact.kind) {
    case FactKind::kMarriage:
      return 'A';
    case FactKind::kSiblinghood:
      return 'B';
    case FactKind::kParenthood:
    case FactKind::kAdoption:
    case FactKind::kUpbringing:
      return from_first ? 'D' : 'U';
  }
  CHECK(false);
}

// The facts that hold on a day, each once, by the persons from whom they can be followed.
std::map<std::string, std::vector<Edge>> EdgesOn(BusinessDay day, FactsSeen facts) {
  std::sort(facts.begin(), facts.end(),
            [](const Fact* a, const Fact* b) { return a->fact_id < b->fact_id; });
  std::map<std::string, std::vector<Edge>> edges;
  const Fact* last = nullptr;
  for (const Fact* fact : facts) {
    // A fact that is in both dossiers appears twice.
    const bool again = last != nullptr && last->fact_id == fact->fact_id;
    last = fact;
    if (again || !fact->HoldsOn(day)) continue;
    edges[fact->psn_no].push_back({StepOf(*fact, true), &fact->other_psn_no, fact});
    edges[fact->other_psn_no].push_back({StepOf(*fact, false), &fact->psn_no, fact});
  }
  return edges;
}

// Walks every path without a cycle from `question.from` that can still become a word of `names`,
// and keeps those that end at `question.to`.
class Walk {
 public:
  Walk(const PairOnDay& question, const FactsSeen& facts, const Names& names)
      : question_(question), names_(names), edges_(EdgesOn(question.day, facts)) {}

  std::vector<Kinship> Run() && {
    Visit(question_.from);
    return std::move(found_);
  }

 private:
  void Visit(const std::string& person) {
    if (person == question_.to) return Name();
    const auto edges = edges_.find(person);
    if (edges == edges_.end()) return;
    on_path_.insert(person);
    for (const Edge& edge : edges->second) {
      if (on_path_.contains(*edge.to)) continue;
      steps_.push_back(edge.step);
      const auto longer = names_.lower_bound(steps_);
      if (longer != names_.end() && longer->first.starts_with(steps_)) {
        facts_.push_back(edge.fact);
        links_.push_back({edge.fact->fact_id, person, *edge.to});
        Visit(*edge.to);
        links_.pop_back();
        facts_.pop_back();
      }
      steps_.pop_back();
    }
    on_path_.erase(person);
  }

  void Name() {
    const auto name = names_.find(steps_);
    if (name == names_.end()) return;
    Kinship kinship{name->second, links_, EvidenceLevel::kRegistry, false, false};
    for (const Fact* fact : facts_) {
      kinship.evidence = std::min(kinship.evidence, fact->evidence);
      kinship.by_adoption |= fact->kind == FactKind::kAdoption;
      kinship.by_upbringing |= fact->kind == FactKind::kUpbringing;
    }
    found_.push_back(std::move(kinship));
  }

  const PairOnDay& question_;
  const Names& names_;
  const std::map<std::string, std::vector<Edge>> edges_;
  std::set<std::string> on_path_;
  std::string steps_;
  FactsSeen facts_;
  std::vector<Link> links_;
  std::vector<Kinship> found_;
};

bool Before(const Kinship& a, const Kinship& b) {
  if (a.evidence != b.evidence) return a.evidence > b.evidence;
  if (a.path.size() != b.path.size()) return a.path.size() < b.path.size();
  return std::lexicographical_compare(
      a.path.begin(), a.path.end(), b.path.begin(), b.path.end(),
      [](const Link& x, const Link& y) { return x.fact_id < y.fact_id; });
}

std::vector<Kinship> Find(const PairOnDay& question, const FactsSeen& facts, const Names& names) {
  std::vector<Kinship> found = Walk(question, facts, names).Run();
  std::sort(found.begin(), found.end(), Before);
  return found;
}

}  // namespace

std::optional<Kin> NearKin(Relationship relationship) {
  if (relationship > Relationship::kGrandchild) return std::nullopt;
  return static_cast<Kin>(relationship);
}

std::string NameOf(Relationship relationship) {
  static constexpr const char* kNames[] = {"SPOUSE",
                                           "PARENT",
                                           "CHILD",
                                           "SIBLING",
                                           "GRANDPARENT",
                                           "GRANDCHILD",
                                           "STEP_PARENT",
                                           "STEP_CHILD",
                                           "STEP_SIBLING",
                                           "STEP_GRANDPARENT",
                                           "STEP_GRANDCHILD",
                                           "PARENT_IN_LAW",
                                           "CHILD_IN_LAW",
                                           "SIBLING_IN_LAW",
                                           "GRANDPARENT_IN_LAW",
                                           "GRANDCHILD_IN_LAW",
                                           "UNCLE_OR_AUNT",
                                           "NEPHEW_OR_NIECE",
                                           "UNCLE_OR_AUNT_BY_MARRIAGE",
                                           "NEPHEW_OR_NIECE_BY_MARRIAGE",
                                           "COUSIN",
                                           "GREAT_GRANDPARENT",
                                           "GREAT_GRANDCHILD",
                                           "GREAT_UNCLE_OR_AUNT",
                                           "GRAND_NEPHEW_OR_NIECE",
                                           "CO_PARENT",
                                           "CO_PARENT_IN_LAW"};
  return kNames[static_cast<int>(relationship) - 1];
}

std::vector<Kinship> FindNearKin(const PairOnDay& question, const FactsSeen& facts) {
  return Find(question, facts, NearNames());
}

std::vector<Kinship> FindDistantKin(const PairOnDay& question, const FactsSeen& facts) {
  std::vector<Kinship> found = Find(question, facts, DistantNames());
  size_t shortest = std::string::npos;
  for (const Kinship& kinship : found) shortest = std::min(shortest, kinship.path.size());
  std::erase_if(found, [&](const Kinship& kinship) { return kinship.path.size() > shortest; });
  return found;
}

}  // namespace gongji::relation
