// A question is answered from two dossiers at a time: the Require functions collect what is wrong
// with the patient, then with each giver whose relation names the patient (FailuresOf); the payers
// are sorted as the patient's area says and returned with the policies that were used.
#include "services/relation/resolve.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "services/common/errors/check.h"
#include "services/relation/person.h"

namespace gongji::relation {
namespace {

using policy::AreaPolicy;

absl::Status Unknown(const std::string& psn_no) {
  return Refuse(reason::kPersonUnknown, {{"psn_no", psn_no}});
}

PersonState StateOf(const Person& person, const RuleContext& context) {
  const BusinessDay day = context.day();
  const Insurance* main = MainInsurance(person, day);
  const std::string area = AreaOf(person, day);
  const auto& counted = context.policies.For(area, day).member.insurances;
  return {.psn_no = person.psn_no,
          .area = area,
          .insured = !ActiveInsurances(person, counted, day).empty(),
          .person_type = main == nullptr ? "" : main->person_type,
          .account = AccountStatusAt(person, context.at),
          .died_on = person.died_on};
}

void AddVersions(const AreaPolicy& policy, std::set<std::string>& versions) {
  for (const policy::FileVersion& version : policy.versions) versions.insert(version.Name());
}

void RequireNotEnded(const Relation& relation, Failures& failures) {
  if (!relation.ended_at.has_value()) return;
  failures.push_back({&reason::kRelationEnded,
                      {{"relation_id", relation.relation_id},
                       {"ended_at", gongji::FormatTime(*relation.ended_at)}}});
}

void RequireBoundBefore(const Relation& relation, absl::Time at, Failures& failures) {
  if (relation.added_at <= at) return;
  failures.push_back(
      {&reason::kRelationBoundLater, {{"added_at", gongji::FormatTime(relation.added_at)}}});
}

// Wallets have no obligation to tick modes, but the ticked ones restrict there too.
void RequireMode(const Relation& relation, UseMode needed, const RuleContext& context,
                 const AreaPolicy& giver_policy, Failures& failures) {
  const std::set<UseMode>& ticked = relation.ModesAt(context.at);
  if (ticked.empty()) {
    const bool must_choose =
        relation.scope == Scope::kInProvince && giver_policy.network.mode_must_be_chosen;
    if (must_choose) failures.push_back({&reason::kModeNotChosen, {{"needed", NameOf(needed)}}});
  } else if (!ticked.contains(needed)) {
    failures.push_back({&reason::kModeNotTicked, {{"needed", NameOf(needed)}}});
  }
}

void RequirePurpose(Purpose purpose, const policy::Between& policies, Failures& failures) {
  if (policy::PurposesAllowed(policies).contains(purpose)) return;
  failures.push_back({&reason::kPurposeNotAllowed, {}});
}

void RequireCareInReach(const ResolveQuestion& question, const AreasOnDay& areas,
                        Failures& failures) {
  if (question.care_area.empty()) return;
  const policy::Between policies = areas.Policies();
  const policy::CareScope scope =
      std::min(policies.giver.care.care_scope, policies.receiver.care.care_scope);
  const bool within = scope == policy::CareScope::kNationwide ||
                      question.care_area == areas.receiver_area ||
                      (scope == policy::CareScope::kProvince &&
                       policy::SameProvince(question.care_area, areas.receiver_area));
  if (within) return;
  failures.push_back(
      {&reason::kCareOutsideScope, {{"scope", NameOf(scope)}, {"care_area", question.care_area}}});
}

// The relations in which the person receives, without ended ones that an active one replaces.
std::vector<Relation> ReceivingOf(const Dossier& dossier) {
  std::vector<Relation> receiving;
  for (const Relation& relation : dossier.relations) {
    if (relation.receiver != dossier.person.psn_no) continue;
    const bool replaced =
        !relation.active() &&
        std::any_of(dossier.relations.begin(), dossier.relations.end(), [&](const Relation& other) {
          return other.giver == relation.giver && other.receiver == relation.receiver &&
                 other.scope == relation.scope && other.added_at >= *relation.ended_at &&
                 other.relation_id != relation.relation_id;
        });
    if (!replaced) receiving.push_back(relation);
  }
  return receiving;
}

struct Parties {
  const Dossier& giver;
  const Dossier& patient;
};

// Everything that is wrong with one giver for this bill, in the order in which a person would ask.
Failures FailuresOf(const ResolveQuestion& question, const Relation& relation,
                    const Parties& parties, const RuleContext& context, Reads& reads) {
  const auto& [giver, patient] = parties;
  Failures failures;
  RequireNotEnded(relation, failures);
  if (!failures.empty()) return failures;
  const BusinessDay day = context.day();
  const AreasOnDay areas{context.policies, AreaOf(giver.person, day), AreaOf(patient.person, day),
                         day};
  const policy::Between policies = areas.Policies();
  if (relation.scope == Scope::kWallet) {
    RequireWalletsOpen(areas, failures);
  } else {
    RequireUseOpen(areas, failures);
    RequireWithinReach(areas, failures);
    RequireCareInReach(question, areas, failures);
  }
  RequireBoundBefore(relation, context.at, failures);
  RequireAlive(giver.person, day, failures);
  RequireUsableAccount(giver.person, policies.giver.fund.blocking_statuses, context.at, failures);
  RequireKin(giver, patient, areas, reads, failures);
  RequireMode(relation, policy::ModeFor(question.purpose), context, policies.giver, failures);
  RequirePurpose(question.purpose, policies, failures);
  return failures;
}

// Sorts payers as the patient's area says (R21): kind of money first, then its criteria.
void SortPayers(const AreaPolicy& patient_policy, const std::string& patient_area,
                std::vector<Payer>& payers) {
  const auto rank_of_source = [&](const Payer& payer) {
    const policy::Source source =
        payer.relation.scope == Scope::kWallet ? policy::Source::kQuota : policy::Source::kLive;
    const auto& sources = patient_policy.payment.sources;
    return std::find(sources.begin(), sources.end(), source) - sources.begin();
  };
  // Compares by one criterion: -1, 0, 1.
  const auto compare = [&](policy::GiverOrder criterion, const Payer& a, const Payer& b) {
    const auto sign = [](auto x, auto y) { return x < y ? -1 : y < x ? 1 : 0; };
    switch (criterion) {
      case policy::GiverOrder::kBindTime:
        return sign(a.relation.added_at, b.relation.added_at);
      case policy::GiverOrder::kFiledOrder:
        return sign(a.relation.filed_order, b.relation.filed_order);
      case policy::GiverOrder::kLocalFirst:
        return sign(a.giver_area != patient_area, b.giver_area != patient_area);
    }
    CHECK(false);
  };
  std::sort(payers.begin(), payers.end(), [&](const Payer& a, const Payer& b) {
    if (rank_of_source(a) != rank_of_source(b)) return rank_of_source(a) < rank_of_source(b);
    for (const policy::GiverOrder criterion : patient_policy.network.giver_order) {
      const int order = compare(criterion, a, b);
      if (order != 0) return order < 0;
    }
    return a.relation.relation_id < b.relation.relation_id;
  });
}

// The wallet relation between the two: the active one, else the one that ended last.
std::optional<Relation> WalletRelation(const Dossier& giver, const std::string& receiver) {
  std::optional<Relation> best;
  for (const Relation& relation : giver.relations) {
    if (relation.scope != Scope::kWallet || relation.receiver != receiver) continue;
    const auto ended = relation.ended_at.value_or(absl::InfiniteFuture());
    if (!best.has_value() || ended > best->ended_at.value_or(absl::InfiniteFuture())) {
      best = relation;
    }
  }
  return best;
}

}  // namespace

absl::StatusOr<Payers> Resolve(const ResolveQuestion& question, const RuleContext& now,
                               Reads& reads) {
  const Dossier* patient = reads.FindPerson(question.patient);
  if (patient == nullptr) return Unknown(question.patient);
  const RuleContext context{now.policies, question.at.value_or(now.at)};
  const BusinessDay day = context.day();
  Payers answer{.patient = StateOf(patient->person, context)};
  const AreaPolicy& patient_policy = context.policies.For(answer.patient.area, day);
  RequireAlive(patient->person, day, answer.patient_failures);
  RequireInsured(patient->person, patient_policy.member.insurances, day, answer.patient_failures);

  std::set<std::string> versions;
  AddVersions(patient_policy, versions);
  for (const Relation& relation : ReceivingOf(*patient)) {
    const Dossier* giver = reads.FindPerson(relation.giver);
    if (giver == nullptr) continue;
    Payer payer{relation, AreaOf(giver->person, day),
                FailuresOf(question, relation, {*giver, *patient}, context, reads)};
    AddVersions(context.policies.For(payer.giver_area, day), versions);
    answer.payers.push_back(std::move(payer));
  }
  SortPayers(patient_policy, answer.patient.area, answer.payers);
  answer.policies.assign(versions.begin(), versions.end());
  return answer;
}

absl::StatusOr<TransferPermission> ResolveTransfer(const TransferQuestion& question,
                                                   const RuleContext& now, Reads& reads) {
  const Dossier* giver = reads.FindPerson(question.giver);
  const Dossier* receiver = reads.FindPerson(question.receiver);
  if (giver == nullptr) return Unknown(question.giver);
  if (receiver == nullptr) return Unknown(question.receiver);
  const RuleContext context{now.policies, question.at.value_or(now.at)};
  const BusinessDay day = context.day();
  TransferPermission answer{.giver = StateOf(giver->person, context),
                            .receiver = StateOf(receiver->person, context),
                            .relation = WalletRelation(*giver, question.receiver)};
  const AreasOnDay areas{context.policies, answer.giver.area, answer.receiver.area, day};
  const policy::Between policies = areas.Policies();
  Failures& failures = answer.failures;
  if (!answer.relation.has_value()) {
    failures.push_back({&reason::kNoWalletRelation, {}});
  } else {
    RequireNotEnded(*answer.relation, failures);
    RequireBoundBefore(*answer.relation, context.at, failures);
  }
  RequireWalletsOpen(areas, failures);
  RequireAlive(giver->person, day, failures);
  RequireAlive(receiver->person, day, failures);
  RequireInsured(giver->person, policies.giver.organiser.insurances, day, failures);
  RequireInsured(receiver->person, policies.receiver.member.insurances, day, failures);
  RequireUsableAccount(giver->person, policies.giver.fund.blocking_statuses, context.at, failures);
  RequireKin(*giver, *receiver, areas, reads, failures);

  std::set<std::string> versions;
  AddVersions(policies.giver, versions);
  AddVersions(policies.receiver, versions);
  answer.policies.assign(versions.begin(), versions.end());
  return answer;
}

}  // namespace gongji::relation
