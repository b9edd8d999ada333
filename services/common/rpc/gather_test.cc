// Gather over a loopback socket: what travels together, by which deadline, and what becomes of
// answers that do not fit.
#include "services/common/rpc/gather.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gongji/limits/v1/limits.pb.h"
#include "services/common/event.h"
#include "services/common/join.h"
#include "services/common/rpc/handlers.h"
#include "services/common/rpc/status_wire.h"
#include "services/common/testing/loopback.h"

namespace gongji::rpc {
namespace {

using limits::v1::BatchPeekRequest;
using limits::v1::BatchPeekResponse;
using limits::v1::PeekOutcome;
using limits::v1::WalletDay;

constexpr char kService[] = "gongji.test.v1.GatherService";

// A peer that answers each item with the length of its psn_no, and "bad" with an error.
struct Peer {
  Runtime& runtime;
  std::vector<int> sizes = {};            // of the batches, in order of arrival
  std::vector<absl::Duration> left = {};  // of their deadlines
  int missing = 0;                        // items that the answer lacks
  bool away = false;
  int running = 0;
  int most = 0;      // messages that were here at once
  bool open = true;  // otherwise messages wait here
  Event entered{runtime};
  Event opened{runtime};
};

Task<absl::StatusOr<BatchPeekResponse>> Answer(Peer& peer, CallContext context,
                                               BatchPeekRequest request) {
  peer.sizes.push_back(request.wallet_days_size());
  peer.left.push_back(context.deadline - peer.runtime.Now());
  if (peer.away) co_return absl::InternalError("broken");
  peer.most = std::max(peer.most, ++peer.running);
  peer.entered.Notify();
  while (!peer.open) co_await peer.opened.Wait();
  --peer.running;
  BatchPeekResponse response;
  for (int i = 0; i < request.wallet_days_size() - peer.missing; ++i) {
    const WalletDay& day = request.wallet_days(i);
    PeekOutcome& outcome = *response.add_outcomes();
    if (day.psn_no() == "bad") {
      *outcome.mutable_error() = ToMessage(InvalidField("psn_no", "bad"));
    } else {
      outcome.mutable_left()->set_places(static_cast<int>(day.psn_no().size()));
    }
  }
  co_return response;
}

class GatherTest : public testing::Test {
 protected:
  using Peeks = Gather<BatchPeekRequest, BatchPeekResponse, std::string, PeekOutcome>;

  GatherTest() {
    Handlers<Peer>(loopback_.server(), kService, peer_).Add("Peek", Answer);
    loopback_.Connect();
    gather_.emplace(
        loopback_.runtime(), loopback_.scope(), loopback_.channel(),
        std::string(kService) + "/Peek",
        [](BatchPeekRequest& request, std::string psn_no) {
          request.add_wallet_days()->set_psn_no(std::move(psn_no));
        },
        TakeOutcome<BatchPeekResponse, PeekOutcome>);
  }

  struct Asked {
    std::string psn_no;
    absl::Duration time = absl::Seconds(5);
  };

  std::vector<absl::StatusOr<PeekOutcome>> Ask(const std::vector<Asked>& all) {
    std::vector<Task<absl::StatusOr<PeekOutcome>>> tasks;
    tasks.reserve(all.size());
    const absl::Time now = loopback_.runtime().Now();
    for (const Asked& one : all) tasks.push_back(gather_->Call(one.psn_no, now + one.time));
    return loopback_.Wait(Join(loopback_.runtime(), loopback_.scope(), std::move(tasks)));
  }

  // Lets the peer answer once two messages are there, and every other that was sent with them.
  Task<void> OpenWhenTwoAreThere() {
    while (peer_.running < 2) co_await peer_.entered.Wait();
    // What was sent on this connection before the question has arrived when it is answered.
    const auto healthy = co_await loopback_.channel().CallRaw(
        "grpc.health.v1.Health/Check", "", loopback_.runtime().Now() + absl::Seconds(9));
    EXPECT_TRUE(healthy.ok()) << healthy.status();
    peer_.open = true;
    peer_.opened.Notify();
  }

  Loopback loopback_;
  Peer peer_{.runtime = loopback_.runtime()};
  std::optional<Peeks> gather_;
};

TEST_F(GatherTest, CallsOfOneMomentTravelTogether) {
  const auto answers = Ask({{"a"}, {"bb"}, {"ccc"}});
  EXPECT_EQ(peer_.sizes, (std::vector<int>{3}));
  ASSERT_EQ(answers.size(), 3U);
  for (size_t i = 0; i < 3; ++i) {
    ASSERT_TRUE(answers[i].ok()) << answers[i].status();
    EXPECT_EQ(answers[i]->left().places(), static_cast<int>(i) + 1);
  }
}

// The latest deadline keeps all of them useful; the shortest would end the others with it.
TEST_F(GatherTest, TheLatestDeadlineCountsForAll) {
  Ask({{"a", absl::Milliseconds(300)}, {"b", absl::Seconds(8)}, {"c", absl::Seconds(1)}});
  ASSERT_EQ(peer_.left.size(), 1U);
  EXPECT_GT(peer_.left.front(), absl::Seconds(2));
  EXPECT_LE(peer_.left.front(), absl::Seconds(8));
}

TEST_F(GatherTest, ABadItemFailsAlone) {
  const auto answers = Ask({{"a"}, {"bad"}, {"ccc"}});
  ASSERT_TRUE(answers[0].ok() && answers[1].ok() && answers[2].ok());
  EXPECT_EQ(answers[0]->left().places(), 1);
  EXPECT_EQ(ReasonOf(FromMessage(answers[1]->error())), "INVALID_FIELD");
  EXPECT_EQ(answers[2]->left().places(), 3);
}

TEST_F(GatherTest, AnErrorOfTheCallIsThatOfEachItem) {
  peer_.away = true;
  for (const auto& answer : Ask({{"a"}, {"b"}})) {
    EXPECT_EQ(answer.status().code(), absl::StatusCode::kInternal);
  }
}

// Nobody could tell whose answer is missing.
TEST_F(GatherTest, APeerThatLosesAnItemAnswersNone) {
  peer_.missing = 1;
  for (const auto& answer : Ask({{"a"}, {"bb"}, {"ccc"}})) {
    EXPECT_EQ(answer.status().code(), absl::StatusCode::kInternal);
  }
}

TEST_F(GatherTest, AMessageHoldsAsMuchAsAPeerTakes) {
  std::vector<Asked> many(300, {.psn_no = "x"});
  for (const auto& answer : Ask(many)) ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_THAT(peer_.sizes, testing::UnorderedElementsAre(256, 44));
}

// While one is being answered, the next gathers and travels; the rest waits to travel together.
TEST_F(GatherTest, TwoMessagesAtATimeAreOnTheWay) {
  peer_.open = false;
  loopback_.scope().Spawn(OpenWhenTwoAreThere());
  const std::vector<Asked> many(4 * 256, {.psn_no = "x"});
  for (const auto& answer : Ask(many)) ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(peer_.most, 2);
}

TEST_F(GatherTest, MoreThanTheQueueHoldsIsRefused_P32) {
  const std::vector<Asked> many(8193, {.psn_no = "x"});
  const auto answers = Ask(many);
  int full = 0;
  for (const auto& answer : answers) full += ReasonOf(answer.status()) == "QUEUE_FULL" ? 1 : 0;
  EXPECT_EQ(full, 1);
  EXPECT_EQ(ReasonOf(answers.back().status()), "QUEUE_FULL");
}

}  // namespace
}  // namespace gongji::rpc
