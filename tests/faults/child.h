// Runs work in a process of its own, which may end in the middle of it as a real one does: by Stop
// or CHECK.
#ifndef GONGJI_TESTS_FAULTS_CHILD_H_
#define GONGJI_TESTS_FAULTS_CHILD_H_

#include <functional>
#include <string>

namespace gongji::faults {

struct ChildEnd {
  bool stopped = false;  // by abort
  std::string left;      // what `left` returned at the end, however it ended
  std::string said;      // what it printed to standard error
};

// Runs `work` in a fork of this process, which must have one thread, and waits. `left` is called in
// the child when it ends.
ChildEnd RunInChild(const std::function<void()>& work, const std::function<std::string()>& left);

}  // namespace gongji::faults

#endif  // GONGJI_TESTS_FAULTS_CHILD_H_
