// Kinship, derived from base facts (R01, R02).
//
// Facts record marriages, births, adoptions, upbringing by a step-parent, and brothers and sisters
// whose parents nobody registered. What one person is to another is the name of a path over these
// facts: up to a parent, down to a child, across to a spouse, beside to a brother or sister. A
// further relative is a further row in the tables of kinship.cc.
#ifndef GONGJI_SERVICES_RELATION_KINSHIP_H_
#define GONGJI_SERVICES_RELATION_KINSHIP_H_

#include <optional>
#include <string>
#include <vector>

#include "services/relation/records.h"

namespace gongji::relation {

// What one person is to another. The first six are the near relatives of the Civil Code, with the
// numbers of Kin. The others are on no list; they have names so that a refusal can name them.
enum class Relationship {
  kSpouse = 1,
  kParent,
  kChild,
  kSibling,
  kGrandparent,
  kGrandchild,
  kStepParent,
  kStepChild,
  kStepSibling,
  kStepGrandparent,
  kStepGrandchild,
  kParentInLaw,
  kChildInLaw,
  kSiblingInLaw,
  kGrandparentInLaw,
  kGrandchildInLaw,
  kUncleOrAunt,
  kNephewOrNiece,
  kUncleOrAuntByMarriage,
  kNephewOrNieceByMarriage,
  kCousin,
  kGreatGrandparent,
  kGreatGrandchild,
  kGreatUncleOrAunt,
  kGrandNephewOrNiece,
  kCoParent,       // the other parent of one's child, not married to one
  kCoParentInLaw,  // 亲家: a parent of one's child's spouse
};

// Nothing for a relationship that is on no list.
std::optional<Kin> NearKin(Relationship relationship);

// Its name in metadata and answers: "SPOUSE", "PARENT_IN_LAW".
std::string NameOf(Relationship relationship);

// One step of a path and the fact on which it rests.
struct Link {
  std::string fact_id;
  std::string from;
  std::string to;

  friend bool operator==(const Link&, const Link&) = default;
};

struct Kinship {
  Relationship relationship;  // what the last person of the path is to the first
  std::vector<Link> path;
  EvidenceLevel evidence;  // the weakest of all links
  bool by_adoption;        // some link is an adoption
  bool by_upbringing;      // some link is an upbringing

  friend bool operator==(const Kinship&, const Kinship&) = default;
};

// Two persons, of whom `to` may be a relative of `from`.
struct PairOnDay {
  std::string from;
  std::string to;
  BusinessDay day;
};

// Facts from one or more dossiers; the same one may appear twice. The caller owns them.
using FactsSeen = std::vector<const Fact*>;

// Every path on `day` by which `to` is a near relative of `from`: better proven ones first, then
// shorter ones, then by fact ids. Such paths have at most two links, so the facts of both persons
// are enough.
std::vector<Kinship> FindNearKin(const PairOnDay& question, const FactsSeen& facts);

// The shortest of the paths that have another name, in the same order. They have at most four
// links: `facts` must hold the facts of both persons and of everybody whom these facts name. The
// result is of no use for persons who are near relatives.
std::vector<Kinship> FindDistantKin(const PairOnDay& question, const FactsSeen& facts);

}  // namespace gongji::relation

#endif  // GONGJI_SERVICES_RELATION_KINSHIP_H_
