// What a person's shard is asked: wallet, contributions, balances, statement.
#include <utility>
#include <vector>

#include "gongji/wallet/v1/wallet.pb.h"
#include "services/common/status.h"
#include "tools/gongji/actions.h"
#include "tools/gongji/requests.h"

namespace gongji::cli {
namespace {

constexpr Text kWalletOpen = {"the wallet is open", "医保钱包已开通"};
constexpr Text kBooked = {"booked", "已入账"};
constexpr int kPage = 1000;

std::string Method(const char* name) { return std::string("wallet.v1.WalletService/") + name; }

}  // namespace

Actions::Reply Actions::OpenWallet(std::string id, Line line) {
  wallet::v1::BatchOpenWalletsRequest request;
  wallet::v1::OpenWallet* item = request.add_wallets();
  item->set_request_id(id);
  item->set_psn_no(line.Text("psn_no"));
  item->set_confirmed(true);
  item->set_opened_by_psn_no(line.TextOr("opened_by", ""));
  *request.mutable_origin() = OriginFrom(line);
  CO_RETURN_IF_ERROR(line.Checked());
  ASSIGN_OR_CO_RETURN(rpc::Channel* const shard, co_await ShardOf(item->psn_no()));
  const auto response = co_await Ask<wallet::v1::BatchOpenWalletsResponse>(
      *shard, Method("BatchOpenWallets"), request);
  co_return OutcomeOf(response, kWalletOpen, language_);
}

Actions::Reply Actions::Contribute(std::string id, Line line) {
  wallet::v1::ContributeRequest request;
  *request.add_contributions() = ContributionFrom(line);
  request.mutable_contributions(0)->set_line_id(id);
  *request.mutable_origin() = OriginFrom(line);
  CO_RETURN_IF_ERROR(line.Checked());
  ASSIGN_OR_CO_RETURN(rpc::Channel* const shard,
                      co_await ShardOf(request.contributions(0).psn_no()));
  const auto response =
      co_await Ask<wallet::v1::ContributeResponse>(*shard, Method("Contribute"), request);
  co_return OutcomeOf(response, kBooked, language_);
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

// All pages of all of a person's accounts, oldest first.
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
