// Compares the kinship search with a brute-force search over random families, through dossiers as
// the service reads them.
#include "services/relation/relatives.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "services/relation/dossier.h"
#include "services/relation/testing/test_family.h"

namespace gongji::relation {
namespace {

constexpr int kForests = 3000;
constexpr int kPairsOfAForest = 6;

// A random family: everybody's parents are older than their child; any other fact may link any two.
struct Forest {
  int persons = 0;
  std::vector<Fact> facts;
};

std::string NameOfPerson(int person) { return "p" + std::to_string(100 + person); }

class ForestMaker {
 public:
  explicit ForestMaker(uint64_t seed) : random_(seed) {}

  Forest Make() {
    forest_.persons = Draw(3, 10);
    for (int child = 1; child < forest_.persons; ++child) {
      for (int parent = Draw(0, 2); parent > 0; --parent) {
        Add(FactKind::kParenthood, Draw(0, child - 1), child);
      }
    }
    const int others = Draw(0, forest_.persons);
    for (int i = 0; i < others; ++i) {
      const int one = Draw(0, forest_.persons - 1);
      const int other = Draw(0, forest_.persons - 1);
      if (one != other) Add(static_cast<FactKind>(Draw(1, 5)), one, other);
    }
    return std::move(forest_);
  }
  int Draw(int least, int most) {
    return static_cast<int>(random_() % static_cast<uint64_t>(most - least + 1)) + least;
  }

 private:
  void Add(FactKind kind, int one, int other) {
    Fact fact;
    fact.fact_id = "f" + std::to_string(1000 + forest_.facts.size());
    fact.kind = kind;
    fact.psn_no = NameOfPerson(one);
    fact.other_psn_no = NameOfPerson(other);
    fact.evidence = static_cast<EvidenceLevel>(Draw(1, 3));
    const int days = Draw(0, 9);
    if (days == 0) fact.until = Day("2026-03-02");  // ended today
    if (days == 1) fact.from = Day("2026-03-03");   // begins tomorrow
    if (days == 2) fact.until = Day("2026-03-03");  // holds for the last time
    forest_.facts.push_back(std::move(fact));
  }

  std::mt19937_64 random_;
  Forest forest_;
};

// A search without any cleverness: it tries every sequence of persons and every choice of facts
// between them, and takes names from another table than kinship.cc: "up and down" is one step
// beside, B.
class BruteForce {
 public:
  BruteForce(const Forest& forest, const PairOnDay& question)
      : forest_(forest), question_(question) {}

  std::vector<Kinship> Run() {
    persons_ = {question_.from};
    Extend();
    const bool near = std::any_of(found_.begin(), found_.end(), IsNear);
    if (near) std::erase_if(found_, [](const Kinship& one) { return !IsNear(one); });
    size_t shortest = 9;
    for (const Kinship& one : found_) shortest = std::min(shortest, one.path.size());
    if (!near) {
      std::erase_if(found_, [&](const Kinship& one) { return one.path.size() != shortest; });
    }
    std::sort(found_.begin(), found_.end(),
              [](const Kinship& a, const Kinship& b) { return Rank(a) < Rank(b); });
    return found_;
  }

 private:
  static bool IsNear(const Kinship& one) { return NearKin(one.relationship).has_value(); }

  static std::string Rank(const Kinship& one) {
    std::string rank =
        std::to_string(3 - static_cast<int>(one.evidence)) + "/" + std::to_string(one.path.size());
    for (const Link& link : one.path) rank += "/" + link.fact_id;
    return rank;
  }

  void Extend() {
    if (persons_.back() == question_.to) return Choose("");
    if (persons_.size() == 5) return;
    for (int next = 0; next < forest_.persons; ++next) {
      const std::string name = NameOfPerson(next);
      if (std::find(persons_.begin(), persons_.end(), name) != persons_.end()) continue;
      persons_.push_back(name);
      Extend();
      persons_.pop_back();
    }
  }

  // Tries all facts between the persons of the sequence, link by link.
  void Choose(const std::string& word) {
    if (chosen_.size() + 1 == persons_.size()) return Name(word);
    const std::string& one = persons_[chosen_.size()];
    const std::string& other = persons_[chosen_.size() + 1];
    for (const Fact& fact : forest_.facts) {
      const bool down = fact.psn_no == one && fact.other_psn_no == other;
      const bool up = fact.psn_no == other && fact.other_psn_no == one;
      if (!(down || up) || !fact.HoldsOn(question_.day)) continue;
      chosen_.push_back(&fact);
      const bool married = fact.kind == FactKind::kMarriage;
      const bool siblings = fact.kind == FactKind::kSiblinghood;
      Choose(word + (married ? "A" : siblings ? "B" : down ? "D" : "U"));
      chosen_.pop_back();
    }
  }

  void Name(std::string word) {
    static const std::map<std::string, std::string> kNames = {
        {"A", "SPOUSE"},
        {"U", "PARENT"},
        {"D", "CHILD"},
        {"B", "SIBLING"},
        {"UU", "GRANDPARENT"},
        {"DD", "GRANDCHILD"},
        {"UA", "STEP_PARENT"},
        {"AD", "STEP_CHILD"},
        {"UAD", "STEP_SIBLING"},
        {"UUA", "STEP_GRANDPARENT"},
        {"UAU", "STEP_GRANDPARENT"},
        {"DAD", "STEP_GRANDCHILD"},
        {"ADD", "STEP_GRANDCHILD"},
        {"AU", "PARENT_IN_LAW"},
        {"DA", "CHILD_IN_LAW"},
        {"AB", "SIBLING_IN_LAW"},
        {"BA", "SIBLING_IN_LAW"},
        {"AUU", "GRANDPARENT_IN_LAW"},
        {"DDA", "GRANDCHILD_IN_LAW"},
        {"UB", "UNCLE_OR_AUNT"},
        {"BD", "NEPHEW_OR_NIECE"},
        {"UBA", "UNCLE_OR_AUNT_BY_MARRIAGE"},
        {"ABD", "NEPHEW_OR_NIECE_BY_MARRIAGE"},
        {"UBD", "COUSIN"},
        {"UUU", "GREAT_GRANDPARENT"},
        {"DDD", "GREAT_GRANDCHILD"},
        {"UUB", "GREAT_UNCLE_OR_AUNT"},
        {"BDD", "GRAND_NEPHEW_OR_NIECE"},
        {"DU", "CO_PARENT"},
        {"DAU", "CO_PARENT_IN_LAW"},
    };
    if (const size_t beside = word.find("UD"); beside != std::string::npos) {
      word.replace(beside, 2, "B");
    }
    const auto name = kNames.find(word);
    if (name == kNames.end()) return;
    Kinship kinship{Relationship::kSpouse, {}, EvidenceLevel::kRegistry, false, false};
    while (NameOf(kinship.relationship) != name->second) {
      kinship.relationship = static_cast<Relationship>(static_cast<int>(kinship.relationship) + 1);
    }
    for (size_t i = 0; i < chosen_.size(); ++i) {
      kinship.path.push_back({chosen_[i]->fact_id, persons_[i], persons_[i + 1]});
      kinship.evidence = std::min(kinship.evidence, chosen_[i]->evidence);
      if (chosen_[i]->kind == FactKind::kAdoption) kinship.by_adoption = true;
      if (chosen_[i]->kind == FactKind::kUpbringing) kinship.by_upbringing = true;
    }
    found_.push_back(std::move(kinship));
  }

  const Forest& forest_;
  const PairOnDay& question_;
  std::vector<std::string> persons_;
  std::vector<const Fact*> chosen_;
  std::vector<Kinship> found_;
};

// The forest as dossiers of a store.
Snapshot SnapshotOf(const Forest& forest) {
  Snapshot snapshot;
  for (int person = 0; person < forest.persons; ++person) {
    const std::string psn_no = NameOfPerson(person);
    Changes changes;
    changes.person = MakePerson(psn_no, "310", kShanghai);
    changes.facts = forest.facts;
    auto dossier = std::make_shared<Dossier>();
    ApplyTo(psn_no, changes, *dossier);
    snapshot.persons[psn_no] = std::move(dossier);
  }
  return snapshot;
}

// Asks as the service does: missing rows are loaded, and the question is asked again.
std::vector<Kinship> Ask(const KinshipQuestion& question, const Snapshot& snapshot) {
  const RuleContext context{ShippedPolicy(), At("2026-03-02T09:30:00+08:00")};
  Keys loaded;
  while (true) {
    Reads reads(snapshot, loaded);
    auto answer = FindKinships(question, context, reads);
    if (reads.complete()) return answer.value();
    loaded.Add(reads.missing());
  }
}

TEST(RelativesTest, R02DerivationAgreesWithBruteForceOnRandomForests) {
  std::map<std::string, int> seen;
  for (uint64_t seed = 1; seed <= kForests; ++seed) {
    ForestMaker maker(seed);
    const Forest forest = maker.Make();
    const Snapshot snapshot = SnapshotOf(forest);
    for (int pair = 0; pair < kPairsOfAForest; ++pair) {
      const std::string one = NameOfPerson(maker.Draw(0, forest.persons - 1));
      const std::string other = NameOfPerson(maker.Draw(0, forest.persons - 1));
      if (one == other) continue;
      const PairOnDay question{one, other, Day("2026-03-02")};
      const std::vector<Kinship> expected = BruteForce(forest, question).Run();
      ASSERT_EQ(Ask({one, other, std::nullopt}, snapshot), expected)
          << "seed " << seed << ", " << one << " and " << other;
      for (const Kinship& kinship : expected) ++seen[NameOf(kinship.relationship)];
    }
  }
  // Every name occurred somewhere, or agreement would prove little.
  EXPECT_EQ(seen.size(), static_cast<size_t>(Relationship::kCoParentInLaw));
}

TEST(RelativesTest, R02AFactEndsWithItsDay) {
  Family family;
  for (const char* person : {"a", "b"}) family.Resident(person);
  family.Marry("a", "b", "2020-05-01");
  const auto ask = [&](const std::string& time) {
    return family.env.Wait(family.relations.FindKinships({{"a", "b", At(time)}}))->value[0].value();
  };
  EXPECT_TRUE(ask("2020-04-30T23:59:59+08:00").empty());
  EXPECT_EQ(ask("2020-05-01T00:00:00+08:00").size(), 1u);
}

TEST(RelativesTest, StrangersAreNamed) {
  Family family;
  family.Resident("a");
  const auto answer =
      family.env.Wait(family.relations.FindKinships({{"a", "nobody", {}}, {"nobody", "a", {}}}));
  for (const auto& one : answer->value) {
    EXPECT_EQ(ReasonOf(one.status()), "PERSON_UNKNOWN");
    EXPECT_EQ(MetadataOf(one.status()), (Metadata{{"psn_no", "nobody"}}));
  }
}

// A person with very many facts costs no more than kFactsFollowed dossiers.
TEST(RelativesTest, WorkIsBoundedForAPersonOfManyFacts) {
  Forest forest;
  forest.persons = 400;
  for (int person = 1; person < forest.persons; ++person) {
    Fact fact = Birth(NameOfPerson(0), NameOfPerson(person), ParentRole::kMother);
    fact.fact_id = "f" + std::to_string(1000 + person);
    forest.facts.push_back(fact);
  }
  forest.persons += 1;  // and a stranger
  const Snapshot snapshot = SnapshotOf(forest);
  const RuleContext context{ShippedPolicy(), At("2026-03-02T09:30:00+08:00")};
  Keys loaded{.persons = {NameOfPerson(0), NameOfPerson(400)}};
  Reads reads(snapshot, loaded);
  const KinshipQuestion question{NameOfPerson(0), NameOfPerson(400), std::nullopt};
  EXPECT_TRUE(FindKinships(question, context, reads)->empty());
  EXPECT_EQ(reads.missing().persons.size(), kFactsFollowed);
}

}  // namespace
}  // namespace gongji::relation
