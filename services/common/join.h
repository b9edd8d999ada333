// Runs tasks side by side, so that their requests travel together through every boundary below.
#ifndef GONGJI_SERVICES_COMMON_JOIN_H_
#define GONGJI_SERVICES_COMMON_JOIN_H_

#include <utility>
#include <vector>

#include "services/common/env.h"
#include "services/common/task.h"

namespace gongji {

// Returns the results of `tasks`, in order, once all are there. `env` and `scope` must outlive
// them.
template <class T>
Task<std::vector<T>> Join(Env& env, TaskScope& scope, std::vector<Task<T>> tasks) {
  constexpr auto kRun = [](Task<T> task, Promise<T> done) -> Task<void> {
    done.Set(co_await std::move(task));
  };
  std::vector<Future<T>> futures;
  futures.reserve(tasks.size());
  for (Task<T>& task : tasks) {
    const Promise<T> promise(env);
    futures.push_back(promise.future());
    scope.Spawn(kRun(std::move(task), promise));
  }
  std::vector<T> results;
  results.reserve(futures.size());
  for (Future<T>& future : futures) results.push_back(co_await std::move(future));
  co_return results;
}

}  // namespace gongji

#endif  // GONGJI_SERVICES_COMMON_JOIN_H_
