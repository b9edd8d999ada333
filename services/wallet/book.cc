#include "services/wallet/book.h"

#include "absl/strings/str_cat.h"
#include "services/common/check.h"
#include "services/wallet/accounts.h"

namespace gongji::wallet {
namespace {

template <class T>
const std::optional<T>& Find(const absl::flat_hash_map<std::string, std::optional<T>>& changes,
                             const absl::flat_hash_map<std::string, std::optional<T>>& base,
                             const std::string& key) {
  if (const auto changed = changes.find(key); changed != changes.end()) return changed->second;
  const auto found = base.find(key);
  CHECK(found != base.end());  // AddKeysOf names every key that a rule touches.
  return found->second;
}

void AddAccount(const std::string& name, Keys& keys) {
  const auto account = ParseAccount(name);
  if (!account.has_value()) return;  // Refused as malformed before it is looked up.
  keys.accounts.push_back(name);
  if (!account->psn_no.empty()) keys.persons.push_back(account->psn_no);
  if (account->bucket == "current") keys.accounts.push_back(PriorBeside(name));
  if (account->account_class == AccountClass::kLot) {
    keys.counters.push_back(absl::StrCat("number/", name));
  }
}

}  // namespace

void AddKeysOf(const Transaction& transaction, Keys& keys) {
  keys.ids.push_back(transaction.id);
  for (const Group& group : transaction.groups) {
    for (const Move& move : group.moves) {
      AddAccount(move.from, keys);
      AddAccount(move.to, keys);
      if (move.also) {
        AddAccount(move.also->from, keys);
        AddAccount(move.also->to, keys);
      }
      for (const gongji::wallet::Keep& keep : move.keeps) {
        for (const std::string& account : keep.accounts) AddAccount(account, keys);
      }
      for (const Allowance& allowance : move.allowances) {
        keys.counters.push_back(absl::StrCat("allowance/", allowance.key));
      }
      for (const std::string& key : move.returned_allowances) {
        keys.counters.push_back(absl::StrCat("allowance/", key));
      }
    }
  }
  for (const Claim& claim : transaction.claims) {
    keys.claims.insert(keys.claims.end(), claim.keys.begin(), claim.keys.end());
  }
  keys.claims.insert(keys.claims.end(), transaction.unclaims.begin(), transaction.unclaims.end());
  for (const std::string& psn_no : transaction.wallet_psn_nos) keys.persons.push_back(psn_no);
  for (const std::string& lot : transaction.closed_lots) AddAccount(lot, keys);
  for (const Turn& turn : transaction.turns) {
    keys.counters.push_back(absl::StrCat("turn/", turn.grant));
  }
  for (const NewPerson& person : transaction.new_persons) {
    AddAccount(CurrentAccount(person.psn_no), keys);
  }
  for (const std::string& psn_no : transaction.new_wallets) keys.persons.push_back(psn_no);
}

const std::optional<Account>& Overlay::account(const std::string& key) const {
  return Find(changes_.accounts, base_.accounts, key);
}
const std::optional<Person>& Overlay::person(const std::string& key) const {
  return Find(changes_.persons, base_.persons, key);
}
const std::optional<std::string>& Overlay::claim(const std::string& key) const {
  return Find(changes_.claims, base_.claims, key);
}
int64_t Overlay::counter(const std::string& key) const {
  return Find(changes_.counters, base_.counters, key).value_or(0);
}

template <class T>
void Overlay::Set(absl::flat_hash_map<std::string, std::optional<T>> Rows::* part,
                  const std::string& key, std::optional<T> value) {
  auto& map = changes_.*part;
  if (const auto found = map.find(key); found != map.end()) {
    undo_.push_back([&map, key, old = found->second] { map[key] = old; });
    found->second = std::move(value);
  } else {
    undo_.push_back([&map, key] { map.erase(key); });
    map.emplace(key, std::move(value));
  }
}

void Overlay::SetAccount(const std::string& key, std::optional<Account> value) {
  Set(&Rows::accounts, key, value);
}
void Overlay::SetPerson(const std::string& key, std::optional<Person> value) {
  Set(&Rows::persons, key, value);
}
void Overlay::SetClaim(const std::string& key, std::optional<std::string> value) {
  Set(&Rows::claims, key, std::move(value));
}
void Overlay::SetCounter(const std::string& key, int64_t value) {
  Set(&Rows::counters, key, std::optional<int64_t>(value));
}

void Overlay::Undo() {
  for (; !undo_.empty(); undo_.pop_back()) undo_.back()();
}

void Merge(const Rows& changes, Rows& rows) {
  for (const auto& [key, value] : changes.accounts) rows.accounts[key] = value;
  for (const auto& [key, value] : changes.persons) rows.persons[key] = value;
  for (const auto& [key, value] : changes.claims) rows.claims[key] = value;
  for (const auto& [key, value] : changes.counters) rows.counters[key] = value;
}

}  // namespace gongji::wallet
