// gongji verify: reads the shards of a running cluster and checks the invariants of the ledger;
// gongji journal: roots to be kept, and proofs that lead to them.
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

// Roots that somebody kept, by province.
using RootsByShard = std::map<std::string, wallet::KeptRoots>;

// Reads a file of what `gongji journal roots` printed; INVALID_ARGUMENT with the line that is
// wrong.
absl::StatusOr<RootsByShard> ReadKeptRoots(const std::string& file);

// What is wrong in the shards named (all if none), a line each; empty: nothing. Between shards:
// clearing mirrors and grants against lots, which may differ while operations are in flight, so
// they are looked at again for a while before they count as wrong.
Task<absl::StatusOr<std::vector<std::string>>> Verify(Client& client,
                                                      std::vector<std::string> provinces,
                                                      RootsByShard kept);

// Roots of the complete intervals of a shard: "31 4096 sm3 <64 hexadecimal digits>", a line each.
Task<absl::StatusOr<std::string>> Roots(Client& client, std::string province);

// The proof of one entry as tools/check-proof reads it.
Task<absl::StatusOr<nlohmann::ordered_json>> Prove(Client& client, std::string province,
                                                   int64_t number);

}  // namespace gongji::cli

#endif  // GONGJI_TOOLS_GONGJI_VERIFY_H_
