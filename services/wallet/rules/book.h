// Book: the rows of a shard that its writer has in memory, and Draft: changes to them that can
// still be taken back.
#ifndef GONGJI_SERVICES_WALLET_RULES_BOOK_H_
#define GONGJI_SERVICES_WALLET_RULES_BOOK_H_

#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/node_hash_map.h"
#include "services/common/errors/check.h"
#include "services/ledger/transaction.h"
#include "services/wallet/rules/key_runs.h"
#include "services/wallet/rules/rows.h"

namespace gongji::wallet {

// One table of the book. Its cells stay where they are until they are evicted.
template <class T>
class Shelf {
 public:
  struct Cell {
    std::optional<T> value;
    // The last entry that changed it and is not saved; 0: the tables have this value.
    int64_t changed_at = 0;
    bool used = false;    // read again since it was learned or an eviction passed it
    bool listed = false;  // waits to be saved, or is in the slice
  };
  using Slot = typename absl::node_hash_map<std::string, Cell>::value_type;

  // The cell of `key`, which must be known.
  Slot& at(const std::string& key) {
    const auto found = cells_.find(key);
    CHECK(found != cells_.end());  // AddKeysOf names every key that a rule touches.
    return *found;
  }
  const std::optional<T>& value(const std::string& key) { return at(key).second.value; }
  bool Knows(const std::string& key) {
    const auto found = cells_.find(key);
    if (found == cells_.end()) return false;
    found->second.used = true;
    return true;
  }
  // Adds a row as the tables have it; a key that is known already keeps its value.
  void Learn(const std::string& key, std::optional<T> value) {
    const auto [slot, is_new] = cells_.try_emplace(key, Cell{std::move(value)});
    if (is_new) round_.push_back(&*slot);
  }
  void Set(Slot& slot, std::optional<T> value, int64_t entry) {
    Cell& cell = slot.second;
    if (!std::exchange(cell.listed, true)) changed_.Add(&slot);
    cell.value = std::move(value);
    cell.changed_at = entry;
  }
  // Takes back the last Set, which replaced the value `old` that entry `old_changed_at` had set.
  void TakeBack(Slot& slot, std::optional<T> old, int64_t old_changed_at) {
    slot.second.value = std::move(old);
    slot.second.changed_at = old_changed_at;
    // Otherwise a change that is only tried and taken back would stay in memory until the next
    // save.
    if (old_changed_at == 0 && changed_.TakeBack(&slot)) slot.second.listed = false;
  }

  // Appends changed rows to `slice` until it has `limit`, the first ones by key. So a save goes
  // through a table from one end to the other, slice by slice, and meets each page once.
  void TakeChanged(size_t limit, ChangedRows::Table<T>& slice) {
    while (slice.size() < limit && !saving_.empty()) {
      Slot* slot = saving_.TakeFirst();
      if (slot->second.changed_at == 0) {  // Taken back.
        slot->second.listed = false;
        continue;
      }
      slice.emplace_back(slot->first, slot->second.value);
      in_slice_.push_back(slot);
    }
  }
  void BeginSaving() { changed_.MoveTo(saving_); }
  // Ends the slice taken last. `saved`: the tables have its rows as of entry `as_of`, which was the
  // last one when they were taken.
  void EndSaving(int64_t as_of, bool saved) {
    for (Slot* slot : in_slice_) {
      Cell& cell = slot->second;
      if (!saved) {
        saving_.Add(slot);  // It remains to be saved by this save.
      } else if (cell.changed_at > as_of) {
        changed_.Add(slot);
      } else {
        cell.changed_at = 0;
        cell.listed = false;
      }
    }
    in_slice_.clear();
  }

  size_t size() const { return cells_.size(); }
  // Forgets up to `count` rows that the tables have and that nobody has asked for since the last
  // time round; looks at no more than `looks` rows. Returns how many it forgot.
  size_t Evict(size_t count, size_t looks) {
    size_t forgotten = 0;
    for (looks = std::min(looks, round_.size()); looks > 0 && forgotten < count; --looks) {
      Slot* slot = round_.front();
      round_.pop_front();
      Cell& cell = slot->second;
      if (cell.changed_at == 0 && !cell.listed && !std::exchange(cell.used, false)) {
        cells_.erase(cells_.find(slot->first));
        ++forgotten;
      } else {
        round_.push_back(slot);
      }
    }
    return forgotten;
  }

 private:
  absl::node_hash_map<std::string, Cell> cells_;
  std::deque<Slot*> round_;  // all slots, in the order in which they may be forgotten
  // Slots that changed since they were saved. Each is in one of the three:
  KeyRuns<Slot> changed_;
  KeyRuns<Slot> saving_;
  std::vector<Slot*> in_slice_;
};

class Book {
 public:
  Shelf<ledger::Account>& accounts() { return accounts_; }
  Shelf<ledger::Person>& persons() { return persons_; }
  Shelf<std::string>& claims() { return claims_; }
  Shelf<int64_t>& counters() { return counters_; }

  // Removes known and repeated keys from `keys`; ids stay.
  void DropKnown(Keys& keys);
  // Adds rows as the tables have them.
  void Learn(const Rows& rows);
  // Notes that the tables have no row for `keys`.
  void LearnMissing(const Keys& keys);

  // Sets the rows to what they are after `entry`; its keys must be known. It does no harm to redo
  // an entry twice, or on rows that later entries made, as long as those are redone too.
  void Redo(const ledger::Entry& entry);

  // Lists the new accounts of an entry until the tables have them; returns those that were not
  // listed before.
  std::vector<std::string> NoteAccounts(const ledger::Entry& entry);
  // The entry that created these accounts was taken back.
  void ForgetAccounts(const std::vector<std::string>& names);
  // Names of accounts that the tables may not have yet.
  const std::set<std::string>& new_accounts() const { return new_accounts_; }

  // Begins a save, which takes one slice after the other; changes made from now on wait for the
  // next save.
  void BeginSaving();
  // The next slice. It may contain changes that are not durable yet; its caller must wait for those
  // before it saves the slice.
  ChangedRows TakeChanged(size_t limit);
  // Ends the slice taken last. `saved`: its rows are in the tables, as of entry `as_of`.
  void EndSaving(const ChangedRows& slice, int64_t as_of, bool saved);

  // Forgets rows that the tables have while there are more than `most`, and prefers those that
  // nobody asked for again. It forgets a bounded number at a time, so that nobody waits for it.
  void Evict(size_t most);
  size_t size() const {
    return accounts_.size() + persons_.size() + claims_.size() + counters_.size();
  }

 private:
  Shelf<ledger::Account> accounts_;
  Shelf<ledger::Person> persons_;
  Shelf<std::string> claims_;
  Shelf<int64_t> counters_;
  std::set<std::string> new_accounts_;
};

// The changes of a batch. They are in the book at once, and the next batch may be judged on them
// before they are durable; they are taken back newest first.
class Draft {
 public:
  // `owned` has the accounts of the owners that the batch needs. `book` and `owned` must outlive
  // the draft.
  Draft(Book& book, const OwnedAccounts& owned) : book_(book), owned_(owned) {}

  // Sets the number of the entry that the next changes belong to.
  void Begin(int64_t number) { number_ = number; }
  int64_t number() const { return number_; }

  const std::optional<ledger::Account>& account(const std::string& key) const {
    return book_.accounts().value(key);
  }
  const std::optional<ledger::Person>& person(const std::string& key) const {
    return book_.persons().value(key);
  }
  const std::optional<std::string>& claim(const std::string& key) const {
    return book_.claims().value(key);
  }
  // All accounts of a person, including those that this batch has created.
  std::vector<std::string> AccountsOf(const std::string& psn_no) const;
  int64_t counter(const std::string& key) const { return book_.counters().value(key).value_or(0); }

  void SetAccount(const std::string& key, ledger::Account value);
  void SetPerson(const std::string& key, ledger::Person value);
  void SetClaim(const std::string& key, std::optional<std::string> value);
  void SetCounter(const std::string& key, int64_t value);

  // A place in the draft to go back to.
  struct Mark {
    size_t accounts = 0;
    size_t persons = 0;
    size_t claims = 0;
    size_t counters = 0;
  };
  Mark Here() const;
  // Takes back what was set since `mark`.
  void BackTo(const Mark& mark);
  // The changes since `mark` that do not follow from the postings of the entry.
  ledger::Effects Since(const Mark& mark) const;

 private:
  template <class T>
  struct Undo {
    typename Shelf<T>::Slot* slot;
    std::optional<T> old;
    int64_t old_changed_at;
  };
  template <class T>
  using Log = std::vector<Undo<T>>;

  template <class T>
  void Set(Shelf<T>& shelf, Log<T>& log, const std::string& key, std::optional<T> value);
  template <class T>
  static void BackTo(Shelf<T>& shelf, Log<T>& log, size_t size);

  Book& book_;
  const OwnedAccounts& owned_;
  int64_t number_ = 0;
  Log<ledger::Account> accounts_;
  Log<ledger::Person> persons_;
  Log<std::string> claims_;
  Log<int64_t> counters_;
};

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_RULES_BOOK_H_
