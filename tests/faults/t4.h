// T4: every access of the core transactions to the disk fails, once and for ever, and the power
// goes afterwards; what was acknowledged stays.
#ifndef GONGJI_TESTS_FAULTS_T4_H_
#define GONGJI_TESTS_FAULTS_T4_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tests/faults/disk.h"
#include "tests/faults/shard.h"

namespace gongji::faults {

// The core transactions in four processes, the first of which is killed, the second ended in order,
// the third killed with the power. Ends early when a process cannot start.
void TellStory(Disk& disk, Told& told);

// A process that goes on after the story, and is killed with what it has acknowledged.
void TellMore(Disk& disk, Told& told);

struct T4Plan {
  int64_t first = 1;  // access that fails
  int64_t step = 1;   // to the next one
  int damages = 20;   // images of the disk, each as another power cut leaves it
};

struct T4Report {
  int64_t accesses = 0;  // of the story without a fault
  int64_t writes = 0;
  int64_t stories = 0;  // with one
  int64_t stopped = 0;  // of them, by the fault
  int64_t images = 0;
  std::vector<std::string> bad;  // a line each, at most some dozens
};

T4Report RunT4(T4Plan plan);

}  // namespace gongji::faults

#endif  // GONGJI_TESTS_FAULTS_T4_H_
