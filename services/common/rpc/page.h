// Pages: their sizes, and tokens for the next page.
#ifndef GONGJI_SERVICES_COMMON_RPC_PAGE_H_
#define GONGJI_SERVICES_COMMON_RPC_PAGE_H_

#include <algorithm>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace gongji::rpc {

// The size that was asked for, at most `most`; `standard` if none was.
inline int PageSize(int asked, int standard, int most) {
  return asked <= 0 ? standard : std::min(asked, most);
}

// Returns a token for the page after `position`, opaque to callers. `question` is everything that
// the pages must have in common: a token is refused with any other one.
std::string PageToken(std::string_view question, std::string_view position);

// Returns the position in `token`, "" for an empty token. INVALID_FIELD page_token if it does not
// come from an answer to this question.
absl::StatusOr<std::string> PositionOf(const std::string& token, std::string_view question);

}  // namespace gongji::rpc

#endif  // GONGJI_SERVICES_COMMON_RPC_PAGE_H_
