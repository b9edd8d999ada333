// Actions on settlement.
#include <utility>

#include "gongji/settlement/v1/settlement.pb.h"
#include "tools/gongji/actions.h"

namespace gongji::cli {
Actions::Reply Actions::Transfer(std::string id, Line line) {
  settlement::v1::TransferRequest request;
  request.set_request_id(id);
  request.set_giver_psn_no(line.Text("giver"));
  request.set_receiver_psn_no(line.Text("receiver"));
  request.set_amount_fen(line.Fen("amount"));
  co_return co_await Settlement<settlement::v1::TransferResponse>("Transfer", std::move(request),
                                                                  std::move(line));
}

Actions::Reply Actions::Quote(std::string /*id*/, Line line) {
  settlement::v1::QuoteRequest request;
  *request.mutable_bill() = BillFrom(line);
  co_return co_await Settlement<settlement::v1::QuoteResponse>("Quote", std::move(request),
                                                               std::move(line));
}

Actions::Reply Actions::Settle(std::string id, Line line) {
  settlement::v1::SettleRequest request;
  request.set_request_id(id);
  *request.mutable_bill() = BillFrom(line);
  co_return co_await Settlement<settlement::v1::SettleResponse>("Settle", std::move(request),
                                                                std::move(line));
}

Actions::Reply Actions::Cancel(std::string id, Line line) {
  settlement::v1::CancelRequest request;
  request.set_request_id(id);
  request.set_settlement_id(IdFrom(line, "settlement"));
  co_return co_await Settlement<settlement::v1::CancelResponse>("Cancel", std::move(request),
                                                                std::move(line));
}

Actions::Reply Actions::EndQuota(std::string id, Line line) {
  settlement::v1::EndQuotaRequest request;
  request.set_request_id(id);
  request.set_relation_id(IdFrom(line, "relation"));
  request.set_actor_psn_no(line.Text("actor"));
  co_return co_await Settlement<settlement::v1::EndQuotaResponse>("EndQuota", std::move(request),
                                                                  std::move(line));
}

Actions::Reply Actions::Explain(std::string /*id*/, Line line) {
  settlement::v1::ExplainRequest request = ExplainRequestFrom(line);
  co_return co_await Settlement<settlement::v1::ExplainResponse>("Explain", std::move(request),
                                                                 std::move(line));
}

Actions::Reply Actions::Get(std::string id, Line line) {
  settlement::v1::GetOperationRequest request;
  request.set_request_id(id);
  co_return co_await Settlement<settlement::v1::GetOperationResponse>(
      "GetOperation", std::move(request), std::move(line));
}

}  // namespace gongji::cli
