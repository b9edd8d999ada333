// Book passes calls on to its four shelves and keeps the list of accounts that the tables may lack.
// Draft sets values in the book at once, and logs the old value of each change per table; going
// back to a mark takes the newest changes back first, and Since() reads the logs for what an entry
// has to record besides its postings.
#include "services/wallet/rules/book.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/common/errors/check.h"
#include "services/ledger/accounts.h"

namespace gongji::wallet {
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

void Book::Redo(const ledger::Entry& entry) {
  const int64_t number = entry.number;
  const auto account = [&](const std::string& name, auto change) {
    auto& slot = accounts_.at(name);
    ledger::Account value = slot.second.value.value_or(ledger::Account{});
    change(value);
    accounts_.Set(slot, value, number);
  };
  for (const std::string& name : entry.effects.opened_accounts) {
    account(name, [](ledger::Account&) {});
  }
  for (const ledger::Row& row : entry.rows) {
    account(row.from, [&](ledger::Account& value) {
      value.balance_fen = row.from_after_fen;
      value.last_number = number;
    });
    account(row.to, [&](ledger::Account& value) {
      value.balance_fen = row.to_after_fen;
      value.last_number = number;
    });
  }
  for (const std::string& name : entry.effects.closed_accounts) {
    account(name, [](ledger::Account& value) { value.closed = true; });
  }
  for (const std::string& name : entry.effects.reopened_accounts) {
    account(name, [](ledger::Account& value) { value.closed = false; });
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

std::vector<std::string> Book::NoteAccounts(const ledger::Entry& entry) {
  std::vector<std::string> fresh;
  const auto note = [&](const std::string& name) {
    if (new_accounts_.insert(name).second) fresh.push_back(name);
  };
  for (const std::string& name : entry.effects.opened_accounts) note(name);
  for (const ledger::Row& row : entry.rows) {
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
    // A batch of 256 requests brings about a thousand rows.
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
  const std::string prefix = ledger::PersonPrefix(psn_no);
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

void Draft::SetAccount(const std::string& key, ledger::Account value) {
  Set<ledger::Account>(book_.accounts(), accounts_, key, value);
}
void Draft::SetPerson(const std::string& key, ledger::Person value) {
  Set<ledger::Person>(book_.persons(), persons_, key, value);
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
    Undo<T>& undo = log.back();
    shelf.TakeBack(*undo.slot, std::move(undo.old), undo.old_changed_at);
  }
}

void Draft::BackTo(const Mark& mark) {
  BackTo(book_.accounts(), accounts_, mark.accounts);
  BackTo(book_.persons(), persons_, mark.persons);
  BackTo(book_.claims(), claims_, mark.claims);
  BackTo(book_.counters(), counters_, mark.counters);
}

ledger::Effects Draft::Since(const Mark& mark) const {
  // Calls `look` with the first change of each slot, which has the value from before the mark.
  const auto each = [](const auto& log, size_t from, auto look) {
    for (size_t i = from; i < log.size(); ++i) {
      const auto same = [&](const auto& earlier) { return earlier.slot == log[i].slot; };
      const auto begin = log.begin() + static_cast<std::ptrdiff_t>(from);
      const auto end = log.begin() + static_cast<std::ptrdiff_t>(i);
      if (std::none_of(begin, end, same)) look(log[i]);
    }
  };
  ledger::Effects effects;
  each(accounts_, mark.accounts, [&](const Undo<ledger::Account>& undo) {
    const ledger::Account& now = *undo.slot->second.value;
    const bool posted = now.last_number == number_;
    if (!undo.old.has_value() && !posted) effects.opened_accounts.push_back(undo.slot->first);
    const bool was_closed = undo.old.has_value() && undo.old->closed;
    if (now.closed && !was_closed) effects.closed_accounts.push_back(undo.slot->first);
    if (!now.closed && was_closed) effects.reopened_accounts.push_back(undo.slot->first);
  });
  each(persons_, mark.persons, [&](const Undo<ledger::Person>& undo) {
    effects.persons.emplace_back(undo.slot->first, *undo.slot->second.value);
  });
  each(claims_, mark.claims, [&](const Undo<std::string>& undo) {
    effects.claims.emplace_back(undo.slot->first, undo.slot->second.value);
  });
  each(counters_, mark.counters, [&](const Undo<int64_t>& undo) {
    effects.counters.emplace_back(undo.slot->first, *undo.slot->second.value);
  });
  return effects;
}

}  // namespace gongji::wallet
