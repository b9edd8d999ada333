#include "services/limits/limits_service.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gongji/limits/v1/limits.pb.h"
#include "services/common/join.h"
#include "services/common/rpc/handlers.h"
#include "services/common/rpc/status_wire.h"
#include "services/common/rpc/time_wire.h"

namespace gongji::limits {
namespace {

using rpc::CallContext;

constexpr int kMaxItems = 256;

// What the handlers share.
struct Face {
  Env& env;
  TaskScope& scope;
  Limits& limits;
};

WalletDay FromMessage(const v1::WalletDay& message) {
  return {message.psn_no(), message.business_day(), message.area()};
}

v1::PlacesLeft ToMessage(const PlacesLeft& left) {
  v1::PlacesLeft message;
  message.set_places(left.places);
  message.set_amount_fen(left.amount_fen);
  return message;
}

Task<absl::StatusOr<v1::BatchMayTakeResponse>> BatchMayTake(Face& face, CallContext context,
                                                            v1::BatchMayTakeRequest request) {
  CO_RETURN_IF_ERROR(rpc::CheckCount("questions", request.questions_size(), kMaxItems));
  std::vector<Task<absl::StatusOr<PlacesLeft>>> tasks;
  for (const v1::MayTake& question : request.questions()) {
    tasks.push_back(face.limits.MayTake({.wallet_day = FromMessage(question.wallet_day()),
                                         .transfer_id = question.transfer_id(),
                                         .amount_fen = question.amount_fen(),
                                         .at = rpc::FromMessage(question.at())},
                                        context.deadline));
  }
  v1::BatchMayTakeResponse response;
  for (const auto& left : co_await Join(face.env, face.scope, std::move(tasks))) {
    v1::MayTakeOutcome* outcome = response.add_outcomes();
    if (left.ok()) {
      *outcome->mutable_yes() = ToMessage(*left);
    } else {
      *outcome->mutable_error() = rpc::ToMessage(left.status());
    }
  }
  co_return response;
}

// One status for the whole call: what did not get through may be repeated as a whole.
Task<absl::Status> JoinStatus(Face& face, std::vector<Task<absl::Status>> tasks) {
  for (const absl::Status& status : co_await Join(face.env, face.scope, std::move(tasks))) {
    CO_RETURN_IF_ERROR(status);
  }
  co_return absl::OkStatus();
}

Task<absl::StatusOr<v1::BatchConfirmResponse>> BatchConfirm(Face& face, CallContext /*context*/,
                                                            v1::BatchConfirmRequest request) {
  CO_RETURN_IF_ERROR(rpc::CheckCount("confirms", request.confirms_size(), kMaxItems));
  std::vector<Task<absl::Status>> tasks;
  for (const v1::Confirm& confirm : request.confirms()) {
    tasks.push_back(face.limits.Confirm(FromMessage(confirm.wallet_day()),
                                        {confirm.holders().begin(), confirm.holders().end()}));
  }
  CO_RETURN_IF_ERROR(co_await JoinStatus(face, std::move(tasks)));
  co_return v1::BatchConfirmResponse();
}

Task<absl::StatusOr<v1::BatchGiveBackResponse>> BatchGiveBack(Face& face, CallContext /*context*/,
                                                              v1::BatchGiveBackRequest request) {
  CO_RETURN_IF_ERROR(rpc::CheckCount("give_backs", request.give_backs_size(), kMaxItems));
  std::vector<Task<absl::Status>> tasks;
  for (const v1::GiveBack& give_back : request.give_backs()) {
    tasks.push_back(
        face.limits.GiveBack(FromMessage(give_back.wallet_day()), give_back.transfer_id()));
  }
  CO_RETURN_IF_ERROR(co_await JoinStatus(face, std::move(tasks)));
  co_return v1::BatchGiveBackResponse();
}

Task<absl::StatusOr<v1::BatchPeekResponse>> BatchPeek(Face& face, CallContext context,
                                                      v1::BatchPeekRequest request) {
  CO_RETURN_IF_ERROR(rpc::CheckCount("wallet_days", request.wallet_days_size(), kMaxItems));
  std::vector<Task<absl::StatusOr<PlacesLeft>>> tasks;
  for (const v1::WalletDay& wallet_day : request.wallet_days()) {
    tasks.push_back(face.limits.Peek(FromMessage(wallet_day), rpc::FromMessage(request.at()),
                                     context.deadline));
  }
  v1::BatchPeekResponse response;
  for (const auto& left : co_await Join(face.env, face.scope, std::move(tasks))) {
    v1::PeekOutcome* outcome = response.add_outcomes();
    if (left.ok()) {
      *outcome->mutable_left() = ToMessage(*left);
    } else {
      *outcome->mutable_error() = rpc::ToMessage(left.status());
    }
  }
  co_return response;
}

}  // namespace

void AddLimitsService(rpc::Methods& methods, Env& env, TaskScope& scope, Limits& limits) {
  auto face = std::make_shared<Face>(env, scope, limits);
  const rpc::Handlers<Face> handlers(methods, "gongji.limits.v1.LimitsService", face);
  handlers.Add("BatchMayTake", BatchMayTake);
  handlers.Add("BatchConfirm", BatchConfirm);
  handlers.Add("BatchGiveBack", BatchGiveBack);
  handlers.Add("BatchPeek", BatchPeek);
}

}  // namespace gongji::limits
