// What the writer reads before it serves and before it judges, in pages and up to bounds that are
// small enough to be crossed.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/common/errors/reasons.h"
#include "services/common/testing/manual_env.h"
#include "services/wallet/testing/wallet_store_memory.h"
#include "services/wallet/wallet.h"

namespace gongji::wallet {
namespace {

const Caller kPlatform{.identity = "platform"};

class WriterReadTest : public testing::Test {
 protected:
  WriterReadTest() { Restart(); }

  void Restart() {
    wallet_.reset();
    scope_ = std::make_unique<TaskScope>();
    wallet_ = std::make_unique<Wallet>(env_, *scope_, *store_, options_, NullMetrics());
    ASSERT_TRUE(env_.Wait(wallet_->Start()).ok());
  }

  // One fen for one person.
  absl::StatusOr<ledger::Answer> Contribute(const std::string& id) {
    std::vector<Contribution> one = {
        {.line_id = id, .psn_no = "p", .current_fen = 1, .year = 2026, .source = "employer"}};
    return env_.Wait(wallet_->Contribute(kPlatform, std::move(one))).front();
  }

  ManualEnv env_;
  WalletDisk disk_;
  WriterOptions options_;
  std::unique_ptr<TaskScope> scope_;
  std::unique_ptr<WalletStore> store_ = NewMemoryWalletStore(env_, disk_);
  std::unique_ptr<Wallet> wallet_;
};

// What the tables lack is redone in pages, however many entries they have.
TEST_F(WriterReadTest, EveryEntryIsRedoneWhateverThePage_P5_P10) {
  options_.saves.save_every = 1000;
  Restart();
  for (int i = 0; i < 7; ++i) {
    ASSERT_TRUE(Contribute(absl::StrCat("line", i))->applied());
  }
  for (const int page : {1, 2, 6, 7, 8}) {
    options_.sizes.redo_page = page;
    Restart();
    EXPECT_TRUE(Contribute("line6")->replayed) << page;
    const auto persons = env_.Wait(wallet_->GetBalances({"p"}));
    ASSERT_TRUE(persons.ok()) << persons.status();
    EXPECT_EQ(persons->value[0].accounts[0].account.balance_fen, 7) << page;
  }
}

// As many as may be are read whole; with one more nothing is read.
TEST_F(WriterReadTest, AccountsAreCountedUpToTheirBound) {
  ASSERT_TRUE(Contribute("line")->applied());
  const auto close = [this](const std::string& id) {
    std::vector<CloseWallet> one = {{id, "p"}};
    return ReasonOf(env_.Wait(wallet_->CloseWallets(kPlatform, std::move(one))).front().status());
  };
  options_.max_accounts = 2;
  options_.max_listed_accounts = 2;
  Restart();
  EXPECT_TRUE(env_.Wait(wallet_->GetBalances({"p"})).ok());
  EXPECT_EQ(close("two"), "");
  options_.max_accounts = 1;
  options_.max_listed_accounts = 1;
  Restart();
  EXPECT_EQ(ReasonOf(env_.Wait(wallet_->GetBalances({"p"})).status()), "TOO_MANY_ACCOUNTS");
  EXPECT_EQ(close("three"), "TOO_MANY_ACCOUNTS");
}

}  // namespace
}  // namespace gongji::wallet
