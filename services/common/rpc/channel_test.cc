// A channel to peers whose connections are cut, that die and that come back, through proxies.
#include "services/common/rpc/channel.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gongji/limits/v1/limits.pb.h"
#include "services/common/join.h"
#include "services/common/rpc/handlers.h"
#include "services/common/testing/fault_proxy.h"
#include "services/common/testing/loopback.h"
#include "services/common/testing/temporary_folder.h"

namespace gongji::rpc {
namespace {

using limits::v1::PlacesLeft;
using limits::v1::WalletDay;
using sql::Fault;
using sql::FaultProxy;

struct Counted {
  int calls = 0;
};

Task<absl::StatusOr<PlacesLeft>> Count(Counted& counted, CallContext /*context*/,
                                       WalletDay /*day*/) {
  PlacesLeft left;
  left.set_places(++counted.calls);
  co_return left;
}

class ChannelTest : public testing::Test {
 public:
  ~ChannelTest() override {
    channel_.reset();
    for (auto& proxy : proxies_) proxy.reset();
    std::filesystem::remove_all(folder_);
  }

 protected:
  ChannelTest() {
    Handlers<Counted>(loopback_.server(), "gongji.test.v1.ChannelService", counted_)
        .Add("Count", Count);
    loopback_.Connect();
    Open(0);
    Open(1);
    channel_.emplace(loopback_.runtime(), absl::StrCat(Listed(0), ",", Listed(1)));
  }
  // Both proxies lead to the same server, as two addresses of one peer would to two.
  std::string Listed(size_t proxy) const { return "unix:" + PathOf(proxy); }
  void Open(size_t proxy) {
    std::filesystem::remove(PathOf(proxy));
    proxies_[proxy] = std::make_unique<FaultProxy>(PathOf(proxy), server_path_);
  }
  void Kill(size_t proxy) { proxies_[proxy].reset(); }

  Task<absl::StatusOr<PlacesLeft>> Call(absl::Duration time = absl::Seconds(9)) {
    return channel_->Call<WalletDay, PlacesLeft>("gongji.test.v1.ChannelService/Count", WalletDay(),
                                                 loopback_.runtime().Now() + time);
  }
  absl::Status Answer(absl::Duration time = absl::Seconds(9)) {
    return loopback_.Wait(Call(time)).status();
  }

  const std::filesystem::path folder_ = MakeTemporaryFolder();
  const std::string server_path_ = (folder_ / "server").string();
  Loopback loopback_{{}, {.listen = "unix:" + server_path_}};
  Counted counted_;
  std::unique_ptr<FaultProxy> proxies_[2];
  std::optional<Channel> channel_;

 private:
  std::string PathOf(size_t proxy) const {
    return (folder_ / absl::StrCat("proxy", proxy)).string();
  }
};

// The call never arrived; its repetition does.
TEST_F(ChannelTest, ACutRequestIsRepeated) {
  ASSERT_TRUE(Answer().ok());
  proxies_[0]->Next(Fault::kCutRequest);
  EXPECT_TRUE(Answer().ok());
  EXPECT_EQ(counted_.calls, 2);
}

// The call was done and is done again: whoever is called must know its request ids.
TEST_F(ChannelTest, ACutAnswerIsAskedForAgain) {
  ASSERT_TRUE(Answer().ok());
  proxies_[0]->Next(Fault::kCutAnswer);
  EXPECT_TRUE(Answer().ok());
  EXPECT_EQ(counted_.calls, 3);
}

// Peers take turns in dying; each time the calls move to the one that lives.
TEST_F(ChannelTest, CallsMoveToThePeerThatLives) {
  for (int turn = 0; turn < 4; ++turn) {
    const size_t dead = static_cast<size_t>(turn) % 2;
    Kill(dead);
    for (int calls = 0; calls < 3; ++calls) EXPECT_EQ(Answer(), absl::OkStatus()) << turn;
    Open(dead);
  }
}

// All that were on their way when the connection broke are answered by the other peer.
TEST_F(ChannelTest, ManyCallsAtOnceMoveTogether) {
  ASSERT_TRUE(Answer().ok());
  // As many as the budget of repetitions allows.
  std::vector<Task<absl::StatusOr<PlacesLeft>>> calls;
  calls.reserve(8);
  for (int i = 0; i < 8; ++i) calls.push_back(Call());
  Kill(0);
  const auto answers =
      loopback_.Wait(Join(loopback_.runtime(), loopback_.scope(), std::move(calls)));
  for (const auto& answer : answers) EXPECT_TRUE(answer.ok()) << answer.status();
}

// A host that hangs lets connections be made and says nothing. A call finds the other one if it has
// the time, and the next call asks that one first.
TEST_F(ChannelTest, CallsMoveAwayFromOneThatHangs) {
  const std::string path = (folder_ / "hangs").string();
  const int hangs = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  ASSERT_EQ(bind(hangs, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  ASSERT_EQ(listen(hangs, 16), 0);
  channel_.emplace(loopback_.runtime(), absl::StrCat("unix:", path, ",", Listed(1)));
  int calls = 0;
  while (!Answer(absl::Seconds(2)).ok()) ASSERT_LT(++calls, 20);
  EXPECT_TRUE(Answer(absl::Seconds(9)).ok());
  EXPECT_EQ(counted_.calls, 2);
  close(hangs);
}

// While nobody lives calls fail soon; when somebody does again, they are answered.
TEST_F(ChannelTest, NobodyIsAnAnswerAndNotForEver) {
  Kill(0);
  Kill(1);
  EXPECT_TRUE(absl::IsUnavailable(Answer()));
  Open(1);
  absl::Status answer;
  do {
    answer = Answer();
  } while (absl::IsUnavailable(answer));
  EXPECT_TRUE(answer.ok()) << answer;
}

}  // namespace
}  // namespace gongji::rpc
