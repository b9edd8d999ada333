// Actions on a person's shard: wallet, contributions, payouts, balances, statement. Each finds the
// shard of the person's area, sends a request made from the line, and returns the answer as
// replies.h renders it.
#include <utility>
#include <vector>

#include "gongji/wallet/v1/wallet.pb.h"
#include "services/common/errors/status.h"
#include "tools/gongji/actions.h"
#include "tools/gongji/requests.h"

namespace gongji::cli {
namespace {

constexpr Text kWalletOpen = {"the wallet is open", "医保钱包已开通"};
constexpr Text kWalletClosed = {"the wallet is closed", "医保钱包已关闭"};
constexpr Text kPaidOut = {"paid out", "已提取"};
constexpr Text kSetAside = {"set aside for the family", "已转入家庭共济子账户"};
constexpr Text kBooked = {"booked", "已入账"};
constexpr int kPage = 1000;

std::string Method(const char* name) { return std::string("wallet.v1.WalletService/") + name; }

// Sets the area whose policy applies, in those requests that have one.
void SetArea(wallet::v1::BatchPayOutRequest& request, const std::string& area) {
  request.mutable_pay_outs(0)->set_area(area);
}
void SetArea(wallet::v1::BatchSetAsideRequest& request, const std::string& area) {
  request.mutable_set_asides(0)->set_area(area);
}
template <class Request>
void SetArea(Request& /*request*/, const std::string& /*area*/) {}

}  // namespace

template <class Response, class Request>
Actions::Reply Actions::Direct(const char* method, Request request, Line line, Text what) {
  const std::string psn_no = line.Text("psn_no");
  *request.mutable_origin() = OriginFrom(line);
  CO_RETURN_IF_ERROR(line.Checked());
  ASSIGN_OR_CO_RETURN(rpc::Channel* const shard, co_await ShardOf(psn_no));
  SetArea(request, areas_[psn_no]);
  const auto response = co_await Ask<Response>(*shard, Method(method), std::move(request));
  co_return OutcomeOf(response, what, language_);
}

Actions::Reply Actions::OpenWallet(std::string id, Line line) {
  wallet::v1::BatchOpenWalletsRequest request;
  wallet::v1::OpenWallet* item = request.add_wallets();
  item->set_request_id(id);
  item->set_psn_no(line.Text("psn_no"));
  item->set_confirmed(true);
  item->set_opened_by_psn_no(line.TextOr("opened_by", ""));
  return Direct<wallet::v1::BatchOpenWalletsResponse>("BatchOpenWallets", std::move(request),
                                                      std::move(line), kWalletOpen);
}

Actions::Reply Actions::CloseWallet(std::string id, Line line) {
  wallet::v1::BatchCloseWalletsRequest request;
  wallet::v1::CloseWallet* item = request.add_wallets();
  item->set_request_id(id);
  item->set_psn_no(line.Text("psn_no"));
  return Direct<wallet::v1::BatchCloseWalletsResponse>("BatchCloseWallets", std::move(request),
                                                       std::move(line), kWalletClosed);
}

Actions::Reply Actions::Contribute(std::string id, Line line) {
  wallet::v1::ContributeRequest request;
  *request.add_contributions() = ContributionFrom(line);
  request.mutable_contributions(0)->set_line_id(id);
  return Direct<wallet::v1::ContributeResponse>("Contribute", std::move(request), std::move(line),
                                                kBooked);
}

Actions::Reply Actions::PayOut(std::string id, Line line) {
  wallet::v1::BatchPayOutRequest request;
  *request.add_pay_outs() = PayOutFrom(line);
  request.mutable_pay_outs(0)->set_request_id(id);
  return Direct<wallet::v1::BatchPayOutResponse>("BatchPayOut", std::move(request), std::move(line),
                                                 kPaidOut);
}

Actions::Reply Actions::SetAside(std::string id, Line line) {
  wallet::v1::BatchSetAsideRequest request;
  wallet::v1::SetAside* item = request.add_set_asides();
  item->set_request_id(id);
  item->set_psn_no(line.Text("psn_no"));
  item->set_amount_fen(line.FenOr("amount", 0));
  return Direct<wallet::v1::BatchSetAsideResponse>("BatchSetAside", std::move(request),
                                                   std::move(line), kSetAside);
}

Actions::Reply Actions::QuotePayOut(std::string /*id*/, Line line) {
  wallet::v1::QuotePayOutRequest request;
  wallet::v1::PayOut* item = request.mutable_pay_out();
  *item = PayOutFrom(line);
  CO_RETURN_IF_ERROR(line.Checked());
  ASSIGN_OR_CO_RETURN(rpc::Channel* const shard, co_await ShardOf(item->psn_no()));
  item->set_area(areas_[item->psn_no()]);
  ASSIGN_OR_CO_RETURN(const auto response, co_await Ask<wallet::v1::QuotePayOutResponse>(
                                               *shard, Method("QuotePayOut"), request));
  co_return AnswerOf(response, language_);
}

// Reads all pages.
Actions::Reply Actions::Holdings(std::string /*id*/, Line line) {
  wallet::v1::GetHoldingsRequest request;
  request.set_psn_no(line.Text("psn_no"));
  request.set_page_size(kPage);
  CO_RETURN_IF_ERROR(line.Checked());
  ASSIGN_OR_CO_RETURN(rpc::Channel* const shard, co_await ShardOf(request.psn_no()));
  wallet::v1::GetHoldingsResponse all;
  do {
    ASSIGN_OR_CO_RETURN(auto page, co_await Ask<wallet::v1::GetHoldingsResponse>(
                                       *shard, Method("GetHoldings"), request));
    page.mutable_holdings()->Swap(all.mutable_holdings());
    page.mutable_holdings()->MergeFrom(all.holdings());
    all = std::move(page);
    request.set_page_token(all.next_page_token());
  } while (!request.page_token().empty());
  co_return AnswerOf(all, language_);
}

Task<absl::StatusOr<wallet::v1::PersonBalances>> Actions::BalancesOf(std::string psn_no) {
  ASSIGN_OR_CO_RETURN(rpc::Channel* const shard, co_await ShardOf(psn_no));
  wallet::v1::BatchGetBalancesRequest request;
  request.add_psn_nos(psn_no);
  ASSIGN_OR_CO_RETURN(const auto response, co_await Ask<wallet::v1::BatchGetBalancesResponse>(
                                               *shard, Method("BatchGetBalances"), request));
  co_return response.persons(0);
}

Actions::Reply Actions::Balance(std::string /*id*/, Line line) {
  const std::string psn_no = line.Text("psn_no");
  CO_RETURN_IF_ERROR(line.Checked());
  ASSIGN_OR_CO_RETURN(const auto balances, co_await BalancesOf(psn_no));
  co_return AnswerOf(balances, language_);
}

// Reads all pages of all accounts of a person, oldest first.
Actions::Reply Actions::Statement(std::string /*id*/, Line line) {
  const std::string psn_no = line.Text("psn_no");
  CO_RETURN_IF_ERROR(line.Checked());
  ASSIGN_OR_CO_RETURN(rpc::Channel* const shard, co_await ShardOf(psn_no));
  ASSIGN_OR_CO_RETURN(const auto balances, co_await BalancesOf(psn_no));
  std::vector<BookedLine> lines;
  for (const auto& account : balances.accounts()) {
    wallet::v1::GetStatementRequest request;
    request.set_account(account.account());
    request.set_page_size(kPage);
    do {
      ASSIGN_OR_CO_RETURN(const auto page, co_await Ask<wallet::v1::GetStatementResponse>(
                                               *shard, Method("GetStatement"), request));
      for (const auto& booked : page.lines()) lines.push_back({account.account(), booked});
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
  }
  co_return StatementOf(psn_no, std::move(lines), language_);
}

}  // namespace gongji::cli
