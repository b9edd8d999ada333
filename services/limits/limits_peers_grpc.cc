#include <utility>

#include "gongji/wallet/v1/wallet.pb.h"
#include "services/common/errors/reasons.h"
#include "services/common/rpc/channel.h"
#include "services/common/rpc/gather.h"
#include "services/limits/limits_peers_grpc.h"

namespace gongji::limits {
namespace {

namespace shard = gongji::wallet::v1;

using PlacesCalls = rpc::Gather<shard::BatchGetPlacesRequest, shard::BatchGetPlacesResponse,
                                shard::WalletDay, shard::Places>;

struct Shard {
  Shard(rpc::Runtime& runtime, TaskScope& scope, const std::string& address)
      : channel(runtime, address),
        places(
            runtime, scope, channel, "gongji.wallet.v1.WalletService/BatchGetPlaces",
            [](shard::BatchGetPlacesRequest& request, shard::WalletDay day) {
              *request.add_wallet_days() = std::move(day);
            },
            [](shard::BatchGetPlacesResponse& response, int index,
               int count) -> absl::StatusOr<shard::Places> {
              if (response.places_size() != count) {
                return absl::InternalError("a shard lost items");
              }
              return std::move(*response.mutable_places(index));
            }) {}

  rpc::Channel channel;
  PlacesCalls places;
};

class GrpcPeers final : public LimitsPeers {
 public:
  GrpcPeers(rpc::Runtime& runtime, TaskScope& scope,
            const std::map<std::string, std::string>& shards) {
    for (const auto& [province, address] : shards) {
      shards_[province] = std::make_unique<Shard>(runtime, scope, address);
    }
  }

  Task<absl::StatusOr<std::vector<std::string>>> Holders(std::string province, DayKey day,
                                                         absl::Time deadline) override {
    const auto found = shards_.find(province);
    if (found == shards_.end()) {
      co_return Refuse(reason::kPeerUnavailable, {{"shard", province}});
    }
    shard::WalletDay message;
    message.set_psn_no(day.psn_no);
    message.set_business_day(day.business_day);
    ASSIGN_OR_CO_RETURN(const shard::Places places,
                        co_await found->second->places.Call(std::move(message), deadline));
    co_return std::vector<std::string>(places.holders().begin(), places.holders().end());
  }

 private:
  std::map<std::string, std::unique_ptr<Shard>> shards_;
};

}  // namespace

std::unique_ptr<LimitsPeers> NewGrpcPeers(rpc::Runtime& runtime, TaskScope& scope,
                                          const std::map<std::string, std::string>& shards) {
  return std::make_unique<GrpcPeers>(runtime, scope, shards);
}

}  // namespace gongji::limits
