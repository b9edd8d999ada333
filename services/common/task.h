// Coroutines of the use cases: Task<T>, the scope that owns running ones, and Promise/Future, the
// one way in which something that is not a coroutine resumes one.
//
// Threads: everything here belongs to one executor thread (env.h). A coroutine starts and resumes
// only there, so use cases and domain objects need no locks.
//
// Rules for coroutine functions: parameters by value, nothing borrowed across a suspension unless
// it outlives the scope, and frames whose destructors only free memory: a crash in the simulator
// destroys suspended frames, and doing so must have no other effect.
#ifndef GONGJI_SERVICES_COMMON_TASK_H_
#define GONGJI_SERVICES_COMMON_TASK_H_

#include <coroutine>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

#include "services/common/env.h"
#include "services/common/errors/check.h"

namespace gongji {

namespace task_internal {

// Resumes the coroutine that awaits the finished task, on the same stack frame (symmetric
// transfer), so that a loop of a million awaits needs no stack.
struct FinalAwaiter {
  bool await_ready() const noexcept { return false; }
  template <class Promise>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> finished) const noexcept {
    return finished.promise().continuation;
  }
  void await_resume() const noexcept {}
};

struct PromiseBase {
  std::coroutine_handle<> continuation = std::noop_coroutine();

  std::suspend_always initial_suspend() const noexcept { return {}; }
  FinalAwaiter final_suspend() const noexcept { return {}; }
  // Our code throws nothing; an exception of a library that gets here was not caught at its
  // adapter.
  [[noreturn]] void unhandled_exception() const noexcept {
    CheckFailed(__FILE__, __LINE__, "no exception leaves a coroutine");
  }
};

template <class T>
struct TaskPromise : PromiseBase {
  std::optional<T> value;

  void return_value(T result) { value.emplace(std::move(result)); }
  T Take() {
    CHECK(value.has_value());
    return std::move(*value);
  }
};

template <>
struct TaskPromise<void> : PromiseBase {
  void return_void() const noexcept {}
  void Take() const noexcept {}
};

}  // namespace task_internal

// A computation that starts when it is awaited and is awaited once. Destroying a task that has not
// finished destroys its frame and, with it, the tasks it awaits.
template <class T>
class [[nodiscard]] Task {
 public:
  struct promise_type : task_internal::TaskPromise<T> {
    Task get_return_object() {
      return Task(std::coroutine_handle<promise_type>::from_promise(*this));
    }
  };

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  ~Task() {
    if (handle_) handle_.destroy();
  }

  auto operator co_await() && noexcept {
    struct Awaiter {
      std::coroutine_handle<promise_type> handle;

      bool await_ready() const noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiting) const noexcept {
        handle.promise().continuation = waiting;
        return handle;
      }
      T await_resume() const { return handle.promise().Take(); }
    };
    return Awaiter{handle_};
  }

 private:
  explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}

  std::coroutine_handle<promise_type> handle_;
};

// Owns the coroutines that nobody awaits: one per incoming call, driver or batch. The destructor
// destroys those still suspended; their awaited parts must not resume them afterwards, which holds
// when the executor has stopped (env.h).
class TaskScope {
 public:
  TaskScope() = default;
  TaskScope(const TaskScope&) = delete;
  TaskScope& operator=(const TaskScope&) = delete;
  ~TaskScope() {
    while (first_.next != &first_) first_.next->handle.destroy();
  }

  // Runs `task` at once up to its first suspension; the scope keeps it until it finishes.
  void Spawn(Task<void> task) { Run(*this, std::move(task)); }

  // How many coroutines are still suspended here. Drain waits for 0.
  size_t running() const { return running_; }

 private:
  struct Node {
    Node* prev = this;
    Node* next = this;
    std::coroutine_handle<> handle;
  };

  struct Root {
    struct promise_type {
      TaskScope& scope;
      Node node;

      promise_type(TaskScope& owner, Task<void>& /*task*/) : scope(owner) {
        node.handle = std::coroutine_handle<promise_type>::from_promise(*this);
        node.prev = scope.first_.prev;
        node.next = &scope.first_;
        node.prev->next = &node;
        scope.first_.prev = &node;
        ++scope.running_;
      }
      ~promise_type() {
        node.prev->next = node.next;
        node.next->prev = node.prev;
        --scope.running_;
      }
      promise_type(const promise_type&) = delete;
      promise_type& operator=(const promise_type&) = delete;

      Root get_return_object() const noexcept { return {}; }
      std::suspend_never initial_suspend() const noexcept { return {}; }
      std::suspend_never final_suspend() const noexcept { return {}; }
      void return_void() const noexcept {}
      [[noreturn]] void unhandled_exception() const noexcept {
        CheckFailed(__FILE__, __LINE__, "no exception leaves a coroutine");
      }
    };
  };

  static Root Run(TaskScope& /*scope*/, Task<void> task) { co_await std::move(task); }

  Node first_;
  size_t running_ = 0;
};

// The awaiting end of a Promise. Await it once; if the awaiting frame is destroyed first, a later
// Set is dropped.
template <class T>
class Promise;

template <class T>
class [[nodiscard]] Future {
 public:
  Future(Future&&) noexcept = default;
  Future& operator=(Future&&) noexcept = default;
  ~Future() {
    if (state_) state_->waiting = nullptr;
  }

  bool await_ready() const noexcept { return state_->value.has_value(); }
  void await_suspend(std::coroutine_handle<> waiting) noexcept { state_->waiting = waiting; }
  T await_resume() {
    CHECK(state_->value.has_value());
    return std::move(*state_->value);
  }

 private:
  friend class Promise<T>;
  struct State {
    std::optional<T> value;
    std::coroutine_handle<> waiting;
  };
  explicit Future(std::shared_ptr<State> state) : state_(std::move(state)) {}

  std::shared_ptr<State> state_;
};

// The resolving end. Copies share one result; the first Set counts, later ones are dropped (a reply
// that comes twice). Set only on the executor thread; the waiting coroutine resumes in a later tick
// of the executor, never inside Set.
template <class T>
class Promise {
 public:
  explicit Promise(Env& env) : env_(&env), state_(std::make_shared<State>()) {}

  Future<T> future() const { return Future<T>(state_); }

  void Set(T value) const {
    if (state_->value.has_value()) return;
    state_->value.emplace(std::move(value));
    if (!state_->waiting) return;
    env_->Post([state = state_] {
      if (state->waiting) std::exchange(state->waiting, nullptr).resume();
    });
  }

 private:
  using State = typename Future<T>::State;

  Env* env_;
  std::shared_ptr<State> state_;
};

// Suspends the caller for `duration` of monotonic time.
inline Task<void> Sleep(Env& env, absl::Duration duration) {
  const Promise<bool> elapsed(env);
  env.After(duration, [elapsed] { elapsed.Set(true); });
  co_await elapsed.future();
}

}  // namespace gongji

#endif  // GONGJI_SERVICES_COMMON_TASK_H_
