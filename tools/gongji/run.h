// Carries out one invocation and prints what came of it.
#ifndef GONGJI_TOOLS_GONGJI_RUN_H_
#define GONGJI_TOOLS_GONGJI_RUN_H_

#include "tools/gongji/command_line.h"

namespace gongji::cli {

// Gives the exit code (refusal.h). Answers go to standard output, refusals and the request id to
// standard error; with --output=json everything is one object on standard output.
int Run(const Invocation& invocation);

}  // namespace gongji::cli

#endif  // GONGJI_TOOLS_GONGJI_RUN_H_
