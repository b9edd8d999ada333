// The addresses of a cluster's services, as tools/run and tools/up write them (cluster.json).
#ifndef GONGJI_TOOLS_GONGJI_ADDRESSES_H_
#define GONGJI_TOOLS_GONGJI_ADDRESSES_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"

namespace gongji::cli {

struct Addresses {
  std::string relation;
  std::string limits;
  std::string settlement;
  std::map<std::string, std::string> wallets;  // province -> address
};

// INVALID_ARGUMENT says which file it is and what is missing in it.
absl::StatusOr<Addresses> ReadAddresses(const std::string& path);

}  // namespace gongji::cli

#endif  // GONGJI_TOOLS_GONGJI_ADDRESSES_H_
