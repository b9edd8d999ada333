// What two registered persons are to each other: kinship.h applied to their dossiers.
#ifndef GONGJI_SERVICES_RELATION_RELATIVES_H_
#define GONGJI_SERVICES_RELATION_RELATIVES_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/relation/kinship.h"
#include "services/relation/rule_context.h"
#include "services/relation/snapshot.h"

namespace gongji::relation {

// The most facts of one person that are followed to name a distant relative. Far more than a family
// has; it bounds the work for a person who was registered as everybody's parent.
inline constexpr size_t kFactsFollowed = 64;

// What is `other` to `one`?
struct KinshipQuestion {
  std::string one;
  std::string other;
  std::optional<absl::Time> at;  // nothing: now
};

std::vector<Kinship> NearKinOf(const Dossier& one, const Dossier& other, BusinessDay day);

// For two persons who are no near relatives. Reads everybody whom their facts name.
std::vector<Kinship> DistantKinOf(const Dossier& one, const Dossier& other, BusinessDay day,
                                  Reads& reads);

// All near kinships or, if there are none, the distant ones; best proven first. FAILED_PRECONDITION
// PERSON_UNKNOWN.
absl::StatusOr<std::vector<Kinship>> FindKinships(const KinshipQuestion& question,
                                                  const RuleContext& context, Reads& reads);

}  // namespace gongji::relation

#endif  // GONGJI_SERVICES_RELATION_RELATIVES_H_
