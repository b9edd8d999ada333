// Describes families in a few words, for tests of kinship.
#ifndef GONGJI_SERVICES_RELATION_TESTING_KINSHIP_WORDS_H_
#define GONGJI_SERVICES_RELATION_TESTING_KINSHIP_WORDS_H_

#include <sstream>
#include <string>
#include <vector>

#include "services/relation/kinship.h"

namespace gongji::relation {

// Makes facts from words like these; the word is the fact's id:
//   ann>bob   ann is bob's parent by birth     ann>>bob  by adoption     ann~>bob  by upbringing
//   ann=bob   married                          ann-bob   brother and sister, by a fact of its own
// A word may be followed by the days "@2010-05-01..2020-05-01" (either may be missing) and by "?"
// for a promise or "!" for a document.
inline std::vector<Fact> Pedigree(const std::string& words) {
  std::vector<Fact> facts;
  std::istringstream in(words);
  for (std::string word; in >> word;) {
    Fact fact;
    fact.evidence = EvidenceLevel::kRegistry;
    if (word.back() == '?') fact.evidence = EvidenceLevel::kPromise;
    if (word.back() == '!') fact.evidence = EvidenceLevel::kDocument;
    if (fact.evidence != EvidenceLevel::kRegistry) word.pop_back();
    fact.fact_id = word;
    const size_t days = word.find('@');
    if (days != std::string::npos) {
      const size_t dots = word.find("..");
      fact.from = ParseDay(word.substr(days + 1, dots - days - 1));
      fact.until = ParseDay(word.substr(dots + 2));
      word = word.substr(0, days);
    }
    const size_t sign = word.find_first_of(">~=-");
    const size_t end = word.find_last_of(">~=-");
    const std::string kind = word.substr(sign, end - sign + 1);
    fact.kind = kind == ">"    ? FactKind::kParenthood
                : kind == ">>" ? FactKind::kAdoption
                : kind == "~>" ? FactKind::kUpbringing
                : kind == "="  ? FactKind::kMarriage
                               : FactKind::kSiblinghood;
    fact.psn_no = word.substr(0, sign);
    fact.other_psn_no = word.substr(end + 1);
    facts.push_back(std::move(fact));
  }
  return facts;
}

// For each kinship its name and the persons of its path: "SIBLING ann,bob,cy".
inline std::string Shown(const std::vector<Kinship>& kinships) {
  std::string shown;
  for (const Kinship& kinship : kinships) {
    shown += (shown.empty() ? "" : "; ") + NameOf(kinship.relationship) + " " +
             (kinship.path.empty() ? "" : kinship.path.front().from);
    for (const Link& link : kinship.path) shown += "," + link.to;
  }
  return shown;
}

}  // namespace gongji::relation

#endif  // GONGJI_SERVICES_RELATION_TESTING_KINSHIP_WORDS_H_
