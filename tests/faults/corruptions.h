// Rot: one byte of a committed row is another one than was written. It is found when the row is
// read, and nothing else is served.
#ifndef GONGJI_TESTS_FAULTS_CORRUPTIONS_H_
#define GONGJI_TESTS_FAULTS_CORRUPTIONS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace gongji::faults {

struct CorruptionReport {
  size_t rows = 0;  // in both files
  int64_t changed_in_file = 0;
  int64_t changed_in_sql = 0;
  // By table: how each was found ("accounts: ROW_DAMAGED").
  std::map<std::string, int64_t> how;
  std::vector<std::string> bad;  // a line each, at most some dozens
};

// `count` changes of bytes at rest in the files, and a tenth as many of a column through SQL, each
// by itself.
CorruptionReport RunCorruptions(int64_t count, uint64_t seed);

}  // namespace gongji::faults

#endif  // GONGJI_TESTS_FAULTS_CORRUPTIONS_H_
