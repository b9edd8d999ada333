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
#include "services/common/env.h"
#include "services/common/errors/status.h"
#include "services/common/rpc/channel.h"
#include "services/common/rpc/runtime.h"
#include "services/common/task.h"
#include "tools/gongji/addresses.h"

namespace gongji::cli {

// Time for one call; services cut longer ones to 10 s.
inline constexpr absl::Duration kCallTime = absl::Seconds(5);
// How often a call is made that gets no deciding answer.
inline constexpr int kTries = 8;
// The pause between these tries.
inline constexpr absl::Duration kPause = absl::Milliseconds(50);

// One channel to each process.
struct Channels {
  std::unique_ptr<rpc::Channel> relation;
  std::unique_ptr<rpc::Channel> limits;
  std::unique_ptr<rpc::Channel> settlement;
  std::map<std::string, std::unique_ptr<rpc::Channel>> wallets;  // by province
};

class Client {
 public:
  // Calls over gRPC. `runtime` must outlive the client.
  Client(rpc::Runtime& runtime, const Addresses& addresses)
      : Client(runtime, Connect(runtime, addresses), kTries) {}
  // Calls over any channels; a call that gets no deciding answer is made `tries` times.
  Client(Env& env, Channels channels, int tries)
      : env_(env),
        tries_(tries),
        channels_(std::move(channels)),
        relation(*channels_.relation),
        limits(*channels_.limits),
        settlement(*channels_.settlement),
        wallets(channels_.wallets) {}

  // Calls once; `method` is "<service>/<method>" below package gongji.
  template <class Response, class Request>
  Task<absl::StatusOr<Response>> Call(rpc::Channel& channel, std::string method, Request request) {
    co_return co_await channel.Call<Request, Response>(absl::StrCat("gongji.", method),
                                                       std::move(request), env_.Now() + kCallTime);
  }

  // Repeats a call with the same request until it has an answer that decides, at most `tries`
  // times.
  template <class Response, class Request>
  Task<absl::StatusOr<Response>> Insist(rpc::Channel& channel, std::string method,
                                        Request request) {
    for (int tries = 1;; ++tries) {
      auto response = co_await Call<Response>(channel, method, request);
      const absl::StatusCode code = response.status().code();
      const bool stands = response.ok() || IsFinal(response.status()) ||
                          code == absl::StatusCode::kInvalidArgument ||
                          code == absl::StatusCode::kUnimplemented;
      if (stands || tries == tries_) co_return response;
      co_await Sleep(env_, kPause);
    }
  }

  // The channels to all processes, to set their clocks.
  std::vector<rpc::Channel*> All() {
    std::vector<rpc::Channel*> all = {&relation, &limits, &settlement};
    for (const auto& [province, channel] : wallets) all.push_back(channel.get());
    return all;
  }

  Env& env() { return env_; }

 private:
  static Channels Connect(rpc::Runtime& runtime, const Addresses& addresses) {
    Channels channels{.relation = std::make_unique<rpc::Channel>(runtime, addresses.relation),
                      .limits = std::make_unique<rpc::Channel>(runtime, addresses.limits),
                      .settlement = std::make_unique<rpc::Channel>(runtime, addresses.settlement),
                      .wallets = {}};
    for (const auto& [province, address] : addresses.wallets) {
      channels.wallets[province] = std::make_unique<rpc::Channel>(runtime, address);
    }
    return channels;
  }

  Env& env_;
  const int tries_;
  const Channels channels_;

 public:
  rpc::Channel& relation;
  rpc::Channel& limits;
  rpc::Channel& settlement;
  const std::map<std::string, std::unique_ptr<rpc::Channel>>& wallets;
};

// The channel to the shard of `province`.
absl::StatusOr<rpc::Channel*> ChannelOf(const Client& client, const std::string& province);

}  // namespace gongji::cli

#endif  // GONGJI_TOOLS_GONGJI_CLIENT_H_
