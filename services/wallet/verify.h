// The invariants of the ledger, checked from what a shard shows (design: docs/architecture.md).
#ifndef GONGJI_SERVICES_WALLET_VERIFY_H_
#define GONGJI_SERVICES_WALLET_VERIFY_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "services/wallet/transaction.h"

namespace gongji::wallet {

// One shard: gapless numbers, each id once, rows that fold to the balances they state, person
// accounts never below zero, a sum of zero, lots and quota that cancel (P1, P3, P5).
class Verifier {
 public:
  // `shard` names it in findings.
  explicit Verifier(std::string shard) : shard_(std::move(shard)) {}

  // In order of number, from the first entry on.
  void AddEntry(int64_t number, const std::string& id, const std::vector<Row>& rows);
  // Every account, as of the last entry added.
  void AddAccount(const std::string& name, int64_t balance_fen);

  // What is wrong, a line each.
  std::vector<std::string> Findings() const;

  const std::map<std::string, int64_t>& accounts() const { return accounts_; }

 private:
  const std::string shard_;
  int64_t last_number_ = 0;
  std::set<std::string> ids_;
  std::map<std::string, int64_t> folded_;
  std::map<std::string, int64_t> accounts_;
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

#endif  // GONGJI_SERVICES_WALLET_VERIFY_H_
