// Runs one seed: a phase of faults, then healing and a bounded time until all is quiet.
#ifndef GONGJI_TESTS_SIMULATION_SIMULATION_H_
#define GONGJI_TESTS_SIMULATION_SIMULATION_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "policy/policy.h"

namespace gongji::simulation {

struct Outcome {
  std::vector<std::string> violations;
  uint64_t trace_hash = 0;
  // How often things happened, by name.
  std::map<std::string, int64_t> marks;
};

// Runs `seed` with rules drawn on top of the `shipped` policy files; if `trace`, prints its events.
Outcome RunSeed(uint64_t seed, const std::vector<policy::PolicyText>& shipped, bool trace);

}  // namespace gongji::simulation

#endif  // GONGJI_TESTS_SIMULATION_SIMULATION_H_
