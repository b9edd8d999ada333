#include "tests/simulation/simulation.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/business_day.h"
#include "tests/simulation/checker.h"
#include "tests/simulation/cluster.h"
#include "tests/simulation/residents.h"
#include "tests/simulation/rules.h"
#include "tests/simulation/storm.h"
#include "tests/simulation/workload.h"
#include "tests/simulation/world.h"

namespace gongji::simulation {
namespace {

constexpr absl::Duration kFaultPhase = absl::Seconds(12);
// P20: after the last fault everything ends within this. Clocks that were ahead could hold steps
// back until the others have caught up, but healing sets all clocks right at once.
constexpr absl::Duration kQuietWithin = absl::Seconds(30);
// Every tenth seed uses the real store, which is slower than the one in memory.
constexpr uint64_t kSqliteEvery = 10;
// Stops a seed that goes in circles.
constexpr int kMaxEvents = 400'000;

class Simulation {
 public:
  Simulation(uint64_t seed, const std::vector<policy::PolicyText>& shipped, bool trace)
      : world_(seed),
        rules_(world_, shipped),
        cluster_(world_, rules_.book(), DrawStart(world_), seed % kSqliteEvery == 0),
        workload_(cluster_, &rules_),
        checker_(cluster_, workload_, &rules_),
        storm_(cluster_, [this] { checker_.ClocksWereSet(); }) {
    if (trace) world_.PrintTrace();
    cluster_.SetRules(ResidentRules());
    // In half of the seeds during the faults, otherwise never.
    const bool turns = world_.Percent(50);
    cluster_.TurnYearAt(turns ? cluster_.start() + world_.Between(absl::Seconds(1), kFaultPhase)
                              : absl::InfiniteFuture());
  }

  Outcome Run() {
    for (const std::string& host : kHosts) cluster_.Boot(host);
    cluster_.client().scope().Spawn(workload_.CreateFamilies());
    if (!RunUntil(absl::Seconds(20), [this] { return workload_.founded(); })) {
      return Finish({"the cluster does not start without faults"});
    }
    storm_.Begin();
    const absl::Duration end = world_.now() + kFaultPhase;
    ScheduleRequests();
    RunUntil(end, [] { return false; });
    healed_ = true;
    storm_.Heal();
    if (!RunUntil(world_.now() + kQuietWithin, [this] { return Quiet(); })) {
      checker_.AtEnd();
      return Finish({absl::StrCat("P20: not quiet ", absl::FormatDuration(kQuietWithin),
                                  " after the last fault")});
    }
    checker_.AtEnd();
    return Finish({});
  }

 private:
  // Mostly in the hours of transfers, sometimes when they begin or end.
  static absl::Time DrawStart(World& world) {
    const absl::Time morning = StartOf(FirstDay());
    const int draw = world.Below(12);
    // Where transfers end at 09:31 (rules.cc).
    if (draw == 2) return morning + absl::Hours(9) + absl::Minutes(31) - absl::Seconds(6);
    if (draw == 0) return morning + absl::Hours(22) - absl::Seconds(6);
    if (draw == 1) return morning + absl::Hours(6) - absl::Seconds(6);
    return morning + absl::Hours(9) + absl::Minutes(30);
  }

  void ScheduleRequests() {
    world_.At(world_.Between(absl::Milliseconds(1), absl::Milliseconds(500)), [this] {
      if (healed_) return;
      workload_.BeginRequest();
      if (world_.Percent(8)) workload_.PartFamily();
      if (world_.Percent(25)) workload_.BeginDirectWrite();
      ScheduleRequests();
    });
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
      // The check is expensive, so it is not made after every event.
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
  const DrawnRules rules_;
  Cluster cluster_;
  Workload workload_;
  Checker checker_;
  Storm storm_;
  bool healed_ = false;
};

}  // namespace

Outcome RunSeed(uint64_t seed, const std::vector<policy::PolicyText>& shipped, bool trace) {
  return Simulation(seed, shipped, trace).Run();
}

}  // namespace gongji::simulation
