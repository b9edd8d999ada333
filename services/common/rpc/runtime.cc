#include "services/common/rpc/runtime.h"

#include <algorithm>
#include <ctime>
#include <utility>

#include "services/common/errors/check.h"
#include "services/common/rpc/runtime_internal.h"

namespace gongji::rpc {
namespace {

// Events that are taken from the queue before the callbacks that they made ready run: calls that
// arrived together then travel on together. More than the number of calls usually in flight.
constexpr int kEventsPerTurn = 256;

absl::Duration MonotonicNow() {
  timespec now;
  CHECK(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
  return absl::DurationFromTimespec(now);
}

gpr_timespec GprDeadline(absl::Duration from_now) {
  if (from_now == absl::InfiniteDuration()) return gpr_inf_future(GPR_CLOCK_MONOTONIC);
  // gRPC rounds "now" up to the next millisecond and would sleep that long in every tick.
  if (from_now <= absl::ZeroDuration()) return gpr_time_0(GPR_CLOCK_MONOTONIC);
  return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                      gpr_time_from_nanos(absl::ToInt64Nanoseconds(from_now), GPR_TIMESPAN));
}

}  // namespace

void RuntimeInternals::Wake::OnEvent(bool /*ok*/) {
  std::vector<Env::Callback> callbacks;
  {
    const std::lock_guard lock(internals.mutex);
    internals.wake_pending = false;
    callbacks.swap(internals.posted);
  }
  for (Env::Callback& callback : callbacks) internals.ready.push_back(std::move(callback));
}

Runtime::Runtime(RuntimeOptions options) : internals_(std::make_unique<RuntimeInternals>()) {
  internals_->started = absl::Now();
  internals_->monotonic_start = MonotonicNow();
  internals_->business_start = options.business_time;
  internals_->executor = std::this_thread::get_id();
}

Runtime::~Runtime() { Shutdown(); }

void Runtime::Shutdown() {
  if (std::exchange(internals_->shut_down, true)) return;
  internals_->queue->Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (internals_->queue->Next(&tag, &ok)) static_cast<Tag*>(tag)->OnEvent(false);
  internals_->ready.clear();
}

void Runtime::Post(Callback callback) {
  RuntimeInternals& in = *internals_;
  if (std::this_thread::get_id() == in.executor) {
    in.ready.push_back(std::move(callback));
    return;
  }
  const std::lock_guard lock(in.mutex);
  in.posted.push_back(std::move(callback));
  if (in.wake_pending) return;
  in.wake_pending = true;
  in.alarm.Set(in.queue.get(), gpr_time_0(GPR_CLOCK_MONOTONIC), &in.wake);
}

void Runtime::After(absl::Duration delay, Callback callback) {
  RuntimeInternals& in = *internals_;
  in.timers.push({MonotonicNow() + delay, in.timers_made++, std::move(callback)});
}

absl::Time Runtime::Now() { return absl::Now(); }

absl::Time Runtime::BusinessNow() {
  const RuntimeInternals& in = *internals_;
  if (!in.business_start.has_value()) return absl::Now();
  return *in.business_start + (MonotonicNow() - in.monotonic_start);
}

absl::Duration Runtime::Monotonic() { return MonotonicNow(); }

uint64_t Runtime::Random() { return internals_->random(); }

void Runtime::MoveBusinessTime(absl::Time time) {
  const absl::Duration ahead = time - BusinessNow();
  if (ahead <= absl::ZeroDuration()) return;
  RuntimeInternals& in = *internals_;
  in.business_start = BusinessNow() + ahead - (MonotonicNow() - in.monotonic_start);
}

void Runtime::Run() {
  RuntimeInternals& in = *internals_;
  in.executor = std::this_thread::get_id();
  in.stopping = false;
  while (!in.stopping) {
    const absl::Duration now = MonotonicNow();
    while (!in.timers.empty() && in.timers.top().due <= now) {
      in.ready.push_back(std::move(in.timers.top().callback));
      in.timers.pop();
    }
    absl::Duration wait = absl::InfiniteDuration();
    if (!in.ready.empty()) {
      wait = absl::ZeroDuration();
    } else if (!in.timers.empty()) {
      wait = in.timers.top().due - now;
    }
    // The first event may be waited for, the others of the tick are taken only if they are there.
    gpr_timespec deadline = GprDeadline(wait);
    for (int events = 0; events < kEventsPerTurn; ++events) {
      void* tag = nullptr;
      bool ok = false;
      if (in.queue->AsyncNext(&tag, &ok, deadline) != grpc::CompletionQueue::GOT_EVENT) break;
      static_cast<Tag*>(tag)->OnEvent(ok);
      deadline = gpr_time_0(GPR_CLOCK_MONOTONIC);
    }
    for (size_t left = in.ready.size(); left > 0; --left) {
      Callback callback = std::move(in.ready.front());
      in.ready.pop_front();
      callback();
    }
  }
}

void Runtime::Stop() {
  Post([this] { internals_->stopping = true; });
}

}  // namespace gongji::rpc
