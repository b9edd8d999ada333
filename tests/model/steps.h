// What is done to a shard and its reference, drawn by RapidCheck and made smaller by it.
#ifndef GONGJI_TESTS_MODEL_STEPS_H_
#define GONGJI_TESTS_MODEL_STEPS_H_

#include <cstdint>
#include <string>

#include "tests/model/medium.h"

namespace gongji::model {

// Runs `sequences` random ones of steps, each on a new medium, and compares shard and reference
// after each step and at the end; true if they never differed. Otherwise the smallest sequence
// found in which they do is printed, with the RC_PARAMS that give it again.
bool Check(const std::string& name, const NewMedium& new_medium, int sequences, uint64_t seed);

}  // namespace gongji::model

#endif  // GONGJI_TESTS_MODEL_STEPS_H_
