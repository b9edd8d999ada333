// T4: every access of the core transactions to the disk is made to fail, once or for ever, and then
// the power is cut; what was acknowledged must stay.
#ifndef GONGJI_TESTS_FAULTS_T4_H_
#define GONGJI_TESTS_FAULTS_T4_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tests/faults/disk.h"
#include "tests/faults/shard.h"

namespace gongji::faults {

// Runs the core transactions in four processes, of which the first is killed, the second ends in
// order, and the third is killed together with the power. Returns early if a process cannot start.
void TellStory(Disk& disk, Told& told);

// Runs a process that goes on after the story and is then killed.
void TellMore(Disk& disk, Told& told);

struct T4Plan {
  int64_t first = 1;  // number of the access that fails
  int64_t step = 1;   // distance to the next one that fails
  int damages = 20;   // images of the disk that are judged, each as another power cut leaves it
};

struct T4Report {
  int64_t accesses = 0;  // accesses of the story without a fault
  int64_t writes = 0;
  int64_t stories = 0;  // with a fault
  int64_t stopped = 0;  // those of the stories that the fault stopped
  int64_t images = 0;
  std::vector<std::string> bad;  // a line each, at most some dozens
};

T4Report RunT4(T4Plan plan);

}  // namespace gongji::faults

#endif  // GONGJI_TESTS_FAULTS_T4_H_
