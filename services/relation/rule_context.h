// The time of a decision, and the policies by which it is made.
#ifndef GONGJI_SERVICES_RELATION_RULE_CONTEXT_H_
#define GONGJI_SERVICES_RELATION_RULE_CONTEXT_H_

#include "absl/time/time.h"
#include "policy/policy.h"
#include "services/common/business_day.h"

namespace gongji::relation {

struct RuleContext {
  const policy::PolicyBook& policies;
  absl::Time at;

  BusinessDay day() const { return BusinessDayOf(at); }
};

}  // namespace gongji::relation

#endif  // GONGJI_SERVICES_RELATION_RULE_CONTEXT_H_
