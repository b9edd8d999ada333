// Questions that two areas answer together: the giver's and the receiver's (R45). Inside a province
// the stricter answer counts; across provinces only the national file counts, whose rules both
// areas contain.
#ifndef GONGJI_POLICY_BETWEEN_H_
#define GONGJI_POLICY_BETWEEN_H_

#include <optional>
#include <set>
#include <string>

#include "policy/policy.h"

namespace gongji::policy {

// The policies of a giver and a receiver on one day.
struct Between {
  const AreaPolicy& giver;
  const AreaPolicy& receiver;
  bool same_province;
};

// The policies of both areas on `day`. References live as long as the book.
Between PoliciesBetween(const PolicyBook& book, const std::string& giver_area,
                        const std::string& receiver_area, BusinessDay day);

// Who may be bound to whom: the relatives that both lists allow.
std::set<Kin> KinAllowed(const Between& areas);

// The weakest evidence that both areas accept: the stronger of their two minimums.
EvidenceLevel LeastEvidence(const Between& areas);

// What may be paid: the purposes that both lists allow.
std::set<Purpose> PurposesAllowed(const Between& areas);

// The smaller of two limits of which 0 means none.
int StricterLimit(int a, int b);
int64_t StricterLimit(int64_t a, int64_t b);

}  // namespace gongji::policy

#endif  // GONGJI_POLICY_BETWEEN_H_
