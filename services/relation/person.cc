#include "services/relation/person.h"

#include <algorithm>
#include <tuple>

namespace gongji::relation {

const std::set<UseMode>& Relation::ModesAt(absl::Time at) const {
  const auto later =
      std::upper_bound(modes.begin(), modes.end(), at,
                       [](absl::Time time, const ModesSince& entry) { return time < entry.since; });
  return later == modes.begin() ? modes.front().modes : std::prev(later)->modes;
}

bool IsActive(const Insurance& insurance, BusinessDay day) {
  return insurance.from <= day && (!insurance.until.has_value() || day < *insurance.until);
}

std::vector<Insurance> ActiveInsurances(const Person& person, const std::set<std::string>& types,
                                        BusinessDay day) {
  std::vector<Insurance> active;
  for (const Insurance& insurance : person.insurances) {
    if (types.contains(insurance.insurance_type) && IsActive(insurance, day)) {
      active.push_back(insurance);
    }
  }
  return active;
}

const Insurance* MainInsurance(const Person& person, BusinessDay day) {
  const auto belongs_less = [day](const Insurance& a, const Insurance& b) {
    const bool a_active = IsActive(a, day);
    const bool b_active = IsActive(b, day);
    if (a_active != b_active) return b_active;
    if (a.insurance_type != b.insurance_type) return a.insurance_type > b.insurance_type;
    return std::tie(a.from, a.area) < std::tie(b.from, b.area);
  };
  const auto& all = person.insurances;
  const auto main = std::max_element(all.begin(), all.end(), belongs_less);
  return main == all.end() ? nullptr : &*main;
}

std::string AreaOf(const Person& person, BusinessDay day) {
  const Insurance* main = MainInsurance(person, day);
  return main == nullptr ? "" : main->area;
}

std::optional<AccountStatus> AccountStatusAt(const Person& person, absl::Time at) {
  if (!person.has_account) return std::nullopt;
  AccountStatus status = AccountStatus::kNormal;
  for (const AccountState& state : person.account_states) {
    if (state.since > at) break;
    status = state.status;
  }
  return status;
}

bool IsTerminated(const Person& person) {
  return std::all_of(person.insurances.begin(), person.insurances.end(), [](const Insurance& one) {
    return one.status == InsuranceStatus::kTerminated;
  });
}

bool IsDeadOn(const Person& person, BusinessDay day) {
  return person.died_on.has_value() && *person.died_on <= day;
}

}  // namespace gongji::relation
