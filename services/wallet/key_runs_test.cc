#include "services/wallet/key_runs.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace gongji::wallet {
namespace {

std::vector<std::string> TakeAll(KeyRuns& keys) {
  std::vector<std::string> taken;
  while (!keys.empty()) taken.push_back(keys.TakeFirst());
  return taken;
}

TEST(KeyRunsTest, GivesKeysInOrderHoweverTheyCame) {
  KeyRuns keys;
  std::vector<std::string> expected;
  // Every key below 10,007 once, far apart from its neighbours.
  for (int i = 0; i < 10'007; ++i) {
    keys.Add(absl::StrCat(1'000'000 + i * 7919 % 10'007));
    expected.push_back(absl::StrCat(1'000'000 + i));
  }
  EXPECT_EQ(TakeAll(keys), expected);
  EXPECT_TRUE(keys.empty());
}

TEST(KeyRunsTest, GivesAKeyAsOftenAsItCame) {
  KeyRuns keys;
  for (const char* key : {"b", "a", "b"}) keys.Add(key);
  EXPECT_EQ(TakeAll(keys), (std::vector<std::string>{"a", "b", "b"}));
}

TEST(KeyRunsTest, TakesBackOnlyTheLastOne) {
  KeyRuns keys;
  keys.Add("a");
  keys.Add("b");
  keys.TakeBack("a");
  keys.TakeBack("b");
  keys.TakeBack("b");
  EXPECT_EQ(TakeAll(keys), (std::vector<std::string>{"a"}));
}

TEST(KeyRunsTest, MovesKeysBehindOnesThatWait) {
  KeyRuns waiting;
  KeyRuns fresh;
  for (const char* key : {"d", "b"}) waiting.Add(key);
  EXPECT_EQ(waiting.TakeFirst(), "b");
  for (const char* key : {"c", "e", "a"}) fresh.Add(key);
  fresh.MoveTo(waiting);
  EXPECT_TRUE(fresh.empty());
  EXPECT_EQ(TakeAll(waiting), (std::vector<std::string>{"a", "c", "d", "e"}));
}

}  // namespace
}  // namespace gongji::wallet
