#include "tools/gongji/verify.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/wallet/verify.h"
#include "services/wallet/wallet_wire.h"
#include "tools/gongji/line.h"

namespace gongji::cli {
namespace {

constexpr int kPage = 1000;
// What is in flight comes to its end within this (P20 says 30 s after the last fault).
constexpr absl::Duration kInFlight = absl::Seconds(30);
constexpr absl::Duration kVerifyPause = absl::Milliseconds(100);

Task<absl::Status> ReadJournal(Client& client, rpc::Channel& channel, wallet::Verifier& verifier) {
  wallet::v1::ListEntriesRequest request;
  request.set_page_size(kPage);
  while (true) {
    ASSIGN_OR_CO_RETURN(const auto page,
                        co_await client.Call<wallet::v1::ListEntriesResponse>(
                            channel, "wallet.v1.WalletService/ListEntries", request));
    if (page.entries().empty()) co_return absl::OkStatus();
    for (const wallet::v1::Entry& entry : page.entries()) {
      std::vector<wallet::Row> rows;
      for (const wallet::v1::Row& row : entry.rows()) {
        rows.push_back(
            {row.from(), row.to(), row.amount_fen(), row.from_after_fen(), row.to_after_fen()});
      }
      verifier.AddEntry(entry.number(), entry.id(), rows);
      request.set_after_number(entry.number());
    }
  }
}

Task<absl::Status> ReadAccounts(Client& client, rpc::Channel& channel, wallet::Verifier& verifier) {
  wallet::v1::ListAccountsRequest request;
  request.set_page_size(kPage);
  while (true) {
    ASSIGN_OR_CO_RETURN(const auto page,
                        co_await client.Call<wallet::v1::ListAccountsResponse>(
                            channel, "wallet.v1.WalletService/ListAccounts", request));
    if (page.accounts().empty()) co_return absl::OkStatus();
    for (const wallet::v1::Balance& account : page.accounts()) {
      verifier.AddAccount(account.account(), account.balance_fen());
      request.set_after_account(account.account());
    }
  }
}

}  // namespace

Task<absl::StatusOr<std::vector<std::string>>> Verify(Client& client,
                                                      std::vector<std::string> provinces) {
  if (provinces.empty()) {
    for (const auto& [province, channel] : client.wallets) provinces.push_back(province);
  }
  const bool all = provinces.size() == client.wallets.size();
  const absl::Duration end = client.env().Monotonic() + kInFlight;
  while (true) {
    std::vector<std::string> findings;
    wallet::Mirrors mirrors;
    for (const std::string& province : provinces) {
      const auto found = client.wallets.find(province);
      if (found == client.wallets.end()) {
        co_return BadInput("verify", absl::StrCat("no shard serves ", province),
                           absl::StrCat("没有负责该省的分片：", province));
      }
      wallet::Verifier verifier(province);
      CO_RETURN_IF_ERROR(co_await ReadJournal(client, *found->second, verifier));
      CO_RETURN_IF_ERROR(co_await ReadAccounts(client, *found->second, verifier));
      for (std::string& finding : verifier.Findings()) findings.push_back(std::move(finding));
      mirrors.Add(verifier);
    }
    if (all) {
      for (std::string& finding : mirrors.Findings()) findings.push_back(std::move(finding));
    }
    if (findings.empty() || client.env().Monotonic() > end) co_return findings;
    co_await Sleep(client.env(), kVerifyPause);
  }
}

}  // namespace gongji::cli
