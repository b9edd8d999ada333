// Env: the interface through which a service sees the world: time, chance, and the order in which
// its code runs. A process has one real Env (rpc/runtime.h); in the simulator it is seeded and
// hostile.
#ifndef GONGJI_SERVICES_COMMON_ENV_H_
#define GONGJI_SERVICES_COMMON_ENV_H_

#include <cstdint>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"

namespace gongji {

class Env {
 public:
  using Callback = absl::AnyInvocable<void()>;

  virtual ~Env() = default;

  // Runs `callback` on the executor thread in a later tick, in the order of posting. This is the
  // only method that any thread may call. After the executor has stopped, callbacks are dropped.
  virtual void Post(Callback callback) = 0;

  // Runs `callback` on the executor thread once `delay` of monotonic time has passed.
  virtual void After(absl::Duration delay, Callback callback) = 0;

  // Wall clock, for deadlines that travel between processes (decide_by, not_after). It may jump
  // either way; nothing may be lost or created by a jump (P27).
  virtual absl::Time Now() = 0;

  // Business time, which decides business day, transfer window, policy dates and the time written
  // into bookings. Equal to Now() in production; set by --business_time on a development clock.
  virtual absl::Time BusinessNow() = 0;

  // Never runs backwards within a process; for measuring only.
  virtual absl::Duration Monotonic() = 0;

  // Uniform over all 64-bit values. Not for secrets.
  virtual uint64_t Random() = 0;
};

}  // namespace gongji

#endif  // GONGJI_SERVICES_COMMON_ENV_H_
