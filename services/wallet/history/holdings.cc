#include "services/wallet/history/holdings.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"

namespace gongji::wallet {
namespace {

// Adds own money: only its accounts have a bucket but no relation.
void AddOwn(const ledger::AccountName& name, int64_t fen, Holdings& holdings) {
  if (name.bucket == "current") holdings.current_fen += fen;
  if (name.bucket == "prior") holdings.prior_fen += fen;
  if (name.bucket == "family") holdings.family_fen += fen;
}

void AddQuota(const ledger::AccountName& name, const std::string& account, int64_t fen,
              Holdings& holdings, Holding& holding) {
  holding.account_class = name.account_class;
  holding.relation_id = name.relation_id;
  if (name.account_class == ledger::AccountClass::kGranted) {
    (name.bucket == "prior" ? holding.prior_fen : holding.current_fen) += fen;
    holdings.granted_fen += fen;
    return;
  }
  holding.quota_fen += fen;
  if (name.account_class == ledger::AccountClass::kLot) {
    holdings.received_fen += fen;
    return;
  }
  holding.transfer_id = account.substr(account.rfind('/') + 1);
  holdings.offered_fen += fen;
}

}  // namespace

Holdings HoldingsOf(const ledger::Person& person, const std::vector<AccountRow>& accounts,
                    const std::string& after, int limit) {
  Holdings holdings{.person = person};
  // Holdings by name; the two buckets of a grant are one holding.
  std::map<std::string, Holding> quota;
  for (const AccountRow& row : accounts) {
    const int64_t fen = row.account.balance_fen;
    if (fen == 0) continue;
    const ledger::AccountName name = *ledger::ParseAccount(row.name);
    if (name.account_class == ledger::AccountClass::kPersonal) {
      AddOwn(name, fen, holdings);
      continue;
    }
    const bool granted = name.account_class == ledger::AccountClass::kGranted;
    const std::string key = granted ? row.name.substr(0, row.name.rfind('/')) : row.name;
    AddQuota(name, row.name, fen, holdings, quota[key]);
  }
  for (auto at = quota.upper_bound(after); at != quota.end(); ++at) {
    if (std::ssize(holdings.page) == limit) {
      holdings.next_after = std::prev(at)->first;
      break;
    }
    holdings.page.push_back(std::move(at->second));
  }
  return holdings;
}

}  // namespace gongji::wallet
