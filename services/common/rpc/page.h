// Sizes of pages, as callers ask for them.
#ifndef GONGJI_SERVICES_COMMON_RPC_PAGE_H_
#define GONGJI_SERVICES_COMMON_RPC_PAGE_H_

#include <algorithm>

namespace gongji::rpc {

// What was asked for, at most `most`; `standard` if nothing was.
inline int PageSize(int asked, int standard, int most) {
  return asked <= 0 ? standard : std::min(asked, most);
}

}  // namespace gongji::rpc

#endif  // GONGJI_SERVICES_COMMON_RPC_PAGE_H_
