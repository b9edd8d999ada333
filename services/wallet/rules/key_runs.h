// A collection of keys that are added in any order and taken in key order. Runs are sorted as they
// fill and merged as they are taken, so that nobody ever waits for one long sort.
#ifndef GONGJI_SERVICES_WALLET_RULES_KEY_RUNS_H_
#define GONGJI_SERVICES_WALLET_RULES_KEY_RUNS_H_

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace gongji::wallet {

// `Slot` has its key in `first`, which stays where it is while the slot is in here.
template <class Slot>
class KeyRuns {
 public:
  // A slot may be added more than once and is then taken as often.
  void Add(Slot* slot) {
    if (open_.size() == kRun) Close();
    open_.push_back(slot);
  }

  // Takes back the last Add and returns true, if it added `slot` to the run that is still open.
  bool TakeBack(Slot* slot) {
    if (open_.empty() || open_.back() != slot) return false;
    open_.pop_back();
    return true;
  }

  bool empty() const { return open_.empty() && runs_.empty(); }

  // Removes and returns the slot with the first of all keys; there must be one.
  Slot* TakeFirst() {
    Close();
    std::pop_heap(runs_.begin(), runs_.end(), Later);
    Run& run = runs_.back();
    Slot* slot = run.back();
    run.pop_back();
    if (run.empty()) {
      runs_.pop_back();
    } else {
      std::push_heap(runs_.begin(), runs_.end(), Later);
    }
    return slot;
  }

  // Moves all slots into `other`.
  void MoveTo(KeyRuns& other) {
    Close();
    other.Close();
    for (Run& run : std::exchange(runs_, {})) other.Push(std::move(run));
  }

 private:
  // About a millisecond of sorting.
  static constexpr size_t kRun = 2048;
  using Run = std::vector<Slot*>;

  static bool Later(const Run& a, const Run& b) { return a.back()->first > b.back()->first; }
  void Push(Run run) {
    runs_.push_back(std::move(run));
    std::push_heap(runs_.begin(), runs_.end(), Later);
  }
  void Close() {
    if (open_.empty()) return;
    std::sort(open_.begin(), open_.end(),
              [](const Slot* a, const Slot* b) { return a->first > b->first; });
    Push(std::exchange(open_, {}));
  }

  Run open_;  // in the order of Add
  // A heap by their first keys; each has its first key at the end.
  std::vector<Run> runs_;
};

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_RULES_KEY_RUNS_H_
