// A closed loop: a fixed number of calls is in flight, and each is followed by the next as soon as
// it is answered.
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

// The result of one call.
struct Done {
  // How many bills, transfers or messages it carried.
  int64_t items = 0;
  // One for each item with a wrong answer; a short text from a fixed set.
  std::vector<std::string> errors;
};

// Makes the call with this number, 0, 1, 2 ...; returns nothing if there is no more to do.
using Work = std::function<Task<std::optional<Done>>(int64_t number)>;

struct Load {
  int in_flight = 1;
  // Time before measuring begins, in which connections, caches and batches find their size.
  absl::Duration warm_up;
  absl::Duration time;
};

struct Measured {
  // The measured time, which is shorter than asked for if the work came to its end.
  absl::Duration time;
  int64_t calls = 0;
  int64_t items = 0;
  // Including those of the warm-up and of the last calls; the servers' counters are divided by
  // this.
  int64_t items_in_all = 0;
  // CPU time of this process while measuring.
  absl::Duration cpu;
  std::vector<absl::Duration> latencies;  // of calls, in ascending order
  // Counts by name, over the whole run.
  std::map<std::string, int64_t> errors;
};

// Runs `work` under `load` and returns when the last call is answered. Gives up after a hundred
// errors. `env` and `scope` must outlive it.
Task<Measured> Drive(Env& env, TaskScope& scope, Work work, Load load);

}  // namespace gongji::load

#endif  // GONGJI_TOOLS_LOADGEN_DRIVE_H_
