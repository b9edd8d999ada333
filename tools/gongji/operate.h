// Operators' commands for shards: gongji backup, gongji resend.
#ifndef GONGJI_TOOLS_GONGJI_OPERATE_H_
#define GONGJI_TOOLS_GONGJI_OPERATE_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "services/common/task.h"
#include "tools/gongji/client.h"

namespace gongji::cli {

// Lets the shard of `province` copy its journal, and waits for the copy. Returns path, last_number,
// hash and chain.
Task<absl::StatusOr<nlohmann::ordered_json>> BackUp(Client& client, std::string province);

// Lets settlement send again the steps that the shard of `province` had booked after entry `after`.
// Returns the counts booked and known, and differences with step_id, recorded_number and why; there
// should be no differences.
Task<absl::StatusOr<nlohmann::ordered_json>> Resend(Client& client, std::string province,
                                                    int64_t after);

}  // namespace gongji::cli

#endif  // GONGJI_TOOLS_GONGJI_OPERATE_H_
