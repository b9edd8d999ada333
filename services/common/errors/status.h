// One error language: absl::Status with a machine-readable detail, translated to the wire in
// services/common/rpc/status_wire.h only. Constructors with texts come from reasons.h.
#ifndef GONGJI_SERVICES_COMMON_ERRORS_STATUS_H_
#define GONGJI_SERVICES_COMMON_ERRORS_STATUS_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace gongji {

// Variable parts of a refusal as name and value, in the order in which they were added.
using Metadata = std::vector<std::pair<std::string, std::string>>;

// What a caller's program may rely on. `reason` is stable and never reused (docs/reasons.md).
struct ErrorDetail {
  std::string reason;
  Metadata metadata;
  // True: the same request id will get this answer for ever. False: repeat the same id later.
  bool final = true;
  // Text for people; may change.
  std::string text_zh;

  friend bool operator==(const ErrorDetail&, const ErrorDetail&) = default;
};

// A status that carries `detail`. `text_en` is the English text for people.
absl::Status StatusWith(absl::StatusCode code, absl::string_view text_en, ErrorDetail detail);

// The detail of `status`, or nothing for an error of which callers learn only the code.
std::optional<ErrorDetail> DetailOf(const absl::Status& status);

// The reason of `status`, or "" if it has none.
std::string ReasonOf(const absl::Status& status);

// True for an error that decides its request id: a business refusal, not a failure on the way.
bool IsFinal(const absl::Status& status);

}  // namespace gongji

#define GONGJI_CONCAT_INNER(a, b) a##b
#define GONGJI_CONCAT(a, b) GONGJI_CONCAT_INNER(a, b)

#define GONGJI_RETURN_IF_ERROR(return_word, expression)                     \
  do {                                                                      \
    if (absl::Status status_of_step = (expression); !status_of_step.ok()) { \
      return_word status_of_step;                                           \
    }                                                                       \
  } while (false)

#define GONGJI_ASSIGN_OR(return_word, value, left, expression) \
  auto value = (expression);                                   \
  if (!value.ok()) return_word value.status();                 \
  left = *std::move(value)

// `ASSIGN_OR_RETURN(const Bill bill, ParseBill(request));` The CO_ forms are for coroutines.
#define RETURN_IF_ERROR(expression) GONGJI_RETURN_IF_ERROR(return, expression)
#define CO_RETURN_IF_ERROR(expression) GONGJI_RETURN_IF_ERROR(co_return, expression)
#define ASSIGN_OR_RETURN(left, ...) \
  GONGJI_ASSIGN_OR(return, GONGJI_CONCAT(status_or_, __LINE__), left, (__VA_ARGS__))
#define ASSIGN_OR_CO_RETURN(left, ...) \
  GONGJI_ASSIGN_OR(co_return, GONGJI_CONCAT(status_or_, __LINE__), left, (__VA_ARGS__))

#endif  // GONGJI_SERVICES_COMMON_ERRORS_STATUS_H_
