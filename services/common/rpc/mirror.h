// Enums of the domain that have the numbers of a contract's enum, so that one is cast to the other.
#ifndef GONGJI_SERVICES_COMMON_RPC_MIRROR_H_
#define GONGJI_SERVICES_COMMON_RPC_MIRROR_H_

#include <cstddef>
#include <initializer_list>
#include <utility>

namespace gongji::rpc {

// True if the values of each pair have the same number and every value of the contract is listed,
// except its 0, which means "not set". `size` is the contract's E_ARRAYSIZE: adding a value there
// without adding one here does not compile.
template <class Ours, class Theirs>
constexpr bool Mirrors(std::initializer_list<std::pair<Ours, Theirs>> pairs, int size) {
  int listed = 0;
  for (const auto& [ours, theirs] : pairs) {
    if (static_cast<int>(ours) != static_cast<int>(theirs)) return false;
    if (static_cast<int>(theirs) != 0) ++listed;
  }
  return listed == size - 1;
}

}  // namespace gongji::rpc

#endif  // GONGJI_SERVICES_COMMON_RPC_MIRROR_H_
