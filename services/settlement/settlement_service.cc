// Each handler parses its request, calls one use case of Settlement, and renders the result.
// Batches run their requests independently of each other. The tokens of pages hold the key of the
// last item and belong to the question they were returned for.
#include "services/settlement/settlement_service.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/common/errors/reasons.h"
#include "services/common/rpc/batch.h"
#include "services/common/rpc/handlers.h"
#include "services/common/rpc/origin_wire.h"
#include "services/common/rpc/page.h"
#include "services/settlement/settlement_wire.h"

namespace gongji::settlement {
namespace {

using rpc::CallContext;

constexpr int kMaxItems = 64;
constexpr int kMaxPage = 1000;
constexpr int kDefaultPage = 100;
int PageSize(int asked) { return rpc::PageSize(asked, kDefaultPage, kMaxPage); }

Task<absl::StatusOr<v1::SettleResponse>> Settle(Settlement& settlement, CallContext context,
                                                v1::SettleRequest request) {
  const absl::Time deadline = context.deadline;
  ASSIGN_OR_CO_RETURN(
      const OperationView view,
      co_await settlement.Settle(rpc::CallerWith(std::move(context.caller), request.origin()),
                                 request.request_id(), FromMessage(request.bill()), deadline));
  co_return SettleResponseOf(*view.operation, view.replayed);
}

Task<absl::StatusOr<v1::TransferResponse>> Transfer(Settlement& settlement, CallContext context,
                                                    v1::TransferRequest request) {
  const absl::Time deadline = context.deadline;
  ASSIGN_OR_CO_RETURN(
      const OperationView view,
      co_await settlement.Transfer(rpc::CallerWith(std::move(context.caller), request.origin()),
                                   request.request_id(), FromMessage(request), deadline));
  co_return TransferResponseOf(*view.operation, view.replayed);
}

Task<absl::StatusOr<v1::EndQuotaResponse>> EndQuota(Settlement& settlement, CallContext context,
                                                    v1::EndQuotaRequest request) {
  const absl::Time deadline = context.deadline;
  EndQuotaRequest end{.relation_id = request.relation_id(), .actor_psn_no = request.actor_psn_no()};
  ASSIGN_OR_CO_RETURN(
      const OperationView view,
      co_await settlement.EndQuota(rpc::CallerWith(std::move(context.caller), request.origin()),
                                   request.request_id(), std::move(end), deadline));
  co_return EndQuotaResponseOf(*view.operation, view.replayed);
}

Task<absl::StatusOr<v1::CancelResponse>> Cancel(Settlement& settlement, CallContext context,
                                                v1::CancelRequest request) {
  const absl::Time deadline = context.deadline;
  CancelRequest cancel{.settlement_id = request.settlement_id()};
  ASSIGN_OR_CO_RETURN(
      const OperationView view,
      co_await settlement.Cancel(rpc::CallerWith(std::move(context.caller), request.origin()),
                                 request.request_id(), std::move(cancel), deadline));
  co_return CancelResponseOf(*view.operation, view.replayed);
}

Task<absl::StatusOr<v1::BatchSettleResponse>> BatchSettle(Settlement& settlement,
                                                          CallContext context,
                                                          v1::BatchSettleRequest request) {
  CO_RETURN_IF_ERROR(rpc::CheckCount("requests", request.requests_size(), kMaxItems));
  std::vector<Task<absl::StatusOr<v1::SettleResponse>>> tasks;
  for (v1::SettleRequest& one : *request.mutable_requests()) {
    tasks.push_back(Settle(settlement, context, std::move(one)));
  }
  co_return co_await rpc::JoinOutcomes<v1::BatchSettleResponse>(
      std::move(context), std::move(tasks), &v1::SettleOutcome::mutable_settled);
}

Task<absl::StatusOr<v1::BatchTransferResponse>> BatchTransfer(Settlement& settlement,
                                                              CallContext context,
                                                              v1::BatchTransferRequest request) {
  CO_RETURN_IF_ERROR(rpc::CheckCount("requests", request.requests_size(), kMaxItems));
  std::vector<Task<absl::StatusOr<v1::TransferResponse>>> tasks;
  for (v1::TransferRequest& one : *request.mutable_requests()) {
    tasks.push_back(Transfer(settlement, context, std::move(one)));
  }
  co_return co_await rpc::JoinOutcomes<v1::BatchTransferResponse>(
      std::move(context), std::move(tasks), &v1::TransferOutcome::mutable_transferred);
}

Task<absl::StatusOr<v1::QuoteResponse>> Quote(Settlement& settlement, CallContext context,
                                              v1::QuoteRequest request) {
  ASSIGN_OR_CO_RETURN(const Payment payment,
                      co_await settlement.Quote(FromMessage(request.bill()), context.deadline));
  v1::QuoteResponse response;
  *response.mutable_payment() = ToMessage(payment);
  co_return response;
}

Task<absl::StatusOr<v1::ExplainResponse>> Explain(Settlement& settlement, CallContext context,
                                                  v1::ExplainRequest request) {
  ASSIGN_OR_CO_RETURN(const Explanation explanation,
                      co_await settlement.Explain(FromMessage(request), context.deadline));
  co_return ToMessage(explanation);
}

Task<absl::StatusOr<v1::GetOperationResponse>> GetOperation(Settlement& settlement,
                                                            CallContext context,
                                                            v1::GetOperationRequest request) {
  const absl::Time deadline = context.deadline;
  ASSIGN_OR_CO_RETURN(
      const OperationPtr operation,
      co_await settlement.GetOperation(std::move(context.caller), request.request_id(), deadline));
  co_return ToMessage(*operation);
}

// The position of a page of totals is the key of the last total before it.
std::string PositionOf(const Total& total) {
  return absl::StrCat(FormatDay(total.day), "/", total.giver_area, "/", total.receiver_area);
}

absl::StatusOr<std::optional<Total>> TotalAt(const std::string& position) {
  if (position.empty()) return std::nullopt;
  const std::vector<std::string> parts = absl::StrSplit(position, '/');
  const auto day = ParseDay(parts[0]);
  if (parts.size() != 3 || !day) return InvalidField("page_token", "not from an answer");
  return Total{.giver_area = parts[1], .receiver_area = parts[2], .day = *day};
}

Task<absl::StatusOr<v1::ListTotalsResponse>> ListTotals(Settlement& settlement,
                                                        CallContext /*context*/,
                                                        v1::ListTotalsRequest request) {
  const auto first_day = ParseDay(request.first_day());
  const auto last_day = ParseDay(request.last_day());
  if (!first_day) co_return InvalidField("first_day", "not a day");
  if (!last_day) co_return InvalidField("last_day", "not a day");
  const std::string asked = absl::StrCat("totals/", request.first_day(), "/", request.last_day());
  ASSIGN_OR_CO_RETURN(const std::string position, rpc::PositionOf(request.page_token(), asked));
  ASSIGN_OR_CO_RETURN(const std::optional<Total> after, TotalAt(position));
  const int limit = PageSize(request.page_size());
  TotalsPage page{*first_day, *last_day, after, limit};
  ASSIGN_OR_CO_RETURN(const std::vector<Total> totals,
                      co_await settlement.ListTotals(std::move(page)));
  v1::ListTotalsResponse response;
  for (const Total& total : totals) *response.add_totals() = ToMessage(total);
  if (std::ssize(totals) == limit) {
    response.set_next_page_token(rpc::PageToken(asked, PositionOf(totals.back())));
  }
  co_return response;
}

// Where a page of steps begins: after the last step that was sent (number and id), or after the
// number that was asked for.
absl::StatusOr<BookedStep> AfterOf(const v1::ResendStepsRequest& request,
                                   const std::string& asked) {
  BookedStep after{.province = request.area_province(), .number = request.after_number()};
  if (after.province.size() != 2) return InvalidField("area_province", "not two digits");
  if (after.number < 0) return InvalidField("after_number", "negative");
  // Comes after every step with that number, because step ids begin with an operation's id.
  after.id = "~";
  ASSIGN_OR_RETURN(const std::string position, rpc::PositionOf(request.page_token(), asked));
  if (position.empty()) return after;
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(position, absl::MaxSplits('/', 1));
  if (!absl::SimpleAtoi(parts.first, &after.number)) {
    return InvalidField("page_token", "not from an answer");
  }
  after.id = parts.second;
  return after;
}

Task<absl::StatusOr<v1::ResendStepsResponse>> ResendSteps(Settlement& settlement,
                                                          CallContext context,
                                                          v1::ResendStepsRequest request) {
  const std::string asked =
      absl::StrCat("steps/", request.area_province(), "/", request.after_number());
  ASSIGN_OR_CO_RETURN(BookedStep after, AfterOf(request, asked));
  // A step that has to wait for another one gets some time within this call.
  ASSIGN_OR_CO_RETURN(const Resent resent,
                      co_await settlement.ResendSteps(
                          std::move(after), PageSize(request.page_size()), context.deadline));
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
    response.set_next_page_token(
        rpc::PageToken(asked, absl::StrCat(resent.last.number, "/", resent.last.id)));
  }
  co_return response;
}

}  // namespace

void AddSettlementService(rpc::Methods& methods, Settlement& settlement) {
  const rpc::Handlers<Settlement> handlers(methods, "gongji.settlement.v1.SettlementService",
                                           settlement);
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
