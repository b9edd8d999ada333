// Pages: their sizes, and tokens for the one after.
#ifndef GONGJI_SERVICES_COMMON_RPC_PAGE_H_
#define GONGJI_SERVICES_COMMON_RPC_PAGE_H_

#include <algorithm>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace gongji::rpc {

// What was asked for, at most `most`; `standard` if nothing was.
inline int PageSize(int asked, int standard, int most) {
  return asked <= 0 ? standard : std::min(asked, most);
}

// A token for the page behind `position`, opaque to callers. `question` is all that the pages must
// have in common: a token fits no other one.
std::string PageToken(std::string_view question, std::string_view position);

// The position in `token`, "" without one. INVALID_FIELD page_token: not from an answer to this
// question.
absl::StatusOr<std::string> PositionOf(const std::string& token, std::string_view question);

}  // namespace gongji::rpc

#endif  // GONGJI_SERVICES_COMMON_RPC_PAGE_H_
