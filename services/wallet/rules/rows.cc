#include "services/wallet/rules/rows.h"

#include "services/ledger/accounts.h"

namespace gongji::wallet {
namespace {

void AddAccount(const std::string& name, Keys& keys) {
  const auto account = ledger::ParseAccount(name);
  if (!account.has_value()) return;  // A malformed name is refused before it is looked up.
  keys.accounts.push_back(name);
  if (!account->psn_no.empty()) keys.persons.emplace_back(account->psn_no);
  if (account->account_class == ledger::AccountClass::kLot) {
    keys.counters.push_back(ledger::LotNumberKey(name));
  }
}

void AddKeysOf(const ledger::PersonChange& change, Keys& keys) {
  keys.persons.push_back(change.psn_no);
  if (change.step == ledger::PersonStep::kCloseWallet ||
      change.step == ledger::PersonStep::kDepart) {
    keys.owners.push_back(change.psn_no);
  }
  if (!change.forward_to.empty()) keys.accounts.push_back(change.forward_to);
  switch (change.step) {
    case ledger::PersonStep::kOpenWallet:
    case ledger::PersonStep::kCloseWallet:
      return;
    case ledger::PersonStep::kOpenAccount:
    case ledger::PersonStep::kOpenFirstAccount:
      // Only the accounts of this kind, because contributions come by the million.
      keys.accounts.push_back(ledger::CurrentAccount(change.psn_no));
      keys.accounts.push_back(ledger::PriorAccount(change.psn_no));
      return;
    default:
      for (std::string& account : ledger::OwnAccounts(change.psn_no)) {
        keys.accounts.push_back(std::move(account));
      }
  }
}

}  // namespace

void AddKeysOf(const ledger::Transaction& transaction, Keys& keys) {
  keys.ids.push_back(transaction.id);
  for (const ledger::Group& group : transaction.groups) {
    for (const ledger::Move& move : group.moves) {
      AddAccount(move.from, keys);
      AddAccount(move.to, keys);
      // Money that comes back after its year is over goes there.
      const bool returns = move.year > 0 && ledger::IsCurrentAccount(move.to);
      if (returns) keys.accounts.push_back(ledger::PriorBeside(move.to));
      if (move.also) {
        AddAccount(move.also->from, keys);
        AddAccount(move.also->to, keys);
      }
      for (const ledger::Keep& keep : move.keeps) {
        for (const std::string& account : keep.accounts) AddAccount(account, keys);
      }
      for (const ledger::Allowance& allowance : move.allowances) {
        keys.counters.push_back(ledger::AllowanceKey(allowance.key));
      }
      for (const std::string& key : move.returned_allowances) {
        keys.counters.push_back(ledger::AllowanceKey(key));
      }
    }
  }
  for (const ledger::Claim& claim : transaction.claims) {
    keys.claims.insert(keys.claims.end(), claim.keys.begin(), claim.keys.end());
  }
  keys.claims.insert(keys.claims.end(), transaction.unclaims.begin(), transaction.unclaims.end());
  for (const std::string& psn_no : transaction.wallet_psn_nos) keys.persons.push_back(psn_no);
  for (const std::string& lot : transaction.closed_lots) AddAccount(lot, keys);
  for (const ledger::GrantSequence& sequence : transaction.grant_sequences) {
    keys.counters.push_back(ledger::GrantSequenceKey(sequence.grant));
  }
  for (const ledger::PersonChange& change : transaction.person_changes) AddKeysOf(change, keys);
}

void AddKeysOf(const ledger::Entry& entry, Keys& keys) {
  const ledger::Effects& effects = entry.effects;
  for (const ledger::Row& row : entry.rows) {
    keys.accounts.push_back(row.from);
    keys.accounts.push_back(row.to);
  }
  keys.accounts.insert(keys.accounts.end(), effects.opened_accounts.begin(),
                       effects.opened_accounts.end());
  for (const auto* names : {&effects.closed_accounts, &effects.reopened_accounts}) {
    keys.accounts.insert(keys.accounts.end(), names->begin(), names->end());
  }
  for (const auto& [key, person] : effects.persons) keys.persons.push_back(key);
  for (const auto& [key, holder] : effects.claims) keys.claims.push_back(key);
  for (const auto& [key, value] : effects.counters) keys.counters.push_back(key);
}

}  // namespace gongji::wallet
