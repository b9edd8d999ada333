// The gRPC side of a runtime; only for the files of this folder.
#ifndef GONGJI_SERVICES_COMMON_RPC_RUNTIME_INTERNAL_H_
#define GONGJI_SERVICES_COMMON_RPC_RUNTIME_INTERNAL_H_

#include <grpcpp/alarm.h>
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <queue>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "services/common/env.h"

namespace gongji::rpc {

// What an event of the completion queue calls; `ok` is the flag that gRPC passes with it.
class Tag {
 public:
  virtual ~Tag() = default;
  virtual void OnEvent(bool ok) = 0;
};

struct RuntimeInternals {
  struct Timer {
    absl::Duration due;
    uint64_t order;
    // The queue only offers const access to its top.
    mutable Env::Callback callback;
    bool operator<(const Timer& other) const {
      return due != other.due ? due > other.due : order > other.order;
    }
  };
  struct Wake final : Tag {
    explicit Wake(RuntimeInternals& internals) : internals(internals) {}
    void OnEvent(bool ok) override;
    RuntimeInternals& internals;
  };

  RuntimeInternals() : queue(builder.AddCompletionQueue()), wake(*this) {}

  grpc::ServerBuilder builder;
  // Also carries outgoing calls; a process without a server just never builds one.
  std::unique_ptr<grpc::ServerCompletionQueue> queue;

  std::deque<Env::Callback> ready;    // executor thread
  std::priority_queue<Timer> timers;  // executor thread
  uint64_t timers_made = 0;
  std::thread::id executor;
  bool shut_down = false;
  std::atomic<bool> stopping = false;

  std::mutex mutex;
  std::vector<Env::Callback> posted;  // by other threads
  bool wake_pending = false;
  grpc::Alarm alarm;
  Wake wake;

  absl::Time started;
  absl::Duration monotonic_start;
  std::optional<absl::Time> business_start;
  std::mt19937_64 random{std::random_device{}()};
};

// The message as one piece of memory.
inline std::string BytesOf(const grpc::ByteBuffer& buffer) {
  std::string bytes;
  bytes.reserve(buffer.Length());
  std::vector<grpc::Slice> slices;
  if (!buffer.Dump(&slices).ok()) return bytes;
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

}  // namespace gongji::rpc

#endif  // GONGJI_SERVICES_COMMON_RPC_RUNTIME_INTERNAL_H_
