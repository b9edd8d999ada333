// The directory file: which shard serves which province. JSON: {"31": "unix:/run/wallet31.sock"}.
#ifndef GONGJI_SERVICES_COMMON_RPC_DIRECTORY_H_
#define GONGJI_SERVICES_COMMON_RPC_DIRECTORY_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"

namespace gongji::rpc {

// Province (two digits) -> gRPC address. The text of an INVALID_ARGUMENT names the file and the
// problem.
absl::StatusOr<std::map<std::string, std::string>> ReadDirectory(const std::string& path);

}  // namespace gongji::rpc

#endif  // GONGJI_SERVICES_COMMON_RPC_DIRECTORY_H_
