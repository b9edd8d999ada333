// An Env that a test steps by hand: virtual time, callbacks in order, a seeded generator. Nothing
// happens outside the Run methods, so tests neither wait nor depend on speed.
#ifndef GONGJI_SERVICES_COMMON_TESTING_MANUAL_ENV_H_
#define GONGJI_SERVICES_COMMON_TESTING_MANUAL_ENV_H_

#include <deque>
#include <map>
#include <optional>
#include <random>
#include <utility>

#include "services/common/env.h"
#include "services/common/errors/check.h"
#include "services/common/task.h"

namespace gongji {

class ManualEnv final : public Env {
 public:
  // Both clocks start at `start`; by default 2026-03-02 09:30 in China, a Monday.
  explicit ManualEnv(absl::Time start = absl::FromUnixSeconds(1772415000), uint64_t seed = 1)
      : wall_(start), business_(start), random_(seed) {}

  void Post(Callback callback) override { ready_.push_back(std::move(callback)); }
  void After(absl::Duration delay, Callback callback) override {
    timers_.emplace(monotonic_ + delay, std::move(callback));
  }
  absl::Time Now() override { return wall_; }
  absl::Time BusinessNow() override { return business_; }
  absl::Duration Monotonic() override { return monotonic_; }
  uint64_t Random() override { return random_(); }

  // Moves every clock forward and runs the timers that are due, in order.
  void Advance(absl::Duration by) {
    const absl::Duration until = monotonic_ + by;
    RunReady();
    while (!timers_.empty() && timers_.begin()->first <= until) RunNextTimer();
    MoveTo(until);
  }

  // Runs what is ready, without moving time.
  void RunReady() {
    while (!ready_.empty()) {
      Callback callback = std::move(ready_.front());
      ready_.pop_front();
      callback();
    }
  }

  // Runs until nothing is ready and no timer is left.
  void RunToEnd() {
    RunReady();
    while (!timers_.empty()) RunNextTimer();
  }

  // Runs `task` to its end, moving time from timer to timer as far as it takes.
  template <class T>
  T Wait(Task<T> task) {
    std::optional<T> result;
    TaskScope scope;
    scope.Spawn(Keep(std::move(task), result));
    RunReady();
    while (!result.has_value()) {
      CHECK(!timers_.empty());  // Otherwise the task waits for something that never comes.
      RunNextTimer();
    }
    return *std::move(result);
  }

  void SetBusinessTime(absl::Time time) { business_ = time; }

 private:
  template <class T>
  static Task<void> Keep(Task<T> task, std::optional<T>& result) {
    result.emplace(co_await std::move(task));
  }

  void RunNextTimer() {
    auto first = timers_.begin();
    MoveTo(first->first);
    Callback callback = std::move(first->second);
    timers_.erase(first);
    callback();
    RunReady();
  }

  void MoveTo(absl::Duration to) {
    wall_ += to - monotonic_;
    business_ += to - monotonic_;
    monotonic_ = to;
  }

  absl::Time wall_;
  absl::Time business_;
  absl::Duration monotonic_ = absl::ZeroDuration();
  std::mt19937_64 random_;
  std::deque<Callback> ready_;
  std::multimap<absl::Duration, Callback> timers_;
};

}  // namespace gongji

#endif  // GONGJI_SERVICES_COMMON_TESTING_MANUAL_ENV_H_
