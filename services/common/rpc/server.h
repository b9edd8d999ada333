// A gRPC server whose methods are coroutines on the runtime's executor. Handlers see messages and
// statuses; gRPC itself stays in server.cc.
//
// A call without a deadline gets 2 s, one above 10 s is cut to it; a call whose deadline has
// passed is not started.
#ifndef GONGJI_SERVICES_COMMON_RPC_SERVER_H_
#define GONGJI_SERVICES_COMMON_RPC_SERVER_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "grpc/health/v1/health.pb.h"
#include "services/common/caller.h"
#include "services/common/metrics.h"
#include "services/common/rpc/runtime.h"
#include "services/common/task.h"
#include "services/reasons/reasons.h"

namespace gongji::rpc {

// What a handler knows of its call besides the request.
struct CallContext {
  Caller caller;
  // Wall clock.
  absl::Time deadline;
};

struct ServerOptions {
  // "unix:/path" or "host:port"; port 0 takes a free one.
  std::string listen;
  // Lets tools such as grpcurl ask for the contracts. Costs threads that poll beside ours.
  bool reflection = false;
  // Calls of one method that run at once; more wait in gRPC.
  int max_calls_per_method = 4096;
};

class Server {
 public:
  using RawHandler =
      std::function<Task<absl::StatusOr<std::string>>(CallContext context, std::string request)>;

  // `runtime`, `scope` and `metrics` must outlive the server.
  Server(Runtime& runtime, TaskScope& scope, Metrics& metrics, ServerOptions options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Serves `method`, e.g. "gongji.wallet.v1.WalletService/BatchApply". Before Start.
  template <class Request, class Response>
  void Handle(const std::string& method,
              std::function<Task<absl::StatusOr<Response>>(CallContext, Request)> handler) {
    HandleRaw(method, [handler = std::move(handler)](CallContext context, std::string bytes) {
      return Typed<Request, Response>(handler, std::move(context), std::move(bytes));
    });
  }
  void HandleRaw(const std::string& method, RawHandler handler);

  // Listens and serves; gives the address under which it is reached. From now on
  // grpc.health.v1.Health/Check answers SERVING; Watch is not offered.
  absl::StatusOr<std::string> Start();

  // No new calls, health checks included; running calls until `grace` has passed. Blocks; from any
  // thread but the executor's, while Run goes on.
  void Drain(absl::Duration grace);

 private:
  Task<absl::StatusOr<grpc::health::v1::HealthCheckResponse>> CheckHealth(
      grpc::health::v1::HealthCheckRequest request);
  // `handler` belongs to the server and outlives every call.
  template <class Request, class Response>
  static Task<absl::StatusOr<std::string>> Typed(
      const std::function<Task<absl::StatusOr<Response>>(CallContext, Request)>& handler,
      CallContext context, std::string bytes) {
    Request request;
    if (!request.ParseFromString(bytes)) {
      co_return InvalidField("request", "not a message of this method");
    }
    ASSIGN_OR_CO_RETURN(const Response response,
                        co_await handler(std::move(context), std::move(request)));
    co_return response.SerializeAsString();
  }

  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gongji::rpc

#endif  // GONGJI_SERVICES_COMMON_RPC_SERVER_H_
