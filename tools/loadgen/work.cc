#include "tools/loadgen/work.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gongji/settlement/v1/settlement.pb.h"
#include "services/common/errors/status.h"
#include "services/common/rpc/status_wire.h"
#include "tools/loadgen/echo.h"
#include "tools/loadgen/population.h"

namespace gongji::load {
namespace {

using namespace settlement::v1;  // NOLINT(google-build-using-namespace): every message here.

// Less than the longest time that the server allows; a call that takes longer is an error.
constexpr absl::Duration kCallTime = absl::Seconds(5);

std::string NameOf(const absl::Status& status) {
  const std::string reason = ReasonOf(status);
  return reason.empty() ? absl::StatusCodeToString(status.code()) : reason;
}

// What is wrong with an answer; "" if it is right.
std::string Check(const SettleResponse& response, const SettleRequest& request) {
  const Payment& payment = response.payment();
  if (response.replayed()) return "REPLAYED";
  const int64_t paid_fen = payment.acct_pay_fen() + payment.acct_mulaid_pay_fen();
  return paid_fen == request.bill().amounts().psn_part_fen() ? "" : "PAID_OTHERWISE";
}

std::string Check(const TransferResponse& response, const TransferRequest& /*request*/) {
  return response.replayed() ? "REPLAYED" : "";
}

const SettleResponse* AnswerOf(const SettleOutcome& outcome) {
  return outcome.has_settled() ? &outcome.settled() : nullptr;
}

const TransferResponse* AnswerOf(const TransferOutcome& outcome) {
  return outcome.has_transferred() ? &outcome.transferred() : nullptr;
}

std::string Method(const std::string& name) {
  return absl::StrCat("gongji.settlement.v1.SettlementService/", name);
}

void Count(Done& done, std::string error) {
  if (!error.empty()) done.errors.push_back(std::move(error));
}

template <class Response, class Request>
Task<std::optional<Done>> One(Target target, std::string method, Request request) {
  const absl::Time deadline = target.env.Now() + kCallTime;
  const auto response = co_await target.channel.Call<Request, Response>(method, request, deadline);
  Done done{.items = 1, .errors = {}};
  Count(done, response.ok() ? Check(*response, request) : NameOf(response.status()));
  co_return done;
}

template <class Response, class Request>
Task<std::optional<Done>> Many(Target target, std::string method, Request request) {
  const absl::Time deadline = target.env.Now() + kCallTime;
  const auto response = co_await target.channel.Call<Request, Response>(method, request, deadline);
  Done done{.items = request.requests_size(), .errors = {}};
  if (!response.ok()) {
    Count(done, NameOf(response.status()));
    co_return done;
  }
  if (response->outcomes_size() != request.requests_size()) Count(done, "ITEMS_LOST");
  for (int i = 0; i < std::min(response->outcomes_size(), request.requests_size()); ++i) {
    const auto& outcome = response->outcomes(i);
    const auto* answer = AnswerOf(outcome);
    Count(done, answer != nullptr ? Check(*answer, request.requests(i))
                                  : NameOf(rpc::FromMessage(outcome.error())));
  }
  co_return done;
}

Task<std::optional<Done>> Echo(Target target, Bill message) {
  const absl::Time deadline = target.env.Now() + kCallTime;
  const auto response =
      co_await target.channel.Call<Bill, Bill>(rpc::kEchoMethod, std::move(message), deadline);
  Done done{.items = 1, .errors = {}};
  if (!response.ok()) Count(done, NameOf(response.status()));
  co_return done;
}

Task<std::optional<Done>> NoMore() { co_return std::nullopt; }

}  // namespace

Work EchoWork(Target target) {
  return [target, message = EchoMessage()](int64_t /*number*/) { return Echo(target, message); };
}

Work SettleWork(Target target, bool batch) {
  if (!batch) {
    return [target](int64_t number) {
      return One<SettleResponse>(target, Method("Settle"),
                                 BillOf(number, target.families, target.tag));
    };
  }
  return [target](int64_t number) {
    BatchSettleRequest request;
    for (int64_t i = number * kBatch; i < (number + 1) * kBatch; ++i) {
      *request.add_requests() = BillOf(i, target.families, target.tag);
    }
    return Many<BatchSettleResponse>(target, Method("BatchSettle"), std::move(request));
  };
}

Work TransferWork(Target target, bool batch) {
  const int64_t places = target.families * kTransfersPerFamilyAndDay;
  if (!batch) {
    return [target, places](int64_t number) {
      if (number >= places) return NoMore();
      return One<TransferResponse>(target, Method("Transfer"),
                                   TransferOf(number, target.families, target.tag));
    };
  }
  return [target, places](int64_t number) {
    if ((number + 1) * kBatch > places) return NoMore();
    BatchTransferRequest request;
    for (int64_t i = number * kBatch; i < (number + 1) * kBatch; ++i) {
      *request.add_requests() = TransferOf(i, target.families, target.tag);
    }
    return Many<BatchTransferResponse>(target, Method("BatchTransfer"), std::move(request));
  };
}

}  // namespace gongji::load
