// The steps that are done to a shard and its reference; RapidCheck draws and shrinks them.
#ifndef GONGJI_TESTS_MODEL_STEPS_H_
#define GONGJI_TESTS_MODEL_STEPS_H_

#include <cstdint>
#include <string>

#include "tests/model/medium.h"

namespace gongji::model {

// Runs `sequences` random sequences of steps, each on a new medium, and compares shard and
// reference after each step and at the end. Returns true if they never differed. Otherwise prints
// the smallest sequence found in which they differ, with the RC_PARAMS that reproduce it.
bool Check(const std::string& name, const NewMedium& new_medium, int sequences, uint64_t seed);

}  // namespace gongji::model

#endif  // GONGJI_TESTS_MODEL_STEPS_H_
