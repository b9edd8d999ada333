#include "services/common/rpc/page.h"

#include <gtest/gtest.h>

#include "services/common/errors/reasons.h"

namespace gongji::rpc {
namespace {

TEST(PageTest, SizesAreWithinBounds) {
  EXPECT_EQ(PageSize(0, 100, 1000), 100);
  EXPECT_EQ(PageSize(-1, 100, 1000), 100);
  EXPECT_EQ(PageSize(7, 100, 1000), 7);
  EXPECT_EQ(PageSize(1001, 100, 1000), 1000);
}

TEST(PageTest, ATokenGoesOnWithItsQuestionOnly) {
  const std::string token = PageToken("statement of a", "1234");
  EXPECT_EQ(*PositionOf(token, "statement of a"), "1234");
  EXPECT_EQ(*PositionOf("", "statement of a"), "");
  for (const std::string& other : {token + "A", token.substr(1), std::string("1234"),
                                   std::string("%"), PageToken("statement of b", "1234")}) {
    EXPECT_EQ(ReasonOf(PositionOf(other, "statement of a").status()), reason::kInvalidField.name)
        << other;
  }
}

}  // namespace
}  // namespace gongji::rpc
