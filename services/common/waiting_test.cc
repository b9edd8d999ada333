// Mutex, Event and Backoff: how coroutines wait for each other and for better times.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "services/common/backoff.h"
#include "services/common/event.h"
#include "services/common/mutex.h"
#include "services/common/testing/manual_env.h"

namespace gongji {
namespace {

Task<void> Hold(Env& env, Mutex& mutex, std::vector<std::string>& seen, std::string name) {
  co_await mutex.Lock();
  seen.push_back(name + " in");
  co_await Sleep(env, absl::Seconds(1));
  seen.push_back(name + " out");
  mutex.Unlock();
}

TEST(Mutex, LetsOneAfterTheOtherThroughInOrder) {
  ManualEnv env;
  Mutex mutex(env);
  std::vector<std::string> seen;
  TaskScope scope;
  for (const char* name : {"a", "b", "c"}) scope.Spawn(Hold(env, mutex, seen, name));
  env.RunToEnd();
  EXPECT_EQ(seen, (std::vector<std::string>{"a in", "a out", "b in", "b out", "c in", "c out"}));
  scope.Spawn(Hold(env, mutex, seen, "d"));
  env.RunToEnd();
  EXPECT_EQ(seen.back(), "d out");
}

TEST(Mutex, CannotBeTakenBetweenTwoHolders) {
  ManualEnv env;
  Mutex mutex(env);
  std::vector<std::string> seen;
  TaskScope scope;
  scope.Spawn(Hold(env, mutex, seen, "a"));
  scope.Spawn(Hold(env, mutex, seen, "b"));
  env.Advance(absl::Milliseconds(999));
  scope.Spawn(Hold(env, mutex, seen, "late"));
  env.RunToEnd();
  EXPECT_EQ(seen[2], "b in");
  EXPECT_EQ(seen[4], "late in");
}

Task<void> CountWait(Event& event, int& count) {
  co_await event.Wait();
  ++count;
}

TEST(Event, WakesAllThatWaitAndNobodyLater) {
  ManualEnv env;
  Event event(env);
  TaskScope scope;
  int woken = 0;
  scope.Spawn(CountWait(event, woken));
  scope.Spawn(CountWait(event, woken));
  env.RunToEnd();
  EXPECT_EQ(woken, 0);
  event.Notify();
  EXPECT_EQ(woken, 0);  // never inside Notify
  env.RunReady();
  EXPECT_EQ(woken, 2);
  scope.Spawn(CountWait(event, woken));
  env.RunToEnd();
  EXPECT_EQ(woken, 2);  // an event that is over does not count for anyone who waits later
  event.Notify();
  env.RunReady();
  EXPECT_EQ(woken, 3);
}

TEST(Event, WaitForEndsWithItsTime) {
  ManualEnv env;
  Event event(env);
  EXPECT_FALSE(env.Wait(event.WaitFor(absl::Seconds(3))));
  event.Notify();  // nobody waits any more
  env.After(absl::Seconds(1), [&event] { event.Notify(); });
  EXPECT_TRUE(env.Wait(event.WaitFor(absl::Seconds(3))));
  env.RunToEnd();  // the rest of its time resumes nobody
}

TEST(Event, ACrashedWaiterIsForgotten) {
  ManualEnv env;
  Event event(env);
  int woken = 0;
  {
    TaskScope scope;
    scope.Spawn(CountWait(event, woken));
  }
  event.Notify();
  env.RunToEnd();
  EXPECT_EQ(woken, 0);
}

TEST(Backoff, DoublesUpToTheLongestAndDrawsTheRest) {
  constexpr uint64_t kLeast = 0;
  constexpr uint64_t kHalf = 512;
  Backoff certain({.first = absl::Milliseconds(20), .longest = absl::Milliseconds(100)});
  EXPECT_EQ(certain.Next(kLeast), absl::Milliseconds(10));
  EXPECT_EQ(certain.Next(kHalf), absl::Milliseconds(30));
  EXPECT_EQ(certain.Next(kLeast), absl::Milliseconds(40));
  EXPECT_EQ(certain.Next(kLeast), absl::Milliseconds(50));
  EXPECT_EQ(certain.Next(kHalf), absl::Milliseconds(75));
  certain.Reset();
  EXPECT_EQ(certain.Next(kLeast), absl::Milliseconds(10));

  Backoff drawn({.first = absl::Milliseconds(20), .certain = 0});
  EXPECT_EQ(drawn.Next(kLeast), absl::ZeroDuration());
  EXPECT_EQ(drawn.Next(kHalf), absl::Milliseconds(20));
}

TEST(Backoff, PauseTakesVirtualTime) {
  ManualEnv env;
  Backoff backoff({.first = absl::Seconds(2)});
  const absl::Duration before = env.Monotonic();
  const auto pause = [](ManualEnv& clock, Backoff& pauses) -> Task<bool> {
    co_await pauses.Pause(clock);
    co_return true;
  };
  EXPECT_TRUE(env.Wait(pause(env, backoff)));
  // The longest pause bounds the first one too.
  EXPECT_GE(env.Monotonic() - before, absl::Milliseconds(500));
  EXPECT_LT(env.Monotonic() - before, absl::Seconds(1));
}

}  // namespace
}  // namespace gongji
