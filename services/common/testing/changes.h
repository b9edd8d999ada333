// For tests of fingerprints: a value changed in one field after the other.
#ifndef GONGJI_SERVICES_COMMON_TESTING_CHANGES_H_
#define GONGJI_SERVICES_COMMON_TESTING_CHANGES_H_

#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

namespace gongji {

// `first` itself, and for each change a copy of it with that change.
template <class T>
std::vector<T> Changed(const T& first, const std::vector<std::function<void(T&)>>& changes) {
  std::vector<T> values = {first};
  for (const auto& change : changes) {
    values.push_back(first);
    change(values.back());
  }
  return values;
}

inline void ExpectAllDiffer(const std::vector<std::string>& fingerprints) {
  std::set<std::string> seen;
  for (size_t at = 0; at < fingerprints.size(); ++at) {
    EXPECT_TRUE(seen.insert(fingerprints[at]).second) << "number " << at;
  }
}

}  // namespace gongji

#endif  // GONGJI_SERVICES_COMMON_TESTING_CHANGES_H_
