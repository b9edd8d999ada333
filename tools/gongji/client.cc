#include "tools/gongji/client.h"

#include "tools/gongji/line.h"

namespace gongji::cli {

absl::StatusOr<rpc::Channel*> ChannelOf(const Client& client, const std::string& province) {
  const auto found = client.wallets.find(province);
  if (found != client.wallets.end()) return found->second.get();
  return BadInput("gongji", absl::StrCat("no shard serves ", province),
                  absl::StrCat("没有负责该省的分片：", province));
}

}  // namespace gongji::cli
