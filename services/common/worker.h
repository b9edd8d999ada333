// Worker: runs blocking work of one kind, in order (a store's commits). A process gives it a
// thread; tests and the simulator run it inline.
#ifndef GONGJI_SERVICES_COMMON_WORKER_H_
#define GONGJI_SERVICES_COMMON_WORKER_H_

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "services/common/env.h"
#include "services/common/task.h"

namespace gongji {

class Worker {
 public:
  using Job = absl::AnyInvocable<void()>;

  virtual ~Worker() = default;

  // Runs `job` after all earlier ones; perhaps before this call returns.
  virtual void Run(Job job) = 0;
};

// Runs each job at once on the caller's thread.
class InlineWorker final : public Worker {
 public:
  void Run(Job job) override { job(); }
};

// One thread.
class ThreadWorker final : public Worker {
 public:
  ThreadWorker();
  ~ThreadWorker() override;

  void Run(Job job) override;

  // Finishes the waiting jobs and ends the thread; the destructor does so too. What the jobs use
  // must live until then.
  void Join();

 private:
  void Loop();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> jobs_;
  bool stopping_ = false;
  std::thread thread_;
};

// Runs `work` on `worker` and resumes the caller on the executor with the result.
template <class T>
Task<T> RunOn(Env& env, Worker& worker, absl::AnyInvocable<T()> work) {
  const Promise<T> done(env);
  worker.Run([&env, done, work = std::move(work)]() mutable {
    // Promise belongs to the executor thread, so the value travels in a shared box.
    auto value = std::make_shared<T>(work());
    env.Post([done, value] { done.Set(std::move(*value)); });
  });
  co_return co_await done.future();
}

}  // namespace gongji

#endif  // GONGJI_SERVICES_COMMON_WORKER_H_
