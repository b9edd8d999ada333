// Each Judge finds the rows that its command names, collects the failed rules and refuses with the
// first, or returns the changed rows. Seats make an in-province network unique where an area allows
// only one; EndRelation and EndNetwork free them again.
#include "services/relation/network.h"

#include <algorithm>

#include "services/common/errors/check.h"
#include "services/relation/conditions.h"
#include "services/relation/person.h"

namespace gongji::relation {
namespace {

absl::Status UnknownPerson(const std::string& psn_no) {
  return Refuse(reason::kPersonUnknown, {{"psn_no", psn_no}});
}

// The in-province network that the person is in, as organiser or member; "" for none. The seat
// alone would be enough if the area had always allowed one network at a time, but areas change
// their rules.
std::string InProvinceNetworkOf(const Dossier& dossier) {
  if (!dossier.seat.empty()) return dossier.seat;
  for (const Network& network : dossier.networks) {
    if (network.scope == Scope::kInProvince) return network.network_id;
  }
  for (const Relation& relation : dossier.relations) {
    if (relation.active() && relation.scope == Scope::kInProvince) return relation.network_id;
  }
  return "";
}

const Network* ActiveNetwork(const Dossier& organiser, const std::string& network_id) {
  const auto found =
      std::find_if(organiser.networks.begin(), organiser.networks.end(),
                   [&](const Network& network) { return network.network_id == network_id; });
  return found == organiser.networks.end() ? nullptr : &*found;
}

// The relation as it is in its giver's dossier, whose version is checked.
absl::StatusOr<Relation> ActiveRelation(const std::string& relation_id, Reads& reads) {
  const Relation* row = reads.FindRelation(relation_id);
  if (row == nullptr) return Refuse(reason::kRelationUnknown, {{"relation_id", relation_id}});
  const Dossier* giver = reads.FindPerson(row->giver);
  reads.FindPerson(row->receiver);
  if (giver != nullptr) {
    for (const Relation& relation : giver->relations) {
      if (relation.relation_id == relation_id && relation.active()) return relation;
    }
  }
  return Refuse(reason::kRelationEnded, {{"relation_id", relation_id}});
}

int CountActive(const Dossier& dossier, const std::string Relation::* role) {
  return static_cast<int>(std::count_if(
      dossier.relations.begin(), dossier.relations.end(), [&](const Relation& relation) {
        return relation.active() && relation.scope == Scope::kInProvince &&
               relation.*role == dossier.person.psn_no;
      }));
}

void RequireNoOtherNetwork(const Dossier& dossier, const std::string& allowed, Failures& failures) {
  const std::string other = InProvinceNetworkOf(dossier);
  if (other.empty() || other == allowed) return;
  failures.push_back(
      {&reason::kAlreadyInNetwork, {{"psn_no", dossier.person.psn_no}, {"network_id", other}}});
}

void RequireNotRelated(const Dossier& member, const Network& network, Failures& failures) {
  for (const Relation& relation : member.relations) {
    if (relation.active() && relation.scope == network.scope &&
        relation.giver == network.organiser && relation.receiver == member.person.psn_no) {
      failures.push_back({&reason::kAlreadyRelated, {{"relation_id", relation.relation_id}}});
    }
  }
}

void RequireBelowLimit(int count, int limit, const Reason& reason, Failures& failures) {
  if (limit == 0 || count < limit) return;
  failures.push_back({&reason, {{"limit", std::to_string(limit)}}});
}

void RequireOffered(const std::set<UseMode>& modes, const std::set<UseMode>& offered,
                    Failures& failures) {
  for (const UseMode mode : modes) {
    if (offered.contains(mode)) continue;
    failures.push_back({&reason::kModeNotOffered, {{"mode", NameOf(mode)}}});
  }
}

// Wallets do not depend on the modes of an area: both are offered.
std::set<UseMode> ModesOffered(Scope scope, const policy::AreaPolicy& giver_policy) {
  if (scope == Scope::kWallet) return {UseMode::kPay, UseMode::kPremium};
  return giver_policy.network.use_modes;
}

// In-province rules between an organiser and a new member.
void RequireInProvince(const Network& network, const Dossier& giver, const Dossier& member,
                       const AreasOnDay& areas, Failures& failures) {
  const policy::Between policies = areas.Policies();
  RequireWithinReach(areas, failures);
  if (policies.giver.network.single_network_per_person ||
      policies.receiver.network.single_network_per_person) {
    RequireNoOtherNetwork(member, network.network_id, failures);
  }
  RequireBelowLimit(CountActive(giver, &Relation::giver),
                    policy::StricterLimit(policies.giver.network.max_receivers_per_giver,
                                          policies.receiver.network.max_receivers_per_giver),
                    reason::kTooManyReceivers, failures);
  RequireBelowLimit(CountActive(member, &Relation::receiver),
                    policy::StricterLimit(policies.giver.network.max_givers_per_receiver,
                                          policies.receiver.network.max_givers_per_receiver),
                    reason::kTooManyGivers, failures);
}

bool TakesSeat(Scope scope, const policy::Between& policies) {
  return scope == Scope::kInProvince && (policies.giver.network.single_network_per_person ||
                                         policies.receiver.network.single_network_per_person);
}

void FreeSeat(const Dossier* dossier, const std::string& network_id, Changes& changes) {
  if (dossier == nullptr || dossier->seat != network_id) return;
  const Seat seat{dossier->person.psn_no, network_id};
  const auto& freed = changes.seats_freed;
  if (std::find(freed.begin(), freed.end(), seat) != freed.end()) return;
  changes.seats_freed.push_back(seat);
}

void EndNetwork(Network network, const Ending& ending, Reads& reads, Changes& changes) {
  const Dossier* organiser = reads.FindPerson(network.organiser);
  if (organiser == nullptr) return;
  for (const Relation& relation : organiser->relations) {
    if (relation.active() && relation.network_id == network.network_id) {
      EndRelation(relation, ending, reads, changes);
    }
  }
  FreeSeat(organiser, network.network_id, changes);
  network.dissolved_at = ending.at;
  changes.networks.push_back(std::move(network));
}

}  // namespace

std::vector<BalanceQuestion> BalancesToFound(const CreateNetwork& found, const RuleContext& context,
                                             Reads& reads) {
  const Dossier* dossier = reads.FindPerson(found.organiser);
  if (dossier == nullptr || found.scope == Scope::kWallet) return {};
  const std::string area = AreaOf(dossier->person, context.day());
  const policy::OrganiserRules& rules = context.policies.For(area, context.day()).organiser;
  std::vector<BalanceQuestion> questions;
  if (rules.min_balance_to_open_fen > 0) {
    questions.push_back({area, found.organiser, rules.min_balance_to_open_fen, false});
  }
  if (rules.min_prior_balance_to_open_fen > 0) {
    questions.push_back({area, found.organiser, rules.min_prior_balance_to_open_fen, true});
  }
  return questions;
}

absl::StatusOr<Changes> Judge(const CreateNetwork& found, const RuleContext& context,
                              Reads& reads) {
  const Dossier* organiser = reads.FindPerson(found.organiser);
  if (organiser == nullptr) return UnknownPerson(found.organiser);
  const std::string area = AreaOf(organiser->person, context.day());
  const AreasOnDay areas{context.policies, area, area, context.day()};
  const policy::AreaPolicy& policy = context.policies.For(area, context.day());

  Failures failures;
  RequireAlive(organiser->person, context.day(), failures);
  if (found.scope == Scope::kWallet) {
    RequireWalletsOpen(areas, failures);
  } else {
    RequireFoundingOpen(areas, failures);
  }
  RequireInsured(organiser->person, policy.organiser.insurances, context.day(), failures);
  if (policy.organiser.personal_account_required) {
    RequireUsableAccount(organiser->person, policy.fund.blocking_statuses, context.at, failures);
  }
  for (const Network& network : organiser->networks) {
    if (network.scope != found.scope) continue;
    failures.push_back({&reason::kAlreadyInNetwork,
                        {{"psn_no", found.organiser}, {"network_id", network.network_id}}});
  }
  const bool takes_seat = TakesSeat(found.scope, areas.Policies());
  if (takes_seat) RequireNoOtherNetwork(*organiser, "", failures);
  if (found.lacking.has_value()) {
    failures.push_back({&reason::kBalanceBelowMinimum,
                        {{"minimum_fen", std::to_string(found.lacking->fen)},
                         {"prior_only", found.lacking->prior_only ? "true" : "false"}}});
  }
  RETURN_IF_ERROR(FirstOf(failures));

  Changes changes;
  changes.networks.push_back({.network_id = found.network_id,
                              .scope = found.scope,
                              .organiser = found.organiser,
                              .area = area,
                              .created_at = context.at,
                              .dissolved_at = std::nullopt});
  if (takes_seat) changes.seats_taken.push_back({found.organiser, found.network_id});
  return changes;
}

absl::StatusOr<Changes> Judge(const AddMember& bind, const RuleContext& context, Reads& reads) {
  const Network* row = reads.FindNetwork(bind.network_id);
  if (row == nullptr) return Refuse(reason::kNetworkUnknown, {{"network_id", bind.network_id}});
  const Dossier* giver = reads.FindPerson(row->organiser);
  const Dossier* member = reads.FindPerson(bind.member);
  const Network* network = giver == nullptr ? nullptr : ActiveNetwork(*giver, bind.network_id);
  if (network == nullptr) {
    return Refuse(reason::kNetworkDissolved, {{"network_id", bind.network_id}});
  }
  if (member == nullptr) return UnknownPerson(bind.member);
  if (member == giver) return InvalidField("member_psn_no", "is the organiser");
  const AreasOnDay areas{context.policies, AreaOf(giver->person, context.day()),
                         AreaOf(member->person, context.day()), context.day()};
  const policy::Between policies = areas.Policies();

  Failures failures;
  RequireAlive(giver->person, context.day(), failures);
  RequireAlive(member->person, context.day(), failures);
  RequireInsured(member->person, policies.receiver.member.insurances, context.day(), failures);
  if (network->scope == Scope::kWallet) {
    RequireWalletsOpen(areas, failures);
  } else {
    RequireFoundingOpen(areas, failures);
    RequireInProvince(*network, *giver, *member, areas, failures);
  }
  RequireNotRelated(*member, *network, failures);
  const std::optional<Kin> kin = RequireKin(*giver, *member, areas, reads, failures);
  RequireOffered(bind.modes, ModesOffered(network->scope, policies.giver), failures);
  if (policies.giver.network.member_consent != policy::MemberConsent::kNotice &&
      !bind.has_consent) {
    failures.push_back({&reason::kConsentMissing, {}});
  }
  RETURN_IF_ERROR(FirstOf(failures));
  CHECK(kin.has_value());

  Changes changes;
  changes.relations.push_back({.relation_id = bind.relation_id,
                               .network_id = bind.network_id,
                               .scope = network->scope,
                               .giver = network->organiser,
                               .receiver = bind.member,
                               .giver_area = areas.giver_area,
                               .receiver_area = areas.receiver_area,
                               .kin = *kin,
                               .filed_order = bind.filed_order,
                               .modes = {{context.at, bind.modes}},
                               .added_at = context.at,
                               .ended_at = std::nullopt});
  if (TakesSeat(network->scope, policies)) {
    changes.seats_taken.push_back({bind.member, bind.network_id});
  }
  return changes;
}

absl::StatusOr<Changes> Judge(const SetModes& set, const RuleContext& context, Reads& reads) {
  ASSIGN_OR_RETURN(Relation relation, ActiveRelation(set.relation_id, reads));
  if (set.actor != relation.giver) return Refuse(reason::kNotAllowed);
  const Dossier* giver = reads.FindPerson(relation.giver);
  const std::string area = AreaOf(giver->person, context.day());
  Failures failures;
  RequireOffered(set.modes, ModesOffered(relation.scope, context.policies.For(area, context.day())),
                 failures);
  RETURN_IF_ERROR(FirstOf(failures));

  ++relation.version;
  // If modes are set twice at one moment, the later ones count.
  if (relation.modes.back().since >= context.at) {
    relation.modes.back().modes = set.modes;
  } else {
    AppendState(relation.modes, {context.at, set.modes});
  }
  Changes changes;
  changes.relations.push_back(std::move(relation));
  return changes;
}

absl::StatusOr<Changes> Judge(const EndMembership& end, const RuleContext& context, Reads& reads) {
  ASSIGN_OR_RETURN(const Relation relation, ActiveRelation(end.relation_id, reads));
  if (end.actor != relation.giver && end.actor != relation.receiver) {
    return Refuse(reason::kNotAllowed);
  }
  const EndCause cause = end.actor == relation.giver ? EndCause::kRemoved : EndCause::kLeft;
  Changes changes;
  EndRelation(relation, {cause, context.at}, reads, changes);
  return changes;
}

absl::StatusOr<Changes> Judge(const DissolveNetwork& dissolve, const RuleContext& context,
                              Reads& reads) {
  const Network* row = reads.FindNetwork(dissolve.network_id);
  if (row == nullptr) return Refuse(reason::kNetworkUnknown, {{"network_id", dissolve.network_id}});
  if (dissolve.actor != row->organiser) return Refuse(reason::kNotAllowed);
  const Dossier* organiser = reads.FindPerson(row->organiser);
  const Network* network =
      organiser == nullptr ? nullptr : ActiveNetwork(*organiser, dissolve.network_id);
  if (network == nullptr) {
    return Refuse(reason::kNetworkDissolved, {{"network_id", dissolve.network_id}});
  }
  Changes changes;
  EndNetwork(*network, {EndCause::kDissolved, context.at}, reads, changes);
  return changes;
}

void EndRelation(const Relation& relation, const Ending& ending, Reads& reads, Changes& changes) {
  reads.FindPerson(relation.giver);
  FreeSeat(reads.FindPerson(relation.receiver), relation.network_id, changes);
  Relation ended = relation;
  ++ended.version;
  ended.ended_at = ending.at;
  ended.end_cause = ending.cause;
  changes.relations.push_back(std::move(ended));
}

void EndEverythingOf(const Dossier& dossier, const Ending& ending, Reads& reads, Changes& changes) {
  for (const Network& network : dossier.networks) EndNetwork(network, ending, reads, changes);
  for (const Relation& relation : dossier.relations) {
    if (relation.active() && relation.receiver == dossier.person.psn_no) {
      EndRelation(relation, ending, reads, changes);
    }
  }
}

}  // namespace gongji::relation
