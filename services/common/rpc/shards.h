// One peer per province: the shards that the directory names.
#ifndef GONGJI_SERVICES_COMMON_RPC_SHARDS_H_
#define GONGJI_SERVICES_COMMON_RPC_SHARDS_H_

#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "services/common/errors/reasons.h"

namespace gongji::rpc {

// `Shard` holds the channel to a shard and what is called through it.
template <class Shard>
class Shards {
 public:
  // `make(address)` returns the shard at that address.
  template <class Make>
  Shards(const std::map<std::string, std::string>& addresses, Make make) {
    for (const auto& [province, address] : addresses) shards_[province] = make(address);
  }

  bool Has(const std::string& province) const { return shards_.contains(province); }

  // AREA_NOT_OPEN: the directory names no shard for this province (two digits).
  absl::StatusOr<Shard*> Find(const std::string& province) const {
    const auto found = shards_.find(province);
    if (found == shards_.end()) return Refuse(reason::kAreaNotOpen, {{"area", province}});
    return found->second.get();
  }

 private:
  std::map<std::string, std::unique_ptr<Shard>> shards_;
};

}  // namespace gongji::rpc

#endif  // GONGJI_SERVICES_COMMON_RPC_SHARDS_H_
