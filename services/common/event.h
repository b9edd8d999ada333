// Event: lets coroutines wait until something happens the next time.
#ifndef GONGJI_SERVICES_COMMON_EVENT_H_
#define GONGJI_SERVICES_COMMON_EVENT_H_

#include <cstdint>
#include <map>

#include "absl/time/time.h"
#include "services/common/env.h"
#include "services/common/task.h"

namespace gongji {

// Use it on the executor thread only. An event remembers nothing: code that waits for a state
// checks the state first, and again after each event.
class Event {
 public:
  explicit Event(Env& env) : env_(env) {}
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  // Returns after the next Notify.
  Task<void> Wait() {
    const Promise<bool> notified(env_);
    waiting_.emplace(next_key_++, notified);
    co_await notified.future();
  }

  // Like Wait, but returns false once `longest` of monotonic time has passed without a Notify.
  Task<bool> WaitFor(absl::Duration longest) {
    const Promise<bool> notified(env_);
    const int64_t key = next_key_++;
    waiting_.emplace(key, notified);
    env_.After(longest, [notified] { notified.Set(false); });
    const bool happened = co_await notified.future();
    waiting_.erase(key);  // still listed if the time has passed
    co_return happened;
  }

  // Resumes, in a later tick of the executor, all that wait now, in the order in which they began.
  void Notify() {
    std::map<int64_t, Promise<bool>> notified;
    notified.swap(waiting_);
    for (const auto& [key, promise] : notified) promise.Set(true);
  }

 private:
  Env& env_;
  int64_t next_key_ = 0;
  std::map<int64_t, Promise<bool>> waiting_;
};

}  // namespace gongji

#endif  // GONGJI_SERVICES_COMMON_EVENT_H_
