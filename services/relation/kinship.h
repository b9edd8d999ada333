// Kinship, derived from base facts (R01, R02).
//
// Only marriages, births and adoptions are recorded. Who somebody is to somebody else is the name
// of a path over them: up to a parent, down to a child, across to a spouse. A further relative is
// a further row in the table of kinship.cc.
#ifndef GONGJI_SERVICES_RELATION_KINSHIP_H_
#define GONGJI_SERVICES_RELATION_KINSHIP_H_

#include <string>
#include <vector>

#include "services/relation/records.h"

namespace gongji::relation {

// One step of a path and the fact it rests on.
struct Link {
  std::string fact_id;
  std::string from;
  std::string to;

  friend bool operator==(const Link&, const Link&) = default;
};

struct Kinship {
  Kin kin;  // what the last person of the path is to the first
  std::vector<Link> path;
  EvidenceLevel evidence;  // of the weakest link
  bool by_adoption;        // some link is an adoption
};

struct KinshipQuestion {
  std::string from;
  std::string to;
  BusinessDay day;
};

// Everything that `to` is to `from` on `day`: shorter paths first, then better proven ones, then by
// fact ids. Empty if `facts` show no relationship that has a name. `facts` holds at least all facts
// of both persons; it may hold facts twice, and others.
std::vector<Kinship> FindKinships(const KinshipQuestion& question, const std::vector<Fact>& facts);

}  // namespace gongji::relation

#endif  // GONGJI_SERVICES_RELATION_KINSHIP_H_
