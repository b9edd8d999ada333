// The simulated world: one thread, virtual time, one seeded generator. Everything that happens is
// an event of its queue, so that a seed determines a whole history.
#ifndef GONGJI_TESTS_SIMULATION_WORLD_H_
#define GONGJI_TESTS_SIMULATION_WORLD_H_

#include <cstdint>
#include <functional>
#include <map>
#include <queue>
#include <random>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"

namespace gongji::simulation {

class World {
 public:
  using Event = absl::AnyInvocable<void()>;

  explicit World(uint64_t seed) : random_(seed) {}

  // Virtual time since the start.
  absl::Duration now() const { return now_; }

  void At(absl::Duration delay, Event event) {
    events_.push({now_ + delay, order_++, std::move(event)});
  }

  // Runs the next event; false if there is none before `until`.
  bool Step(absl::Duration until);

  uint64_t Random() { return random_(); }
  // Uniform in [0, below).
  int Below(int below) { return static_cast<int>(random_() % static_cast<uint64_t>(below)); }
  // True in `percent` of cases.
  bool Percent(int percent) { return Below(100) < percent; }
  // Uniform in [from, to).
  absl::Duration Between(absl::Duration from, absl::Duration to) {
    return from + absl::Microseconds(static_cast<int64_t>(
                      random_() % static_cast<uint64_t>(absl::ToInt64Microseconds(to - from))));
  }

  // Notes an event that is compared between two runs of a seed.
  void Trace(const std::string& what);
  uint64_t trace_hash() const { return trace_hash_; }
  void PrintTrace() { print_trace_ = true; }

  // Counts an event that must happen in some seeds, because otherwise the simulator does not test
  // it.
  void Mark(const std::string& what, int64_t count = 1) { marks_[what] += count; }
  const std::map<std::string, int64_t>& marks() const { return marks_; }

 private:
  struct Scheduled {
    absl::Duration due;
    uint64_t order;
    mutable Event event;
    bool operator<(const Scheduled& other) const {
      return due != other.due ? due > other.due : order > other.order;
    }
  };

  absl::Duration now_ = absl::ZeroDuration();
  uint64_t order_ = 0;
  std::priority_queue<Scheduled> events_;
  std::mt19937_64 random_;
  uint64_t trace_hash_ = 14695981039346656037ULL;
  bool print_trace_ = false;
  std::map<std::string, int64_t> marks_;
};

}  // namespace gongji::simulation

#endif  // GONGJI_TESTS_SIMULATION_WORLD_H_
