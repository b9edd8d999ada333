#include "tests/examples/faces.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "gongji/common/v1/development.pb.h"
#include "services/common/rpc/deadline.h"
#include "services/common/rpc/methods.h"
#include "services/common/rpc/time_wire.h"
#include "services/limits/limits_service.h"
#include "services/relation/relation_service.h"
#include "services/settlement/settlement_service.h"
#include "services/wallet/wallet_service.h"

namespace gongji::simulation {
namespace {

class Face final : public rpc::Methods {
 public:
  void HandleRaw(const std::string& method, RawHandler handler) override {
    handlers_[method] = std::move(handler);
  }

  Task<absl::StatusOr<std::string>> Call(std::string method, rpc::CallContext context,
                                         std::string bytes) const {
    const auto handler = handlers_.find(method);
    if (handler == handlers_.end()) co_return absl::UnimplementedError(method);
    co_return co_await handler->second(std::move(context), std::move(bytes));
  }

 private:
  std::map<std::string, RawHandler> handlers_;
};

// Moves the host's business time, which survives its processes; it never goes back.
Task<absl::StatusOr<common::v1::SetBusinessTimeResponse>> MoveBusinessTime(Instance& on, Skew& skew,
                                                                           absl::Time to) {
  skew.business += std::max(absl::ZeroDuration(), to - on.env().BusinessNow());
  common::v1::SetBusinessTimeResponse response;
  *response.mutable_business_time() = rpc::ToMessage(on.env().BusinessNow());
  co_return response;
}

void AddFace(Cluster& cluster, const std::string& host, Instance& on) {
  const auto face = std::make_shared<Face>();
  face->Handle<common::v1::SetBusinessTimeRequest, common::v1::SetBusinessTimeResponse>(
      "gongji.common.v1.DevelopmentService/SetBusinessTime",
      [&on, &skew = cluster.skew(host)](rpc::CallContext /*context*/,
                                        common::v1::SetBusinessTimeRequest request) {
        return MoveBusinessTime(on, skew, rpc::FromMessage(request.business_time()));
      });
  if (host == "relation") {
    relation::AddRelationService(*face, static_cast<RelationProcess&>(on).relations);
  } else if (host == "limits") {
    limits::AddLimitsService(*face, static_cast<LimitsProcess&>(on).limits);
  } else if (host == "settlement") {
    settlement::AddSettlementService(*face, static_cast<SettlementProcess&>(on).settlement);
  } else {
    wallet::AddWalletService(*face, static_cast<WalletProcess&>(on).wallet);
  }
  on.Attach(face);
}

// Answers of a service cross the network as values, including refusals.
using Reply = absl::StatusOr<std::string>;

Task<absl::StatusOr<Reply>> Serve(Instance& on, std::string method, std::string bytes,
                                  absl::Duration left) {
  ASSIGN_OR_CO_RETURN(const absl::Time deadline,
                      rpc::HandlerDeadline(on.env().Now() + left, on.env().Now()));
  rpc::CallContext context{.caller = {.identity = kDevelopmentIdentity},
                           .deadline = deadline,
                           .env = &on.env(),
                           .scope = &on.scope()};
  const auto* face = static_cast<const Face*>(on.attachment());
  co_return co_await face->Call(std::move(method), std::move(context), std::move(bytes));
}

class SimulatedChannel final : public rpc::Channel {
 public:
  SimulatedChannel(Cluster& cluster, std::string host)
      : cluster_(cluster), host_(std::move(host)) {}

  Task<absl::StatusOr<std::string>> CallRaw(std::string method, std::string request,
                                            absl::Time deadline) override {
    Instance& client = cluster_.client();
    const absl::Duration left = deadline - client.env().Now();
    auto called = cluster_.Call<Instance, Reply>(
        client, host_,
        [method, request, left](Instance& on) { return Serve(on, method, request, left); },
        deadline);
    ASSIGN_OR_CO_RETURN(Reply reply, co_await std::move(called));
    co_return reply;
  }

 private:
  Cluster& cluster_;
  const std::string host_;
};

}  // namespace

void ServeFaces(Cluster& cluster) {
  for (const std::string& host : kHosts) cluster.skew(host).business_stands = true;
  cluster.KeepLeases();  // Examples expect what every caller of the product sees.
  cluster.OnBoot([&cluster](const std::string& host, Instance& instance) {
    AddFace(cluster, host, instance);
  });
}

cli::Channels ChannelsTo(Cluster& cluster) {
  const auto to = [&cluster](const std::string& host) {
    return std::make_unique<SimulatedChannel>(cluster, host);
  };
  cli::Channels channels{.relation = to("relation"),
                         .limits = to("limits"),
                         .settlement = to("settlement"),
                         .wallets = {}};
  for (const char* province : {"31", "51"}) {
    channels.wallets[province] = to(std::string("wallet") + province);
  }
  return channels;
}

}  // namespace gongji::simulation
