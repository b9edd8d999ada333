// A mutex for coroutines: lets one after the other through, in the order in which they asked.
#ifndef GONGJI_SERVICES_COMMON_MUTEX_H_
#define GONGJI_SERVICES_COMMON_MUTEX_H_

#include <deque>
#include <utility>

#include "services/common/env.h"
#include "services/common/task.h"

namespace gongji {

// Use it on the executor thread only. There is no guard that unlocks by itself: when a crash
// destroys suspended frames, their destructors must not resume anybody.
class Mutex {
 public:
  explicit Mutex(Env& env) : env_(env) {}

  // Waits until no other coroutine holds the mutex.
  Task<void> Lock() {
    if (!std::exchange(locked_, true)) co_return;
    const Promise<bool> handed_over(env_);
    waiting_.push_back(handed_over);
    co_await handed_over.future();
  }

  // Only for the holder. The coroutine that has waited longest becomes the next holder.
  void Unlock() {
    if (waiting_.empty()) {
      locked_ = false;
      return;
    }
    waiting_.front().Set(true);
    waiting_.pop_front();
  }

 private:
  Env& env_;
  bool locked_ = false;
  std::deque<Promise<bool>> waiting_;
};

}  // namespace gongji

#endif  // GONGJI_SERVICES_COMMON_MUTEX_H_
