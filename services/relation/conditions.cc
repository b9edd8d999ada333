// Every Require function appends a FailedRule with its metadata. Rules of two areas are read from
// both policies (AreasOnDay), so a condition holds only if both allow it. RequireKin looks for near
// kinships first and names a distant one only in the refusal.
#include "services/relation/conditions.h"

#include <utility>

#include "services/common/errors/check.h"
#include "services/relation/person.h"
#include "services/relation/relatives.h"

namespace gongji::relation {
namespace {

using policy::AreaPolicy;

// The areas of `areas`, each once.
std::vector<std::string> Distinct(const AreasOnDay& areas) {
  if (areas.giver_area == areas.receiver_area) return {areas.giver_area};
  return {areas.giver_area, areas.receiver_area};
}

// Adds `reason` for each area in which `holds` is false, with the first later day on which it is
// true as `date_name`.
void RequireOpen(const AreasOnDay& areas, bool (*holds)(const AreaPolicy&),
                 const FailedRule& failure, Failures& failures) {
  for (const std::string& area : Distinct(areas)) {
    if (holds(areas.policies.For(area, areas.day))) continue;
    FailedRule failed = failure;
    failed.metadata = {{"area", area}};
    const std::optional<BusinessDay> opens = areas.policies.FirstDay(area, areas.day, holds);
    if (opens.has_value()) failed.metadata.emplace_back("from", FormatDay(*opens));
    failures.push_back(std::move(failed));
  }
}

// "" if the kinship counts in both areas, else the kind of link that does not.
std::string Uncounted(const Kinship& kinship, const policy::Between& areas) {
  const policy::KinRules& giver = areas.giver.kin;
  const policy::KinRules& receiver = areas.receiver.kin;
  if (kinship.by_adoption && !(giver.adoptive_counts && receiver.adoptive_counts)) {
    return "ADOPTION";
  }
  const bool step_counts =
      giver.step_with_upbringing_counts && receiver.step_with_upbringing_counts;
  return kinship.by_upbringing && !step_counts ? "UPBRINGING" : "";
}

// The best proven of the kinships that both areas allow. `near` must have the best proven first.
std::optional<Kin> Choose(const std::vector<Kinship>& near, const AreasOnDay& areas,
                          Failures& failures) {
  const policy::Between policies = areas.Policies();
  const std::set<Kin> allowed = policy::KinAllowed(policies);
  FailedRule failed{&reason::kKinNotAllowed, {}};
  for (const Kinship& kinship : near) {
    const std::optional<Kin> kin = NearKin(kinship.relationship);
    CHECK(kin.has_value());
    const std::string by = Uncounted(kinship, policies);
    if (allowed.contains(*kin) && by.empty()) {
      const EvidenceLevel needed = policy::LeastEvidence(policies);
      if (kinship.evidence >= needed) return kin;
      failures.push_back({&reason::kEvidenceTooWeak,
                          {{"evidence", NameOf(kinship.evidence)}, {"needed", NameOf(needed)}}});
      return std::nullopt;
    }
    if (!failed.metadata.empty()) continue;
    failed.metadata = {{"kin", NameOf(kinship.relationship)}};
    if (allowed.contains(*kin)) failed.metadata.emplace_back("by", by);
  }
  failures.push_back(std::move(failed));
  return std::nullopt;
}

}  // namespace

absl::Status FirstOf(const Failures& failures) {
  if (failures.empty()) return absl::OkStatus();
  return Refuse(*failures.front().reason, failures.front().metadata);
}

void RequireAlive(const Person& person, BusinessDay day, Failures& failures) {
  if (!IsDeadOn(person, day)) return;
  failures.push_back({&reason::kPersonDeceased, {{"psn_no", person.psn_no}}});
}

void RequireInsured(const Person& person, const std::set<std::string>& types, BusinessDay day,
                    Failures& failures) {
  const std::vector<Insurance> active = ActiveInsurances(person, types, day);
  if (active.empty()) {
    failures.push_back({&reason::kInsuranceNotActive, {{"psn_no", person.psn_no}}});
  }
  if (active.size() > 1) {
    failures.push_back({&reason::kDuplicateInsurance,
                        {{"psn_no", person.psn_no},
                         {"insurance_type", active[0].insurance_type},
                         {"area", active[0].area},
                         {"other_insurance_type", active[1].insurance_type},
                         {"other_area", active[1].area}}});
  }
}

void RequireUsableAccount(const Person& giver, const std::set<AccountStatus>& blocking,
                          absl::Time at, Failures& failures) {
  const std::optional<AccountStatus> status = AccountStatusAt(giver, at);
  if (!status.has_value()) {
    failures.push_back({&reason::kNoPersonalAccount, {{"psn_no", giver.psn_no}}});
  } else if (blocking.contains(*status)) {
    failures.push_back(
        {&reason::kAccountBlocked, {{"psn_no", giver.psn_no}, {"status", NameOf(*status)}}});
  }
}

void RequireFoundingOpen(const AreasOnDay& areas, Failures& failures) {
  RequireOpen(
      areas, [](const AreaPolicy& policy) { return policy.network.founding_open; },
      {&reason::kSharingNotInForce, {}}, failures);
}

void RequireUseOpen(const AreasOnDay& areas, Failures& failures) {
  RequireOpen(
      areas, [](const AreaPolicy& policy) { return policy.network.use_open; },
      {&reason::kSharingNotInForce, {}}, failures);
}

void RequireWalletsOpen(const AreasOnDay& areas, Failures& failures) {
  const bool inside = policy::SameProvince(areas.giver_area, areas.receiver_area);
  RequireOpen(
      areas,
      inside ? [](const AreaPolicy& policy) { return policy.wallet.open; }
             : [](const AreaPolicy&
                      policy) { return policy.wallet.open && policy.wallet.across_provinces_open; },
      {&reason::kWalletNotOpenInArea, {}}, failures);
}

void RequireWithinReach(const AreasOnDay& areas, Failures& failures) {
  const policy::Between policies = areas.Policies();
  const bool same_area_only = policies.giver.member.insured_in == policy::MemberArea::kSameArea;
  const bool within =
      same_area_only ? areas.giver_area == areas.receiver_area : policies.same_province;
  if (within) return;
  failures.push_back({&reason::kMemberInsuredElsewhere,
                      {{"insured_area", areas.receiver_area}, {"network_area", areas.giver_area}}});
}

std::optional<Kin> RequireKin(const Dossier& giver, const Dossier& receiver,
                              const AreasOnDay& areas, Reads& reads, Failures& failures) {
  const std::vector<Kinship> near = NearKinOf(giver, receiver, areas.day);
  if (!near.empty()) return Choose(near, areas, failures);
  const std::vector<Kinship> distant = DistantKinOf(giver, receiver, areas.day, reads);
  if (distant.empty()) {
    failures.push_back({&reason::kNotRelated, {}});
  } else {
    const std::string kin = NameOf(distant.front().relationship);
    failures.push_back({&reason::kKinNotAllowed, {{"kin", kin}}});
  }
  return std::nullopt;
}

bool AreKin(const Dossier& giver, const Dossier& receiver, const AreasOnDay& areas) {
  Failures failures;
  return Choose(NearKinOf(giver, receiver, areas.day), areas, failures).has_value();
}

std::string NameOf(AccountStatus status) {
  static constexpr const char* kNames[] = {"NORMAL", "SEALED", "FROZEN", "PAUSED"};
  return kNames[static_cast<int>(status) - 1];
}

std::string NameOf(EvidenceLevel level) {
  static constexpr const char* kNames[] = {"PROMISE", "DOCUMENT", "REGISTRY"};
  return kNames[static_cast<int>(level) - 1];
}

std::string NameOf(UseMode mode) { return mode == UseMode::kPay ? "PAY" : "PREMIUM"; }

std::string NameOf(policy::CareScope scope) {
  static constexpr const char* kNames[] = {"OWN_AREA", "PROVINCE", "NATIONWIDE"};
  return kNames[static_cast<int>(scope) - 1];
}

}  // namespace gongji::relation
