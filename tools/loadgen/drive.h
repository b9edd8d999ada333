// A closed loop: so many calls in flight, each followed by the next as soon as it is answered.
#ifndef GONGJI_TOOLS_LOADGEN_DRIVE_H_
#define GONGJI_TOOLS_LOADGEN_DRIVE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "services/common/env.h"
#include "services/common/task.h"

namespace gongji::load {

// What one call did.
struct Done {
  // Bills, transfers or messages it carried.
  int64_t items = 0;
  // One for each item that was not answered as it should be; short and from a fixed set.
  std::vector<std::string> errors;
};

// Makes the call with this number, 0, 1, 2 ...; nothing: there is no more to do.
using Work = std::function<Task<std::optional<Done>>(int64_t number)>;

struct Load {
  int in_flight = 1;
  // Not measured, so that connections, caches and batches have found their size.
  absl::Duration warm_up;
  absl::Duration time;
};

struct Measured {
  // Shorter than asked for if the work came to its end.
  absl::Duration time;
  int64_t calls = 0;
  int64_t items = 0;
  // Warm-up and last calls included: what the servers' counters are divided by.
  int64_t items_in_all = 0;
  // CPU time of this process while measuring.
  absl::Duration cpu;
  std::vector<absl::Duration> latencies;  // of calls, rising
  // By name; over the whole run.
  std::map<std::string, int64_t> errors;
};

// Runs `work` under `load` and returns when the last call is answered. Gives up after a hundred
// errors. `env` and `scope` must outlive it.
Task<Measured> Drive(Env& env, TaskScope& scope, Work work, Load load);

}  // namespace gongji::load

#endif  // GONGJI_TOOLS_LOADGEN_DRIVE_H_
