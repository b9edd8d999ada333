#include "services/common/errors/check.h"

#include <cstdio>
#include <cstdlib>

namespace gongji {

void CheckFailed(const char* file, int line, const char* expression) {
  std::fprintf(stderr, "%s:%d: CHECK failed: %s\n", file, line, expression);
  std::abort();
}

}  // namespace gongji
