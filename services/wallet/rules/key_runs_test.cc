#include "services/wallet/rules/key_runs.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace gongji::wallet {
namespace {

using Slot = std::pair<std::string, int>;

std::vector<std::string> TakeAll(KeyRuns<Slot>& keys) {
  std::vector<std::string> taken;
  while (!keys.empty()) taken.push_back(keys.TakeFirst()->first);
  return taken;
}

std::vector<Slot> SlotsOf(const std::vector<std::string>& keys) {
  std::vector<Slot> slots;
  slots.reserve(keys.size());
  for (const std::string& key : keys) slots.emplace_back(key, 0);
  return slots;
}

TEST(KeyRunsTest, GivesKeysInOrderHoweverTheyCame) {
  std::vector<std::string> keys;
  std::vector<std::string> expected;
  // Adds every key below 10,007 once, far apart from its neighbours.
  for (int i = 0; i < 10'007; ++i) {
    keys.push_back(absl::StrCat(1'000'000 + i * 7919 % 10'007));
    expected.push_back(absl::StrCat(1'000'000 + i));
  }
  std::vector<Slot> slots = SlotsOf(keys);
  KeyRuns<Slot> runs;
  for (Slot& slot : slots) runs.Add(&slot);
  EXPECT_EQ(TakeAll(runs), expected);
  EXPECT_TRUE(runs.empty());
}

TEST(KeyRunsTest, GivesASlotAsOftenAsItCame) {
  std::vector<Slot> slots = SlotsOf({"b", "a"});
  KeyRuns<Slot> runs;
  for (const size_t i : {0U, 1U, 0U}) runs.Add(&slots[i]);
  EXPECT_EQ(TakeAll(runs), (std::vector<std::string>{"a", "b", "b"}));
}

TEST(KeyRunsTest, TakesBackOnlyTheLastOne) {
  std::vector<Slot> slots = SlotsOf({"a", "b"});
  KeyRuns<Slot> runs;
  for (const size_t i : {0U, 1U}) runs.Add(&slots[i]);
  EXPECT_FALSE(runs.TakeBack(&slots[0]));
  EXPECT_TRUE(runs.TakeBack(&slots[1]));
  EXPECT_FALSE(runs.TakeBack(&slots[1]));
  EXPECT_EQ(TakeAll(runs), (std::vector<std::string>{"a"}));
}

TEST(KeyRunsTest, MovesKeysBehindOnesThatWait) {
  std::vector<Slot> old_ones = SlotsOf({"d", "b"});
  std::vector<Slot> new_ones = SlotsOf({"c", "e", "a"});
  KeyRuns<Slot> waiting;
  KeyRuns<Slot> fresh;
  for (Slot& slot : old_ones) waiting.Add(&slot);
  EXPECT_EQ(waiting.TakeFirst()->first, "b");
  for (Slot& slot : new_ones) fresh.Add(&slot);
  fresh.MoveTo(waiting);
  EXPECT_TRUE(fresh.empty());
  EXPECT_EQ(TakeAll(waiting), (std::vector<std::string>{"a", "c", "d", "e"}));
}

}  // namespace
}  // namespace gongji::wallet
