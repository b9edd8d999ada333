#include "services/relation/relatives.h"

#include "services/common/errors/reasons.h"

namespace gongji::relation {
namespace {

void AddFactsOf(const Dossier& dossier, FactsSeen& facts) {
  for (const Fact& fact : dossier.facts) facts.push_back(&fact);
}

// Adds the facts of everybody whom the facts of `dossier` name.
void AddFactsAround(const Dossier& dossier, Reads& reads, FactsSeen& facts) {
  size_t followed = 0;
  for (const Fact& fact : dossier.facts) {
    if (++followed > kFactsFollowed) return;
    const bool first = fact.psn_no == dossier.person.psn_no;
    const Dossier* next = reads.FindPerson(first ? fact.other_psn_no : fact.psn_no);
    if (next != nullptr) AddFactsOf(*next, facts);
  }
}

}  // namespace

std::vector<Kinship> NearKinOf(const Dossier& one, const Dossier& other, BusinessDay day) {
  FactsSeen facts;
  AddFactsOf(one, facts);
  AddFactsOf(other, facts);
  return FindNearKin({one.person.psn_no, other.person.psn_no, day}, facts);
}

std::vector<Kinship> DistantKinOf(const Dossier& one, const Dossier& other, BusinessDay day,
                                  Reads& reads) {
  FactsSeen facts;
  AddFactsOf(one, facts);
  AddFactsOf(other, facts);
  AddFactsAround(one, reads, facts);
  AddFactsAround(other, reads, facts);
  return FindDistantKin({one.person.psn_no, other.person.psn_no, day}, facts);
}

absl::StatusOr<std::vector<Kinship>> FindKinships(const KinshipQuestion& question,
                                                  const RuleContext& context, Reads& reads) {
  const BusinessDay day = BusinessDayOf(question.at.value_or(context.at));
  const Dossier* one = reads.FindPerson(question.one);
  const Dossier* other = reads.FindPerson(question.other);
  for (const auto& [psn_no, dossier] : {std::pair(&question.one, one), {&question.other, other}}) {
    if (dossier == nullptr) return Refuse(reason::kPersonUnknown, {{"psn_no", *psn_no}});
  }
  std::vector<Kinship> found = NearKinOf(*one, *other, day);
  if (found.empty()) found = DistantKinOf(*one, *other, day, reads);
  return found;
}

}  // namespace gongji::relation
