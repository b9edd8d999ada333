// Calls to a peer over one gRPC channel, as coroutines on the runtime's executor.
//
// Calls are repeated only here, as services/common/route.h decides. CANCELLED, the answer of a
// server that is ending, counts and is returned as UNAVAILABLE. Every method called through a
// channel can be repeated.
#ifndef GONGJI_SERVICES_COMMON_RPC_CHANNEL_H_
#define GONGJI_SERVICES_COMMON_RPC_CHANNEL_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/common/errors/status.h"
#include "services/common/route.h"
#include "services/common/rpc/runtime.h"
#include "services/common/task.h"

namespace gongji::rpc {

class Channel {
 public:
  // A channel over gRPC. `address` is as in ServerOptions::listen, or several of them, separated by
  // commas: the processes of one peer, of which one serves. After UNAVAILABLE the next one is
  // tried. `runtime` must outlive the channel.
  Channel(Runtime& runtime, const std::string& address);
  virtual ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  // Calls `method`, e.g. "gongji.wallet.v1.WalletService/BatchApply". The deadline is in wall-clock
  // time and is passed on as it is. A peer's error keeps its reason; UNAVAILABLE or
  // DEADLINE_EXCEEDED without a reason means that nobody knows whether the peer acted.
  template <class Request, class Response>
  Task<absl::StatusOr<Response>> Call(std::string method, Request request, absl::Time deadline) {
    const auto bytes = co_await CallRaw(std::move(method), request.SerializeAsString(), deadline);
    Response response;
    CO_RETURN_IF_ERROR(Parse(bytes, response));
    co_return response;
  }

  // Parses what CallRaw returned as a message.
  template <class Response>
  static absl::Status Parse(const absl::StatusOr<std::string>& bytes, Response& response) {
    if (!bytes.ok()) return bytes.status();
    if (response.ParseFromString(*bytes)) return absl::OkStatus();
    return absl::InternalError("a peer answered with another message");
  }

  virtual Task<absl::StatusOr<std::string>> CallRaw(std::string method, std::string request,
                                                    absl::Time deadline);

 protected:
  // For a channel over something else that overrides CallRaw: the simulated network.
  Channel();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gongji::rpc

#endif  // GONGJI_SERVICES_COMMON_RPC_CHANNEL_H_
