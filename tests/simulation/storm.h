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
  // Clocks jump only if there is an `on_clock_set`, which is called each time. Without
  // `old_counters` Redis may forget, but never comes back with an older state: with that, limits'
  // answers, which are advice, would be too high for a while.
  explicit Storm(Cluster& cluster, std::function<void()> on_clock_set = nullptr,
                 bool old_counters = true);

  // Draws how bad the seed's network and disks are, and causes faults from now on.
  void Begin();

  // Ends all faults and starts the hosts that are down. In half of the seeds everything is
  // restarted; in the others, operations under way must come to their end by themselves.
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
