// What goes wrong in a seed: crashes, partitions, lost messages, second writers, lost counters,
// full disks and wrong clocks, until it is healed.
#ifndef GONGJI_TESTS_SIMULATION_STORM_H_
#define GONGJI_TESTS_SIMULATION_STORM_H_

#include <functional>
#include <string>

#include "tests/simulation/cluster.h"
#include "tests/simulation/world.h"

namespace gongji::simulation {

class Storm {
 public:
  // Clocks jump only if somebody wants to know: `on_clock_set` is called each time. Without
  // `old_counters` Redis forgets, but never comes back with what it knew before: then what limits
  // tells, which is advice, would be too high for a while.
  explicit Storm(Cluster& cluster, std::function<void()> on_clock_set = nullptr,
                 bool old_counters = true);

  // Draws how bad the seed's network and disks are, and strikes from now on.
  void Begin();

  // Nothing goes wrong any more; what is down is started. In half of the seeds everything is
  // restarted, in the others what runs must come to its end by itself.
  void Heal();

 private:
  void ScheduleFault();
  void StrikeOnce();
  void CrashAndRestart(const std::string& host);
  void SecondWriter(const std::string& host);
  void HurtRedis();
  void JumpClock(const std::string& host);
  void CutOff(const std::string& host);
  void FillDisks();

  Cluster& cluster_;
  World& world_;
  const std::function<void()> on_clock_set_;
  const bool old_counters_;
  limits::MemoryCounters snapshot_;
  bool right_clocks_ = false;
  bool healed_ = false;
};

}  // namespace gongji::simulation

#endif  // GONGJI_TESTS_SIMULATION_STORM_H_
