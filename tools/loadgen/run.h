// One run of the load generator.
#ifndef GONGJI_TOOLS_LOADGEN_RUN_H_
#define GONGJI_TOOLS_LOADGEN_RUN_H_

#include "absl/status/status.h"
#include "tools/loadgen/report.h"

namespace gongji::load {

// Does what `flags.mode` names and prints what was measured. Returns OK if every answer was as
// expected.
absl::Status Run(const Flags& flags);

}  // namespace gongji::load

#endif  // GONGJI_TOOLS_LOADGEN_RUN_H_
