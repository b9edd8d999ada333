// Plays an example on the simulated cluster: first without faults, then once for each seed with
// them. Every expectation must hold each time, and all accounts must end the same.
#ifndef GONGJI_TESTS_EXAMPLES_EXAMPLE_H_
#define GONGJI_TESTS_EXAMPLES_EXAMPLE_H_

#include <cstdint>
#include <string>

#include "policy/policy.h"

namespace gongji::simulation {

struct Seeds {
  uint64_t first = 1;
  uint64_t count = 20;
  bool print = false;  // print what is played, even if all is well
};

// Returns true if all went as expected; otherwise prints the first seed that did not, and how to
// replay it.
bool PlayExample(const policy::PolicyBook& policies, const std::string& file, Seeds seeds);

}  // namespace gongji::simulation

#endif  // GONGJI_TESTS_EXAMPLES_EXAMPLE_H_
