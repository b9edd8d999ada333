// gongji verify: reads the shards of a running cluster and checks the invariants of the ledger.
#ifndef GONGJI_TOOLS_GONGJI_VERIFY_H_
#define GONGJI_TOOLS_GONGJI_VERIFY_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/common/task.h"
#include "tools/gongji/client.h"

namespace gongji::cli {

// What is wrong in the shards named (all if none), a line each; empty: nothing. Between shards:
// clearing mirrors and grants against lots, which may differ while operations are in flight, so
// they are looked at again for a while before they count as wrong.
Task<absl::StatusOr<std::vector<std::string>>> Verify(Client& client,
                                                      std::vector<std::string> provinces);

}  // namespace gongji::cli

#endif  // GONGJI_TOOLS_GONGJI_VERIFY_H_
