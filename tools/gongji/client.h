// Calls to the services of one cluster.
#ifndef GONGJI_TOOLS_GONGJI_CLIENT_H_
#define GONGJI_TOOLS_GONGJI_CLIENT_H_

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "services/common/rpc/channel.h"
#include "services/common/rpc/runtime.h"
#include "services/common/status.h"
#include "services/common/task.h"
#include "tools/gongji/addresses.h"

namespace gongji::cli {

// Time for one call; services cut longer ones to 10 s.
inline constexpr absl::Duration kCallTime = absl::Seconds(5);
// How often a call without an answer that stands is repeated, and the pause between.
inline constexpr int kTries = 8;
inline constexpr absl::Duration kPause = absl::Milliseconds(50);

class Client {
 public:
  // `runtime` must outlive the client.
  Client(rpc::Runtime& runtime, const Addresses& addresses)
      : runtime_(runtime),
        relation(runtime, addresses.relation),
        limits(runtime, addresses.limits),
        settlement(runtime, addresses.settlement) {
    for (const auto& [province, address] : addresses.wallets) {
      wallets[province] = std::make_unique<rpc::Channel>(runtime, address);
    }
  }

  // Calls once; `method` is "<service>/<method>" below package gongji.
  template <class Response, class Request>
  Task<absl::StatusOr<Response>> Call(rpc::Channel& channel, std::string method, Request request) {
    co_return co_await channel.Call<Request, Response>(
        absl::StrCat("gongji.", method), std::move(request), runtime_.Now() + kCallTime);
  }

  // Calls until there is an answer that stands, a few times with the same request.
  template <class Response, class Request>
  Task<absl::StatusOr<Response>> Insist(rpc::Channel& channel, std::string method,
                                        Request request) {
    for (int tries = 1;; ++tries) {
      auto response = co_await Call<Response>(channel, method, request);
      const absl::StatusCode code = response.status().code();
      const bool stands = response.ok() || IsFinal(response.status()) ||
                          code == absl::StatusCode::kInvalidArgument ||
                          code == absl::StatusCode::kUnimplemented;
      if (stands || tries == kTries) co_return response;
      co_await Sleep(runtime_, kPause);
    }
  }

  // Every process, to set its clock.
  std::vector<rpc::Channel*> All() {
    std::vector<rpc::Channel*> all = {&relation, &limits, &settlement};
    for (const auto& [province, channel] : wallets) all.push_back(channel.get());
    return all;
  }

  rpc::Runtime& runtime() { return runtime_; }

 private:
  rpc::Runtime& runtime_;

 public:
  rpc::Channel relation;
  rpc::Channel limits;
  rpc::Channel settlement;
  std::map<std::string, std::unique_ptr<rpc::Channel>> wallets;  // by province
};

}  // namespace gongji::cli

#endif  // GONGJI_TOOLS_GONGJI_CLIENT_H_
