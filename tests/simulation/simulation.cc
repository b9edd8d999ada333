#include "tests/simulation/simulation.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/business_day.h"
#include "tests/simulation/checker.h"
#include "tests/simulation/cluster.h"
#include "tests/simulation/workload.h"
#include "tests/simulation/world.h"

namespace gongji::simulation {
namespace {

constexpr absl::Duration kFaultPhase = absl::Seconds(12);
// P20: after the last fault everything ends within this. Clocks that were ahead may hold steps
// back until the others have caught up, which healing sets right at once.
constexpr absl::Duration kQuietWithin = absl::Seconds(30);
// Stops a seed that goes in circles.
constexpr int kMaxEvents = 400'000;

class Simulation {
 public:
  Simulation(uint64_t seed, const policy::PolicyBook& book, bool trace)
      : world_(seed),
        cluster_(world_, book, DrawStart(world_)),
        workload_(cluster_),
        checker_(cluster_, workload_) {
    if (trace) world_.PrintTrace();
  }

  Outcome Run() {
    for (const std::string& host : kHosts) cluster_.Boot(host);
    cluster_.client().scope().Spawn(workload_.Found());
    if (!RunUntil(absl::Seconds(20), [this] { return workload_.founded(); })) {
      return Finish({"the cluster does not start without faults"});
    }
    DrawFaults();
    const absl::Duration end = world_.now() + kFaultPhase;
    ScheduleRequests();
    ScheduleFault();
    RunUntil(end, [] { return false; });
    Heal();
    if (!RunUntil(world_.now() + kQuietWithin, [this] { return Quiet(); })) {
      checker_.AtEnd();
      return Finish({absl::StrCat("P20: not quiet ", absl::FormatDuration(kQuietWithin),
                                  " after the last fault")});
    }
    checker_.AtEnd();
    return Finish({});
  }

 private:
  // Mostly in the open hours, sometimes as they begin or end.
  static absl::Time DrawStart(World& world) {
    const absl::Time morning = StartOf(BusinessDay(2026, 3, 2));
    const int draw = world.Below(10);
    if (draw == 0) return morning + absl::Hours(22) - absl::Seconds(6);
    if (draw == 1) return morning + absl::Hours(6) - absl::Seconds(6);
    return morning + absl::Hours(9) + absl::Minutes(30);
  }

  void DrawFaults() {
    Faults& faults = cluster_.faults();
    faults.longest_delay = world_.Between(absl::Milliseconds(2), absl::Milliseconds(1500));
    // A quarter of the seeds has a quiet network, so that other faults act alone.
    if (!world_.Percent(25)) {
      faults.lose_percent = world_.Below(20);
      faults.duplicate_percent = world_.Below(20);
    }
    // In a third of the seeds clocks stay right, so that spans of time can be checked (P26).
    right_clocks_ = world_.Percent(33);
    faults.longest_disk = world_.Between(absl::Milliseconds(1), absl::Milliseconds(60));
  }

  void ScheduleRequests() {
    world_.At(world_.Between(absl::Milliseconds(1), absl::Milliseconds(500)), [this] {
      if (healed_) return;
      workload_.BeginRequest();
      if (world_.Percent(8)) workload_.PartFamily();
      ScheduleRequests();
    });
  }

  void ScheduleFault() {
    world_.At(world_.Between(absl::Milliseconds(50), absl::Milliseconds(1500)), [this] {
      if (healed_) return;
      StrikeOnce();
      ScheduleFault();
    });
  }

  void StrikeOnce() {
    const std::string& host = kHosts[static_cast<size_t>(world_.Below(5))];
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

  void CrashAndRestart(const std::string& host) {
    if (!cluster_.Runs(host)) return;
    world_.Mark("crashes");
    cluster_.Crash(host);
    world_.At(world_.Between(absl::ZeroDuration(), absl::Seconds(2)), [this, host] {
      if (!cluster_.Runs(host)) cluster_.Boot(host);
    });
  }

  void SecondWriter(const std::string& host) {
    if (!cluster_.Runs(host) || cluster_.Incarnations(host) > 1) return;
    world_.Mark("second writers");
    cluster_.Boot(host);
    world_.At(world_.Between(absl::Milliseconds(10), absl::Seconds(2)), [this, host] {
      if (cluster_.Incarnations(host) > 1) cluster_.EndOldest(host);
    });
  }

  void HurtRedis() {
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

  void JumpClock(const std::string& host) {
    if (right_clocks_) return;
    checker_.ClocksWereSet();
    world_.Mark("clock jumps");
    Skew& skew = cluster_.skew(host);
    skew.wall = world_.Between(-absl::Hours(48), absl::Hours(48));
    if (world_.Percent(50)) skew.business = world_.Between(-absl::Hours(1), absl::Hours(1));
    world_.At(world_.Between(absl::Milliseconds(100), absl::Seconds(3)),
              [this, host] { cluster_.skew(host) = {}; });
  }

  void CutOff(const std::string& host) {
    world_.Mark("partitions");
    cluster_.Cut(host, true);
    world_.At(world_.Between(absl::Milliseconds(50), absl::Seconds(3)),
              [this, host] { cluster_.Cut(host, false); });
  }

  void FillDisks() {
    world_.Mark("disks full");
    cluster_.faults().disk_full_percent = 50;
    world_.At(world_.Between(absl::Milliseconds(50), absl::Seconds(1)),
              [this] { cluster_.faults().disk_full_percent = 0; });
  }

  void Heal() {
    healed_ = true;
    world_.Trace("heal");
    const bool restart = world_.Percent(50);
    cluster_.faults() = {};
    cluster_.redis().away = false;
    for (const std::string& host : kHosts) {
      cluster_.Cut(host, false);
      cluster_.skew(host) = {};
      while (cluster_.Incarnations(host) > 1) cluster_.EndOldest(host);
      // In half of the seeds nothing is restarted: what runs must come to its end by itself.
      if (restart) cluster_.Crash(host);
      if (!cluster_.Runs(host)) cluster_.Boot(host);
    }
  }

  bool Quiet() {
    if (!workload_.Quiet()) return false;
    const auto& cursors = cluster_.settlement_disk().cursors;
    const auto cursor = cursors.find(settlement::kRelationStream);
    const int64_t followed = cursor == cursors.end() ? 0 : cursor->second;
    if (followed != cluster_.relation_disk().revision) return false;
    for (const auto& [id, bytes] : cluster_.settlement_disk().operations) {
      settlement::Operation operation;
      settlement::DecodeOperation(bytes, operation);
      if (operation.state == settlement::State::kDeciding ||
          operation.state == settlement::State::kCompleting) {
        return false;
      }
    }
    return true;
  }

  template <class Done>
  bool RunUntil(absl::Duration until, Done done) {
    for (int events = 0; events < kMaxEvents; ++events) {
      if (!world_.Step(until)) return done();
      checker_.AfterEvent();
      if (!checker_.violations().empty()) return true;
      // Looking is dear, so not after every event.
      if (events % 16 == 0 && done()) return true;
    }
    return false;
  }

  Outcome Finish(std::vector<std::string> violations) {
    for (const std::string& violation : checker_.violations()) violations.push_back(violation);
    for (const auto& [id, request] : workload_.requests()) {
      static constexpr const char* kKinds[] = {"settlements ", "transfers ", "ends of quota ",
                                               "cancels "};
      world_.Mark(absl::StrCat(kKinds[request.wish.index()],
                               request.told.substr(0, request.told.find(' '))));
    }
    return {std::move(violations), world_.trace_hash(), world_.marks()};
  }

  World world_;
  Cluster cluster_;
  Workload workload_;
  Checker checker_;
  limits::MemoryCounters snapshot_;
  bool healed_ = false;
  bool right_clocks_ = false;
};

}  // namespace

Outcome RunSeed(uint64_t seed, const policy::PolicyBook& book, bool trace) {
  return Simulation(seed, book, trace).Run();
}

}  // namespace gongji::simulation
