// Questions about one person on a day or at a time.
#ifndef GONGJI_SERVICES_RELATION_PERSON_H_
#define GONGJI_SERVICES_RELATION_PERSON_H_

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "services/relation/records.h"

namespace gongji::relation {

// True if `insurance` is in normal status on `day`.
bool IsActive(const Insurance& insurance, BusinessDay day);

// The active insurances whose kind is one of `types`.
std::vector<Insurance> ActiveInsurances(const Person& person, const std::set<std::string>& types,
                                        BusinessDay day);

// The insurance that decides where the person belongs: an active one before others, the employees'
// (the smaller insutype) before the residents', a later begin before an earlier one. Null: none.
const Insurance* MainInsurance(const Person& person, BusinessDay day);

// Pooling area of the main insurance; "" for a person without any.
std::string AreaOf(const Person& person, BusinessDay day);

// State of the personal account at `at`; nothing for a person without an account.
std::optional<AccountStatus> AccountStatusAt(const Person& person, absl::Time at);

// True if every insurance of the person is terminated, or there is none.
bool IsTerminated(const Person& person);

bool IsDeadOn(const Person& person, BusinessDay day);

}  // namespace gongji::relation

#endif  // GONGJI_SERVICES_RELATION_PERSON_H_
