#include "services/limits/limits_peers_grpc.h"

#include <utility>

#include "gongji/wallet/v1/wallet.pb.h"
#include "services/common/errors/reasons.h"
#include "services/common/rpc/channel.h"
#include "services/common/rpc/gather.h"
#include "services/common/rpc/shards.h"

namespace gongji::limits {
namespace {

namespace v1 = wallet::v1;

using PlacesCalls =
    rpc::Gather<v1::BatchGetPlacesRequest, v1::BatchGetPlacesResponse, v1::WalletDay, v1::Places>;

struct Shard {
  Shard(rpc::Runtime& runtime, TaskScope& scope, const std::string& address, Metrics& metrics)
      : channel(runtime, address),
        places(
            runtime, scope, channel, "gongji.wallet.v1.WalletService/BatchGetPlaces",
            [](v1::BatchGetPlacesRequest& request, v1::WalletDay day) {
              *request.add_wallet_days() = std::move(day);
            },
            [](v1::BatchGetPlacesResponse& response, int index,
               int count) -> absl::StatusOr<v1::Places> {
              if (response.places_size() != count) {
                return absl::InternalError("a shard lost items");
              }
              return std::move(*response.mutable_places(index));
            },
            metrics) {}

  rpc::Channel channel;
  PlacesCalls places;
};

class GrpcPeers final : public LimitsPeers {
 public:
  GrpcPeers(rpc::Runtime& runtime, TaskScope& scope,
            const std::map<std::string, std::string>& shards, Metrics& metrics)
      : shards_(shards, [&](const std::string& address) {
          return std::make_unique<Shard>(runtime, scope, address, metrics);
        }) {}

  Task<absl::StatusOr<std::vector<std::string>>> GetPlaces(std::string province, DayKey day,
                                                           absl::Time deadline) override {
    ASSIGN_OR_CO_RETURN(Shard * shard, shards_.Find(province));
    v1::WalletDay message;
    message.set_psn_no(day.psn_no);
    message.set_business_day(day.business_day);
    ASSIGN_OR_CO_RETURN(const v1::Places places,
                        co_await shard->places.Call(std::move(message), deadline));
    co_return std::vector<std::string>(places.holders().begin(), places.holders().end());
  }

 private:
  const rpc::Shards<Shard> shards_;
};

}  // namespace

std::unique_ptr<LimitsPeers> NewGrpcPeers(rpc::Runtime& runtime, TaskScope& scope,
                                          const std::map<std::string, std::string>& shards,
                                          Metrics& metrics) {
  return std::make_unique<GrpcPeers>(runtime, scope, shards, metrics);
}

}  // namespace gongji::limits
