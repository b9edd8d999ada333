// What a person has, summed up from their accounts (R19).
#ifndef GONGJI_SERVICES_WALLET_HISTORY_HOLDINGS_H_
#define GONGJI_SERVICES_WALLET_HISTORY_HOLDINGS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "services/ledger/accounts.h"
#include "services/ledger/transaction.h"
#include "services/wallet/store/wallet_store.h"

namespace gongji::wallet {

// Quota of one relation: granted by the person, received by them, or offered to them.
struct Holding {
  ledger::AccountClass account_class = ledger::AccountClass::kGranted;
  std::string relation_id;
  int64_t current_fen = 0;  // kGranted, by bucket of origin
  int64_t prior_fen = 0;
  int64_t quota_fen = 0;    // kLot, kOffered
  std::string transfer_id;  // kOffered

  friend bool operator==(const Holding&, const Holding&) = default;
};

// The sums are over all accounts, whatever the page shows.
struct Holdings {
  ledger::Person person;
  int64_t current_fen = 0;
  int64_t prior_fen = 0;
  int64_t family_fen = 0;
  int64_t granted_fen = 0;
  int64_t received_fen = 0;
  int64_t offered_fen = 0;
  std::vector<Holding> page;  // those with money, in order of kind and relation
  std::string next_after;     // `after` of the next page; "": there is none
};

// `accounts` are all accounts of the person, in order of name. The page begins after the key
// `after` and holds at most `limit` holdings.
Holdings HoldingsOf(const ledger::Person& person, const std::vector<AccountRow>& accounts,
                    const std::string& after, int limit);

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_HISTORY_HOLDINGS_H_
