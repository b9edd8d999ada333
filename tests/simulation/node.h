// A node: one incarnation of a process with its own clocks. It ends by a crash at any event: its
// executor stops, then its frames are destroyed.
#ifndef GONGJI_TESTS_SIMULATION_NODE_H_
#define GONGJI_TESTS_SIMULATION_NODE_H_

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/common/env.h"
#include "services/common/metrics.h"
#include "services/common/route.h"
#include "services/common/task.h"
#include "tests/simulation/world.h"

namespace gongji::simulation {

// How far a node's clocks are from the world's.
struct Skew {
  absl::Duration wall = absl::ZeroDuration();
  absl::Duration business = absl::ZeroDuration();
  // If true, business time passes only by being set, so that a story's hours do not depend on how
  // long faults hold it up.
  bool business_stands = false;
};

// The Env of one incarnation.
class NodeEnv final : public Env {
 public:
  // `skew` is the host's and survives the process.
  NodeEnv(World& world, absl::Time start, const Skew& skew)
      : world_(world), start_(start), skew_(skew), alive_(std::make_shared<bool>(true)) {}

  void Post(Callback callback) override { After(absl::ZeroDuration(), std::move(callback)); }
  void After(absl::Duration delay, Callback callback) override {
    world_.At(delay, [alive = alive_, callback = std::move(callback)]() mutable {
      if (*alive) callback();
    });
  }
  absl::Time Now() override { return start_ + world_.now() + skew_.wall; }
  absl::Time BusinessNow() override {
    const absl::Duration passed = skew_.business_stands ? absl::ZeroDuration() : world_.now();
    return start_ + passed + skew_.business;
  }
  absl::Duration Monotonic() override { return world_.now(); }
  uint64_t Random() override { return world_.Random(); }

  const std::shared_ptr<bool>& alive() const { return alive_; }

 private:
  World& world_;
  const absl::Time start_;
  const Skew& skew_;
  std::shared_ptr<bool> alive_;
};

// Counts events as marks of the world.
class MarkMetrics final : public Metrics {
 public:
  explicit MarkMetrics(World& world) : world_(world) {}

  Counter& counter(const std::string& name, const std::string& help, const Labels& labels) override;
  Gauge& gauge(const std::string& name, const std::string& help, const Labels& labels) override {
    return NullMetrics().gauge(name, help, labels);
  }
  Histogram& histogram(const std::string& name, const std::string& help, const Labels& labels,
                       const std::vector<double>& bounds) override {
    return NullMetrics().histogram(name, help, labels, bounds);
  }

 private:
  World& world_;
  std::map<std::string, std::unique_ptr<Counter>> counters_;
};

// One incarnation. A derived class holds the service. Coroutines refer to members of the derived
// class, so Stop must be called before destruction.
class Instance {
 public:
  Instance(World& world, absl::Time start, const Skew& skew)
      : env_(world, start, skew), scope_(std::make_unique<TaskScope>()) {}
  virtual ~Instance() = default;
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  NodeEnv& env() { return env_; }
  TaskScope& scope() { return *scope_; }
  bool serving() const { return serving_; }

  // Serves once `start` has succeeded.
  void Boot(Task<absl::Status> start) { scope_->Spawn(Start(std::move(start))); }

  // Keeps `attachment`, which serves this incarnation besides its own methods, alive as long as the
  // incarnation.
  void Attach(std::shared_ptr<void> attachment) { attachment_ = std::move(attachment); }
  void* attachment() const { return attachment_.get(); }

  // Where this incarnation is called: two of one host have different addresses.
  const std::string& address() const { return address_; }
  void ListenAt(std::string address) { address_ = std::move(address); }

  // The way of this incarnation's calls to the services on `host`, which may run at two addresses.
  Route& RouteTo(const std::string& host) {
    return routes_.try_emplace(host, std::vector<std::string>{host + "/0", host + "/1"})
        .first->second;
  }

  void Stop() {
    *env_.alive() = false;
    serving_ = false;
    scope_.reset();
  }

 private:
  Task<void> Start(Task<absl::Status> start) { serving_ = (co_await std::move(start)).ok(); }

  NodeEnv env_;
  std::unique_ptr<TaskScope> scope_;
  std::shared_ptr<void> attachment_;
  std::string address_;
  std::map<std::string, Route> routes_;
  bool serving_ = false;
};

}  // namespace gongji::simulation

#endif  // GONGJI_TESTS_SIMULATION_NODE_H_
