#include "tests/simulation/storm.h"

#include <string>
#include <utility>

namespace gongji::simulation {

Storm::Storm(Cluster& cluster, std::function<void()> on_clock_set, bool old_counters)
    : cluster_(cluster),
      world_(cluster.world()),
      on_clock_set_(std::move(on_clock_set)),
      old_counters_(old_counters) {}

void Storm::Begin() {
  Faults& faults = cluster_.faults();
  faults.longest_delay = world_.Between(absl::Milliseconds(2), absl::Milliseconds(1500));
  // A quarter of the seeds has a quiet network, so that other faults act alone.
  if (!world_.Percent(25)) {
    faults.lose_percent = world_.Below(20);
    faults.duplicate_percent = world_.Below(20);
  }
  // In a third of the seeds clocks stay right, so that spans of time can be checked (P26).
  right_clocks_ = !on_clock_set_ || world_.Percent(33);
  faults.longest_disk = world_.Between(absl::Milliseconds(1), absl::Milliseconds(60));
  ScheduleFault();
}

void Storm::ScheduleFault() {
  world_.At(world_.Between(absl::Milliseconds(50), absl::Milliseconds(1500)), [this] {
    if (healed_) return;
    StrikeOnce();
    ScheduleFault();
  });
}

void Storm::StrikeOnce() {
  const std::string& host =
      kHosts[static_cast<size_t>(world_.Below(static_cast<int>(kHosts.size())))];
  switch (world_.Below(9)) {
    case 0:
    case 1:
    case 2:
      return CrashAndRestart(host);
    case 3:
      return SecondWriter(host);
    case 4:
      return HurtRedis();
    case 5:
      return JumpClock(host);
    case 6:
      return CutOff(host);
    case 7:
      return FillDisks();
    default:
      for (const std::string& each : kHosts) CrashAndRestart(each);
      world_.Mark("crashes of everything");
  }
}

void Storm::CrashAndRestart(const std::string& host) {
  if (!cluster_.Runs(host)) return;
  world_.Mark("crashes");
  cluster_.Crash(host);
  world_.At(world_.Between(absl::ZeroDuration(), absl::Seconds(2)), [this, host] {
    if (!cluster_.Runs(host)) cluster_.Boot(host);
  });
}

void Storm::SecondWriter(const std::string& host) {
  if (!cluster_.Runs(host) || cluster_.Incarnations(host) > 1) return;
  world_.Mark("second writers");
  cluster_.Boot(host);
  world_.At(world_.Between(absl::Milliseconds(10), absl::Seconds(2)), [this, host] {
    if (cluster_.Incarnations(host) > 1) cluster_.EndOldest(host);
  });
}

void Storm::HurtRedis() {
  limits::MemoryCounters& redis = cluster_.redis();
  switch (world_.Below(4)) {
    case 0:
      world_.Mark("redis flushed");
      redis = {};
      break;
    case 1:
      world_.Mark("redis snapshots taken");
      snapshot_ = redis;
      break;
    case 2:
      if (!old_counters_) break;
      world_.Mark("redis set back");
      redis = snapshot_;
      break;
    default:
      world_.Mark("redis away");
      redis.away = true;
      world_.At(world_.Between(absl::Milliseconds(100), absl::Seconds(2)),
                [this] { cluster_.redis().away = false; });
  }
}

void Storm::JumpClock(const std::string& host) {
  if (right_clocks_) return;
  on_clock_set_();
  world_.Mark("clock jumps");
  Skew& skew = cluster_.skew(host);
  skew.wall = world_.Between(-absl::Hours(48), absl::Hours(48));
  if (world_.Percent(50)) skew.business = world_.Between(-absl::Hours(1), absl::Hours(1));
  world_.At(world_.Between(absl::Milliseconds(100), absl::Seconds(3)),
            [this, host] { cluster_.skew(host) = {}; });
}

void Storm::CutOff(const std::string& host) {
  world_.Mark("partitions");
  cluster_.Cut(host, true);
  world_.At(world_.Between(absl::Milliseconds(50), absl::Seconds(3)),
            [this, host] { cluster_.Cut(host, false); });
}

void Storm::FillDisks() {
  world_.Mark("disks full");
  cluster_.faults().disk_full_percent = 50;
  world_.At(world_.Between(absl::Milliseconds(50), absl::Seconds(1)),
            [this] { cluster_.faults().disk_full_percent = 0; });
}

void Storm::Heal() {
  healed_ = true;
  world_.Trace("heal");
  const bool restart = world_.Percent(50);
  cluster_.faults() = {};
  cluster_.redis().away = false;
  for (const std::string& host : kHosts) {
    cluster_.Cut(host, false);
    if (!right_clocks_) cluster_.skew(host) = {};
    while (cluster_.Incarnations(host) > 1) cluster_.EndOldest(host);
    // In half of the seeds nothing is restarted: what runs must come to its end by itself.
    if (restart) cluster_.Crash(host);
    if (!cluster_.Runs(host)) cluster_.Boot(host);
  }
}

}  // namespace gongji::simulation
