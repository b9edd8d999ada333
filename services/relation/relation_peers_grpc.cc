#include "services/relation/relation_peers.h"

#include <utility>

#include "gongji/wallet/v1/wallet.pb.h"
#include "policy/policy.h"
#include "services/common/errors/reasons.h"
#include "services/common/rpc/channel.h"
#include "services/relation/relation_peers_grpc.h"

namespace gongji::relation {
namespace {

namespace shard = gongji::wallet::v1;

class GrpcPeers final : public RelationPeers {
 public:
  GrpcPeers(rpc::Runtime& runtime, const std::map<std::string, std::string>& shards) {
    for (const auto& [province, address] : shards) {
      shards_[province] = std::make_unique<rpc::Channel>(runtime, address);
    }
  }

  // One question a call: networks are founded by people, one at a time.
  Task<absl::StatusOr<bool>> HasAtLeast(BalanceQuestion question, absl::Time deadline) override {
    const auto channel = shards_.find(policy::ProvinceOf(question.area));
    if (channel == shards_.end()) {
      co_return Refuse(reason::kAreaNotOpen, {{"area", question.area}});
    }
    shard::BatchHasAtLeastRequest request;
    shard::HasAtLeastQuestion& asked = *request.add_questions();
    asked.set_psn_no(question.psn_no);
    asked.set_fen(question.fen);
    asked.set_prior_only(question.prior_only);
    const auto answer =
        co_await channel->second
            ->Call<shard::BatchHasAtLeastRequest, shard::BatchHasAtLeastResponse>(
                "gongji.wallet.v1.WalletService/BatchHasAtLeast", std::move(request), deadline);
    // Whatever went wrong there, here it means: ask again.
    if (!answer.ok() || answer->answers_size() != 1) {
      co_return Refuse(reason::kPeerUnavailable, {{"peer", "wallet"}});
    }
    co_return answer->answers(0);
  }

 private:
  std::map<std::string, std::unique_ptr<rpc::Channel>> shards_;
};

}  // namespace

std::unique_ptr<RelationPeers> NewGrpcPeers(rpc::Runtime& runtime,
                                            const std::map<std::string, std::string>& shards) {
  return std::make_unique<GrpcPeers>(runtime, shards);
}

}  // namespace gongji::relation
