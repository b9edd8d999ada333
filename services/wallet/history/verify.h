// The invariants of the ledger, checked from what a shard shows (docs/decisions/0013-proof.md).
#ifndef GONGJI_SERVICES_WALLET_HISTORY_VERIFY_H_
#define GONGJI_SERVICES_WALLET_HISTORY_VERIFY_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/numeric/int128.h"
#include "absl/time/time.h"
#include "services/ledger/transaction.h"
#include "services/wallet/history/folded_table.h"
#include "services/wallet/rules/seal.h"
#include "services/wallet/store/wallet_store.h"

namespace gongji::wallet {

// Roots of a shard that somebody kept, by number of their last entry.
using KeptRoots = std::map<int64_t, Digest>;

// One shard: gapless numbers whose chain fits from the first entry on, each id once, rows that fold
// to the balances they state and follow each other by account, person accounts never below zero, a
// sum of zero, lots and quota that cancel (P1, P3, P4, P5); tables that are what the journal makes
// of them (P5, P14). Knows none of the rules: it folds what the entries say they did.
//
// Order of calls: AddEntry up to the entry that the tables are complete up to, BeginTables, AddRow
// for every stored row, then AddEntry for what may be in the rows besides.
class Verifier {
 public:
  // `shard` names it in findings.
  Verifier(std::string shard, HashKind hash, KeptRoots kept = {});

  // In order of number, from the first entry on.
  void AddEntry(const SealedEntry& entry);
  void BeginTables();
  void AddRow(Table table, const TableRow& row);

  // What is wrong, a line each; the first bad entry first. At most a hundred of each kind.
  std::vector<std::string> Findings() const;

  int64_t last_number() const { return last_number_; }
  const FoldedTable<ledger::Account>& accounts() const { return accounts_; }

 private:
  void Find(const std::string& what);
  void CheckSeal(const SealedEntry& entry);
  void CheckRoot(int64_t number);
  void AddRows(const ledger::Entry& entry);
  void AddEffects(const ledger::Entry& entry);
  void Post(const std::string& name, int64_t change_fen, int64_t after_fen, int64_t before,
            int64_t number);
  std::vector<std::string> TableFindings() const;

  const std::string shard_;
  Hasher hasher_;
  KeptRoots kept_;
  std::vector<Digest> interval_;  // chains since the last complete interval
  Digest chain_ = Hasher::Genesis();
  int64_t last_number_ = 0;
  absl::Time last_at_ = absl::InfinitePast();
  // Ids are too many and too long to be kept: 128 bits of each are as good.
  absl::flat_hash_map<absl::uint128, int64_t> numbers_;
  std::vector<bool> id_rows_;  // by number: the table has the entry's id
  int64_t first_unsaved_ = 0;
  std::map<std::string, int64_t> unsaved_ids_;  // rows whose entries were not added yet
  FoldedTable<ledger::Account> accounts_;
  FoldedTable<ledger::Person> persons_;
  FoldedTable<std::string> claims_;
  FoldedTable<int64_t> counters_;
  std::vector<std::string> findings_;
};

// All shards together: with nothing in flight clearing accounts mirror each other and every grant
// equals its lot (P2, P24).
class Mirrors {
 public:
  void Add(const Verifier& shard);
  std::vector<std::string> Findings() const;

 private:
  std::map<std::pair<std::string, std::string>, int64_t> clearing_fen_;
  std::map<std::string, int64_t> granted_less_lot_fen_;
};

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_HISTORY_VERIFY_H_
