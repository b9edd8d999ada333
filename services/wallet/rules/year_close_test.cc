// The annual close through a wallet whose clock passes the end of 2026: before the first entry of a
// person, in batches, in dry runs and by the sweep.
#include "services/wallet/rules/year_close.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/common/business_day.h"
#include "services/common/errors/reasons.h"
#include "services/common/testing/manual_env.h"
#include "services/ledger/accounts.h"
#include "services/wallet/testing/wallet_store_memory.h"
#include "services/wallet/wallet.h"

namespace gongji::wallet {
namespace {

const Caller kPlatform{.identity = "platform"};

// A shard on the last evening of 2026.
class YearCloseTest : public testing::Test {
 protected:
  YearCloseTest() {
    SetTime("2026-12-31T23:59:00+08:00");
    Restart();
  }

  void SetTime(const std::string& time) { env_.SetBusinessTime(*ParseTime(time)); }
  void Restart() {
    wallet_.reset();
    scope_ = std::make_unique<TaskScope>();
    wallet_ = std::make_unique<Wallet>(env_, *scope_, *store_, options_, NullMetrics());
    ASSERT_TRUE(env_.Wait(wallet_->Start()).ok());
  }
  ledger::Entry Contribute(const std::string& id, int64_t current_fen, int64_t prior_fen, int year,
                           const std::string& psn_no = "p") {
    std::vector<Contribution> one = {{.line_id = id,
                                      .psn_no = psn_no,
                                      .current_fen = current_fen,
                                      .prior_fen = prior_fen,
                                      .year = year,
                                      .source = "employer"}};
    return env_.Wait(wallet_->Contribute(kPlatform, std::move(one))).front()->entry;
  }
  absl::StatusOr<ledger::Answer> ApplyOne(ledger::Transaction transaction) {
    std::vector<ledger::Transaction> one = {std::move(transaction)};
    return env_.Wait(wallet_->Apply(std::move(one))).front();
  }
  ledger::Entry Apply(ledger::Transaction transaction) {
    return ApplyOne(std::move(transaction))->entry;
  }
  // Takes from prior years only, as a live draw in Shanghai does.
  static ledger::Transaction FromPrior(const std::string& id, int64_t fen) {
    return {.id = id,
            .kind = ledger::Kind::kPivot,
            .holder = id,
            .groups = {{fen, fen, {{.from = ledger::PriorAccount("p"), .to = "provider/h"}}}}};
  }
  static ledger::Transaction Freeze(int64_t fen) {
    return {.id = "freeze",
            .kind = ledger::Kind::kFreeze,
            .holder = "op",
            .groups = {
                {fen,
                 fen,
                 {{.from = ledger::PriorAccount("p"), .to = ledger::GrantedPrior("p", "r")},
                  {.from = ledger::CurrentAccount("p"), .to = ledger::GrantedCurrent("p", "r")}}}}};
  }
  int64_t Balance(const std::string& account) { return AccountsOf(disk_)[account].balance_fen; }
  bool Has(int64_t fen) {
    return (*env_.Wait(wallet_->HasAtLeast({{.psn_no = "p", .fen = fen, .prior_only = true}})))[0];
  }
  std::vector<std::string> Answered() const {
    std::vector<std::string> ids;
    ids.reserve(disk_.journal.size());
    for (const ledger::Entry& entry : disk_.journal) ids.push_back(entry.id);
    return ids;
  }

  ManualEnv env_;
  WalletDisk disk_;
  bool full_ = false;
  WriterOptions options_{.saves = {.save_every = 4}};
  std::unique_ptr<WalletStore> store_ =
      NewMemoryWalletStore(env_, disk_, {.full = [this] { return full_; }});
  std::unique_ptr<TaskScope> scope_;
  std::unique_ptr<Wallet> wallet_;
};

using Ids = std::vector<std::string>;

TEST_F(YearCloseTest, PrecedesTheFirstEntryOfTheNewYear_R13) {
  Contribute("1", 300, 500, 2026);
  EXPECT_EQ(ReasonOf(Apply(FromPrior("old", 700)).status), "INSUFFICIENT_FUNDS");
  SetTime("2027-01-01T00:00:00+08:00");
  EXPECT_TRUE(Apply(FromPrior("new", 700)).status.ok());
  EXPECT_EQ(Answered(), (Ids{"caller/platform/1", "old", "close/p/2027", "new"}));
  EXPECT_EQ(Balance(ledger::CurrentAccount("p")), 0);
  EXPECT_EQ(Balance(ledger::PriorAccount("p")), 100);
  // Once.
  EXPECT_TRUE(Apply(FromPrior("again", 100)).status.ok());
  EXPECT_EQ(Answered().size(), 5U);
}

// If others could use these ids, an id would be answered twice.
TEST_F(YearCloseTest, ItsIdsAreNobodyElses_R13) {
  Contribute("1", 300, 500, 2026);
  EXPECT_EQ(ReasonOf(ApplyOne(FromPrior("close/p/2027", 1)).status()), "INVALID_FIELD");
  EXPECT_EQ(ReasonOf(env_.Wait(wallet_->Decide({"close/p/2027"})).front().status()),
            "INVALID_FIELD");
  SetTime("2027-01-01T00:00:00+08:00");
  EXPECT_TRUE(Apply(FromPrior("new", 700)).status.ok());
  EXPECT_EQ(Answered(), (Ids{"caller/platform/1", "close/p/2027", "new"}));
  // An existing entry may be asked for.
  EXPECT_EQ(env_.Wait(wallet_->Decide({"close/p/2027"})).front()->entry.number, 2);
}

// One batch may contain several transactions of a person, and ids that were answered before.
TEST_F(YearCloseTest, ClosesOnceInABatch_R13) {
  Contribute("1", 300, 500, 2026);
  SetTime("2027-01-01T00:00:00+08:00");
  std::vector<ledger::Transaction> batch = {FromPrior("a", 600), FromPrior("b", 200),
                                            FromPrior("a", 600)};
  const auto answers = env_.Wait(wallet_->Apply(std::move(batch)));
  EXPECT_TRUE(answers[0]->applied());
  EXPECT_TRUE(answers[1]->applied());
  EXPECT_TRUE(answers[2]->replayed);
  EXPECT_EQ(Answered(), (Ids{"caller/platform/1", "close/p/2027", "a", "b"}));
}

TEST_F(YearCloseTest, QuotesAsItWillSettle_R25) {
  Contribute("1", 300, 500, 2026);
  SetTime("2027-01-01T00:00:00+08:00");
  const auto quoted = env_.Wait(wallet_->DryRun({FromPrior("q", 700)}));
  EXPECT_TRUE((*quoted)[0].status.ok()) << (*quoted)[0].status;
  EXPECT_EQ(Answered().size(), 1U);
  EXPECT_EQ(Balance(ledger::CurrentAccount("p")), 300);
}

TEST_F(YearCloseTest, FoundingCountsMoneyOfAYearThatIsOver_R05) {
  Contribute("1", 300, 0, 2026);
  EXPECT_FALSE(Has(1));
  SetTime("2027-01-01T00:00:00+08:00");
  EXPECT_TRUE(Has(300));
  EXPECT_FALSE(Has(301));
}

TEST_F(YearCloseTest, ContributionsNameTheirYear_R13) {
  Contribute("1", 300, 0, 2026);
  EXPECT_EQ(ReasonOf(Contribute("2", 1, 0, 2027).status), "YEAR_CLOSED");
  EXPECT_EQ(ReasonOf(Contribute("3", 1, 0, 2027, "q").status), "YEAR_CLOSED");
  SetTime("2027-01-01T00:00:00+08:00");
  EXPECT_TRUE(Contribute("4", 20, 0, 2027).status.ok());
  // A late line of the year that is over.
  EXPECT_TRUE(Contribute("5", 4, 0, 2026).status.ok());
  EXPECT_EQ(Balance(ledger::CurrentAccount("p")), 20);
  EXPECT_EQ(Balance(ledger::PriorAccount("p")), 304);
  // A person whose only line is late begins in the present year too.
  EXPECT_TRUE(Contribute("6", 4, 0, 2026, "r").status.ok());
  EXPECT_EQ(Balance(ledger::PriorAccount("r")), 4);
  EXPECT_EQ(disk_.journal.back().effects.persons.front().second.year, 2027);
}

TEST_F(YearCloseTest, GrantedMoneyKeepsItsReceiver_R15) {
  Contribute("1", 300, 500, 2026);
  ASSERT_TRUE(Apply(Freeze(600)).status.ok());
  SetTime("2027-01-01T00:00:00+08:00");
  // A capture after the close takes the same pot.
  ledger::Transaction capture{.id = "capture", .kind = ledger::Kind::kComplete, .holder = "op"};
  capture.groups = {{150,
                     150,
                     {{.from = ledger::GrantedPrior("p", "r"), .to = "clearing/310000/510100"},
                      {.from = ledger::GrantedCurrent("p", "r"), .to = "clearing/310000/510100"}}}};
  EXPECT_TRUE(Apply(capture).status.ok());
  EXPECT_EQ(Balance(ledger::GrantedPrior("p", "r")), 450);
  EXPECT_EQ(Balance(ledger::GrantedCurrent("p", "r")), 0);
  // Returned money goes to prior years, because its year is closed.
  ledger::Transaction release{.id = "release", .kind = ledger::Kind::kRelease, .holder = "op"};
  release.groups = {{450,
                     450,
                     {{.from = ledger::GrantedCurrent("p", "r"), .to = ledger::CurrentAccount("p")},
                      {.from = ledger::GrantedPrior("p", "r"), .to = ledger::PriorAccount("p")}}}};
  EXPECT_TRUE(Apply(release).status.ok());
  EXPECT_EQ(Balance(ledger::CurrentAccount("p")), 0);
  EXPECT_EQ(Balance(ledger::PriorAccount("p")), 650);
}

TEST_F(YearCloseTest, RefundOfAClosedYearGoesToPriorYears_R13) {
  Contribute("1", 300, 0, 2026);
  ledger::Transaction pay{.id = "pay", .kind = ledger::Kind::kPivot, .holder = "op"};
  pay.groups = {{200, 200, {{.from = ledger::CurrentAccount("p"), .to = "provider/h"}}}};
  const int year = Apply(pay).moves.front().year;
  EXPECT_EQ(year, 2026);
  SetTime("2027-01-01T00:00:00+08:00");
  ledger::Transaction refund{.id = "refund", .kind = ledger::Kind::kPivot, .holder = "op"};
  refund.groups = {
      {200, 200, {{.from = "provider/h", .to = ledger::CurrentAccount("p"), .year = year}}}};
  EXPECT_EQ(Apply(refund).moves.front().credited, ledger::PriorAccount("p"));
  EXPECT_EQ(Balance(ledger::PriorAccount("p")), 300);
}

// Neither a wall clock that is set back nor a policy that moves the turn of the year may open a
// year again.
TEST_F(YearCloseTest, NeverGoesBack) {
  Contribute("1", 300, 0, 2026);
  SetTime("2027-01-01T00:00:00+08:00");
  Apply(FromPrior("a", 1));
  SetTime("2026-12-31T23:59:59+08:00");
  Restart();
  EXPECT_TRUE(Contribute("2", 5, 0, 2027).status.ok());
  EXPECT_EQ(Balance(ledger::CurrentAccount("p")), 5);
  EXPECT_EQ(Balance(ledger::PriorAccount("p")), 299);
}

TEST_F(YearCloseTest, YearBeginsWhenTheAreaSaysSo_R13) {
  options_.account_year = [](absl::Time at) {
    const BusinessDay day = BusinessDayOf(at);
    return static_cast<int>(day.month() < 7 ? day.year() - 1 : day.year());
  };
  Restart();
  Contribute("1", 300, 500, 2026);
  SetTime("2027-06-30T23:59:59+08:00");
  EXPECT_EQ(ReasonOf(Apply(FromPrior("a", 800)).status), "INSUFFICIENT_FUNDS");
  SetTime("2027-07-01T00:00:00+08:00");
  EXPECT_TRUE(Apply(FromPrior("b", 800)).status.ok());
}

// Pages and batches end in the middle of the persons, or with the last one.
TEST_F(YearCloseTest, SweepLosesNobodyBetweenPages_R13) {
  for (const auto& [page, batch] : {std::pair{1, 1}, {2, 3}, {3, 2}, {6, 6}, {5, 1}}) {
    SCOPED_TRACE(absl::StrCat("page ", page, ", batch ", batch));
    disk_ = WalletDisk();
    SetTime("2026-12-31T23:59:00+08:00");
    options_.sizes = {.sweep_page = page, .sweep_batch = batch};
    Restart();
    for (int i = 0; i < 6; ++i) {
      Contribute(absl::StrCat("l", i), 7, 0, 2026, absl::StrCat("s", i));
    }
    SetTime("2027-01-01T00:00:00+08:00");
    EXPECT_TRUE(env_.Wait(wallet_->SweepYears()).ok());
    EXPECT_EQ(disk_.journal.size(), 12U);
    for (int i = 0; i < 6; ++i) {
      EXPECT_EQ(Balance(ledger::PriorAccount(absl::StrCat("s", i))), 7) << i;
    }
  }
}

TEST_F(YearCloseTest, SweepClosesTheRestOnce_R13) {
  for (int i = 0; i < 100; ++i) Contribute(absl::StrCat("l", i), 7, 0, 2026, absl::StrCat("s", i));
  SetTime("2027-01-01T00:00:00+08:00");
  Contribute("late", 1, 0, 2027, "s5");
  EXPECT_TRUE(env_.Wait(wallet_->SweepYears()).ok());
  EXPECT_EQ(disk_.journal.size(), 201U);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(Balance(ledger::PriorAccount(absl::StrCat("s", i))), 7);
  }
  Restart();
  EXPECT_TRUE(env_.Wait(wallet_->SweepYears()).ok());
  EXPECT_EQ(disk_.journal.size(), 201U);
}

// A sweep that finds the disk full fails; the next one succeeds.
TEST_F(YearCloseTest, SweepThatFailsGoesOnLater_P13) {
  for (int i = 0; i < 3; ++i) Contribute(absl::StrCat("l", i), 7, 0, 2026, absl::StrCat("s", i));
  ASSERT_TRUE(env_.Wait(wallet_->SweepYears()).ok());  // Saves.
  SetTime("2027-01-01T00:00:00+08:00");
  full_ = true;
  EXPECT_EQ(ReasonOf(env_.Wait(wallet_->SweepYears())), "DISK_FULL");
  EXPECT_EQ(disk_.journal.size(), 3U);
  full_ = false;
  EXPECT_TRUE(env_.Wait(wallet_->SweepYears()).ok());
  EXPECT_EQ(disk_.journal.size(), 6U);
}

}  // namespace
}  // namespace gongji::wallet
