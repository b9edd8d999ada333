#include "services/limits/limits_service.h"

#include <string>
#include <utility>
#include <vector>

#include "services/common/rpc/batch.h"
#include "services/common/rpc/handlers.h"
#include "services/common/rpc/time_wire.h"
#include "services/limits/limits_wire.h"

namespace gongji::limits {
namespace {

using rpc::CallContext;

constexpr int kMaxItems = 256;

Task<absl::StatusOr<v1::BatchMayTakeResponse>> BatchMayTake(Limits& limits, CallContext context,
                                                            v1::BatchMayTakeRequest request) {
  CO_RETURN_IF_ERROR(rpc::CheckCount("questions", request.questions_size(), kMaxItems));
  std::vector<Task<absl::StatusOr<PlacesLeft>>> tasks;
  for (const v1::MayTake& question : request.questions()) {
    tasks.push_back(limits.MayTake(FromMessage(question), context.deadline));
  }
  co_return co_await rpc::JoinOutcomes<v1::BatchMayTakeResponse>(
      std::move(context), std::move(tasks), &v1::MayTakeOutcome::mutable_yes);
}

Task<absl::StatusOr<v1::BatchConfirmResponse>> BatchConfirm(Limits& limits, CallContext context,
                                                            v1::BatchConfirmRequest request) {
  CO_RETURN_IF_ERROR(rpc::CheckCount("confirms", request.confirms_size(), kMaxItems));
  std::vector<Task<absl::Status>> tasks;
  for (const v1::Confirm& confirm : request.confirms()) {
    tasks.push_back(limits.Confirm(FromMessage(confirm.wallet_day()),
                                   {confirm.holders().begin(), confirm.holders().end()}));
  }
  CO_RETURN_IF_ERROR(co_await rpc::JoinStatus(std::move(context), std::move(tasks)));
  co_return v1::BatchConfirmResponse();
}

Task<absl::StatusOr<v1::BatchGiveBackResponse>> BatchGiveBack(Limits& limits, CallContext context,
                                                              v1::BatchGiveBackRequest request) {
  CO_RETURN_IF_ERROR(rpc::CheckCount("give_backs", request.give_backs_size(), kMaxItems));
  std::vector<Task<absl::Status>> tasks;
  for (const v1::GiveBack& give_back : request.give_backs()) {
    tasks.push_back(limits.GiveBack(FromMessage(give_back.wallet_day()), give_back.transfer_id()));
  }
  CO_RETURN_IF_ERROR(co_await rpc::JoinStatus(std::move(context), std::move(tasks)));
  co_return v1::BatchGiveBackResponse();
}

Task<absl::StatusOr<v1::BatchPeekResponse>> BatchPeek(Limits& limits, CallContext context,
                                                      v1::BatchPeekRequest request) {
  CO_RETURN_IF_ERROR(rpc::CheckCount("wallet_days", request.wallet_days_size(), kMaxItems));
  std::vector<Task<absl::StatusOr<PlacesLeft>>> tasks;
  for (const v1::WalletDay& wallet_day : request.wallet_days()) {
    tasks.push_back(
        limits.Peek(FromMessage(wallet_day), rpc::FromMessage(request.at()), context.deadline));
  }
  co_return co_await rpc::JoinOutcomes<v1::BatchPeekResponse>(std::move(context), std::move(tasks),
                                                              &v1::PeekOutcome::mutable_left);
}

}  // namespace

void AddLimitsService(rpc::Methods& methods, Limits& limits) {
  const rpc::Handlers<Limits> handlers(methods, "gongji.limits.v1.LimitsService", limits);
  handlers.Add("BatchMayTake", BatchMayTake);
  handlers.Add("BatchConfirm", BatchConfirm);
  handlers.Add("BatchGiveBack", BatchGiveBack);
  handlers.Add("BatchPeek", BatchPeek);
}

}  // namespace gongji::limits
