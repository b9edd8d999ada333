#include "services/relation/kinship.h"

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

namespace gongji::relation {
namespace {

enum class Step { kUp, kDown, kAcross };

struct Named {
  std::vector<Step> steps;
  Kin kin;
};

// The paths that have a name. No path is longer than kLongestPath.
const std::vector<Named>& NamedPaths() {
  static const auto* paths = new std::vector<Named>{
      {{Step::kAcross}, Kin::kSpouse},
      {{Step::kUp}, Kin::kParent},
      {{Step::kDown}, Kin::kChild},
  };
  return *paths;
}
constexpr size_t kLongestPath = 1;

// The step from one person over `fact` to the other.
std::pair<Step, std::string> StepFrom(const std::string& person, const Fact& fact) {
  const bool first = person == fact.psn_no;
  const std::string& other = first ? fact.other_psn_no : fact.psn_no;
  if (fact.kind == FactKind::kMarriage) return {Step::kAcross, other};
  return {first ? Step::kDown : Step::kUp, other};
}

// Walks every path without a cycle from `question.from`, and keeps those that end at `question.to`
// and have a name.
class Walk {
 public:
  Walk(const KinshipQuestion& question, const std::vector<Fact>& facts)
      : question_(question), facts_(facts) {}

  std::vector<Kinship> Run() && {
    Visit(question_.from);
    return std::move(found_);
  }

 private:
  void Visit(const std::string& person) {
    if (person == question_.to) return Name();
    if (steps_.size() == kLongestPath) return;
    on_path_.insert(person);
    std::set<std::string> tried;  // a fact comes twice when it is in both dossiers
    for (const Fact& fact : facts_) {
      const bool touches = fact.psn_no == person || fact.other_psn_no == person;
      if (!touches || !fact.HoldsOn(question_.day) || !tried.insert(fact.fact_id).second) continue;
      const auto [step, next] = StepFrom(person, fact);
      if (on_path_.contains(next)) continue;
      steps_.push_back(step);
      path_.push_back(&fact);
      links_.push_back({fact.fact_id, person, next});
      Visit(next);
      links_.pop_back();
      path_.pop_back();
      steps_.pop_back();
    }
    on_path_.erase(person);
  }

  void Name() {
    const auto& named = NamedPaths();
    const auto name = std::find_if(named.begin(), named.end(),
                                   [&](const Named& entry) { return entry.steps == steps_; });
    if (name == named.end()) return;
    Kinship kinship{name->kin, links_, EvidenceLevel::kRegistry, false};
    for (const Fact* fact : path_) {
      kinship.evidence = std::min(kinship.evidence, fact->evidence);
      kinship.by_adoption |= fact->kind == FactKind::kAdoption;
    }
    found_.push_back(std::move(kinship));
  }

  const KinshipQuestion& question_;
  const std::vector<Fact>& facts_;
  std::set<std::string> on_path_;
  std::vector<Step> steps_;
  std::vector<const Fact*> path_;
  std::vector<Link> links_;
  std::vector<Kinship> found_;
};

bool Before(const Kinship& a, const Kinship& b) {
  if (a.path.size() != b.path.size()) return a.path.size() < b.path.size();
  if (a.evidence != b.evidence) return a.evidence > b.evidence;
  return std::lexicographical_compare(
      a.path.begin(), a.path.end(), b.path.begin(), b.path.end(),
      [](const Link& x, const Link& y) { return x.fact_id < y.fact_id; });
}

}  // namespace

std::vector<Kinship> FindKinships(const KinshipQuestion& question, const std::vector<Fact>& facts) {
  if (question.from == question.to) return {};
  std::vector<Kinship> found = Walk(question, facts).Run();
  std::sort(found.begin(), found.end(), Before);
  return found;
}

}  // namespace gongji::relation
