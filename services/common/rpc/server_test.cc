// How a server bounds its calls and how it ends, over a loopback socket.
#include "services/common/rpc/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "gongji/limits/v1/limits.pb.h"
#include "grpc/health/v1/health.pb.h"
#include "services/common/event.h"
#include "services/common/join.h"
#include "services/common/rpc/deadline.h"
#include "services/common/rpc/handlers.h"
#include "services/common/testing/loopback.h"

namespace gongji::rpc {
namespace {

using limits::v1::PlacesLeft;
using limits::v1::WalletDay;

constexpr char kHold[] = "gongji.test.v1.ServerService/Hold";

// A method whose calls are answered when the test opens the gate.
struct Gate {
  explicit Gate(Runtime& runtime) : entered(runtime), opened(runtime) {}

  Event entered;
  Event opened;
  bool open = false;
  int running = 0;
  int most = 0;  // that ran at once
};

Task<absl::StatusOr<PlacesLeft>> Hold(Gate& gate, CallContext /*context*/, WalletDay day) {
  ++gate.running;
  gate.most = std::max(gate.most, gate.running);
  gate.entered.Notify();
  while (!gate.open) co_await gate.opened.Wait();
  --gate.running;
  PlacesLeft left;
  left.set_places(static_cast<int>(day.psn_no().size()));
  co_return left;
}

class ServerTest : public testing::Test {
 protected:
  // What a bound of slots above the ones that are always open makes of it.
  static constexpr int kMostCalls = 20;

  ServerTest() {
    Handlers<Gate>(loopback_.server(), "gongji.test.v1.ServerService", gate_).Add("Hold", Hold);
    loopback_.Connect();
  }

  Task<absl::StatusOr<PlacesLeft>> Call() {
    WalletDay day;
    day.set_psn_no("abc");
    return loopback_.channel().Call<WalletDay, PlacesLeft>(
        kHold, day, loopback_.runtime().Now() + absl::Seconds(9));
  }

  Task<void> Entered(int calls) {
    while (gate_.running < calls) co_await gate_.entered.Wait();
  }

  void Open() {
    gate_.open = true;
    gate_.opened.Notify();
  }

  // Opens the gate once as many calls are inside as ever will be.
  Task<void> OpenWhenFull() {
    co_await Entered(kMostCalls);
    // What was sent on this connection before the question has arrived when it is answered.
    const auto healthy = co_await loopback_.channel().CallRaw(
        "grpc.health.v1.Health/Check", "", loopback_.runtime().Now() + absl::Seconds(9));
    EXPECT_TRUE(healthy.ok()) << healthy.status();
    Open();
  }

  // Ends the server while a call runs, and calls until nobody is let in any more.
  Task<void> EndAndKnock() {
    co_await Entered(1);
    drain_ = std::thread([this] { loopback_.server().Drain(absl::Seconds(8)); });
    gate_.open = true;  // for those who get in before the socket closes in that thread
    do {
      late_ = co_await Call();
    } while (late_.ok());
    Open();
  }

  Loopback loopback_{{}, {.listen = "127.0.0.1:0", .max_calls_per_method = kMostCalls}};
  Gate gate_{loopback_.runtime()};
  std::thread drain_;
  absl::StatusOr<PlacesLeft> late_ = absl::UnknownError("");
};

TEST_F(ServerTest, CallsBeyondTheBoundWaitAndAreAnsweredAfterwards_P32) {
  std::vector<Task<absl::StatusOr<PlacesLeft>>> calls;
  calls.reserve(3U * kMostCalls);
  for (int i = 0; i < 3 * kMostCalls; ++i) calls.push_back(Call());
  loopback_.scope().Spawn(OpenWhenFull());
  const auto answers =
      loopback_.Wait(Join(loopback_.runtime(), loopback_.scope(), std::move(calls)));
  ASSERT_EQ(answers.size(), 3U * kMostCalls);
  for (const auto& answer : answers) {
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->places(), 3);
  }
  EXPECT_EQ(gate_.most, kMostCalls);
}

TEST_F(ServerTest, AMessageAboveFourMegabytesIsRefused) {
  gate_.open = true;
  WalletDay day;
  day.set_psn_no(std::string((4 << 20) - 100, 'x'));
  EXPECT_TRUE(loopback_.Call<PlacesLeft>(kHold, day).ok());
  day.set_psn_no(std::string((4 << 20) + 1, 'x'));
  EXPECT_EQ(loopback_.Call<PlacesLeft>(kHold, day).status().code(),
            absl::StatusCode::kResourceExhausted);
}

// A health check names a service, as Kubernetes does, or none.
TEST_F(ServerTest, AHealthCheckOfAnUnknownServiceIsToldSo) {
  grpc::health::v1::HealthCheckRequest request;
  const auto reason = [&](const std::string& service) {
    request.set_service(service);
    return ReasonOf(
        loopback_
            .Call<grpc::health::v1::HealthCheckResponse>("grpc.health.v1.Health/Check", request)
            .status());
  };
  EXPECT_EQ(reason(""), "");
  EXPECT_EQ(reason("gongji.test.v1.ServerService"), "");
  EXPECT_EQ(reason("gongji.test.v1.Server"), "SERVICE_UNKNOWN");
}

// Too little time for any work is told at once, instead of letting it run out. An answer that comes
// too late even for that is asked for again.
TEST_F(ServerTest, ACallWithHardlyAnyTimeIsToldSo) {
  gate_.open = true;
  WalletDay day;
  const absl::Duration too_short = kDeadlineMargin + kLeastTime - absl::Milliseconds(1);
  absl::Status told;
  do {
    told = loopback_.Call<PlacesLeft>(kHold, day, too_short).status();
  } while (absl::IsDeadlineExceeded(told) && DetailOf(told) == std::nullopt);
  EXPECT_EQ(ReasonOf(told), "DEADLINE_TOO_SHORT");
}

// A call that gets in between is told, and may go elsewhere at once.
TEST_F(ServerTest, ACallAfterTheEndHasBegunIsToldSo) {
  loopback_.server().RefuseCalls();
  const auto answer = loopback_.Wait(Call());
  EXPECT_EQ(ReasonOf(answer.status()), "SERVICE_ENDING");
  EXPECT_EQ(gate_.most, 0) << "the method has begun";
}

// The process ends: the call that runs is answered, and nobody else gets in.
TEST_F(ServerTest, RunningCallsEndInTheGraceAndNewOnesAreUnavailable) {
  loopback_.scope().Spawn(EndAndKnock());
  const auto running = loopback_.Wait(Call());
  EXPECT_TRUE(running.ok()) << running.status();
  // Refused by the server, or, a moment later, by its socket.
  EXPECT_EQ(late_.status().code(), absl::StatusCode::kUnavailable);
  std::thread run([this] { loopback_.runtime().Run(); });
  drain_.join();
  loopback_.runtime().Stop();
  run.join();
}

// A process that serves reflection has threads of gRPC's own that poll for it: each gets a process.
int AskForReflection(bool reflection) {
  Loopback loopback({}, {.listen = "127.0.0.1:0", .reflection = reflection});
  Gate gate(loopback.runtime());
  Handlers<Gate>(loopback.server(), "gongji.test.v1.ServerService", gate).Add("Hold", Hold);
  loopback.Connect();
  // list_services of the stream's first request.
  const auto answer = loopback.Wait(loopback.channel().CallRaw(
      "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", std::string("\x3a\0", 2),
      loopback.runtime().Now() + absl::Seconds(9)));
  if (answer.ok()) return absl::StrContains(*answer, "gongji.test.v1.ServerService") ? 1 : 2;
  return answer.status().code() == absl::StatusCode::kUnimplemented ? 0 : 3;
}

TEST(ServerDeathTest, ReflectionIsServedOnlyIfAskedFor) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  for (const bool reflection : {false, true}) {
    EXPECT_EXIT(_exit(AskForReflection(reflection)), testing::ExitedWithCode(reflection ? 1 : 0),
                "");
  }
}

}  // namespace
}  // namespace gongji::rpc
