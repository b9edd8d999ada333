// Server and channel through a loopback socket: one runtime is both sides.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "gongji/limits/v1/limits.pb.h"
#include "grpc/health/v1/health.pb.h"
#include "services/common/join.h"
#include "services/common/rpc/channel.h"
#include "services/common/rpc/gather.h"
#include "services/common/rpc/handlers.h"
#include "services/common/rpc/runtime.h"
#include "services/common/rpc/server.h"
#include "services/common/testing/loopback.h"
#include "services/common/testing/temporary_folder.h"

namespace gongji::rpc {
namespace {

using limits::v1::PlacesLeft;
using limits::v1::WalletDay;

constexpr char kService[] = "gongji.test.v1.TestService";

// The test's methods; psn_no selects the behaviour.
struct TestMethods {
  Runtime& runtime;
  int calls = 0;
  std::string writer = "";  // named by NOT_WRITER
};

Task<absl::StatusOr<PlacesLeft>> Ask(TestMethods& methods, CallContext context, WalletDay day) {
  ++methods.calls;
  if (day.psn_no() == "refuse") {
    co_return Refuse(reason::kDailyTransfersUsedUp, {{"opens", "06:00"}});
  }
  if (day.psn_no() == "secret") co_return absl::InternalError("password is 1234");
  if (day.psn_no() == "away once" && methods.calls == 1) co_return Refuse(reason::kNotWriter);
  if (day.psn_no() == "away") co_return Refuse(reason::kNotWriter);
  if (day.psn_no() == "ending" && methods.calls == 1) co_return absl::CancelledError("");
  if (day.psn_no() == "elsewhere" && methods.calls == 1) {
    co_return Refuse(reason::kNotWriter, {{"address", methods.writer}});
  }
  if (day.psn_no() == "nowhere")
    co_return Refuse(reason::kNotWriter, {{"address", methods.writer}});
  if (day.psn_no() == "deadline") {
    PlacesLeft left;
    left.set_amount_fen(absl::ToInt64Milliseconds(context.deadline - methods.runtime.Now()));
    co_return left;
  }
  if (day.psn_no() == "slow") co_await Sleep(methods.runtime, absl::Hours(1));
  PlacesLeft left;
  left.set_places(static_cast<int>(day.psn_no().size()));
  co_return left;
}

class RpcTest : public testing::Test {
 protected:
  RpcTest() {
    const Handlers<TestMethods> handlers(loopback_.server(), kService, methods_);
    handlers.Add("Ask", Ask);
    loopback_.Connect();
  }

  absl::StatusOr<PlacesLeft> Call(const std::string& psn_no,
                                  absl::Duration time = absl::Seconds(20)) {
    WalletDay day;
    day.set_psn_no(psn_no);
    return loopback_.Call<PlacesLeft>(std::string(kService) + "/Ask", day, time);
  }

  Loopback loopback_;
  TestMethods methods_{loopback_.runtime()};
};

TEST_F(RpcTest, AnswersTravel) { EXPECT_EQ(Call("hello")->places(), 5); }

TEST_F(RpcTest, RefusalsKeepReasonMetadataAndFinality_R42) {
  const absl::Status status = Call("refuse").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(status, Refuse(reason::kDailyTransfersUsedUp, {{"opens", "06:00"}}));
  EXPECT_EQ(methods_.calls, 1);
}

TEST_F(RpcTest, UnforeseenErrorsLoseTheirText) {
  const absl::Status status = Call("secret").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(status.message(), "internal error");
}

TEST_F(RpcTest, UnavailableIsRepeatedABoundedNumberOfTimes) {
  EXPECT_TRUE(Call("away once").ok());
  EXPECT_EQ(methods_.calls, 2);
  methods_.calls = 0;
  EXPECT_EQ(ReasonOf(Call("away").status()), "NOT_WRITER");
  EXPECT_EQ(methods_.calls, kMaxAttempts);
}

// gRPC cancels a call that has just reached a server that is ending.
TEST_F(RpcTest, AServerThatEndsIsUnavailable) {
  EXPECT_TRUE(Call("ending").ok());
  EXPECT_EQ(methods_.calls, 2);
}

TEST_F(RpcTest, CallGoesToTheWriterThatIsNamed) {
  // The same server under another name.
  const std::string port = loopback_.address().substr(loopback_.address().rfind(':'));
  methods_.writer = "localhost" + port;
  EXPECT_EQ(Call("elsewhere")->places(), 9);
  EXPECT_EQ(methods_.calls, 2);
}

TEST_F(RpcTest, OneThatNamesItselfIsNotFollowedForEver) {
  methods_.writer = "127.0.0.1:1";  // nothing listens there
  EXPECT_EQ(Call("nowhere").status().code(), absl::StatusCode::kUnavailable);
  EXPECT_LE(methods_.calls, kMaxAttempts + kMaxRedirects);
}

// A peer that did not answer a moment ago may do so now: a retry does not wait until gRPC tries to
// connect again.
TEST(NewPeer, IsReachedAsSoonAsItListens) {
  const std::filesystem::path folder = MakeTemporaryFolder();
  const std::string address = "unix:" + (folder / "peer.sock").string();
  {
    Loopback loopback({}, {.listen = address});
    TestMethods methods{loopback.runtime()};
    Handlers<TestMethods>(loopback.server(), kService, methods).Add("Ask", Ask);
    Channel channel(loopback.runtime(), address);
    WalletDay day;
    day.set_psn_no("hello");
    const auto call = [&] {
      return loopback.Wait(channel.Call<WalletDay, PlacesLeft>(
          std::string(kService) + "/Ask", day, loopback.runtime().Now() + absl::Seconds(20)));
    };
    EXPECT_EQ(call().status().code(), absl::StatusCode::kUnavailable);
    loopback.Connect();
    const auto answer = call();
    EXPECT_TRUE(answer.ok()) << answer.status();
  }
  std::filesystem::remove_all(folder);
}

// Of two addresses, the one that does not answer is left.
TEST_F(RpcTest, NextAddressIsTriedWhenOneIsAway) {
  Channel channel(loopback_.runtime(), "127.0.0.1:1," + loopback_.address());
  WalletDay day;
  day.set_psn_no("hello");
  const auto call = [&] {
    return loopback_.Wait(channel.Call<WalletDay, PlacesLeft>(
        std::string(kService) + "/Ask", day, loopback_.runtime().Now() + absl::Seconds(20)));
  };
  EXPECT_EQ(call()->places(), 5);
  EXPECT_EQ(call()->places(), 5);
}

TEST_F(RpcTest, DeadlinesAreCutToTenSeconds) {
  const int64_t left_ms = Call("deadline")->amount_fen();
  EXPECT_LE(left_ms, 10'000);
  EXPECT_GT(left_ms, 0);
}

TEST_F(RpcTest, CallEndsAtItsDeadline_P33) {
  EXPECT_EQ(Call("slow", absl::Milliseconds(50)).status().code(),
            absl::StatusCode::kDeadlineExceeded);
}

TEST_F(RpcTest, HealthIsThatOfTheProcess) {
  using grpc::health::v1::HealthCheckRequest;
  using grpc::health::v1::HealthCheckResponse;
  const auto check = [this](const std::string& service) {
    HealthCheckRequest request;
    request.set_service(service);
    return loopback_.Call<HealthCheckResponse>("grpc.health.v1.Health/Check", request);
  };
  EXPECT_EQ(check("")->status(), HealthCheckResponse::SERVING);
  EXPECT_EQ(check(kService)->status(), HealthCheckResponse::SERVING);
  EXPECT_EQ(ReasonOf(check("gongji.unknown.v1.Service").status()), "SERVICE_UNKNOWN");
  EXPECT_EQ(check("gongji.Other").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(RpcTest, UnknownMethodsAreRefused) {
  const auto answer = loopback_.Call<PlacesLeft>(std::string(kService) + "/Other", WalletDay());
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kUnimplemented);
}

TEST_F(RpcTest, BytesThatAreNoMessageAreRefused) {
  const absl::Time deadline = loopback_.runtime().Now() + absl::Seconds(20);
  const auto answer = loopback_.Wait(
      loopback_.channel().CallRaw(std::string(kService) + "/Ask", "\xff\xff", deadline));
  EXPECT_EQ(ReasonOf(answer.status()), "INVALID_FIELD");
}

TEST_F(RpcTest, ManyCallsAtOnceAreAllAnswered) {
  WalletDay day;
  day.set_psn_no("x");
  std::vector<Task<absl::StatusOr<PlacesLeft>>> tasks;
  const absl::Time deadline = loopback_.runtime().Now() + absl::Seconds(20);
  tasks.reserve(500);
  for (int i = 0; i < 500; ++i) {
    tasks.push_back(loopback_.channel().Call<WalletDay, PlacesLeft>(std::string(kService) + "/Ask",
                                                                    day, deadline));
  }
  for (const auto& answer :
       loopback_.Wait(Join(loopback_.runtime(), loopback_.scope(), std::move(tasks)))) {
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->places(), 1);
  }
}

}  // namespace
}  // namespace gongji::rpc
