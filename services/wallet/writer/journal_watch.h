// Lets callers wait for entries that do not exist yet.
#ifndef GONGJI_SERVICES_WALLET_WRITER_JOURNAL_WATCH_H_
#define GONGJI_SERVICES_WALLET_WRITER_JOURNAL_WATCH_H_

#include <algorithm>
#include <cstdint>

#include "absl/time/time.h"
#include "services/common/env.h"
#include "services/common/event.h"
#include "services/common/task.h"

namespace gongji::wallet {

// All on the executor thread.
class JournalWatch {
 public:
  explicit JournalWatch(Env& env) : env_(env), changed_(env) {}

  // Entries up to `last_number` are durable.
  void Advance(int64_t last_number) {
    last_number_ = std::max(last_number_, last_number);
    changed_.Notify();
  }

  // Returns once an entry with a number greater than `number` is durable, at the time `until` of
  // the wall clock, or after Stop.
  Task<void> WaitForEntryAfter(int64_t number, absl::Time until) {
    while (last_number_ <= number && !stopped_) {
      const absl::Duration left = until - env_.Now();
      if (left <= absl::ZeroDuration()) co_return;
      if (!co_await changed_.WaitFor(left)) co_return;
    }
  }

  // This process appends nothing any more: ends all waiting, now and from now on.
  void Stop() {
    stopped_ = true;
    changed_.Notify();
  }

 private:
  Env& env_;
  Event changed_;
  int64_t last_number_ = 0;
  bool stopped_ = false;
};

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_WRITER_JOURNAL_WATCH_H_
