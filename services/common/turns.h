// Turns: lets one coroutine after the other through, in the order in which they asked.
#ifndef GONGJI_SERVICES_COMMON_TURNS_H_
#define GONGJI_SERVICES_COMMON_TURNS_H_

#include <deque>
#include <utility>

#include "services/common/env.h"
#include "services/common/task.h"

namespace gongji {

// All on the executor thread. No guard gives a turn back by itself: frames that a crash destroys do
// nothing any more.
class Turns {
 public:
  explicit Turns(Env& env) : env_(env) {}

  // Waits until nobody else has the turn.
  Task<void> Take() {
    if (!std::exchange(taken_, true)) co_return;
    const Promise<bool> turn(env_);
    waiting_.push_back(turn);
    co_await turn.future();
  }

  // Whoever has taken it gives it back.
  void Give() {
    if (waiting_.empty()) {
      taken_ = false;
      return;
    }
    waiting_.front().Set(true);
    waiting_.pop_front();
  }

 private:
  Env& env_;
  bool taken_ = false;
  std::deque<Promise<bool>> waiting_;
};

}  // namespace gongji

#endif  // GONGJI_SERVICES_COMMON_TURNS_H_
