// Rules that the values of policy files must meet.
#ifndef GONGJI_POLICY_POLICY_CHECK_H_
#define GONGJI_POLICY_POLICY_CHECK_H_

#include <vector>

#include "policy/policy_file.h"

namespace gongji::policy {

// Checks one file by itself: sources, values, forbidden purposes, knobs set twice on one day.
void CheckFile(const File& file, Mistakes& mistakes);

// Checks what a lower layer makes of the national rules over one period: it may restrict the kin
// and the transfers, but not loosen them (R01, R16). `file` is the lowest layer of `resolved`.
void CheckAgainstNational(const AreaPolicy& resolved, const AreaPolicy& national, const File& file,
                          Mistakes& mistakes);

}  // namespace gongji::policy

#endif  // GONGJI_POLICY_POLICY_CHECK_H_
