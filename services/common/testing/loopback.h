// For tests: a server and a channel to it in one process and on one executor.
#ifndef GONGJI_SERVICES_COMMON_TESTING_LOOPBACK_H_
#define GONGJI_SERVICES_COMMON_TESTING_LOOPBACK_H_

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "services/common/metrics.h"
#include "services/common/rpc/channel.h"
#include "services/common/rpc/runtime.h"
#include "services/common/rpc/server.h"

namespace gongji::rpc {

class Loopback {
 public:
  explicit Loopback(RuntimeOptions options = {}, ServerOptions server = {.listen = "127.0.0.1:0"})
      : runtime_(options), server_(runtime_, *scope_, NullMetrics(), std::move(server)) {}

  // Ends as a process does: drain, destroy the coroutines, end the queue.
  ~Loopback() {
    if (channel_.has_value()) {
      std::thread drain([this] {
        server_.Drain(absl::ZeroDuration());
        runtime_.Stop();
      });
      runtime_.Run();
      drain.join();
    }
    scope_.reset();
    runtime_.Shutdown();
  }

  Runtime& runtime() { return runtime_; }
  TaskScope& scope() { return *scope_; }
  // For registering methods, before Connect.
  Server& server() { return server_; }
  Channel& channel() { return *channel_; }

  void Connect() {
    address_ = *server_.Start();
    channel_.emplace(runtime_, address_);
  }
  // The address of the server.
  const std::string& address() const { return address_; }

  // Runs the executor until `task` ends.
  template <class T>
  T Wait(Task<T> task) {
    std::optional<T> result;
    const auto keep = [](Task<T> waited, std::optional<T>* out, Runtime* runtime) -> Task<void> {
      out->emplace(co_await std::move(waited));
      runtime->Stop();
    };
    scope_->Spawn(keep(std::move(task), &result, &runtime_));
    runtime_.Run();
    return *std::move(result);
  }

  // For an answer that a method gives when the time it may wait is over: asks again with twice the
  // time as long as the answer came too late, because the machine may be slow.
  template <class Response, class Request>
  absl::StatusOr<Response> CallUntilAnswered(const std::string& method, const Request& request) {
    absl::Duration time = absl::Milliseconds(300);
    while (true) {
      auto answer = Call<Response>(method, request, time);
      if (!absl::IsDeadlineExceeded(answer.status())) return answer;
      time *= 2;
    }
  }

  template <class Response, class Request>
  absl::StatusOr<Response> Call(const std::string& method, Request request,
                                absl::Duration time = absl::Seconds(20)) {
    return Wait(
        channel_->Call<Request, Response>(method, std::move(request), runtime_.Now() + time));
  }

 private:
  Runtime runtime_;
  std::unique_ptr<TaskScope> scope_ = std::make_unique<TaskScope>();
  Server server_;
  std::string address_;
  std::optional<Channel> channel_;
};

}  // namespace gongji::rpc

#endif  // GONGJI_SERVICES_COMMON_TESTING_LOOPBACK_H_
