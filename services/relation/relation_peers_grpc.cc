#include "services/relation/relation_peers_grpc.h"

#include <utility>

#include "gongji/wallet/v1/wallet.pb.h"
#include "policy/policy.h"
#include "services/common/errors/reasons.h"
#include "services/common/rpc/channel.h"
#include "services/common/rpc/gather.h"
#include "services/common/rpc/shards.h"

namespace gongji::relation {
namespace {

namespace v1 = wallet::v1;

absl::StatusOr<bool> AnswerAt(v1::BatchHasAtLeastResponse& response, int index, int count) {
  if (response.answers_size() != count) return absl::InternalError("a shard lost items");
  return response.answers(index);
}

struct Shard {
  Shard(rpc::Runtime& runtime, TaskScope& scope, const std::string& address, Metrics& metrics)
      : channel(runtime, address),
        has_at_least(
            runtime, scope, channel, "gongji.wallet.v1.WalletService/BatchHasAtLeast",
            [](v1::BatchHasAtLeastRequest& request, BalanceQuestion question) {
              v1::HasAtLeastQuestion& asked = *request.add_questions();
              asked.set_psn_no(std::move(question.psn_no));
              asked.set_fen(question.fen);
              asked.set_prior_only(question.prior_only);
            },
            AnswerAt, metrics) {}

  rpc::Channel channel;
  rpc::Gather<v1::BatchHasAtLeastRequest, v1::BatchHasAtLeastResponse, BalanceQuestion, bool>
      has_at_least;
};

class GrpcPeers final : public RelationPeers {
 public:
  GrpcPeers(rpc::Runtime& runtime, TaskScope& scope,
            const std::map<std::string, std::string>& shards, Metrics& metrics)
      : shards_(shards, [&](const std::string& address) {
          return std::make_unique<Shard>(runtime, scope, address, metrics);
        }) {}

  Task<absl::StatusOr<bool>> HasAtLeast(BalanceQuestion question, absl::Time deadline) override {
    const std::string province = policy::ProvinceOf(question.area);
    ASSIGN_OR_CO_RETURN(Shard * shard, shards_.Find(province));
    auto answer = co_await shard->has_at_least.Call(std::move(question), deadline);
    // Whatever went wrong there, here it means: ask again.
    if (!answer.ok()) co_return PeerUnavailable("wallet/" + province);
    co_return answer;
  }

 private:
  const rpc::Shards<Shard> shards_;
};

}  // namespace

std::unique_ptr<RelationPeers> NewGrpcPeers(rpc::Runtime& runtime, TaskScope& scope,
                                            const std::map<std::string, std::string>& shards,
                                            Metrics& metrics) {
  return std::make_unique<GrpcPeers>(runtime, scope, shards, metrics);
}

}  // namespace gongji::relation
