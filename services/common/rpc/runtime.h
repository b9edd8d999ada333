// The real Env of a process: one executor thread polls one gRPC completion queue, on which incoming
// calls, outgoing calls and wake-ups arrive, and runs all coroutines.
#ifndef GONGJI_SERVICES_COMMON_RPC_RUNTIME_H_
#define GONGJI_SERVICES_COMMON_RPC_RUNTIME_H_

#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/common/env.h"

namespace gongji::rpc {

struct RuntimeOptions {
  // Business time starts here and advances with the monotonic clock; absent: the wall clock.
  std::optional<absl::Time> business_time;
};

// The gRPC side of a runtime; defined in runtime_internal.h for the files of this folder.
struct RuntimeInternals;

class Runtime final : public Env {
 public:
  explicit Runtime(RuntimeOptions options);
  ~Runtime() override;
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  void Post(Callback callback) override;
  void After(absl::Duration delay, Callback callback) override;
  absl::Time Now() override;
  absl::Time BusinessNow() override;
  absl::Duration Monotonic() override;
  uint64_t Random() override;

  // Moves business time forward to `time`; an earlier time changes nothing. Executor thread.
  void MoveBusinessTime(absl::Time time);

  // Runs the executor on the calling thread until Stop. May be called again afterwards.
  void Run();

  // Ends Run after the current tick. Any thread.
  void Stop();

  // To be called after Run: ends everything that still waits for an event, without resuming any
  // coroutine. Servers must have been drained and coroutines destroyed before; the destructor calls
  // it if nobody did.
  void Shutdown();

  RuntimeInternals& internals() { return *internals_; }

 private:
  std::unique_ptr<RuntimeInternals> internals_;
};

}  // namespace gongji::rpc

#endif  // GONGJI_SERVICES_COMMON_RPC_RUNTIME_H_
