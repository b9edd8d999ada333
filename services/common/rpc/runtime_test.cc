// The executor's clocks and queues: the order of what it runs, business time, and its end.
#include "services/common/rpc/runtime.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "services/common/rpc/runtime_internal.h"

namespace gongji::rpc {
namespace {

const absl::Time kMonday = absl::FromUnixSeconds(1772415000);

class RuntimeTest : public testing::Test {
 protected:
  // Runs until `Stop` is called.
  Env::Callback Note(const std::string& what) {
    return [this, what] { seen_.push_back(what); };
  }

  Runtime runtime_{{}};
  std::vector<std::string> seen_;
};

TEST_F(RuntimeTest, TimersRunInTheOrderOfTheirTimes) {
  runtime_.After(absl::Milliseconds(3), [this] {
    seen_.push_back("last");
    runtime_.Stop();
  });
  runtime_.After(absl::Milliseconds(2), Note("second"));
  runtime_.After(absl::ZeroDuration(), Note("first"));
  runtime_.Run();
  EXPECT_EQ(seen_, (std::vector<std::string>{"first", "second", "last"}));
}

TEST_F(RuntimeTest, NoTimerRunsBeforeItsTime) {
  const absl::Duration begin = runtime_.Monotonic();
  runtime_.After(absl::Milliseconds(5), [this] { runtime_.Stop(); });
  runtime_.Run();
  EXPECT_GE(runtime_.Monotonic() - begin, absl::Milliseconds(5));
}

// The queue's top is the greatest; of two timers of one moment the first that was set runs first.
TEST(RuntimeTimers, OfOneMomentKeepTheirOrder) {
  using Timer = RuntimeInternals::Timer;
  const Timer first{absl::Seconds(1), 1, {}};
  const Timer second{absl::Seconds(1), 2, {}};
  const Timer later{absl::Seconds(2), 0, {}};
  EXPECT_TRUE(second < first);
  EXPECT_FALSE(first < second);
  EXPECT_TRUE(later < first && later < second);
  EXPECT_FALSE(first < later || second < later);
  EXPECT_FALSE(first < first);
}

TEST_F(RuntimeTest, CallbacksRunInTheOrderOfPostingFromAnyThread) {
  for (const char* what : {"a", "b"}) runtime_.Post(Note(what));
  std::thread other([this] {
    for (const char* what : {"c", "d"}) runtime_.Post(Note(what));
    runtime_.Stop();
  });
  other.join();
  runtime_.Run();
  EXPECT_EQ(seen_, (std::vector<std::string>{"a", "b", "c", "d"}));
  // It can run again, and others wake it again.
  std::thread again([this] {
    runtime_.Post(Note("e"));
    runtime_.Stop();
  });
  runtime_.Run();
  again.join();
  EXPECT_EQ(seen_.back(), "e");
}

// A callback that a callback posts waits for the next turn, so that nobody starves the others.
TEST_F(RuntimeTest, WhatACallbackPostsComesAfterTheOthers) {
  runtime_.Post([this] {
    seen_.push_back("a");
    runtime_.Post([this] {
      seen_.push_back("c");
      runtime_.Stop();
    });
  });
  runtime_.Post(Note("b"));
  runtime_.Run();
  EXPECT_EQ(seen_, (std::vector<std::string>{"a", "b", "c"}));
}

TEST_F(RuntimeTest, BusinessTimeIsTheWallClockUnlessSet) {
  const absl::Time before = absl::Now();
  const absl::Time business = runtime_.BusinessNow();
  EXPECT_GE(business, before);
  EXPECT_LE(business, absl::Now());
  EXPECT_GE(runtime_.Now(), before);
}

TEST(RuntimeBusinessTime, RunsFromItsStartAndMovesForwardOnly) {
  Runtime runtime({.business_time = kMonday});
  const absl::Duration begin = runtime.Monotonic();
  const auto passed = [&] { return runtime.Monotonic() - begin; };
  const absl::Time started = runtime.BusinessNow();
  EXPECT_GE(started, kMonday);
  EXPECT_LE(started, kMonday + passed() + absl::Seconds(60));
  while (runtime.BusinessNow() == started) continue;  // it moves by itself
  runtime.MoveBusinessTime(kMonday - absl::Hours(24));
  EXPECT_GE(runtime.BusinessNow(), started);
  runtime.MoveBusinessTime(kMonday + absl::Hours(24));
  EXPECT_GE(runtime.BusinessNow(), kMonday + absl::Hours(24));
  EXPECT_LE(runtime.BusinessNow(), kMonday + absl::Hours(24) + passed() + absl::Seconds(60));
}

TEST(RuntimeBusinessTime, AWallClockIsMovedTheSameWay) {
  Runtime runtime({});
  const absl::Time tomorrow = absl::Now() + absl::Hours(24);
  runtime.MoveBusinessTime(tomorrow);
  EXPECT_GE(runtime.BusinessNow(), tomorrow);
  EXPECT_LT(runtime.BusinessNow(), tomorrow + absl::Hours(1));
  EXPECT_LT(runtime.Now(), tomorrow);
}

// What an event is told that comes when all is over.
struct Told final : Tag {
  void OnEvent(bool ok) override { told.push_back(ok); }
  std::vector<bool> told;
};

TEST_F(RuntimeTest, EventsAfterTheEndAreToldSoAndCallbacksDoNotRun) {
  Told due;
  Told never;
  grpc::Alarm first;
  grpc::Alarm second;
  auto* const queue = runtime_.internals().queue.get();
  first.Set(queue, gpr_time_0(GPR_CLOCK_MONOTONIC), &due);
  second.Set(queue, gpr_inf_future(GPR_CLOCK_MONOTONIC), &never);
  second.Cancel();
  std::thread other([this] { runtime_.Post(Note("too late")); });
  other.join();
  runtime_.Shutdown();
  EXPECT_EQ(due.told, std::vector<bool>{false});
  EXPECT_EQ(never.told, std::vector<bool>{false});
  EXPECT_EQ(seen_, std::vector<std::string>{});
  runtime_.Shutdown();  // once is enough
}

}  // namespace
}  // namespace gongji::rpc
