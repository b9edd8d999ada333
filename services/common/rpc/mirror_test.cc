#include "services/common/rpc/mirror.h"

#include <gtest/gtest.h>

namespace gongji::rpc {
namespace {

enum class Ours { kNone = 0, kOne = 1, kTwo = 2, kThree = 3 };
enum Theirs { kUnset = 0, kFirst = 1, kSecond = 2 };

// Where it is used, what is not so does not compile.
TEST(Mirrors, HaveTheSameNumbersAndLeaveNothingOut) {
  EXPECT_TRUE((Mirrors<Ours, Theirs>({{Ours::kOne, kFirst}, {Ours::kTwo, kSecond}}, 3)));
  EXPECT_TRUE((Mirrors<Ours, Theirs>(
      {{Ours::kNone, kUnset}, {Ours::kOne, kFirst}, {Ours::kTwo, kSecond}}, 3)));
  EXPECT_FALSE((Mirrors<Ours, Theirs>({{Ours::kOne, kFirst}}, 3))) << "one is missing";
  EXPECT_FALSE((Mirrors<Ours, Theirs>({{Ours::kNone, kUnset}, {Ours::kOne, kFirst}}, 3)));
  EXPECT_FALSE((Mirrors<Ours, Theirs>({{Ours::kOne, kFirst}, {Ours::kTwo, kSecond}}, 4)));
  EXPECT_FALSE((Mirrors<Ours, Theirs>({{Ours::kOne, kFirst}, {Ours::kThree, kSecond}}, 3)));
  EXPECT_FALSE((Mirrors<Ours, Theirs>({{Ours::kTwo, kFirst}, {Ours::kTwo, kSecond}}, 3)));
}

}  // namespace
}  // namespace gongji::rpc
