// CHECK: what must hold whatever a caller or the world does. A violation is a mistake in our code
// and ends the process, so that nothing is decided or answered on a broken state. Active in every
// build.
#ifndef GONGJI_SERVICES_COMMON_ERRORS_CHECK_H_
#define GONGJI_SERVICES_COMMON_ERRORS_CHECK_H_

namespace gongji {

// Prints the place and what was expected to standard error and aborts.
[[noreturn]] void CheckFailed(const char* file, int line, const char* expression);

}  // namespace gongji

#define CHECK(expression)                                     \
  do {                                                        \
    if (!(expression)) [[unlikely]] {                         \
      ::gongji::CheckFailed(__FILE__, __LINE__, #expression); \
    }                                                         \
  } while (false)

#endif  // GONGJI_SERVICES_COMMON_ERRORS_CHECK_H_
