// Tests what becomes of a batch that is judged while the one before it is made durable.
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "services/common/errors/reasons.h"
#include "services/common/testing/manual_env.h"
#include "services/ledger/accounts.h"
#include "services/wallet/testing/wallet_store_memory.h"
#include "services/wallet/wallet.h"

namespace gongji::wallet {
namespace {

constexpr absl::Duration kDelay = absl::Milliseconds(1);

// Every request is a batch, two of them are under way, and the disk takes its time.
class WriterOverlapTest : public testing::Test {
 protected:
  WriterOverlapTest() {
    const Caller platform{.identity = "platform"};
    std::vector<Contribution> line = {
        {.line_id = "line", .psn_no = "p", .prior_fen = 100, .year = 2026, .source = "employer"}};
    CHECK(env_.Wait(wallet_->Start()).ok());
    CHECK(env_.Wait(wallet_->Contribute(platform, std::move(line))).front().ok());
  }

  static ledger::Transaction Pay(const std::string& id) {
    ledger::Transaction pay{
        .id = id,
        .kind = ledger::Kind::kPivot,
        .holder = "op-" + id,
        .groups = {{60, 60, {{.from = ledger::PriorAccount("p"), .to = "provider/h"}}}}};
    pay.claims = {{{"bill/h/1/1"}, ledger::ClaimSubject::kBill}};
    return pay;
  }
  void Apply(const std::string& name, ledger::Transaction transaction) {
    std::vector<ledger::Transaction> one = {std::move(transaction)};
    scope_.Spawn(Keep(name, wallet_->Apply(std::move(one))));
  }
  void Decide(const std::string& name, const std::string& id) {
    std::vector<std::string> one = {id};
    scope_.Spawn(Keep(name, wallet_->Decide(std::move(one))));
  }
  Task<void> Keep(std::string name, Task<std::vector<absl::StatusOr<ledger::Answer>>> call) {
    auto answers = co_await std::move(call);
    answers_.emplace(std::move(name), std::move(answers.front()));
  }
  Task<void> ReadBalance(std::optional<int64_t>& balance_fen) {
    const auto accounts = co_await wallet_->ListAccounts(ledger::CurrentAccount("p"), 1);
    balance_fen = accounts->value.front().account.balance_fen;
  }
  Task<void> Save(absl::Status& saved) { saved = co_await wallet_->Save(); }
  const ledger::Answer& AnswerOf(const std::string& name) { return *answers_.at(name); }
  std::string ReasonFor(const std::string& name) {
    const auto& answer = answers_.at(name);
    return ReasonOf(answer.ok() ? answer->entry.status : answer.status());
  }
  // The next append finds no room.
  void FailNext() { fails_ = true; }

  ManualEnv env_;
  WalletDisk disk_;
  bool fails_ = false;
  int deposed_ = 0;
  TaskScope scope_;
  const std::unique_ptr<WalletStore> store_ = NewMemoryWalletStore(
      env_, disk_,
      {.delay = [] { return kDelay; }, .full = [this] { return std::exchange(fails_, false); }});
  const std::unique_ptr<Wallet> wallet_ =
      std::make_unique<Wallet>(env_, scope_, *store_,
                               WriterOptions{.batches = {.max_batch = 1, .max_in_flight = 2},
                                             .on_deposed = [this] { ++deposed_; }},
                               NullMetrics());
  std::map<std::string, absl::StatusOr<ledger::Answer>> answers_;
};

TEST_F(WriterOverlapTest, ReadsWhileTheOneBeforeIsAppended) {
  const absl::Duration start = env_.Monotonic();
  Apply("a", Pay("a"));
  env_.RunToEnd();
  const absl::Duration one = env_.Monotonic() - start;
  Apply("b", Pay("b"));
  Apply("c", Pay("c"));
  env_.RunToEnd();
  EXPECT_LT(env_.Monotonic() - start, 3 * one);
}

TEST_F(WriterOverlapTest, RestsOnWhatIsNotDurableYet_P1) {
  Apply("a", Pay("a"));
  Apply("b", Pay("b"));
  env_.RunToEnd();
  EXPECT_TRUE(AnswerOf("a").applied());
  EXPECT_EQ(ReasonFor("b"), "BILL_ALREADY_SETTLED");
  EXPECT_EQ(AccountsOf(disk_)[ledger::PriorAccount("p")].balance_fen, 40);
}

TEST_F(WriterOverlapTest, IsDecidedAgainIfThatWasTakenBack_P1) {
  FailNext();
  Apply("a", Pay("a"));
  Apply("b", Pay("b"));
  env_.RunToEnd();
  EXPECT_EQ(ReasonFor("a"), "DISK_FULL");
  EXPECT_TRUE(AnswerOf("b").applied());
  EXPECT_EQ(AnswerOf("b").entry.number, 2);
  EXPECT_EQ(AccountsOf(disk_)[ledger::PriorAccount("p")].balance_fen, 40);
  ASSERT_TRUE(env_.Wait(wallet_->Save()).ok());
  EXPECT_EQ(disk_.accounts, AccountsOf(disk_));
  EXPECT_EQ(disk_.claims, (std::map<std::string, std::string>{{"bill/h/1/1", "op-b"}}));
}

TEST_F(WriterOverlapTest, RepetitionGetsTheAnswerOfTheFirst_P6) {
  Apply("a", Pay("a"));
  Apply("again", Pay("a"));
  Decide("decided", "a");
  env_.RunToEnd();
  EXPECT_FALSE(AnswerOf("a").replayed);
  for (const char* name : {"again", "decided"}) {
    EXPECT_TRUE(AnswerOf(name).replayed);
    EXPECT_EQ(AnswerOf(name).entry, AnswerOf("a").entry);
  }
}

TEST_F(WriterOverlapTest, RepetitionOfWhatWasTakenBackIsNew_P6) {
  FailNext();
  Apply("a", Pay("a"));
  Apply("again", Pay("a"));
  env_.RunToEnd();
  EXPECT_EQ(ReasonFor("a"), "DISK_FULL");
  EXPECT_TRUE(AnswerOf("again").applied());
  EXPECT_FALSE(AnswerOf("again").replayed);
}

TEST_F(WriterOverlapTest, DecisionOnWhatWasTakenBackIsATombstone) {
  FailNext();
  Apply("a", Pay("a"));
  Decide("decided", "a");
  env_.RunToEnd();
  EXPECT_EQ(ReasonFor("a"), "DISK_FULL");
  EXPECT_EQ(ReasonFor("decided"), "STEP_TOMBSTONED");
}

TEST_F(WriterOverlapTest, LooksSeeOnlyWhatIsDurable) {
  std::optional<int64_t> before;
  std::optional<int64_t> after;
  FailNext();
  Apply("a", Pay("a"));
  scope_.Spawn(ReadBalance(before));
  Apply("b", Pay("b"));
  scope_.Spawn(ReadBalance(after));
  env_.RunToEnd();
  EXPECT_EQ(before, 100);
  EXPECT_EQ(after, 40);
}

TEST_F(WriterOverlapTest, NothingIsSaidOnceAnotherOneWrites_P10) {
  Apply("a", Pay("a"));
  Apply("b", Pay("b"));
  env_.Advance(kDelay);  // The first one is read and on its way into the journal.
  ++disk_.head.epoch;
  env_.RunToEnd();
  EXPECT_EQ(ReasonFor("a"), "NOT_WRITER");
  EXPECT_EQ(ReasonFor("b"), "NOT_WRITER");
  EXPECT_EQ(deposed_, 1);
  EXPECT_EQ(disk_.head.last_number, 1);
}

// Tables with changes of an entry that their journal lacks do not belong to it.
TEST_F(WriterOverlapTest, TablesNameTheNewestEntryThatTheyMayHold_P14) {
  Apply("a", Pay("a"));
  env_.RunReady();
  env_.Advance(kDelay);  // It is judged.
  absl::Status saved = absl::UnknownError("not yet");
  scope_.Spawn(Save(saved));
  env_.RunToEnd();
  EXPECT_TRUE(saved.ok()) << saved;
  EXPECT_EQ(disk_.accounts.at(ledger::PriorAccount("p")).balance_fen, 40);
  EXPECT_EQ(disk_.head.newest, (Anchor{2, "a"}));
}

// A slice may contain changes that are not durable yet: it waits for them, and is dropped if they
// never become durable.
TEST_F(WriterOverlapTest, TablesNeverHoldWhatWasTakenBack_P14) {
  for (const char* name : {"a", "b", "c", "d"}) {
    FailNext();
    Apply(name, Pay(name));
    env_.RunReady();
    env_.Advance(kDelay);  // It is judged.
    absl::Status saved = absl::UnknownError("not yet");
    scope_.Spawn(Save(saved));
    Decide(std::string("no ") + name, name);
    env_.RunToEnd();
    EXPECT_EQ(ReasonFor(name), "DISK_FULL");
    EXPECT_TRUE(saved.ok()) << saved;
    EXPECT_EQ(disk_.accounts, (std::map<std::string, ledger::Account>{
                                  {"outside/employer", {-100, false, 1}},
                                  {ledger::PriorAccount("p"), {100, false, 1}},
                                  {ledger::CurrentAccount("p"), {0, false, 0}}}));
    EXPECT_TRUE(disk_.claims.empty());
  }
}

}  // namespace
}  // namespace gongji::wallet
