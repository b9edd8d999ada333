// gongji verify reads the shards of a running cluster and checks the invariants of the ledger;
// gongji journal prints roots to be kept, and proofs that lead to them.
#ifndef GONGJI_TOOLS_GONGJI_VERIFY_H_
#define GONGJI_TOOLS_GONGJI_VERIFY_H_

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/common/task.h"
#include "services/wallet/history/verify.h"
#include "tools/gongji/client.h"

namespace gongji::cli {

// Roots that somebody has kept, by province.
using RootsByShard = std::map<std::string, wallet::KeptRoots>;

// Reads a file with the output of `gongji journal roots`; INVALID_ARGUMENT names the line that is
// wrong.
absl::StatusOr<RootsByShard> ReadKeptRoots(const std::string& file);

// Returns what is wrong in the shards named (all shards if none is named), one line each. If these
// are all shards, they are also compared with each other: mirrored clearing accounts, and grants
// with lots. Those may differ while operations are in flight, so they are checked again for a while
// before they count as wrong.
Task<absl::StatusOr<std::vector<std::string>>> Verify(Client& client,
                                                      std::vector<std::string> provinces,
                                                      RootsByShard kept);

// The roots of the complete intervals of a shard, one line each: "31 4096 sm3 <64 hexadecimal
// digits>".
Task<absl::StatusOr<std::string>> Roots(Client& client, std::string province);

// The proof of one entry as tools/check-proof reads it.
Task<absl::StatusOr<nlohmann::ordered_json>> Prove(Client& client, std::string province,
                                                   int64_t number);

}  // namespace gongji::cli

#endif  // GONGJI_TOOLS_GONGJI_VERIFY_H_
