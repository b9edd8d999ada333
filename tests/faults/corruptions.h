// Rot: a byte of a committed row differs from what was written. This must be found when the row is
// read, and the damaged row must not be served.
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
  // How the changes were found, by table ("accounts: ROW_DAMAGED"), with counts.
  std::map<std::string, int64_t> how;
  std::vector<std::string> bad;  // one line each, at most some dozens
};

// Tries `count` changes of bytes at rest in the files, and a tenth as many of a column through SQL,
// each by itself.
CorruptionReport RunCorruptions(int64_t count, uint64_t seed);

}  // namespace gongji::faults

#endif  // GONGJI_TESTS_FAULTS_CORRUPTIONS_H_
