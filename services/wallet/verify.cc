#include "services/wallet/verify.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/wallet/accounts.h"

namespace gongji::wallet {

void Verifier::AddEntry(int64_t number, const std::string& id, const std::vector<Row>& rows) {
  if (number != last_number_ + 1) {
    findings_.push_back(
        absl::StrCat("shard ", shard_, ": entry ", number, " follows ", last_number_));
  }
  last_number_ = number;
  if (!ids_.insert(id).second) {
    findings_.push_back(absl::StrCat("shard ", shard_, ": ", id, " is answered twice"));
  }
  for (const Row& row : rows) {
    folded_[row.from] -= row.amount_fen;
    folded_[row.to] += row.amount_fen;
    const std::string where = absl::StrCat("shard ", shard_, ": entry ", number);
    if (row.amount_fen <= 0) findings_.push_back(absl::StrCat(where, " moves nothing"));
    if (folded_[row.from] != row.from_after_fen || folded_[row.to] != row.to_after_fen) {
      findings_.push_back(absl::StrCat(where, " states other balances than its rows give"));
    }
    if (IsPersonAccount(row.from) && folded_[row.from] < 0) {
      findings_.push_back(absl::StrCat(where, " overdraws ", row.from));
    }
  }
}

void Verifier::AddAccount(const std::string& name, int64_t balance_fen) {
  accounts_[name] = balance_fen;
}

std::vector<std::string> Verifier::Findings() const {
  std::vector<std::string> findings = findings_;
  int64_t sum_fen = 0;
  int64_t lots_and_quota_fen = 0;
  for (const auto& [name, balance_fen] : accounts_) {
    sum_fen += balance_fen;
    const auto parsed = ParseAccount(name);
    const bool lot = parsed.has_value() && parsed->account_class == AccountClass::kLot;
    if (lot || name.starts_with("quota/")) lots_and_quota_fen += balance_fen;
    const auto folded = folded_.find(name);
    if (balance_fen != (folded == folded_.end() ? 0 : folded->second)) {
      findings.push_back(absl::StrCat("shard ", shard_, ": ", name, " is not what its rows give"));
    }
  }
  for (const auto& [name, balance_fen] : folded_) {
    if (accounts_.contains(name)) continue;
    findings.push_back(absl::StrCat("shard ", shard_, ": ", name, " is missing"));
  }
  if (sum_fen != 0) findings.push_back(absl::StrCat("shard ", shard_, " sums to ", sum_fen));
  if (lots_and_quota_fen != 0) {
    findings.push_back(absl::StrCat("shard ", shard_, ": lots and quota differ"));
  }
  return findings;
}

void Mirrors::Add(const Verifier& shard) {
  for (const auto& [name, balance_fen] : shard.accounts()) {
    if (name.starts_with("clearing/")) {
      const std::vector<std::string> parts = absl::StrSplit(name, '/');
      clearing_fen_[std::minmax(parts[1], parts[2])] += balance_fen;
      continue;
    }
    const auto parsed = ParseAccount(name);
    if (!parsed.has_value()) continue;
    if (parsed->account_class == AccountClass::kGranted) {
      granted_less_lot_fen_[std::string(parsed->relation_id)] += balance_fen;
    } else if (parsed->account_class == AccountClass::kLot) {
      granted_less_lot_fen_[std::string(parsed->relation_id)] -= balance_fen;
    }
  }
}

std::vector<std::string> Mirrors::Findings() const {
  std::vector<std::string> findings;
  for (const auto& [areas, fen] : clearing_fen_) {
    if (fen == 0) continue;
    findings.push_back(
        absl::StrCat("clearing of ", areas.first, " and ", areas.second, " differs by ", fen));
  }
  for (const auto& [relation, fen] : granted_less_lot_fen_) {
    if (fen == 0) continue;
    findings.push_back(absl::StrCat("relation ", relation, ": grant and lot differ by ", fen));
  }
  return findings;
}

}  // namespace gongji::wallet
