// Several nodes on one lease in memory: take-over, hand-over, and writers that lose the lease.
#include "services/wallet/writer/leadership.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "services/common/errors/reasons.h"
#include "services/common/metrics.h"
#include "services/common/testing/manual_env.h"
#include "services/wallet/testing/lease_store_memory.h"
#include "services/wallet/testing/wallet_store_memory.h"
#include "services/wallet/wallet.h"

namespace gongji::wallet {
namespace {

constexpr char kPsnNo[] = "p";

// A process: its leadership and its wallet on the shard that all of them share.
class Node {
 public:
  Node(Env& env, LeaseDisk& leases, WalletDisk& disk, const std::string& name)
      : leases_(NewMemoryLeaseStore(env, leases)),
        store_(NewMemoryWalletStore(env, disk)),
        wallet_(env, scope_, *store_,
                {.saves = {.save_every = 1000},
                 .check_serving = [this] { return leadership_.CheckServing(); }},
                NullMetrics()),
        leadership_(env, scope_, leases_.get(),
                    {.holder = name,
                     .address = "unix:/" + name,
                     .start = [this] { return wallet_.Start(); },
                     .save = [this] { return wallet_.Save(); },
                     .stop_waiting = [this] { wallet_.StopWaiting(); },
                     .close = [this] { return wallet_.Close(); },
                     .on_lost = [this](const std::string& why) { lost_ = why; }}) {}

  void Start() { scope_.Spawn(Keep(leadership_.Start(), started_)); }
  void HandOver() { scope_.Spawn(leadership_.HandOver()); }

  // The answer of a call once the gate has let it in; nothing while it waits.
  struct Call {
    std::optional<absl::Status> admitted;
    std::optional<absl::Status> answer;
  };
  std::shared_ptr<Call> Contribute(const std::string& id) {
    auto call = std::make_shared<Call>();
    scope_.Spawn(RunCall(id, call));
    return call;
  }

  // Follows the journal until something happens.
  std::shared_ptr<Call> Watch(absl::Time until) {
    auto call = std::make_shared<Call>();
    scope_.Spawn(RunWatch(until, call));
    return call;
  }

  Leadership& leadership() { return leadership_; }
  Wallet& wallet() { return wallet_; }
  const std::optional<absl::Status>& started() const { return started_; }
  const std::string& lost() const { return lost_; }

 private:
  static Task<void> Keep(Task<absl::Status> task, std::optional<absl::Status>& out) {
    out = co_await std::move(task);
  }
  Task<void> RunCall(std::string id, std::shared_ptr<Call> call) {
    call->admitted = co_await leadership_.Admit();
    if (!call->admitted->ok()) co_return;
    leadership_.CallBegins();
    const Contribution line{
        .line_id = id, .psn_no = kPsnNo, .prior_fen = 5, .year = 2026, .source = "s"};
    const auto answers = co_await wallet_.Contribute(Caller{.identity = "platform"}, {line});
    call->answer = answers.front().status();
    leadership_.CallEnds();
  }
  Task<void> RunWatch(absl::Time until, std::shared_ptr<Call> call) {
    leadership_.CallBegins();
    call->answer = (co_await wallet_.WatchJournal(wallet_.last_number(), 1, until)).status();
    leadership_.CallEnds();
  }

  const std::unique_ptr<LeaseStore> leases_;
  const std::unique_ptr<WalletStore> store_;
  TaskScope scope_;
  Wallet wallet_;
  Leadership leadership_;
  std::optional<absl::Status> started_;
  std::string lost_;
};

std::string AddressOf(const absl::Status& status) {
  const auto detail = DetailOf(status);
  if (!detail.has_value() || detail->reason != "NOT_WRITER") return "another error";
  for (const auto& [name, value] : detail->metadata) {
    if (name == "address") return value;
  }
  return "";
}

class LeadershipTest : public testing::Test {
 protected:
  std::unique_ptr<Node> NewNode(const std::string& name) {
    auto node = std::make_unique<Node>(env_, leases_, disk_, name);
    node->Start();
    env_.RunReady();
    return node;
  }
  absl::Status Contribute(Node& node, const std::string& id) {
    const auto call = node.Contribute(id);
    env_.RunReady();
    EXPECT_TRUE(call->admitted.has_value());
    return call->admitted->ok() ? *call->answer : *call->admitted;
  }

  ManualEnv env_;
  LeaseDisk leases_;
  WalletDisk disk_;
};

TEST_F(LeadershipTest, FirstOneServesAndTheOtherSaysWhere) {
  const auto a = NewNode("a");
  const auto b = NewNode("b");
  ASSERT_TRUE(a->started().has_value() && b->started().has_value());
  EXPECT_TRUE(a->started()->ok() && b->started()->ok());
  EXPECT_TRUE(Contribute(*a, "1").ok());
  EXPECT_EQ(AddressOf(Contribute(*b, "2")), "unix:/a");
  // For as long as the writer lives.
  env_.Advance(absl::Hours(1));
  EXPECT_TRUE(Contribute(*a, "3").ok());
  EXPECT_EQ(AddressOf(Contribute(*b, "4")), "unix:/a");
  EXPECT_EQ(disk_.head.epoch, 1);
}

TEST_F(LeadershipTest, StandbyTakesOverWithinTenSecondsOfACrash) {
  auto a = NewNode("a");
  const auto b = NewNode("b");
  EXPECT_TRUE(Contribute(*a, "1").ok());
  a = nullptr;
  env_.Advance(absl::Seconds(5));
  EXPECT_TRUE(Contribute(*b, "1").ok());
  EXPECT_TRUE(Contribute(*b, "2").ok());
  EXPECT_EQ(disk_.head.last_number, 2);
}

// A writer hands over within a second; calls that arrive meanwhile wait and are referred to the new
// one.
TEST_F(LeadershipTest, HandOverLosesNoCallAndLeavesNoTail) {
  const auto a = NewNode("a");
  const auto b = NewNode("b");
  EXPECT_TRUE(Contribute(*a, "1").ok());
  a->HandOver();
  const auto held = a->Contribute("2");
  env_.Advance(absl::Seconds(1));
  EXPECT_EQ(AddressOf(held->admitted.value_or(absl::OkStatus())), "unix:/b");
  EXPECT_EQ(AddressOf(Contribute(*a, "3")), "unix:/b");
  EXPECT_TRUE(Contribute(*b, "2").ok());
  EXPECT_EQ(disk_.head.saved_number, 1);  // Everything that `a` had.
  EXPECT_EQ(a->lost(), "");
}

// Calls that only wait for entries delay nobody.
TEST_F(LeadershipTest, HandOverEndsWatches) {
  const auto a = NewNode("a");
  const auto b = NewNode("b");
  EXPECT_TRUE(Contribute(*a, "1").ok());
  const auto watch = a->Watch(env_.Now() + absl::Seconds(9));
  env_.RunReady();
  EXPECT_FALSE(watch->answer.has_value());
  a->HandOver();
  env_.RunReady();
  ASSERT_TRUE(watch->answer.has_value());
  EXPECT_TRUE(watch->answer->ok());
  EXPECT_EQ(leases_.lease.holder, "");
  EXPECT_TRUE(a->Watch(env_.Now() + absl::Seconds(9))->answer.has_value());
}

// The process is told to end while its claim is under way: nobody has to wait for the end of an
// unused lease.
TEST_F(LeadershipTest, WhoeverLeavesBeforeItServesGivesTheLeaseBack) {
  leases_.delay = absl::Seconds(1);
  auto a = std::make_unique<Node>(env_, leases_, disk_, "a");
  a->Start();
  a->HandOver();
  env_.RunReady();
  EXPECT_EQ(leases_.lease.holder, "");
  leases_.delay = absl::ZeroDuration();
  const auto b = NewNode("b");
  EXPECT_TRUE(Contribute(*b, "1").ok());
  env_.Advance(absl::Seconds(2));  // The answer to the claim changes nothing.
  EXPECT_EQ(AddressOf(Contribute(*a, "2")), "");
  EXPECT_TRUE(Contribute(*b, "3").ok());
  EXPECT_EQ(disk_.head.epoch, 1);
}

// A standby that leaves takes nothing from the writer, and does not come back.
TEST_F(LeadershipTest, AStandbyLeavesQuietly) {
  auto a = NewNode("a");
  const auto b = NewNode("b");
  b->HandOver();
  env_.RunReady();
  EXPECT_TRUE(Contribute(*a, "1").ok());
  EXPECT_EQ(leases_.lease.holder, "a");
  a = nullptr;
  env_.Advance(absl::Minutes(1));
  EXPECT_EQ(AddressOf(Contribute(*b, "2")), "unix:/a");
  EXPECT_EQ(leases_.lease.holder, "a");  // Nobody has claimed it since.
}

// The shard's store cannot be opened here; another process may be able to.
TEST_F(LeadershipTest, WhoeverCannotStartGivesTheLeaseBack) {
  bool works = false;
  std::string lost;
  TaskScope scope;
  const auto leases = NewMemoryLeaseStore(env_, leases_);
  Leadership one(env_, scope, leases.get(),
                 {.holder = "one",
                  .address = "unix:/one",
                  .start = [&]() -> Task<absl::Status> {
                    co_return works ? absl::OkStatus() : Refuse(reason::kDiskFull);
                  },
                  .on_lost = [&](const std::string& why) { lost = why; }});
  EXPECT_EQ(ReasonOf(env_.Wait(one.Start())), "DISK_FULL");
  EXPECT_EQ(leases_.lease.holder, "");
  EXPECT_EQ(lost, "");  // Start has told it.
  env_.Advance(absl::Minutes(1));
  EXPECT_EQ(leases_.lease.holder, "");
}

TEST_F(LeadershipTest, AStandbyThatCannotTakeOverEnds) {
  auto a = NewNode("a");
  std::string lost;
  TaskScope scope;
  const auto leases = NewMemoryLeaseStore(env_, leases_);
  Leadership two(env_, scope, leases.get(),
                 {.holder = "two",
                  .address = "unix:/two",
                  .start = []() -> Task<absl::Status> { co_return Refuse(reason::kDiskFull); },
                  .on_lost = [&](const std::string& why) { lost = why; }});
  EXPECT_TRUE(env_.Wait(two.Start()).ok());
  a = nullptr;
  env_.Advance(absl::Seconds(10));
  EXPECT_EQ(lost, "cannot take over");
  EXPECT_EQ(leases_.lease.holder, "");
  EXPECT_EQ(ReasonOf(env_.Wait(two.Admit())), "NOT_WRITER");
}

// A standby that cannot reach the store of leases knows of no writer any more.
TEST_F(LeadershipTest, AStandbyThatSeesNobodyRefersToNobody) {
  const auto a = NewNode("a");
  const auto b = NewNode("b");
  EXPECT_EQ(AddressOf(Contribute(*b, "1")), "unix:/a");
  leases_.away = true;
  env_.Advance(absl::Seconds(1));
  EXPECT_EQ(AddressOf(Contribute(*b, "2")), "");
  leases_.away = false;
  env_.Advance(absl::Seconds(1));
  EXPECT_EQ(AddressOf(Contribute(*b, "3")), "unix:/a");
}

// A call under way ends before the process leaves, unless it takes too long.
TEST_F(LeadershipTest, HandOverWaitsForCallsThatAreUnderWay) {
  for (const bool ends : {true, false}) {
    bool closed = false;
    TaskScope scope;
    const auto leases = NewMemoryLeaseStore(env_, leases_);
    Leadership one(env_, scope, leases.get(),
                   {.holder = "one",
                    .address = "unix:/one",
                    .calls_end = absl::Seconds(3),
                    .start = []() -> Task<absl::Status> { co_return absl::OkStatus(); },
                    .save = []() -> Task<absl::Status> { co_return absl::OkStatus(); },
                    .close = [&]() -> Task<absl::Status> {
                      closed = true;
                      co_return absl::OkStatus();
                    }});
    ASSERT_TRUE(env_.Wait(one.Start()).ok());
    one.CallBegins();
    scope.Spawn(one.HandOver());
    env_.Advance(absl::Milliseconds(2900));
    EXPECT_FALSE(closed);
    EXPECT_TRUE(one.CheckServing().ok());  // The call may still be answered.
    if (ends) {
      one.CallEnds();
      env_.RunReady();
    } else {
      env_.Advance(absl::Milliseconds(200));
    }
    EXPECT_TRUE(closed);
    env_.Advance(absl::Minutes(1));
  }
}

// Nobody waits for a successor that does not come.
TEST_F(LeadershipTest, AWriterWithoutASuccessorLeavesAllTheSame) {
  const auto a = NewNode("a");
  ASSERT_TRUE(Contribute(*a, "1").ok());
  a->HandOver();
  const auto held = a->Contribute("2");
  env_.Advance(absl::Minutes(1));
  ASSERT_TRUE(held->admitted.has_value());
  EXPECT_EQ(AddressOf(*held->admitted), "");
  EXPECT_EQ(leases_.lease.holder, "");
  EXPECT_EQ(disk_.head.saved_number, 1);
}

// The writer cannot renew its lease, as one that was frozen and has not heard of anything yet.
TEST_F(LeadershipTest, FrozenWriterAnswersNothing) {
  const auto b = NewNode("b");  // The only process.
  EXPECT_TRUE(Contribute(*b, "1").ok());
  leases_.away = true;
  env_.Advance(absl::Seconds(3));
  EXPECT_TRUE(Contribute(*b, "2").ok());  // Within the time that was granted.
  env_.Advance(absl::Seconds(1));
  EXPECT_EQ(AddressOf(Contribute(*b, "3")), "");
  EXPECT_EQ(ReasonOf(env_.Wait(b->wallet().HasAtLeast({{kPsnNo, 1, false}})).status()),
            "NOT_WRITER");
  // Nobody had the lease meanwhile, so what it knows is still true.
  leases_.away = false;
  env_.Advance(absl::Seconds(1));
  EXPECT_TRUE(Contribute(*b, "4").ok());
  EXPECT_EQ(b->lost(), "");
}

TEST_F(LeadershipTest, WhoeverLostTheLeaseMeanwhileEnds) {
  const auto a = NewNode("a");
  EXPECT_TRUE(Contribute(*a, "1").ok());
  // Somebody else had the lease and is gone again.
  leases_.lease.holder = "x";
  ++leases_.lease.term;
  leases_.until = env_.Monotonic();
  env_.Advance(absl::Seconds(2));
  EXPECT_EQ(a->lost(), "another process had the lease meanwhile");
  EXPECT_EQ(AddressOf(Contribute(*a, "2")), "");
}

TEST_F(LeadershipTest, DeposedWriterKnowsTheAddress) {
  const auto a = NewNode("a");
  leases_.lease = {.holder = "x", .address = "unix:/x", .term = 7, .left = {}};
  leases_.until = env_.Monotonic() + absl::Hours(1);
  env_.Advance(absl::Seconds(2));
  EXPECT_EQ(a->lost(), "another process has the lease");
  EXPECT_EQ(AddressOf(Contribute(*a, "2")), "unix:/x");
}

TEST_F(LeadershipTest, ShardOfOneProcessNeedsNoLease) {
  TaskScope scope;
  const auto store = NewMemoryWalletStore(env_, disk_);
  Wallet wallet(env_, scope, *store, {}, NullMetrics());
  Leadership alone(env_, scope, nullptr,
                   {.start = [&] { return wallet.Start(); },
                    .save = [&] { return wallet.Save(); },
                    .close = [&] { return wallet.Close(); }});
  EXPECT_TRUE(env_.Wait(alone.Start()).ok());
  EXPECT_TRUE(env_.Wait(alone.Admit()).ok());
  scope.Spawn(alone.HandOver());
  env_.RunReady();
  EXPECT_EQ(AddressOf(alone.CheckServing()), "");
}

}  // namespace
}  // namespace gongji::wallet
