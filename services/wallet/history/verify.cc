// Each entry is first checked by itself (number, checksum, chain, kept root); then its rows and
// effects are applied to the folded tables, where wrong balances are found. Stored rows are
// compared with those tables as they come. Findings() adds to what was found on the way the rows
// that differ or are missing, and sums that are not zero.
#include "services/wallet/history/verify.h"

#include <algorithm>
#include <variant>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/common/encoding/checksum.h"
#include "services/ledger/accounts.h"
#include "services/wallet/rules/entry_bytes.h"
#include "services/wallet/store/stored_rows.h"

namespace gongji::wallet {
namespace {

// Without a limit a shard whose first entry is missing would have as many findings as entries.
constexpr size_t kMostFindings = 100;

std::string RowName(Table table, const std::string& key) {
  return absl::StrCat("row ", absl::Utf8SafeCEscape(key), " of ", ShapeOf(table).name);
}

}  // namespace

Verifier::Verifier(std::string shard, HashKind hash, KeptRoots kept)
    : shard_(std::move(shard)), hasher_(hash), kept_(std::move(kept)) {}

void Verifier::Find(const std::string& what) {
  if (findings_.size() < kMostFindings) {
    findings_.push_back(absl::StrCat("shard ", shard_, ": ", what));
  }
}

void Verifier::AddEntry(const SealedEntry& sealed) {
  CheckSeal(sealed);
  ledger::Entry entry{.number = sealed.number};
  if (!DecodeEntry(sealed.body, entry)) {
    return Find(absl::StrCat("entry ", sealed.number, " cannot be read"));
  }
  if (entry.at < last_at_) Find(absl::StrCat("entry ", entry.number, " is before the one before"));
  last_at_ = entry.at;
  if (!numbers_.emplace(WideChecksum(entry.id), entry.number).second) {
    Find(absl::StrCat("entry ", entry.number, " answers ", entry.id, " again"));
  }
  AddRows(entry);
  AddEffects(entry);
}

void Verifier::CheckSeal(const SealedEntry& entry) {
  if (entry.number != last_number_ + 1) {
    Find(absl::StrCat("entry ", last_number_ + 1, " is missing"));
  } else if (entry.chain != hasher_.Chain(chain_, entry.number, entry.body)) {
    Find(absl::StrCat("entry ", entry.number, " does not fit the chain"));
  } else if (!entry.whole) {
    Find(absl::StrCat("entry ", entry.number, " is damaged"));
  }
  // Goes on from what is stored, so that one bad entry is one finding.
  chain_ = entry.chain;
  last_number_ = entry.number;
  if (!kept_.empty()) CheckRoot(entry.number);
}

void Verifier::CheckRoot(int64_t number) {
  interval_.push_back(chain_);
  if (number % kEntriesPerRoot != 0) return;
  const auto kept = kept_.find(number);
  if (kept != kept_.end()) {
    if (kept->second != hasher_.Root(interval_)) {
      Find(absl::StrCat("entries up to ", number, " are not those of the root that was kept"));
    }
    kept_.erase(kept);
  }
  interval_.clear();
}

void Verifier::AddRows(const ledger::Entry& entry) {
  for (const ledger::Row& row : entry.rows) {
    if (row.amount_fen <= 0) Find(absl::StrCat("entry ", entry.number, " moves nothing"));
    if (row.from == row.to) {
      Post(row.from, 0, row.from_after_fen, row.from_before, entry.number);
      continue;
    }
    Post(row.from, -row.amount_fen, row.from_after_fen, row.from_before, entry.number);
    Post(row.to, row.amount_fen, row.to_after_fen, row.to_before, entry.number);
  }
}

void Verifier::Post(const std::string& name, int64_t change_fen, int64_t after_fen, int64_t before,
                    int64_t number) {
  ledger::Account account = accounts_.value(name);
  account.balance_fen += change_fen;
  if (account.balance_fen != after_fen) {
    Find(
        absl::StrCat("entry ", number, " states another balance of ", name, " than its rows give"));
  }
  if (account.last_number != number && account.last_number != before) {
    Find(absl::StrCat("entry ", number, " names another entry before it for ", name));
  }
  if (account.balance_fen < 0 && ledger::IsPersonAccount(name)) {
    Find(absl::StrCat("entry ", number, " overdraws ", name));
  }
  account.last_number = number;
  accounts_.Set(name, account);
}

void Verifier::AddEffects(const ledger::Entry& entry) {
  const ledger::Effects& effects = entry.effects;
  for (const std::string& name : effects.opened_accounts) accounts_.Set(name, ledger::Account{});
  for (const std::string& name : effects.closed_accounts) {
    ledger::Account account = accounts_.value(name);
    account.closed = true;
    accounts_.Set(name, account);
  }
  for (const std::string& name : effects.reopened_accounts) {
    ledger::Account account = accounts_.value(name);
    account.closed = false;
    accounts_.Set(name, account);
  }
  for (const auto& [key, person] : effects.persons) persons_.Set(key, person);
  for (const auto& [key, holder] : effects.claims) claims_.Set(key, holder);
  for (const auto& [key, value] : effects.counters) counters_.Set(key, value);
}

void Verifier::BeginTables() {
  first_unsaved_ = last_number_ + 1;
  id_rows_.resize(static_cast<size_t>(first_unsaved_));
  accounts_.BeginRows();
  persons_.BeginRows();
  claims_.BeginRows();
  counters_.BeginRows();
}

void Verifier::AddRow(Table table, const TableRow& row) {
  if (!row.whole) Find(absl::StrCat(RowName(table, row.key), " is damaged"));
  switch (table) {
    case Table::kAccounts:
      return accounts_.AddRow(row.key, std::get<ledger::Account>(row.value));
    case Table::kPersons:
      return persons_.AddRow(row.key, std::get<ledger::Person>(row.value));
    case Table::kClaims:
      return claims_.AddRow(row.key, std::get<std::string>(row.value));
    case Table::kCounters:
      return counters_.AddRow(row.key, std::get<int64_t>(row.value));
    case Table::kIds: {
      const int64_t number = std::get<int64_t>(row.value);
      const auto found = numbers_.find(WideChecksum(row.key));
      if (found != numbers_.end() && found->second == number) {
        id_rows_[static_cast<size_t>(number)] = true;
      } else if (found != numbers_.end() || number < first_unsaved_) {
        Find(absl::StrCat(RowName(table, row.key), " is not what the journal gives"));
      } else {
        unsaved_ids_.emplace(row.key, number);
      }
      return;
    }
  }
}

std::vector<std::string> Verifier::TableFindings() const {
  std::vector<std::string> findings;
  const auto add = [&](Table table, const std::string& key, const char* what) {
    if (findings.size() == kMostFindings) return;
    findings.push_back(absl::StrCat("shard ", shard_, ": ", RowName(table, key), what));
  };
  const auto look = [&](Table table, const auto& folded) {
    for (const auto& key : folded.Odd()) add(table, key, " is not what the journal gives");
    for (const auto& key : folded.Missing()) add(table, key, " is missing");
  };
  look(Table::kAccounts, accounts_);
  look(Table::kPersons, persons_);
  look(Table::kClaims, claims_);
  look(Table::kCounters, counters_);
  for (size_t number = 1; number < id_rows_.size(); ++number) {
    if (!id_rows_[number]) add(Table::kIds, absl::StrCat("of entry ", number), " is missing");
  }
  for (const auto& [id, number] : unsaved_ids_) {
    const auto found = numbers_.find(WideChecksum(id));
    if (found != numbers_.end() && found->second == number) continue;
    add(Table::kIds, id, " is not what the journal gives");
  }
  return findings;
}

std::vector<std::string> Verifier::Findings() const {
  std::vector<std::string> findings = findings_;
  for (const auto& [number, root] : kept_) {
    findings.push_back(absl::StrCat("shard ", shard_, ": ends before entry ", number,
                                    ", of which a root was kept"));
  }
  for (std::string& finding : TableFindings()) findings.push_back(std::move(finding));
  int64_t sum_fen = 0;
  int64_t lots_and_quota_fen = 0;
  accounts_.ForEach([&](const std::string& name, const ledger::Account& account) {
    sum_fen += account.balance_fen;
    const auto parsed = ledger::ParseAccount(name);
    const bool received = parsed.has_value() && ledger::IsReceived(parsed->account_class);
    if (received || name.starts_with("quota/")) lots_and_quota_fen += account.balance_fen;
  });
  if (sum_fen != 0) findings.push_back(absl::StrCat("shard ", shard_, " sums to ", sum_fen));
  if (lots_and_quota_fen != 0) {
    findings.push_back(absl::StrCat("shard ", shard_, ": lots and quota differ"));
  }
  return findings;
}

void Mirrors::Add(const Verifier& shard) {
  shard.accounts().ForEach([&](const std::string& name, const ledger::Account& account) {
    if (name.starts_with("clearing/")) {
      const std::vector<std::string> parts = absl::StrSplit(name, '/');
      clearing_fen_[std::minmax(parts[1], parts[2])] += account.balance_fen;
      return;
    }
    const auto parsed = ledger::ParseAccount(name);
    if (!parsed.has_value()) return;
    if (parsed->account_class == ledger::AccountClass::kGranted) {
      granted_less_lot_fen_[std::string(parsed->relation_id)] += account.balance_fen;
    } else if (ledger::IsReceived(parsed->account_class)) {
      granted_less_lot_fen_[std::string(parsed->relation_id)] -= account.balance_fen;
    }
  });
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
