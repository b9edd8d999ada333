// The use cases over the store in memory: ids, batches, full disks and deposed writers; then
// (SavingTest) the same while the tables follow the journal slowly, with restarts in every state.
#include "services/wallet/wallet.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/common/errors/reasons.h"
#include "services/common/testing/manual_env.h"
#include "services/ledger/accounts.h"
#include "services/wallet/testing/wallet_store_memory.h"

namespace gongji::wallet {
namespace {

const Caller kPlatform{.identity = "platform"};

class WalletTest : public testing::Test {
 protected:
  WalletTest() { Restart(); }

  void Restart() {
    wallet_.reset();
    scope_ = std::make_unique<TaskScope>();
    store_ = NewMemoryWalletStore(
        env_, disk_,
        {.full = [this] { return full_; },
         .tables_full = [this] { return tables_full_; },
         .loads = [this](const Keys& keys) { claims_loaded_ += keys.claims.size(); }});
    wallet_ = std::make_unique<Wallet>(env_, *scope_, *store_, options_, NullMetrics());
    ASSERT_TRUE(env_.Wait(wallet_->Start()).ok());
  }

  absl::StatusOr<ledger::Answer> Apply(ledger::Transaction transaction) {
    std::vector<ledger::Transaction> one = {std::move(transaction)};
    return env_.Wait(wallet_->Apply(std::move(one))).front();
  }
  absl::StatusOr<ledger::Answer> Decide(const std::string& id) {
    std::vector<std::string> one = {id};
    return env_.Wait(wallet_->Decide(std::move(one))).front();
  }
  absl::StatusOr<ledger::Answer> Contribute(Contribution line) {
    std::vector<Contribution> one = {std::move(line)};
    return env_.Wait(wallet_->Contribute(kPlatform, std::move(one))).front();
  }
  static Contribution Line(const std::string& id, int64_t current_fen, int64_t prior_fen) {
    return {.line_id = id,
            .psn_no = "p",
            .current_fen = current_fen,
            .prior_fen = prior_fen,
            .year = 2026,
            .source = "employer"};
  }
  static Contribution LineOf(int year, const std::string& id, int64_t fen) {
    Contribution line = Line(id, fen, 0);
    line.year = year;
    return line;
  }
  static ledger::Transaction Pay(const std::string& id, int64_t fen) {
    return {.id = id,
            .kind = ledger::Kind::kPivot,
            .holder = "op",
            .groups = {{fen, fen, {{.from = ledger::PriorAccount("p"), .to = "provider/h"}}}}};
  }
  int64_t Balance(const std::string& account) { return AccountsOf(disk_)[account].balance_fen; }

  ManualEnv env_;
  WalletDisk disk_;
  bool full_ = false;
  bool tables_full_ = false;
  size_t claims_loaded_ = 0;
  WriterOptions options_;
  std::unique_ptr<TaskScope> scope_;
  std::unique_ptr<WalletStore> store_;
  std::unique_ptr<Wallet> wallet_;
};

TEST_F(WalletTest, ContributionIsBookedOnce_R13_P6) {
  ASSERT_TRUE(Contribute(Line("line", 300, 500))->applied());
  Restart();
  const auto again = Contribute(Line("line", 300, 500));
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(Balance("person/p/prior"), 500);
  EXPECT_EQ(Balance("person/p/current"), 300);
  EXPECT_EQ(Balance("outside/employer"), -800);
}

TEST_F(WalletTest, OtherContentsUnderAnIdAreRefused_P7) {
  ASSERT_TRUE(Contribute(Line("line", 300, 500)).ok());
  EXPECT_EQ(ReasonOf(Contribute(Line("line", 301, 500)).status()), "REQUEST_ID_REUSED");
  // The same id under another method is other contents too.
  std::vector<OpenWallet> open = {{"line", "p", true, ""}};
  const auto answers = env_.Wait(wallet_->OpenWallets(kPlatform, std::move(open)));
  EXPECT_EQ(ReasonOf(answers.front().status()), "REQUEST_ID_REUSED");
  EXPECT_EQ(Balance("person/p/current"), 300);
}

TEST_F(WalletTest, BadLinesAreRefusedByThemselves) {
  std::vector<Contribution> lines = {Line("", 1, 0), Line("good", 1, 0), Line("late", 1, 0)};
  lines[2].year = 2027;  // Later than the account's year, which the previous line sets.
  const auto answers = env_.Wait(wallet_->Contribute(kPlatform, std::move(lines)));
  EXPECT_EQ(ReasonOf(answers[0].status()), "INVALID_FIELD");
  EXPECT_TRUE(answers[1]->applied());
  EXPECT_EQ(ReasonOf(answers[2]->entry.status), "YEAR_CLOSED");
}

TEST_F(WalletTest, RefusalStandsForEver_P8) {
  ASSERT_TRUE(Contribute(Line("line", 0, 100))->applied());
  EXPECT_EQ(ReasonOf(Apply(Pay("a", 200))->entry.status), "INSUFFICIENT_FUNDS");
  ASSERT_TRUE(Contribute(LineOf(2025, "more", 100))->applied());
  const auto again = Apply(Pay("a", 200));
  EXPECT_EQ(ReasonOf(again->entry.status), "INSUFFICIENT_FUNDS");
  EXPECT_TRUE(again->replayed);
  EXPECT_TRUE(Apply(Pay("b", 200))->applied());
}

TEST_F(WalletTest, DecideMakesAStepImpossible_P21_P22) {
  ASSERT_TRUE(Contribute(Line("line", 0, 100))->applied());
  const auto tombstone = Decide("a");
  EXPECT_EQ(tombstone->entry.outcome, ledger::Outcome::kTombstone);
  EXPECT_TRUE(tombstone->decided());
  Restart();
  EXPECT_EQ(ReasonOf(Apply(Pay("a", 50))->entry.status), "STEP_TOMBSTONED");
  EXPECT_EQ(Balance("person/p/prior"), 100);
}

TEST_F(WalletTest, DecideGivesTheEntryThatStands_P21) {
  ASSERT_TRUE(Contribute(Line("line", 0, 100))->applied());
  ASSERT_TRUE(Apply(Pay("a", 50))->applied());
  const auto decided = Decide("a");
  EXPECT_TRUE(decided->applied());
  EXPECT_EQ(decided->entry.moves.front().amount_fen, 50);
}

TEST_F(WalletTest, StepsOfOneBatchSeeEachOther) {
  ASSERT_TRUE(Contribute(Line("line", 0, 100))->applied());
  std::vector<ledger::Transaction> batch = {Pay("a", 80), Pay("b", 80), Pay("a", 80), Pay("c", 20)};
  const auto answers = env_.Wait(wallet_->Apply(std::move(batch)));
  EXPECT_TRUE(answers[0]->applied());
  EXPECT_EQ(ReasonOf(answers[1]->entry.status), "INSUFFICIENT_FUNDS");
  EXPECT_TRUE(answers[2]->replayed);
  EXPECT_TRUE(answers[3]->applied());
  EXPECT_EQ(disk_.journal.size(), 4U);
}

TEST_F(WalletTest, LateIsNotStored) {
  ledger::Transaction pay = Pay("a", 1);
  pay.not_after = env_.Now() - absl::Seconds(1);
  const auto late = Apply(pay);
  EXPECT_EQ(ReasonOf(late->entry.status), "LATE");
  EXPECT_FALSE(late->decided());
  EXPECT_TRUE(disk_.journal.empty());
}

TEST_F(WalletTest, FullDiskRefusesAndRecovers_P13) {
  ASSERT_TRUE(Contribute(Line("line", 0, 100))->applied());
  full_ = true;
  EXPECT_EQ(ReasonOf(Apply(Pay("a", 50)).status()), "DISK_FULL");
  full_ = false;
  EXPECT_TRUE(Apply(Pay("b", 100))->applied());  // Nothing of the failed batch was kept.
}

TEST_F(WalletTest, DeposedWriterNeverWritesAgain) {
  ASSERT_TRUE(Contribute(Line("line", 0, 100))->applied());
  const auto other = NewMemoryWalletStore(env_, disk_);
  ASSERT_TRUE(env_.Wait(other->TakeOver()).ok());
  EXPECT_EQ(ReasonOf(Apply(Pay("a", 50)).status()), "NOT_WRITER");
  EXPECT_EQ(ReasonOf(Apply(Pay("b", 50)).status()), "NOT_WRITER");
  EXPECT_EQ(Balance("person/p/prior"), 100);
}

TEST_F(WalletTest, DryRunChangesNothing_R25) {
  ASSERT_TRUE(Contribute(Line("line", 0, 100))->applied());
  std::vector<ledger::Transaction> transactions = {Pay("q", 60), Pay("q", 60), Pay("", 60)};
  const auto entries = env_.Wait(wallet_->DryRun(std::move(transactions)));
  ASSERT_TRUE(entries.ok());
  EXPECT_TRUE((*entries)[0].status.ok());
  EXPECT_TRUE((*entries)[1].status.ok());  // It is another caller's, and sees nothing of the first.
  EXPECT_EQ(ReasonOf((*entries)[2].status), "INVALID_FIELD");
  EXPECT_EQ(Balance("person/p/prior"), 100);
  EXPECT_EQ(disk_.journal.size(), 1U);
}

TEST_F(WalletTest, TimeInTheJournalNeverGoesBack_P27) {
  ASSERT_TRUE(Contribute(Line("a", 0, 100))->applied());
  env_.SetBusinessTime(env_.BusinessNow() - absl::Hours(3));
  ASSERT_TRUE(Contribute(Line("b", 100, 0))->applied());
  EXPECT_EQ(disk_.journal[1].at, disk_.journal[0].at);
}

TEST_F(WalletTest, PlacesAndMinimumBalances_R05_R16) {
  ASSERT_TRUE(Contribute(Line("line", 300, 100))->applied());
  ledger::Transaction claim = Pay("a", 1);
  claim.claims.push_back({{ledger::PlaceKey("p", "2026-03-02", 2)}});
  ASSERT_TRUE(Apply(claim)->applied());
  const auto places = env_.Wait(wallet_->GetPlaces({{"p", "2026-03-02"}, {"p", "2026-03-03"}}));
  EXPECT_EQ(*places, (std::vector<std::vector<std::string>>{{"op"}, {}}));
  const auto answers =
      env_.Wait(wallet_->HasAtLeast({{"p", 399, false}, {"p", 100, true}, {"nobody", 1, false}}));
  EXPECT_EQ(*answers, (std::vector<bool>{true, false, false}));
}

// Tables that follow the journal a little at a time, in every state in which a process may end.
class SavingTest : public WalletTest {
 protected:
  SavingTest() {
    options_.saves.save_every = 3;
    options_.saves.max_tail = 6;
    options_.saves.slice_rows = 2;
    options_.max_cached_rows = 4;
    Restart();
  }
  std::vector<std::string> NamesOf(const std::string& psn_no) {
    std::vector<std::string> names;
    const auto persons = env_.Wait(wallet_->GetBalances({psn_no}));
    for (const AccountRow& row : persons->value.front().accounts) {
      names.push_back(absl::StrCat(row.name, "=", row.account.balance_fen));
    }
    return names;
  }
};

TEST_F(SavingTest, EveryRestartKnowsAll_P5_P6_P10) {
  ASSERT_TRUE(Contribute(Line("line", 7, 1000))->applied());
  for (int i = 1; i <= 20; ++i) {
    const std::string id = absl::StrCat("pay-", i);
    ASSERT_TRUE(Apply(Pay(id, i))->applied());
    env_.RunReady();
    Restart();
    EXPECT_TRUE(Apply(Pay(id, i))->replayed);
    EXPECT_EQ(NamesOf("p"),
              (std::vector<std::string>{"person/p/current=7",
                                        absl::StrCat("person/p/prior=", 1000 - i * (i + 1) / 2)}));
  }
  EXPECT_GT(disk_.head.saved_number, 15);
  EXPECT_TRUE(Apply(Pay("pay-1", 1))->replayed);
  EXPECT_EQ(disk_.journal.size(), 21U);
}

TEST_F(SavingTest, ReadsShowWhatIsNotSavedYet_R19) {
  ASSERT_TRUE(Contribute(Line("line", 7, 1000))->applied());
  EXPECT_TRUE(disk_.accounts.empty());
  ASSERT_TRUE(Apply(Pay("a", 10))->applied());
  const auto all = env_.Wait(wallet_->ListAccounts("", 3));
  ASSERT_TRUE(all.ok());
  EXPECT_EQ(all->number, 2);
  ASSERT_EQ(all->value.size(), 3U);
  EXPECT_EQ(all->value[0], (AccountRow{"outside/employer", {-1007, false, 1}}));
  EXPECT_EQ(all->value[2], (AccountRow{"person/p/prior", {990, false, 2}}));
  const auto rest = env_.Wait(wallet_->ListAccounts("person/p/prior", 3));
  ASSERT_EQ(rest->value.size(), 1U);
  EXPECT_EQ(rest->value[0], (AccountRow{"provider/h", {10, false, 2}}));
}

TEST_F(SavingTest, StatementGoesBackwardsFromAnyMoment_R19) {
  ASSERT_TRUE(Contribute(Line("line", 7, 1000))->applied());
  for (int i = 2; i <= 9; ++i) {
    env_.Advance(absl::Minutes(1));
    ASSERT_TRUE(Apply(Pay(absl::StrCat(i), i))->applied());
    if (i == 5) ASSERT_TRUE(Contribute(Line("more", 50, 0))->applied());
  }
  const std::string account = "person/p/prior";
  const auto numbers = [&](StatementQuestion question) {
    std::vector<int64_t> found;
    do {
      const auto page = env_.Wait(wallet_->GetStatement(question));
      EXPECT_TRUE(page.ok()) << page.status();
      EXPECT_EQ(page->number, 10);
      for (const StatementLine& line : page->value.lines) found.push_back(line.number);
      question.from = page->value.next_number;
    } while (question.from > 0);
    return found;
  };
  using Numbers = std::vector<int64_t>;
  EXPECT_EQ(numbers({.account = account}), (Numbers{10, 9, 8, 7, 5, 4, 3, 2, 1}));
  EXPECT_EQ(numbers({.account = account, .limit = 2}), (Numbers{10, 9, 8, 7, 5, 4, 3, 2, 1}));
  EXPECT_EQ(numbers({.account = account, .up_to_number = 6, .limit = 3}), (Numbers{5, 4, 3, 2, 1}));
  EXPECT_EQ(numbers({.account = account, .up_to_time = disk_.journal[2].at}), (Numbers{3, 2, 1}));
  EXPECT_EQ(numbers({.account = "person/p/lot/r"}), (Numbers{}));
  const auto then = env_.Wait(wallet_->GetStatement({.account = account, .up_to_number = 6}));
  const StatementLine& line = then->value.lines.front();
  EXPECT_EQ(line.balance_fen, 1000 - 2 - 3 - 4 - 5);
  EXPECT_EQ(line.change_fen, -5);
  EXPECT_EQ(line.other_account, "provider/h");
  EXPECT_EQ(line.id, "5");
  // A token of another account, and none at all.
  EXPECT_EQ(ReasonOf(env_.Wait(wallet_->GetStatement({.account = account, .from = 6})).status()),
            "INVALID_FIELD");
  EXPECT_EQ(ReasonOf(env_.Wait(wallet_->GetStatement({.account = account, .from = 99})).status()),
            "INVALID_FIELD");
  EXPECT_EQ(ReasonOf(env_.Wait(wallet_->GetStatement({.account = "prior"})).status()),
            "INVALID_FIELD");
}

TEST_F(SavingTest, TablesThatCannotFollowStopWrites_P13) {
  ASSERT_TRUE(Contribute(Line("line", 7, 1000))->applied());
  tables_full_ = true;
  int paid = 0;
  while (Apply(Pay(absl::StrCat("pay-", paid), 1)).ok()) ++paid;
  EXPECT_EQ(paid, 5);
  EXPECT_EQ(ReasonOf(Apply(Pay("more", 1)).status()), "DISK_FULL");
  EXPECT_TRUE(disk_.accounts.empty());
  EXPECT_EQ(NamesOf("p").back(), "person/p/prior=995");
  tables_full_ = false;
  EXPECT_TRUE(Apply(Pay("more", 1))->applied());
  EXPECT_EQ(NamesOf("p").back(), "person/p/prior=994");
}

// Nothing bounds what a malformed transaction names, so it is never looked up.
TEST_F(SavingTest, MalformedIsRefusedBeforeAnythingIsReadForIt) {
  ledger::Transaction many = Pay("a", 10);
  for (int i = 0; i < 9; ++i) many.unclaims.push_back(absl::StrCat("bill/", i));
  EXPECT_EQ(ReasonOf(Apply(many).status()), "INVALID_FIELD");
  std::vector<ledger::Transaction> one = {many};
  EXPECT_EQ(ReasonOf(env_.Wait(wallet_->DryRun(std::move(one)))->front().status), "INVALID_FIELD");
  EXPECT_EQ(claims_loaded_, 0U);
  many.unclaims.resize(8);
  Apply(std::move(many)).IgnoreError();
  EXPECT_EQ(claims_loaded_, 8U);
}

TEST_F(SavingTest, ReadsSeeTheBatchTheyTravelWith_R19) {
  // One turn of the executor: both are in one batch.
  std::vector<Contribution> lines = {Line("line", 7, 1000)};
  auto contributed = wallet_->Contribute(kPlatform, std::move(lines));
  auto read = wallet_->GetBalances({"p"});
  std::optional<AsOf<std::vector<PersonView>>> seen;
  const auto run = [](auto task, auto& result) -> Task<void> {
    result = *co_await std::move(task);
  };
  std::optional<std::vector<absl::StatusOr<ledger::Answer>>> answers;
  const auto run_all = [](auto task, auto& result) -> Task<void> {
    result = co_await std::move(task);
  };
  scope_->Spawn(run_all(std::move(contributed), answers));
  scope_->Spawn(run(std::move(read), seen));
  env_.RunToEnd();
  ASSERT_TRUE(answers.has_value() && seen.has_value());
  EXPECT_TRUE((*answers)[0]->applied());
  EXPECT_EQ(seen->number, 1);
  ASSERT_EQ(seen->value.front().accounts.size(), 2U);
  EXPECT_EQ(seen->value.front().accounts[1].account.balance_fen, 1000);
}

TEST_F(SavingTest, FullDiskRefusesWritesAndServesTheReadsBesideThem_P13) {
  ASSERT_TRUE(Contribute(Line("line", 7, 1000))->applied());
  full_ = true;
  std::optional<absl::StatusOr<ledger::Answer>> paid;
  std::optional<std::vector<std::string>> names;
  const auto pay = [](auto task, auto& result) -> Task<void> {
    result = (co_await std::move(task)).front();
  };
  const auto read = [](auto task, auto& result) -> Task<void> {
    std::vector<std::string> found;
    const auto accounts = co_await std::move(task);
    for (const AccountRow& row : accounts->value) found.push_back(row.name);
    result = found;
  };
  std::vector<ledger::Transaction> payment = {Pay("a", 400)};
  scope_->Spawn(pay(wallet_->Apply(std::move(payment)), paid));
  scope_->Spawn(read(wallet_->ListAccounts("", 10), names));
  env_.RunToEnd();
  EXPECT_EQ(ReasonOf(paid->status()), "DISK_FULL");
  EXPECT_EQ(*names,
            (std::vector<std::string>{"outside/employer", "person/p/current", "person/p/prior"}));
}

TEST_F(SavingTest, RefusalsLeaveNothingToSave) {
  ASSERT_TRUE(Contribute(Line("line", 7, 1000))->applied());
  for (int i = 0; i < 50; ++i) {
    ledger::Transaction early = Pay("early", 5000);
    early.kind = ledger::Kind::kComplete;
    EXPECT_EQ(ReasonOf(Apply(early)->entry.status), "EARLY");
  }
  for (int i = 0; i < 6; ++i) ASSERT_TRUE(Apply(Pay(absl::StrCat(i), 1))->applied());
  env_.RunToEnd();
  EXPECT_EQ(disk_.accounts.at("person/p/prior").balance_fen, 1000 - disk_.head.saved_number + 1);
}

TEST_F(SavingTest, TablesOfAnotherJournalAreRefused_P14) {
  for (int i = 0; i < 7; ++i) {
    ASSERT_TRUE(Contribute(Line(absl::StrCat(i), 1, i == 0 ? 7 : 0))->applied());
  }
  env_.RunToEnd();
  ASSERT_GT(disk_.head.saved_number, 2);
  const WalletDisk whole = disk_;
  // A journal from a backup beside newer tables.
  disk_.journal.resize(2);
  disk_.head.last_number = 2;
  const auto start = [&] {
    store_ = NewMemoryWalletStore(env_, disk_);
    wallet_ = std::make_unique<Wallet>(env_, *scope_, *store_, options_, NullMetrics());
    return env_.Wait(wallet_->Start());
  };
  EXPECT_EQ(start().code(), absl::StatusCode::kFailedPrecondition);
  // The same, but the journal has grown again.
  disk_.journal = whole.journal;
  disk_.head.last_number = whole.head.last_number;
  for (ledger::Entry& entry : disk_.journal) entry.id += "-again";
  EXPECT_EQ(start().code(), absl::StatusCode::kFailedPrecondition);
  // Without tables everything is made again.
  disk_ = WalletDisk{.head = {.last_number = whole.head.last_number}, .journal = whole.journal};
  EXPECT_TRUE(start().ok());
  EXPECT_GE(disk_.head.saved_number, 3);
  EXPECT_EQ(NamesOf("p"), (std::vector<std::string>{"person/p/current=7", "person/p/prior=7"}));
}

// A watch ends with the next entry, or at its time with none.
TEST_F(WalletTest, WatchWaitsForTheNextEntry_R19) {
  ASSERT_TRUE(Contribute(Line("line", 0, 100)).ok());
  std::optional<absl::StatusOr<std::vector<ledger::Entry>>> seen;
  const auto watch = [&](int64_t after) -> Task<void> {
    return [](Wallet& wallet, int64_t behind, absl::Time until,
              std::optional<absl::StatusOr<std::vector<ledger::Entry>>>& out) -> Task<void> {
      out = co_await wallet.WatchJournal(behind, 10, until);
    }(*wallet_, after, env_.Now() + absl::Seconds(5), seen);
  };
  scope_->Spawn(watch(0));
  env_.RunReady();
  ASSERT_TRUE(seen.has_value());
  EXPECT_EQ((*seen)->size(), 1U);

  seen.reset();
  scope_->Spawn(watch(1));
  env_.RunReady();
  EXPECT_FALSE(seen.has_value());
  ASSERT_TRUE(Apply(Pay("a", 50))->applied());
  env_.RunReady();
  ASSERT_TRUE(seen.has_value());
  EXPECT_EQ((*seen)->front().id, "a");

  seen.reset();
  scope_->Spawn(watch(2));
  env_.Advance(absl::Seconds(4));
  EXPECT_FALSE(seen.has_value());
  env_.Advance(absl::Seconds(2));
  ASSERT_TRUE(seen.has_value());
  EXPECT_TRUE((*seen)->empty());
}

}  // namespace
}  // namespace gongji::wallet
