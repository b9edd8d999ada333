// Keys that are collected in any order and taken in order: runs are sorted as they fill and merged
// as they are taken, so that nobody ever waits for one long sort.
#ifndef GONGJI_SERVICES_WALLET_KEY_RUNS_H_
#define GONGJI_SERVICES_WALLET_KEY_RUNS_H_

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace gongji::wallet {

class KeyRuns {
 public:
  // A key may come more than once, and is taken as often.
  void Add(std::string key) {
    open_.push_back(std::move(key));
    if (open_.size() == kRun) Close();
  }

  // Takes the last Add back, if it was of `key` and can still be.
  void TakeBack(const std::string& key) {
    if (!open_.empty() && open_.back() == key) open_.pop_back();
  }

  bool empty() const { return open_.empty() && runs_.empty(); }

  // The first of all keys; there must be one.
  std::string TakeFirst() {
    Close();
    std::pop_heap(runs_.begin(), runs_.end(), Later);
    std::vector<std::string>& run = runs_.back();
    std::string key = std::move(run.back());
    run.pop_back();
    if (run.empty()) {
      runs_.pop_back();
    } else {
      std::push_heap(runs_.begin(), runs_.end(), Later);
    }
    return key;
  }

  // Moves all keys into `other`.
  void MoveTo(KeyRuns& other) {
    Close();
    other.Close();
    for (std::vector<std::string>& run : std::exchange(runs_, {})) other.Push(std::move(run));
  }

 private:
  // About a millisecond of sorting.
  static constexpr size_t kRun = 2048;

  static bool Later(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    return a.back() > b.back();
  }
  void Push(std::vector<std::string> run) {
    runs_.push_back(std::move(run));
    std::push_heap(runs_.begin(), runs_.end(), Later);
  }
  void Close() {
    if (open_.empty()) return;
    std::sort(open_.begin(), open_.end(), std::greater<>());
    Push(std::exchange(open_, {}));
  }

  std::vector<std::string> open_;  // as they came
  // A heap by their first keys; each has its first key at the end.
  std::vector<std::vector<std::string>> runs_;
};

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_KEY_RUNS_H_
