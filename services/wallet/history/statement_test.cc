#include "services/wallet/history/statement.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <ranges>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/common/errors/reasons.h"
#include "services/common/testing/manual_env.h"
#include "services/wallet/testing/wallet_store_memory.h"

namespace gongji::wallet {
namespace {

// A journal of single postings from "outside/x" to the account of each entry.
class StatementTest : public testing::Test {
 protected:
  void Add(const std::string& account) {
    const auto number = static_cast<int64_t>(disk_.journal.size()) + 1;
    at_ += absl::Seconds(number % 3);  // Some entries have the same time.
    ledger::Row row{.from = "outside/x", .to = account, .amount_fen = 1};
    row.from_before = std::exchange(newest_["outside/x"], number);
    row.to_before = std::exchange(newest_[account], number);
    disk_.journal.push_back(
        {.number = number, .id = absl::StrCat(number), .at = at_, .rows = {row}});
    disk_.head.last_number = number;
  }
  // The numbers on all pages, of which at most `pages` are read.
  std::vector<int64_t> Numbers(StatementQuestion question, int pages = 1'000'000) {
    std::vector<int64_t> numbers;
    do {
      const auto page = env_.Wait(ReadStatement(*store_, question, newest_[question.account]));
      EXPECT_TRUE(page.ok()) << page.status();
      for (const StatementLine& line : page->lines) numbers.push_back(line.number);
      question.from = page->next_number;
    } while (question.from > 0 && --pages > 0);
    return numbers;
  }
  // The expected numbers, found by reading everything.
  std::vector<int64_t> Should(const StatementQuestion& question) const {
    std::vector<int64_t> numbers;
    for (const ledger::Entry& entry : std::views::reverse(disk_.journal)) {
      const bool touches = ledger::EntryBefore(entry.rows, question.account).has_value();
      const bool in_time = entry.at <= question.up_to_time;
      const bool early = question.up_to_number == 0 || entry.number <= question.up_to_number;
      if (touches && in_time && early) numbers.push_back(entry.number);
    }
    return numbers;
  }

  ManualEnv env_;
  WalletDisk disk_;
  const std::unique_ptr<WalletStore> store_ = NewMemoryWalletStore(env_, disk_);
  absl::Time at_ = absl::UnixEpoch();
  std::map<std::string, int64_t> newest_;
};

TEST_F(StatementTest, AsOfAnyMomentOfBusyAndQuietAccounts_R19) {
  std::minstd_rand random(7);
  for (int i = 0; i < 3000; ++i) {
    const auto draw = random() % 1000;
    Add(draw == 0 ? "outside/seldom" : draw < 20 ? "outside/now-and-then" : "outside/often");
  }
  for (const char* account :
       {"outside/x", "outside/seldom", "outside/now-and-then", "outside/often", "outside/never"}) {
    for (const int64_t number : {0, 1, 2, 255, 256, 257, 1500, 2999, 3000, 9999}) {
      StatementQuestion question{.account = account, .up_to_number = number, .limit = 200};
      EXPECT_EQ(Numbers(question), Should(question)) << account << " " << number;
      if (number == 0) continue;
      question.up_to_time =
          disk_.journal[static_cast<size_t>(std::min<int64_t>(number, 3000)) - 1].at;
      EXPECT_EQ(Numbers(question), Should(question)) << account << " in time " << number;
      question.up_to_number = 0;
      EXPECT_EQ(Numbers(question), Should(question)) << account << " at " << number;
    }
    const StatementQuestion before{.account = account, .up_to_time = absl::UnixEpoch()};
    EXPECT_EQ(Numbers(before), std::vector<int64_t>()) << account;
  }
}

// The account was very busy of late and idle for as long before, so that the search is long in both
// ways. A page then ends early, and the next one goes on.
TEST_F(StatementTest, ALongSearchIsCutIntoPages_R19) {
  Add("outside/late");
  for (int i = 0; i < 10'000; ++i) Add("outside/other");
  for (int i = 0; i < 10'000; ++i) Add("outside/late");
  const StatementQuestion question{.account = "outside/late", .up_to_number = 10'000};
  EXPECT_EQ(Numbers(question, 1), std::vector<int64_t>());
  EXPECT_EQ(Numbers(question), (std::vector<int64_t>{1}));
}

TEST_F(StatementTest, APageOfNothingOfTheAccount) {
  Add("outside/a");
  Add("outside/b");
  for (const StatementQuestion& question :
       {StatementQuestion{.account = "outside/a", .from = 2},
        StatementQuestion{.account = "outside/a", .up_to_number = 1, .from = 2},
        StatementQuestion{.account = "outside/a", .up_to_time = at_, .from = 99}}) {
    EXPECT_EQ(ReasonOf(env_.Wait(ReadStatement(*store_, question, 1)).status()), "INVALID_FIELD");
  }
}

}  // namespace
}  // namespace gongji::wallet
