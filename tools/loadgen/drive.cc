#include "tools/loadgen/drive.h"

#include <sys/resource.h>

#include <algorithm>
#include <utility>

#include "services/common/join.h"

namespace gongji::load {
namespace {

constexpr int64_t kMostErrors = 100;

absl::Duration CpuTime() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return absl::DurationFromTimeval(usage.ru_utime) + absl::DurationFromTimeval(usage.ru_stime);
}

class Driver {
 public:
  Driver(Env& env, TaskScope& scope, Work work, Load load)
      : env_(env), scope_(scope), work_(std::move(work)), load_(load), over_(env) {}

  Task<Measured> Run() {
    std::vector<Task<bool>> loops;
    loops.reserve(static_cast<size_t>(load_.in_flight) + 1);
    for (int i = 0; i < load_.in_flight; ++i) loops.push_back(Loop());
    loops.push_back(Watch());
    co_await Join(env_, scope_, std::move(loops));
    std::sort(measured_.latencies.begin(), measured_.latencies.end());
    co_return std::move(measured_);
  }

 private:
  Task<bool> Loop() {
    while (!stopping_) {
      const absl::Duration start = env_.Monotonic();
      const std::optional<Done> done = co_await work_(calls_++);
      if (!done.has_value()) {
        Stop();
        break;
      }
      Record(*done, env_.Monotonic() - start);
    }
    co_return true;
  }

  // Begins and ends the measured time.
  Task<bool> Watch() {
    co_await Sleep(env_, load_.warm_up);
    measuring_ = true;
    const absl::Duration start = env_.Monotonic();
    const absl::Duration cpu = CpuTime();
    env_.After(load_.time, [over = over_] { over.Set(true); });
    co_await over_.future();
    measured_.time = env_.Monotonic() - start;
    measured_.cpu = CpuTime() - cpu;
    measuring_ = false;
    stopping_ = true;
    co_return true;
  }

  void Record(const Done& done, absl::Duration latency) {
    measured_.items_in_all += done.items;
    if (measuring_) {
      ++measured_.calls;
      measured_.items += done.items;
      measured_.latencies.push_back(latency);
    }
    for (const std::string& error : done.errors) {
      ++measured_.errors[error];
      if (++errors_ >= kMostErrors) Stop();
    }
  }

  void Stop() {
    stopping_ = true;
    over_.Set(true);
  }

  Env& env_;
  TaskScope& scope_;
  const Work work_;
  const Load load_;
  const Promise<bool> over_;
  Measured measured_;
  int64_t calls_ = 0;
  int64_t errors_ = 0;
  bool measuring_ = false;
  bool stopping_ = false;
};

}  // namespace

Task<Measured> Drive(Env& env, TaskScope& scope, Work work, Load load) {
  Driver driver(env, scope, std::move(work), load);
  co_return co_await driver.Run();
}

}  // namespace gongji::load
