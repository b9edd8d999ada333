#include "services/common/task.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "services/common/join.h"
#include "services/common/testing/manual_env.h"
#include "services/common/worker.h"

namespace gongji {
namespace {

Task<int> Seven() { co_return 7; }
Task<int> Plus(Task<int> task, int more) { co_return co_await std::move(task) + more; }

TEST(Task, ReturnsThroughAwaits) {
  ManualEnv env;
  EXPECT_EQ(env.Wait(Plus(Plus(Seven(), 1), 2)), 10);
}

TEST(Task, DoesNotStartUntilAwaited) {
  bool started = false;
  const auto start = [](bool& flag) -> Task<void> {
    flag = true;
    co_return;
  };
  {
    const Task<void> never = start(started);
  }
  EXPECT_FALSE(started);
}

Task<int> CountDown(int left) {
  int sum = 0;
  for (; left > 0; --left) sum += co_await Seven();
  co_return sum;
}

TEST(Task, MillionReadyAwaitsNeedNoStack) {
  ManualEnv env;
  EXPECT_EQ(env.Wait(CountDown(1'000'000)), 7'000'000);
}

// Sets a flag when its frame is destroyed.
struct Witness {
  explicit Witness(bool& flag) : flag(flag) {}
  ~Witness() { flag = true; }
  Witness(const Witness&) = delete;
  Witness& operator=(const Witness&) = delete;
  bool& flag;
};

Task<void> WaitFor(Future<int> future, bool& destroyed, bool& resumed) {
  const Witness witness(destroyed);
  co_await std::move(future);
  resumed = true;
}

Task<void> Outer(Task<void> inner) { co_await std::move(inner); }

TEST(TaskScope, DestroysSuspendedFramesAndWhatTheyAwait) {
  ManualEnv env;
  const Promise<int> promise(env);
  bool destroyed = false;
  bool resumed = false;
  {
    TaskScope scope;
    scope.Spawn(Outer(WaitFor(promise.future(), destroyed, resumed)));
    EXPECT_EQ(scope.running(), 1U);
    EXPECT_FALSE(destroyed);
  }
  EXPECT_TRUE(destroyed);
  // A result that comes after the frame is gone is dropped.
  promise.Set(1);
  env.RunReady();
  EXPECT_FALSE(resumed);
}

TEST(TaskScope, ForgetsWhatHasFinished) {
  ManualEnv env;
  TaskScope scope;
  const Promise<int> promise(env);
  bool destroyed = false;
  bool resumed = false;
  scope.Spawn(WaitFor(promise.future(), destroyed, resumed));
  promise.Set(1);
  EXPECT_FALSE(resumed);  // never inside Set
  env.RunReady();
  EXPECT_TRUE(resumed);
  EXPECT_TRUE(destroyed);
  EXPECT_EQ(scope.running(), 0U);
}

TEST(Promise, FirstResultCounts) {
  ManualEnv env;
  const Promise<int> promise(env);
  promise.Set(1);
  promise.Set(2);
  const auto get = [](Future<int> future) -> Task<int> { co_return co_await std::move(future); };
  EXPECT_EQ(env.Wait(get(promise.future())), 1);
}

TEST(Sleep, TakesVirtualTime) {
  ManualEnv env;
  const absl::Duration before = env.Monotonic();
  const auto sleep = [](ManualEnv& clock) -> Task<bool> {
    co_await Sleep(clock, absl::Hours(5));
    co_return true;
  };
  EXPECT_TRUE(env.Wait(sleep(env)));
  EXPECT_EQ(env.Monotonic() - before, absl::Hours(5));
}

Task<int> After(ManualEnv& env, absl::Duration delay, int value) {
  co_await Sleep(env, delay);
  co_return value;
}

TEST(Join, KeepsOrderWhateverEndsFirst) {
  ManualEnv env;
  TaskScope scope;
  std::vector<Task<int>> tasks;
  tasks.push_back(After(env, absl::Seconds(3), 1));
  tasks.push_back(After(env, absl::Seconds(1), 2));
  tasks.push_back(Seven());
  EXPECT_EQ(env.Wait(Join(env, scope, std::move(tasks))), (std::vector<int>{1, 2, 7}));
}

TEST(RunOn, BringsTheResultBack) {
  ManualEnv env;
  InlineWorker worker;
  EXPECT_EQ(env.Wait(RunOn<std::string>(env, worker, [] { return std::string("done"); })), "done");
}

TEST(ThreadWorker, RunsInOrderAndFinishesWhatWaits) {
  std::vector<int> ran;
  {
    ThreadWorker worker;
    for (int i = 0; i < 100; ++i) worker.Run([&ran, i] { ran.push_back(i); });
  }
  ASSERT_EQ(ran.size(), 100U);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(ran[static_cast<size_t>(i)], i);
}

}  // namespace
}  // namespace gongji
