// A gRPC server whose methods (methods.h) run on the runtime's executor; gRPC itself stays in
// server.cc.
//
// deadline.h describes how much of a caller's deadline a handler gets; a call with too little left
// is refused before its handler begins.
#ifndef GONGJI_SERVICES_COMMON_RPC_SERVER_H_
#define GONGJI_SERVICES_COMMON_RPC_SERVER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/common/metrics.h"
#include "services/common/rpc/methods.h"
#include "services/common/rpc/runtime.h"
#include "services/common/task.h"

namespace gongji::rpc {

struct ServerOptions {
  // "unix:/path" or "host:port"; port 0 takes a free one.
  std::string listen;
  // Lets tools such as grpcurl ask for the contracts. It costs threads that poll beside ours.
  bool reflection = false;
  // Calls of one method that run at once; more wait in gRPC.
  int max_calls_per_method = 4096;
};

class Server final : public Methods {
 public:
  // `runtime`, `scope` and `metrics` must outlive the server.
  Server(Runtime& runtime, TaskScope& scope, Metrics& metrics, ServerOptions options);
  ~Server() override;
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void HandleRaw(const std::string& method, RawHandler handler) override;

  // Listens and serves; returns the address under which the server is reached. From now on
  // grpc.health.v1.Health/Check answers SERVING; Watch is not offered.
  absl::StatusOr<std::string> Start();

  // Answers new calls SERVICE_ENDING from now on. Drain begins with it: such a call has come in
  // before the socket closed, and would otherwise wait until the grace is over.
  void RefuseCalls();

  // Takes no new calls, health checks included, and lets running calls go on until `grace` has
  // passed. Blocks; call it from any thread but the executor's, while Run goes on.
  void Drain(absl::Duration grace);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gongji::rpc

#endif  // GONGJI_SERVICES_COMMON_RPC_SERVER_H_
