#include "services/wallet/rules/book.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/common/errors/check.h"
#include "services/ledger/accounts.h"

namespace gongji::wallet {
namespace {

void AddAccount(const std::string& name, Keys& keys) {
  const auto account = ParseAccount(name);
  if (!account.has_value()) return;  // Refused as malformed before it is looked up.
  keys.accounts.push_back(name);
  if (!account->psn_no.empty()) keys.persons.emplace_back(account->psn_no);
  if (account->account_class == AccountClass::kLot) {
    keys.counters.push_back(absl::StrCat("number/", name));
  }
}

void AddKeysOf(const PersonChange& change, Keys& keys) {
  keys.persons.push_back(change.psn_no);
  if (change.change == Change::kCloseWallet || change.change == Change::kDepart) {
    keys.owners.push_back(change.psn_no);
  }
  if (!change.forward_to.empty()) keys.accounts.push_back(change.forward_to);
  switch (change.change) {
    case Change::kOpenWallet:
    case Change::kCloseWallet:
      return;
    case Change::kOpenAccount:
    case Change::kOpenFirstAccount:
      // Contributions come by the million.
      keys.accounts.push_back(CurrentAccount(change.psn_no));
      keys.accounts.push_back(PriorAccount(change.psn_no));
      return;
    default:
      for (std::string& account : OwnAccounts(change.psn_no)) {
        keys.accounts.push_back(std::move(account));
      }
  }
}

}  // namespace

void AddKeysOf(const Transaction& transaction, Keys& keys) {
  keys.ids.push_back(transaction.id);
  for (const Group& group : transaction.groups) {
    for (const Move& move : group.moves) {
      AddAccount(move.from, keys);
      AddAccount(move.to, keys);
      // Where money goes that comes back after its year is over.
      const bool returns = move.year > 0 && IsCurrentAccount(move.to);
      if (returns) keys.accounts.push_back(PriorBeside(move.to));
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
  for (const PersonChange& change : transaction.changes) AddKeysOf(change, keys);
}

void AddKeysOf(const Entry& entry, Keys& keys) {
  const Effects& effects = entry.effects;
  for (const Row& row : entry.rows) {
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

void Book::DropKnown(Keys& keys) {
  const auto drop = [](auto& shelf, std::vector<std::string>& wanted) {
    std::erase_if(wanted, [&](const std::string& key) { return shelf.Knows(key); });
    std::sort(wanted.begin(), wanted.end());
    wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
  };
  drop(accounts_, keys.accounts);
  drop(persons_, keys.persons);
  drop(claims_, keys.claims);
  drop(counters_, keys.counters);
}

void Book::Learn(const Rows& rows) {
  for (const auto& [key, value] : rows.accounts) accounts_.Learn(key, value);
  for (const auto& [key, value] : rows.persons) persons_.Learn(key, value);
  for (const auto& [key, value] : rows.claims) claims_.Learn(key, value);
  for (const auto& [key, value] : rows.counters) counters_.Learn(key, value);
}

void Book::LearnMissing(const Keys& keys) {
  for (const std::string& key : keys.accounts) accounts_.Learn(key, std::nullopt);
  for (const std::string& key : keys.persons) persons_.Learn(key, std::nullopt);
  for (const std::string& key : keys.claims) claims_.Learn(key, std::nullopt);
  for (const std::string& key : keys.counters) counters_.Learn(key, std::nullopt);
}

void Book::Redo(const Entry& entry) {
  const int64_t number = entry.number;
  const auto account = [&](const std::string& name, auto change) {
    auto& slot = accounts_.at(name);
    Account value = slot.second.value.value_or(Account{});
    change(value);
    accounts_.Set(slot, value, number);
  };
  for (const std::string& name : entry.effects.opened_accounts) account(name, [](Account&) {});
  for (const Row& row : entry.rows) {
    account(row.from, [&](Account& value) {
      value.balance_fen = row.from_after_fen;
      value.last_number = number;
    });
    account(row.to, [&](Account& value) {
      value.balance_fen = row.to_after_fen;
      value.last_number = number;
    });
  }
  for (const std::string& name : entry.effects.closed_accounts) {
    account(name, [](Account& value) { value.closed = true; });
  }
  for (const std::string& name : entry.effects.reopened_accounts) {
    account(name, [](Account& value) { value.closed = false; });
  }
  for (const auto& [key, person] : entry.effects.persons) {
    persons_.Set(persons_.at(key), person, number);
  }
  for (const auto& [key, holder] : entry.effects.claims) {
    claims_.Set(claims_.at(key), holder, number);
  }
  for (const auto& [key, value] : entry.effects.counters) {
    counters_.Set(counters_.at(key), value, number);
  }
}

std::vector<std::string> Book::NoteAccounts(const Entry& entry) {
  std::vector<std::string> fresh;
  const auto note = [&](const std::string& name) {
    if (new_accounts_.insert(name).second) fresh.push_back(name);
  };
  for (const std::string& name : entry.effects.opened_accounts) note(name);
  for (const Row& row : entry.rows) {
    if (row.from_before == 0) note(row.from);
    if (row.to_before == 0) note(row.to);
  }
  return fresh;
}

void Book::ForgetAccounts(const std::vector<std::string>& names) {
  for (const std::string& name : names) new_accounts_.erase(name);
}

void Book::BeginSaving() {
  accounts_.BeginSaving();
  persons_.BeginSaving();
  claims_.BeginSaving();
  counters_.BeginSaving();
}

ChangedRows Book::TakeChanged(size_t limit) {
  ChangedRows slice;
  accounts_.TakeChanged(limit, slice.accounts);
  persons_.TakeChanged(limit - slice.size(), slice.persons);
  claims_.TakeChanged(limit - slice.size(), slice.claims);
  counters_.TakeChanged(limit - slice.size(), slice.counters);
  return slice;
}

void Book::EndSaving(const ChangedRows& slice, int64_t as_of, bool saved) {
  accounts_.EndSaving(as_of, saved);
  persons_.EndSaving(as_of, saved);
  claims_.EndSaving(as_of, saved);
  counters_.EndSaving(as_of, saved);
  if (!saved || new_accounts_.empty()) return;
  for (const auto& [name, account] : slice.accounts) new_accounts_.erase(name);
}

void Book::Evict(size_t most) {
  const auto evict = [&](auto& shelf) {
    // A batch of 256 brings about a thousand rows.
    constexpr size_t kLooks = 4096;
    if (size() > most) shelf.Evict(size() - most, kLooks);
  };
  evict(accounts_);
  evict(persons_);
  evict(claims_);
  evict(counters_);
}

std::vector<std::string> Draft::AccountsOf(const std::string& psn_no) const {
  const auto found = owned_.find(psn_no);
  CHECK(found != owned_.end());  // AddKeysOf names every owner that a rule asks about.
  std::set<std::string> names(found->second.begin(), found->second.end());
  const std::string prefix = absl::StrCat("person/", psn_no, "/");
  for (const auto& change : accounts_) {
    if (change.slot->first.starts_with(prefix)) names.insert(change.slot->first);
  }
  return {names.begin(), names.end()};
}

template <class T>
void Draft::Set(Shelf<T>& shelf, Log<T>& log, const std::string& key, std::optional<T> value) {
  auto& slot = shelf.at(key);
  log.push_back({&slot, slot.second.value, slot.second.changed_at});
  shelf.Set(slot, std::move(value), number_);
}

void Draft::SetAccount(const std::string& key, Account value) {
  Set<Account>(book_.accounts(), accounts_, key, value);
}
void Draft::SetPerson(const std::string& key, Person value) {
  Set<Person>(book_.persons(), persons_, key, value);
}
void Draft::SetClaim(const std::string& key, std::optional<std::string> value) {
  Set<std::string>(book_.claims(), claims_, key, std::move(value));
}
void Draft::SetCounter(const std::string& key, int64_t value) {
  Set<int64_t>(book_.counters(), counters_, key, value);
}

Draft::Mark Draft::Here() const {
  return {accounts_.size(), persons_.size(), claims_.size(), counters_.size()};
}

template <class T>
void Draft::BackTo(Shelf<T>& shelf, Log<T>& log, size_t size) {
  for (; log.size() > size; log.pop_back()) {
    Change<T>& change = log.back();
    shelf.TakeBack(*change.slot, std::move(change.old), change.old_changed_at);
  }
}

void Draft::BackTo(const Mark& mark) {
  BackTo(book_.accounts(), accounts_, mark.accounts);
  BackTo(book_.persons(), persons_, mark.persons);
  BackTo(book_.claims(), claims_, mark.claims);
  BackTo(book_.counters(), counters_, mark.counters);
}

Effects Draft::Since(const Mark& mark) const {
  // Calls `look` with the first change of each slot, which knows how it was before.
  const auto each = [](const auto& log, size_t from, auto look) {
    for (size_t i = from; i < log.size(); ++i) {
      const auto same = [&](const auto& earlier) { return earlier.slot == log[i].slot; };
      const auto begin = log.begin() + static_cast<std::ptrdiff_t>(from);
      const auto end = log.begin() + static_cast<std::ptrdiff_t>(i);
      if (std::none_of(begin, end, same)) look(log[i]);
    }
  };
  Effects effects;
  each(accounts_, mark.accounts, [&](const Change<Account>& change) {
    const Account& now = *change.slot->second.value;
    const bool posted = now.last_number == number_;
    if (!change.old.has_value() && !posted) effects.opened_accounts.push_back(change.slot->first);
    const bool was_closed = change.old.has_value() && change.old->closed;
    if (now.closed && !was_closed) effects.closed_accounts.push_back(change.slot->first);
    if (!now.closed && was_closed) effects.reopened_accounts.push_back(change.slot->first);
  });
  each(persons_, mark.persons, [&](const Change<Person>& change) {
    effects.persons.emplace_back(change.slot->first, *change.slot->second.value);
  });
  each(claims_, mark.claims, [&](const Change<std::string>& change) {
    effects.claims.emplace_back(change.slot->first, change.slot->second.value);
  });
  each(counters_, mark.counters, [&](const Change<int64_t>& change) {
    effects.counters.emplace_back(change.slot->first, *change.slot->second.value);
  });
  return effects;
}

}  // namespace gongji::wallet
