// Backoff: how long to wait before something is tried again.
#ifndef GONGJI_SERVICES_COMMON_BACKOFF_H_
#define GONGJI_SERVICES_COMMON_BACKOFF_H_

#include <algorithm>
#include <cstdint>

#include "absl/time/time.h"
#include "services/common/env.h"
#include "services/common/task.h"

namespace gongji {

struct BackoffOptions {
  // The first pause is at most this long, each later one at most twice as long as the one before.
  absl::Duration first = absl::Milliseconds(20);
  absl::Duration longest = absl::Seconds(1);
  // The part of a pause that is certain, 0..1; the rest is random, so that callers that failed
  // together do not come back together. 0 spreads them best; more keeps a lone caller from
  // hurrying.
  double certain = 0.5;
};

// The pauses between the tries of one thing. It has no thread of its own; any one thread may use
// it.
class Backoff {
 public:
  explicit Backoff(BackoffOptions options = {}) : options_(options), longest_(options.first) {}

  // The next pause; `random` is uniform over 64 bits.
  absl::Duration Next(uint64_t random) {
    const double drawn = static_cast<double>(random % 1024) / 1024;
    const absl::Duration longest = std::min(longest_, options_.longest);
    longest_ = std::min(2 * longest, options_.longest);
    return longest * (options_.certain + (1 - options_.certain) * drawn);
  }

  // Suspends the caller for the next pause. The backoff must outlive it.
  Task<void> Pause(Env& env) { return Sleep(env, Next(env.Random())); }

  // Call it after a success: the next pause is a first one again.
  void Reset() { longest_ = options_.first; }

 private:
  BackoffOptions options_;
  absl::Duration longest_;
};

}  // namespace gongji

#endif  // GONGJI_SERVICES_COMMON_BACKOFF_H_
