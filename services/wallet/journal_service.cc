#include "services/wallet/journal_service.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "gongji/wallet/v1/proof.pb.h"
#include "services/common/errors/reasons.h"
#include "services/common/rpc/deadline.h"
#include "services/common/rpc/page.h"
#include "services/wallet/journal_wire.h"
#include "services/wallet/wallet_wire.h"

namespace gongji::wallet {
namespace {

using rpc::CallContext;

constexpr int kMaxPage = 1000;
constexpr int kDefaultPage = 100;
constexpr int kMaxRoots = 64;
constexpr int kDefaultRoots = 16;
// The most bytes of entries in a page, unless one entry alone is longer; a message has a limit of 4
// MiB.
constexpr size_t kMaxPageBytes = 1 << 20;
// No journal comes near this number, and the numbers of a page after it do not overflow.
constexpr int64_t kMaxNumber = int64_t{1} << 62;

// As many entries as a message may hold; the caller goes on after the last one.
template <class Response>
absl::StatusOr<Response> PageOf(const absl::StatusOr<std::vector<ledger::Entry>>& entries,
                                int64_t last_number) {
  RETURN_IF_ERROR(entries.status());
  Response response;
  response.set_last_number(last_number);
  size_t bytes = 0;
  for (const ledger::Entry& entry : *entries) {
    v1::Entry message = ToMessage(entry);
    bytes += message.ByteSizeLong();
    if (bytes > kMaxPageBytes && response.entries_size() > 0) break;
    *response.add_entries() = std::move(message);
  }
  return response;
}

absl::Status CheckAfter(int64_t number) {
  return number < 0 || number > kMaxNumber ? InvalidField("after_number", "out of range")
                                           : absl::OkStatus();
}

Task<absl::StatusOr<v1::ListEntriesResponse>> ListEntries(Wallet& wallet, CallContext /*context*/,
                                                          v1::ListEntriesRequest request) {
  CO_RETURN_IF_ERROR(CheckAfter(request.after_number()));
  const auto entries =
      co_await wallet.ListEntries(request.after_number(), PageSize(request.page_size()));
  co_return PageOf<v1::ListEntriesResponse>(entries, wallet.last_number());
}

Task<absl::StatusOr<v1::WatchJournalResponse>> WatchJournal(Wallet& wallet, CallContext context,
                                                            v1::WatchJournalRequest request) {
  CO_RETURN_IF_ERROR(CheckAfter(request.after_number()));
  const absl::Time until = context.deadline - rpc::kWaitReserve;
  const auto entries =
      co_await wallet.WatchJournal(request.after_number(), PageSize(request.page_size()), until);
  co_return PageOf<v1::WatchJournalResponse>(entries, wallet.last_number());
}

Task<absl::StatusOr<v1::ListAccountsResponse>> ListAccounts(Wallet& wallet, CallContext /*context*/,
                                                            v1::ListAccountsRequest request) {
  ASSIGN_OR_CO_RETURN(
      const auto accounts,
      co_await wallet.ListAccounts(request.after_account(), PageSize(request.page_size())));
  v1::ListAccountsResponse response;
  response.set_journal_number(accounts.number);
  for (const AccountRow& row : accounts.value) *response.add_accounts() = ToMessage(row);
  co_return response;
}

Task<absl::StatusOr<v1::ListSealedEntriesResponse>> ListSealedEntries(
    Wallet& wallet, CallContext /*context*/, v1::ListSealedEntriesRequest request) {
  CO_RETURN_IF_ERROR(CheckAfter(request.after_number()));
  ASSIGN_OR_CO_RETURN(SealedPage page, co_await wallet.ListSealedEntries(
                                           request.after_number(), PageSize(request.page_size())));
  v1::ListSealedEntriesResponse response;
  response.set_hash(ToMessage(page.hash));
  response.set_last_number(page.last_number);
  size_t bytes = 0;
  for (SealedEntry& entry : page.entries) {
    bytes += entry.body.size();
    if (bytes > kMaxPageBytes && response.entries_size() > 0) break;
    *response.add_entries() = ToMessage(std::move(entry));
  }
  co_return response;
}

Task<absl::StatusOr<v1::ListTableRowsResponse>> ListTableRows(Wallet& wallet,
                                                              CallContext /*context*/,
                                                              v1::ListTableRowsRequest request) {
  const auto table = FromMessage(request.table());
  if (!table) co_return InvalidField("table", "unknown");
  ASSIGN_OR_CO_RETURN(TablePage page, co_await wallet.ListTableRows(*table, request.after_key(),
                                                                    PageSize(request.page_size())));
  v1::ListTableRowsResponse response;
  response.set_saved_number(page.saved_number);
  response.set_newest_number(page.newest_number);
  for (TableRow& row : page.rows) *response.add_rows() = ToMessage(*table, std::move(row));
  co_return response;
}

Task<absl::StatusOr<v1::ListRootsResponse>> ListRoots(Wallet& wallet, CallContext /*context*/,
                                                      v1::ListRootsRequest request) {
  CO_RETURN_IF_ERROR(CheckAfter(request.after_number()));
  const int limit = rpc::PageSize(request.page_size(), kDefaultRoots, kMaxRoots);
  ASSIGN_OR_CO_RETURN(const RootPage page,
                      co_await wallet.ListRoots(request.after_number(), limit));
  v1::ListRootsResponse response;
  response.set_hash(ToMessage(page.hash));
  for (const Root& root : page.roots) {
    v1::Root* out = response.add_roots();
    out->set_number(root.number);
    out->set_root(root.root);
  }
  co_return response;
}

Task<absl::StatusOr<v1::GetProofResponse>> GetProof(Wallet& wallet, CallContext /*context*/,
                                                    v1::GetProofRequest request) {
  if (request.number() > kMaxNumber) co_return InvalidField("number", "no such entry");
  ASSIGN_OR_CO_RETURN(Proof proof,
                      co_await wallet.GetProof(request.number(), request.up_to_number()));
  co_return ToMessage(std::move(proof));
}

}  // namespace

int PageSize(int asked) { return rpc::PageSize(asked, kDefaultPage, kMaxPage); }

void AddJournalMethods(const rpc::Handlers<Wallet>& handlers) {
  handlers.Add("ListEntries", ListEntries);
  handlers.Add("WatchJournal", WatchJournal);
  handlers.Add("ListAccounts", ListAccounts);
  handlers.Add("ListSealedEntries", ListSealedEntries);
  handlers.Add("ListTableRows", ListTableRows);
  handlers.Add("ListRoots", ListRoots);
  handlers.Add("GetProof", GetProof);
}

}  // namespace gongji::wallet
