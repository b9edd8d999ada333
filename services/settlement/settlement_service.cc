#include "services/settlement/settlement_service.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/common/errors/reasons.h"
#include "services/common/join.h"
#include "services/common/rpc/handlers.h"
#include "services/common/rpc/origin_wire.h"
#include "services/common/rpc/page.h"
#include "services/common/rpc/status_wire.h"
#include "services/settlement/settlement_wire.h"

namespace gongji::settlement {
namespace {

using rpc::CallContext;

constexpr int kMaxItems = 64;
constexpr int kMaxPage = 1000;
constexpr int kDefaultPage = 100;
// Taken off the caller's deadline so that the answer still reaches him.
constexpr absl::Duration kMargin = absl::Milliseconds(20);

// What the handlers share.
struct Face {
  Env& env;
  TaskScope& scope;
  Settlement& settlement;
};

int PageSize(int asked) { return rpc::PageSize(asked, kDefaultPage, kMaxPage); }

absl::Time DeadlineOf(const CallContext& context) { return context.deadline - kMargin; }

Task<absl::StatusOr<v1::SettleResponse>> Settle(Face& face, CallContext context,
                                                v1::SettleRequest request) {
  const absl::Time deadline = DeadlineOf(context);
  ASSIGN_OR_CO_RETURN(
      const OperationView view,
      co_await face.settlement.Settle(rpc::CallerWith(std::move(context.caller), request.origin()),
                                      request.request_id(), FromMessage(request.bill()), deadline));
  co_return SettleResponseOf(*view.operation, view.replayed);
}

Task<absl::StatusOr<v1::TransferResponse>> Transfer(Face& face, CallContext context,
                                                    v1::TransferRequest request) {
  const absl::Time deadline = DeadlineOf(context);
  ASSIGN_OR_CO_RETURN(const OperationView view,
                      co_await face.settlement.Transfer(
                          rpc::CallerWith(std::move(context.caller), request.origin()),
                          request.request_id(), FromMessage(request), deadline));
  co_return TransferResponseOf(*view.operation, view.replayed);
}

Task<absl::StatusOr<v1::EndQuotaResponse>> EndQuota(Face& face, CallContext context,
                                                    v1::EndQuotaRequest request) {
  const absl::Time deadline = DeadlineOf(context);
  EndQuotaRequest end{.relation_id = request.relation_id(), .actor_psn_no = request.actor_psn_no()};
  ASSIGN_OR_CO_RETURN(const OperationView view,
                      co_await face.settlement.EndQuota(
                          rpc::CallerWith(std::move(context.caller), request.origin()),
                          request.request_id(), std::move(end), deadline));
  co_return EndQuotaResponseOf(*view.operation, view.replayed);
}

Task<absl::StatusOr<v1::CancelResponse>> Cancel(Face& face, CallContext context,
                                                v1::CancelRequest request) {
  const absl::Time deadline = DeadlineOf(context);
  CancelRequest cancel{.settlement_id = request.settlement_id()};
  ASSIGN_OR_CO_RETURN(
      const OperationView view,
      co_await face.settlement.Cancel(rpc::CallerWith(std::move(context.caller), request.origin()),
                                      request.request_id(), std::move(cancel), deadline));
  co_return CancelResponseOf(*view.operation, view.replayed);
}

Task<absl::StatusOr<v1::BatchSettleResponse>> BatchSettle(Face& face, CallContext context,
                                                          v1::BatchSettleRequest request) {
  CO_RETURN_IF_ERROR(rpc::CheckCount("requests", request.requests_size(), kMaxItems));
  std::vector<Task<absl::StatusOr<v1::SettleResponse>>> tasks;
  for (v1::SettleRequest& one : *request.mutable_requests()) {
    tasks.push_back(Settle(face, context, std::move(one)));
  }
  v1::BatchSettleResponse response;
  for (auto& result : co_await Join(face.env, face.scope, std::move(tasks))) {
    v1::SettleOutcome* outcome = response.add_outcomes();
    if (result.ok()) {
      *outcome->mutable_settled() = *std::move(result);
    } else {
      *outcome->mutable_error() = rpc::ToMessage(result.status());
    }
  }
  co_return response;
}

Task<absl::StatusOr<v1::BatchTransferResponse>> BatchTransfer(Face& face, CallContext context,
                                                              v1::BatchTransferRequest request) {
  CO_RETURN_IF_ERROR(rpc::CheckCount("requests", request.requests_size(), kMaxItems));
  std::vector<Task<absl::StatusOr<v1::TransferResponse>>> tasks;
  for (v1::TransferRequest& one : *request.mutable_requests()) {
    tasks.push_back(Transfer(face, context, std::move(one)));
  }
  v1::BatchTransferResponse response;
  for (auto& result : co_await Join(face.env, face.scope, std::move(tasks))) {
    v1::TransferOutcome* outcome = response.add_outcomes();
    if (result.ok()) {
      *outcome->mutable_transferred() = *std::move(result);
    } else {
      *outcome->mutable_error() = rpc::ToMessage(result.status());
    }
  }
  co_return response;
}

Task<absl::StatusOr<v1::QuoteResponse>> Quote(Face& face, CallContext context,
                                              v1::QuoteRequest request) {
  ASSIGN_OR_CO_RETURN(const Payment payment, co_await face.settlement.Quote(
                                                 FromMessage(request.bill()), DeadlineOf(context)));
  v1::QuoteResponse response;
  *response.mutable_payment() = ToMessage(payment);
  co_return response;
}

Task<absl::StatusOr<v1::ExplainResponse>> Explain(Face& face, CallContext context,
                                                  v1::ExplainRequest request) {
  ASSIGN_OR_CO_RETURN(const Explanation explanation,
                      co_await face.settlement.Explain(FromMessage(request), DeadlineOf(context)));
  co_return ToMessage(explanation);
}

Task<absl::StatusOr<v1::GetOperationResponse>> GetOperation(Face& face, CallContext context,
                                                            v1::GetOperationRequest request) {
  const absl::Time deadline = DeadlineOf(context);
  ASSIGN_OR_CO_RETURN(
      const OperationPtr operation,
      co_await face.settlement.Get(std::move(context.caller), request.request_id(), deadline));
  co_return ToMessage(*operation);
}

// A page token is the key of the last total given.
absl::StatusOr<std::optional<Total>> ParseToken(const std::string& token) {
  if (token.empty()) return std::nullopt;
  const std::vector<std::string> parts = absl::StrSplit(token, '/');
  const auto day = ParseDay(parts[0]);
  if (parts.size() != 3 || !day) return InvalidField("page_token", "not from an answer");
  return Total{.giver_area = parts[1], .receiver_area = parts[2], .day = *day};
}

Task<absl::StatusOr<v1::ListTotalsResponse>> ListTotals(Face& face, CallContext /*context*/,
                                                        v1::ListTotalsRequest request) {
  const auto first_day = ParseDay(request.first_day());
  const auto last_day = ParseDay(request.last_day());
  if (!first_day || !last_day) co_return InvalidField("first_day", "not a day");
  ASSIGN_OR_CO_RETURN(const std::optional<Total> after, ParseToken(request.page_token()));
  const int limit = PageSize(request.page_size());
  TotalsPage page{*first_day, *last_day, after, limit};
  ASSIGN_OR_CO_RETURN(const std::vector<Total> totals,
                      co_await face.settlement.Totals(std::move(page)));
  v1::ListTotalsResponse response;
  for (const Total& total : totals) *response.add_totals() = ToMessage(total);
  if (std::ssize(totals) == limit) {
    const Total& last = totals.back();
    response.set_next_page_token(
        absl::StrCat(FormatDay(last.day), "/", last.giver_area, "/", last.receiver_area));
  }
  co_return response;
}

// A page token is number and id of the last step sent.
absl::StatusOr<BookedStep> AfterOf(const v1::ResendStepsRequest& request) {
  BookedStep after{.province = request.area_province(), .number = request.after_number()};
  if (after.province.size() != 2) return InvalidField("area_province", "not two digits");
  if (after.number < 0) return InvalidField("after_number", "negative");
  // Behind every step with that number: ids begin with an operation's.
  after.id = "~";
  if (request.page_token().empty()) return after;
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(request.page_token(), absl::MaxSplits('/', 1));
  if (!absl::SimpleAtoi(parts.first, &after.number)) {
    return InvalidField("page_token", "not from an answer");
  }
  after.id = parts.second;
  return after;
}

Task<absl::StatusOr<v1::ResendStepsResponse>> ResendSteps(Face& face, CallContext context,
                                                          v1::ResendStepsRequest request) {
  ASSIGN_OR_CO_RETURN(BookedStep after, AfterOf(request));
  // A step that waits for another shard's turn is given time, within this call.
  const absl::Time deadline = DeadlineOf(context);
  ASSIGN_OR_CO_RETURN(
      const Resent resent,
      co_await face.settlement.Resend(std::move(after), PageSize(request.page_size()), deadline));
  v1::ResendStepsResponse response;
  response.set_booked_count(resent.booked);
  response.set_known_count(resent.known);
  for (const Difference& difference : resent.differences) {
    v1::StepDifference* out = response.add_differences();
    out->set_step_id(difference.step_id);
    out->set_recorded_number(difference.recorded_number);
    out->set_why(difference.why);
  }
  if (resent.more) {
    response.set_next_page_token(absl::StrCat(resent.last.number, "/", resent.last.id));
  }
  co_return response;
}

}  // namespace

void AddSettlementService(rpc::Methods& methods, Env& env, TaskScope& scope,
                          Settlement& settlement) {
  auto face = std::make_shared<Face>(env, scope, settlement);
  const rpc::Handlers<Face> handlers(methods, "gongji.settlement.v1.SettlementService", face);
  handlers.Add("Settle", Settle);
  handlers.Add("BatchSettle", BatchSettle);
  handlers.Add("Quote", Quote);
  handlers.Add("Transfer", Transfer);
  handlers.Add("BatchTransfer", BatchTransfer);
  handlers.Add("EndQuota", EndQuota);
  handlers.Add("Cancel", Cancel);
  handlers.Add("Explain", Explain);
  handlers.Add("GetOperation", GetOperation);
  handlers.Add("ListTotals", ListTotals);
  handlers.Add("ResendSteps", ResendSteps);
}

}  // namespace gongji::settlement
