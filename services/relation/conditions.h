// The single conditions of R01-R10 for founding, joining and paying. Each adds to `failures` what
// it finds wrong, so that a write can refuse with the first failure and an explanation can name
// them all.
#ifndef GONGJI_SERVICES_RELATION_CONDITIONS_H_
#define GONGJI_SERVICES_RELATION_CONDITIONS_H_

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "policy/between.h"
#include "policy/policy.h"
#include "services/common/errors/reasons.h"
#include "services/relation/records.h"
#include "services/relation/snapshot.h"

namespace gongji::relation {

struct FailedRule {
  const Reason* reason;
  Metadata metadata;

  friend bool operator==(const FailedRule&, const FailedRule&) = default;
};
using Failures = std::vector<FailedRule>;

// OK, or the first failure as a refusal.
absl::Status FirstOf(const Failures& failures);

// PERSON_DECEASED.
void RequireAlive(const Person& person, BusinessDay day, Failures& failures);

// INSURANCE_NOT_ACTIVE, DUPLICATE_INSURANCE: requires exactly one active insurance of these kinds.
void RequireInsured(const Person& person, const std::set<std::string>& types, BusinessDay day,
                    Failures& failures);

// NO_PERSONAL_ACCOUNT, ACCOUNT_BLOCKED: requires an account in none of the blocking states.
void RequireUsableAccount(const Person& giver, const std::set<AccountStatus>& blocking,
                          absl::Time at, Failures& failures);

// Two areas on one day, by their names; they may be the same.
struct AreasOnDay {
  const policy::PolicyBook& policies;
  std::string giver_area;
  std::string receiver_area;
  BusinessDay day;

  policy::Between Policies() const {
    return policy::PoliciesBetween(policies, giver_area, receiver_area, day);
  }
};

// SHARING_NOT_IN_FORCE, with the day from which it will be: requires that founding and binding are
// open in both areas.
void RequireFoundingOpen(const AreasOnDay& areas, Failures& failures);
// The same for use.
void RequireUseOpen(const AreasOnDay& areas, Failures& failures);

// WALLET_NOT_OPEN_IN_AREA, with the area and the day: requires that wallets are open in both areas,
// and open for other provinces if the two are in different ones.
void RequireWalletsOpen(const AreasOnDay& areas, Failures& failures);

// MEMBER_INSURED_ELSEWHERE: requires that the receiver is insured within the reach of a network in
// giver_area.
void RequireWithinReach(const AreasOnDay& areas, Failures& failures);

// Returns what `receiver` is to `giver` on the areas' day, if the policies allow it.
//   NOT_RELATED        no proven relationship that has a name
//   KIN_NOT_ALLOWED    kin, as found: a relative not on the list, a distant one (PARENT_IN_LAW,
//                      COUSIN, STEP_PARENT ...), or one by ADOPTION or UPBRINGING (`by`) where
//                      that does not count
//   EVIDENCE_TOO_WEAK  evidence, needed
std::optional<Kin> RequireKin(const Dossier& giver, const Dossier& receiver,
                              const AreasOnDay& areas, Reads& reads, Failures& failures);

// The same answer without its reasons, from the two dossiers alone.
bool AreKin(const Dossier& giver, const Dossier& receiver, const AreasOnDay& areas);

// Names for metadata: "SEALED", "DOCUMENT", "PAY", "PROVINCE".
std::string NameOf(AccountStatus status);
std::string NameOf(EvidenceLevel level);
std::string NameOf(UseMode mode);
std::string NameOf(policy::CareScope scope);

}  // namespace gongji::relation

#endif  // GONGJI_SERVICES_RELATION_CONDITIONS_H_
