// Carries out one invocation and prints its result.
#ifndef GONGJI_TOOLS_GONGJI_RUN_H_
#define GONGJI_TOOLS_GONGJI_RUN_H_

#include "tools/gongji/command_line.h"

namespace gongji::cli {

// Returns the exit code (refusal.h). Answers are printed to standard output, refusals and the
// request id to standard error; with --output=json everything is one object on standard output.
int Run(const Invocation& invocation);

}  // namespace gongji::cli

#endif  // GONGJI_TOOLS_GONGJI_RUN_H_
