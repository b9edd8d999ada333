#include "tests/simulation/world.h"

#include <cstdio>
#include <utility>

namespace gongji::simulation {

bool World::Step(absl::Duration until) {
  if (events_.empty() || events_.top().due > until) {
    now_ = until;
    return false;
  }
  now_ = events_.top().due;
  Event event = std::move(events_.top().event);
  events_.pop();
  event();
  return true;
}

void World::Trace(const std::string& what) {
  const auto add = [this](uint64_t byte) { trace_hash_ = (trace_hash_ ^ byte) * 1099511628211ULL; };
  const auto time = static_cast<uint64_t>(absl::ToInt64Microseconds(now_));
  for (int shift = 0; shift < 64; shift += 8) add((time >> shift) & 0xff);
  for (const char c : what) add(static_cast<unsigned char>(c));
  if (print_trace_) std::printf("%12.6f %s\n", absl::ToDoubleSeconds(now_), what.c_str());
}

}  // namespace gongji::simulation
