#include "tests/faults/child.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "services/common/errors/check.h"

namespace gongji::faults {
namespace {

constexpr int kEnded = 0;
constexpr int kStopped = 3;

int leave_at = -1;
const std::function<std::string()>* say_what_is_left = nullptr;

[[noreturn]] void Leave(int exit_code) {
  const std::string left = (*say_what_is_left)();
  for (size_t at = 0; at < left.size();) {
    const ssize_t written = write(leave_at, left.data() + at, left.size() - at);
    if (written <= 0) _exit(kStopped + 1);
    at += static_cast<size_t>(written);
  }
  _exit(exit_code);
}

// An abort comes from Stop or CHECK, never from the middle of an allocation.
void OnAbort(int /*signal*/) { Leave(kStopped); }

std::string ReadAll(int file) {
  std::string all;
  char buffer[1 << 16];
  CHECK(lseek(file, 0, SEEK_SET) == 0);
  for (ssize_t got = 0; (got = read(file, buffer, sizeof(buffer))) > 0;) {
    all.append(buffer, static_cast<size_t>(got));
  }
  return all;
}

}  // namespace

ChildEnd RunInChild(const std::function<void()>& work, const std::function<std::string()>& left) {
  const int file = memfd_create("left", 0);
  const int said = memfd_create("said", 0);
  CHECK(file >= 0 && said >= 0);
  // Otherwise the child would write again what is buffered here.
  std::fflush(nullptr);
  const pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    leave_at = file;
    say_what_is_left = &left;
    std::signal(SIGABRT, OnAbort);
    dup2(said, STDERR_FILENO);
    work();
    Leave(kEnded);
  }
  int status = 0;
  CHECK(waitpid(child, &status, 0) == child);
  ChildEnd end{.stopped = true, .left = ReadAll(file), .said = ReadAll(said)};
  close(file);
  close(said);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == kEnded || WEXITSTATUS(status) == kStopped);
  end.stopped = WEXITSTATUS(status) == kStopped;
  return end;
}

}  // namespace gongji::faults
