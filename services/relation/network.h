// The rules of family networks (R03-R08): pure functions from the stored state to the changes.
#ifndef GONGJI_SERVICES_RELATION_NETWORK_H_
#define GONGJI_SERVICES_RELATION_NETWORK_H_

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "services/relation/changes.h"
#include "services/relation/relation_peers.h"
#include "services/relation/rule_context.h"
#include "services/relation/snapshot.h"

namespace gongji::relation {

struct CreateNetwork {
  std::string network_id;  // new
  std::string organiser;   // psn_no
  Scope scope = Scope::kInProvince;
  std::optional<BalanceQuestion> lacking;  // the balance that the wallet service found too low
};

// What wallet must be asked before a network is founded (R05); nothing for an unknown person, and
// nothing for a wallet network: the minimums belong to the networks of a province.
std::vector<BalanceQuestion> BalancesToFound(const CreateNetwork& found, const RuleContext& context,
                                             Reads& reads);

struct AddMember {
  std::string relation_id;  // new
  std::string network_id;
  std::string member;  // psn_no
  std::set<UseMode> modes;
  int filed_order = 0;
  bool has_consent = false;  // the request names a consent document
};

struct SetModes {
  std::string relation_id;
  std::string actor;  // psn_no
  std::set<UseMode> modes;
};

struct EndMembership {
  std::string relation_id;
  std::string actor;  // psn_no
};

struct DissolveNetwork {
  std::string network_id;
  std::string actor;  // psn_no
};

// Each returns the changes or the first failed rule; relation.proto lists the refusals.
absl::StatusOr<Changes> Judge(const CreateNetwork& found, const RuleContext& context, Reads& reads);
absl::StatusOr<Changes> Judge(const AddMember& bind, const RuleContext& context, Reads& reads);
absl::StatusOr<Changes> Judge(const SetModes& set, const RuleContext& context, Reads& reads);
absl::StatusOr<Changes> Judge(const EndMembership& end, const RuleContext& context, Reads& reads);
absl::StatusOr<Changes> Judge(const DissolveNetwork& dissolve, const RuleContext& context,
                              Reads& reads);

// What ends because of an event outside of networks (R10). Both functions add to `changes`.
struct Ending {
  EndCause cause = EndCause::kNone;
  absl::Time at;
};
void EndRelation(const Relation& relation, const Ending& ending, Reads& reads, Changes& changes);
// Ends every relation of the person, and the networks that the person organises.
void EndEverythingOf(const Dossier& dossier, const Ending& ending, Reads& reads, Changes& changes);

}  // namespace gongji::relation

#endif  // GONGJI_SERVICES_RELATION_NETWORK_H_
