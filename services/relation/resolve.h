// Who may pay for whom, and why not (R11): pure functions of the stored state.
#ifndef GONGJI_SERVICES_RELATION_RESOLVE_H_
#define GONGJI_SERVICES_RELATION_RESOLVE_H_

#include <optional>
#include <string>
#include <vector>

#include "services/relation/conditions.h"
#include "services/relation/rule_context.h"
#include "services/relation/snapshot.h"

namespace gongji::relation {

// Who may pay for this patient?
struct ResolveQuestion {
  std::string patient;  // psn_no
  Purpose purpose = Purpose::kHospital;
  std::string care_area;  // "" for premiums
  // Time as of which relations, modes, states and facts count. Nothing: now.
  std::optional<absl::Time> at;
};

// What other services need to know about a person.
struct PersonState {
  std::string psn_no;
  std::string area;
  bool insured = false;  // in a basic insurance of the area's list, in normal status
  std::string person_type;
  std::optional<AccountStatus> account;  // nothing: no personal account
  std::optional<BusinessDay> died_on;
};

struct Payer {
  Relation relation;
  std::string giver_area;  // at the time asked for; decides policy and shard
  Failures failures;       // empty: may pay, unless the patient has failures
};

struct Payers {
  PersonState patient;
  Failures patient_failures = {};          // these forbid any sharing; not repeated in payers
  std::vector<Payer> payers = {};          // in policy order
  std::vector<std::string> policies = {};  // files with versions, sorted
};

// May this giver grant quota to this receiver?
struct TransferQuestion {
  std::string giver;
  std::string receiver;
  std::optional<absl::Time> at;  // nothing: now
};

struct TransferPermission {
  PersonState giver;
  PersonState receiver;
  std::optional<Relation> relation;  // the wallet relation: the active one, or the one that ended
                                     // last
  Failures failures = {};            // empty: may grant
  std::vector<std::string> policies = {};
};

// FAILED_PRECONDITION PERSON_UNKNOWN. Ended relations are shown where no active one replaces them;
// they are refused for every time that is asked for, so that what was revoked stays revoked (P26).
absl::StatusOr<Payers> Resolve(const ResolveQuestion& question, const RuleContext& context,
                               Reads& reads);
absl::StatusOr<TransferPermission> ResolveTransfer(const TransferQuestion& question,
                                                   const RuleContext& context, Reads& reads);

}  // namespace gongji::relation

#endif  // GONGJI_SERVICES_RELATION_RESOLVE_H_
