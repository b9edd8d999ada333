// Batcher: gathers the requests that wait at a boundary (a disk commit, a Redis round trip, a call
// to a peer) and runs them as one unit. No timers: a lone request leaves at once; under load,
// requests that arrive while units are in flight leave together in the next one.
#ifndef GONGJI_SERVICES_COMMON_BATCHER_H_
#define GONGJI_SERVICES_COMMON_BATCHER_H_

#include <algorithm>
#include <deque>
#include <functional>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "services/common/env.h"
#include "services/common/errors/reasons.h"
#include "services/common/metrics.h"
#include "services/common/task.h"

namespace gongji {

struct BatcherOptions {
  // The most requests that wait in the first lane; the background may hold half as many besides. A
  // further request is refused at once with QUEUE_FULL, not final.
  size_t max_queue = 4096;
  // The most requests in one unit. 16 to 64 gain most of what batching can (a commit at 256 takes
  // 8-14 ms on the measured machine), so 256 bounds latency rather than throughput.
  size_t max_batch = 256;
  // The most units in flight. They start in the order of requests, but only 1 also keeps that
  // order.
  int max_in_flight = 1;
  // The most units in flight while a whole unit could start. Set it above `max_in_flight` if a unit
  // has stages that can overlap: starting more small units would only make them smaller.
  int max_in_flight_if_full = 0;
  // The most background requests in one unit while there are others, now or a moment ago.
  size_t max_beside = 32;
};

// kBackground is for bulk files and internal jobs, so that interactive calls are not delayed.
enum class Lane { kFirst, kBackground };

// Metrics of one boundary; histograms of a null Metrics cost nothing.
struct BatcherMetrics {
  Histogram* batch_size = nullptr;
  Histogram* queue_wait_seconds = nullptr;
  Histogram* run_seconds = nullptr;

  // Named <prefix>_batch_size, <prefix>_queue_wait_seconds and <prefix>_seconds.
  static BatcherMetrics Of(Metrics& metrics, const std::string& prefix, const Labels& labels = {}) {
    return {.batch_size = &metrics.histogram(prefix + "_batch_size", "Requests in one unit", labels,
                                             SizeBounds()),
            .queue_wait_seconds =
                &metrics.histogram(prefix + "_queue_wait_seconds",
                                   "Wait of a unit's oldest request", labels, SecondsBounds()),
            .run_seconds = &metrics.histogram(prefix + "_seconds", "Time that one unit takes",
                                              labels, SecondsBounds())};
  }
};

template <class Request, class Result>
class Batcher {
 public:
  // Runs a batch; returns one result per request, in request order.
  using Unit = std::function<Task<std::vector<Result>>(std::vector<Request>)>;

  // `env` and `scope` must outlive the batcher.
  Batcher(Env& env, TaskScope& scope, BatcherOptions options, Unit unit,
          BatcherMetrics metrics = {})
      : env_(env), scope_(scope), options_(options), unit_(std::move(unit)), metrics_(metrics) {}

  // Waits for the unit that carries `request`. QUEUE_FULL: nothing was done.
  Task<absl::StatusOr<Result>> Call(Request request) {
    if (IsFull(Lane::kFirst)) co_return Refuse(reason::kQueueFull);
    const Promise<Result> result(env_);
    first_.push_back({std::move(request), result, env_.Monotonic()});
    SchedulePump();
    co_return co_await result.future();
  }

  // Like Call, for requests that came together; they may travel in different units. Returns one
  // result per request, in order.
  Task<std::vector<absl::StatusOr<Result>>> CallAll(std::vector<Request> requests,
                                                    Lane lane = Lane::kFirst) {
    std::deque<Item>& queue = lane == Lane::kFirst ? first_ : background_;
    std::vector<std::optional<Future<Result>>> futures;
    futures.reserve(requests.size());
    for (Request& request : requests) {
      if (IsFull(lane)) {
        futures.emplace_back(std::nullopt);
        continue;
      }
      const Promise<Result> result(env_);
      futures.emplace_back(result.future());
      queue.push_back({std::move(request), result, env_.Monotonic()});
    }
    SchedulePump();
    std::vector<absl::StatusOr<Result>> results;
    results.reserve(futures.size());
    for (auto& future : futures) {
      if (future.has_value()) {
        results.emplace_back(co_await std::move(*future));
      } else {
        results.emplace_back(Refuse(reason::kQueueFull));
      }
    }
    co_return results;
  }

  size_t waiting() const { return first_.size() + background_.size(); }

 private:
  static constexpr int kUnitsToForget = 8;

  struct Item {
    Request request;
    Promise<Result> result;
    absl::Duration since;
  };

  // The lanes are counted apart, so that neither can shut the other out.
  bool IsFull(Lane lane) const {
    return lane == Lane::kFirst ? first_.size() >= options_.max_queue
                                : background_.size() >= (options_.max_queue + 1) / 2;
  }

  bool MayStart() const {
    if (waiting() == 0) return false;
    if (in_flight_ < options_.max_in_flight) return true;
    return in_flight_ < options_.max_in_flight_if_full &&
           first_.size() + RoomBeside() >= options_.max_batch;
  }

  // How many background requests the next unit may take.
  size_t RoomBeside() const {
    // Callers that were just answered come back in a moment.
    const bool shared = !first_.empty() || units_without_first_ < kUnitsToForget;
    return std::min(background_.size(), shared ? options_.max_beside : options_.max_batch);
  }

  // Starts units in a later tick, so that all calls of this tick travel together.
  void SchedulePump() {
    if (pump_scheduled_ || !MayStart()) return;
    pump_scheduled_ = true;
    env_.Post([this] {
      pump_scheduled_ = false;
      while (MayStart()) {
        ++in_flight_;
        scope_.Spawn(RunUnit(TakeBatch()));
      }
    });
  }

  std::vector<Item> TakeBatch() {
    std::vector<Item> batch;
    const size_t beside = RoomBeside();
    // At least half of the unit is left to the first lane, so that neither lane starves the other.
    Move(first_, options_.max_batch - std::min(beside, options_.max_batch / 2), batch);
    units_without_first_ = batch.empty() ? std::min(units_without_first_ + 1, kUnitsToForget) : 0;
    Move(background_, std::min(options_.max_batch - batch.size(), beside), batch);
    return batch;
  }

  static void Move(std::deque<Item>& queue, size_t most, std::vector<Item>& batch) {
    const size_t count = std::min(queue.size(), most);
    const auto end = queue.begin() + static_cast<std::ptrdiff_t>(count);
    batch.insert(batch.end(), std::make_move_iterator(queue.begin()), std::make_move_iterator(end));
    queue.erase(queue.begin(), end);
  }

  Task<void> RunUnit(std::vector<Item> batch) {
    const absl::Duration start = env_.Monotonic();
    Observe(metrics_.batch_size, static_cast<double>(batch.size()));
    Observe(metrics_.queue_wait_seconds, absl::ToDoubleSeconds(start - batch.front().since));
    std::vector<Request> requests;
    requests.reserve(batch.size());
    for (Item& item : batch) requests.push_back(std::move(item.request));
    std::vector<Result> results = co_await unit_(std::move(requests));
    CHECK(results.size() == batch.size());
    for (size_t i = 0; i < batch.size(); ++i) batch[i].result.Set(std::move(results[i]));
    Observe(metrics_.run_seconds, absl::ToDoubleSeconds(env_.Monotonic() - start));
    --in_flight_;
    SchedulePump();
  }

  static void Observe(Histogram* histogram, double value) {
    if (histogram != nullptr) histogram->Observe(value);
  }

  Env& env_;
  TaskScope& scope_;
  const BatcherOptions options_;
  const Unit unit_;
  const BatcherMetrics metrics_;
  std::deque<Item> first_;
  std::deque<Item> background_;
  int units_without_first_ = kUnitsToForget;
  int in_flight_ = 0;
  bool pump_scheduled_ = false;
};

}  // namespace gongji

#endif  // GONGJI_SERVICES_COMMON_BATCHER_H_
