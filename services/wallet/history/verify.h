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

// Roots of a shard that somebody kept outside it, by the number of their last entry.
using KeptRoots = std::map<int64_t, Digest>;

// Checks one shard. Of the journal (P1, P3, P4, P5): numbers have no gap, the chain fits from the
// first entry on, each id occurs once, the rows of each account follow each other and add up to the
// balances they state, no person account goes below zero, all balances sum up to zero, and lots and
// quota cancel. Of the tables (P5, P14): they are what the journal makes of them. It knows none of
// the rules: it adds up what the entries say they did.
//
// Order of calls: AddEntry for every entry up to the one that the tables are complete up to,
// BeginTables, AddRow for every stored row, then AddEntry for the later entries that the rows may
// contain too.
class Verifier {
 public:
  // `shard` names it in findings.
  Verifier(std::string shard, HashKind hash, KeptRoots kept = {});

  // Entries come in order of number, from the first one on.
  void AddEntry(const SealedEntry& entry);
  void BeginTables();
  void AddRow(Table table, const TableRow& row);

  // What is wrong, one line each, beginning with the first bad entry; at most a hundred of each
  // kind.
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
  // There are too many ids, and they are too long, to keep them all; 128 bits of each are as good.
  absl::flat_hash_map<absl::uint128, int64_t> numbers_;
  std::vector<bool> id_rows_;  // by number: the table has the entry's id
  int64_t first_unsaved_ = 0;
  std::map<std::string, int64_t> unsaved_ids_;  // rows whose entries have not been added yet
  FoldedTable<ledger::Account> accounts_;
  FoldedTable<ledger::Person> persons_;
  FoldedTable<std::string> claims_;
  FoldedTable<int64_t> counters_;
  std::vector<std::string> findings_;
};

// Checks all shards together: while no operation is under way, clearing accounts mirror each other
// and every grant equals its lot (P2, P24).
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
