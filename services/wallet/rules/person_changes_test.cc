// The life of a person through a wallet over the store in memory: accounts, wallet, and the move to
// another area and back.
#include "services/wallet/rules/person_changes.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/common/errors/reasons.h"
#include "services/common/testing/manual_env.h"
#include "services/ledger/accounts.h"
#include "services/ledger/transaction_form.h"
#include "services/wallet/testing/wallet_store_memory.h"
#include "services/wallet/wallet.h"

namespace gongji::wallet {
namespace {

const Caller kWindow{.identity = "platform",
                     .channel = "window",
                     .operator_id = "clerk-7",
                     .consent_document = "paper-12"};
constexpr char kForward[] = "clearing/310000/510100";

// A shard where the worker w (current 300, prior 500) and the worker's child c have open wallets.
class LifeTest : public testing::Test {
 protected:
  LifeTest() {
    Restart();
    EXPECT_TRUE(Contribute("line", 300, 500).ok());
    EXPECT_TRUE(Open("open-w", "w").ok());
    EXPECT_TRUE(Open("open-c", "c").ok());
  }

  void Restart() {
    wallet_.reset();
    scope_ = std::make_unique<TaskScope>();
    store_ = NewMemoryWalletStore(env_, disk_);
    wallet_ = std::make_unique<Wallet>(env_, *scope_, *store_,
                                       WriterOptions{.saves = {.save_every = 4}}, NullMetrics());
    ASSERT_TRUE(env_.Wait(wallet_->Start()).ok());
  }

  static absl::Status StatusOf(const absl::StatusOr<ledger::Answer>& answer) {
    return answer.ok() ? answer->entry.status : answer.status();
  }
  absl::StatusOr<ledger::Answer> Apply(ledger::Transaction transaction) {
    std::vector<ledger::Transaction> one = {std::move(transaction)};
    return env_.Wait(wallet_->Apply(std::move(one))).front();
  }
  absl::Status Contribute(const std::string& id, int64_t current_fen, int64_t prior_fen) {
    std::vector<Contribution> lines = {{id, "w", current_fen, prior_fen, 2026, "employer"}};
    return StatusOf(env_.Wait(wallet_->Contribute(kWindow, std::move(lines))).front());
  }
  absl::Status Open(const std::string& id, const std::string& psn_no,
                    const std::string& opened_by = "") {
    std::vector<OpenWallet> wallets = {{id, psn_no, true, opened_by}};
    return StatusOf(env_.Wait(wallet_->OpenWallets(kWindow, std::move(wallets))).front());
  }
  absl::Status Close(const std::string& id, const std::string& psn_no) {
    std::vector<CloseWallet> wallets = {{id, psn_no}};
    return StatusOf(env_.Wait(wallet_->CloseWallets(kWindow, std::move(wallets))).front());
  }
  PersonView View(const std::string& psn_no) {
    return env_.Wait(wallet_->GetBalances({psn_no}))->value.front();
  }
  int64_t Balance(const std::string& account) { return AccountsOf(disk_)[account].balance_fen; }

  static ledger::Transaction Step(const std::string& id, ledger::Kind kind,
                                  std::vector<ledger::Group> groups) {
    return {.id = id, .kind = kind, .holder = "op", .groups = std::move(groups)};
  }
  static ledger::Group Moves(int64_t fen, std::vector<ledger::Move> moves) {
    return {fen, fen, std::move(moves)};
  }
  static ledger::Transaction Freeze(const std::string& id, int64_t fen) {
    ledger::Transaction freeze =
        Step(id, ledger::Kind::kFreeze,
             {Moves(fen, {{.from = "person/w/prior", .to = ledger::GrantedPrior("w", "r")}})});
    freeze.wallet_psn_nos = {"w"};
    return freeze;
  }
  static ledger::Transaction Grant(const std::string& id, int64_t fen) {
    ledger::Transaction pivot =
        Step(id, ledger::Kind::kPivot,
             {Moves(fen, {{.from = "quota/310000", .to = ledger::LotAccount("c", "r")}})});
    pivot.wallet_psn_nos = {"c"};
    return pivot;
  }
  static ledger::Transaction Changed(const std::string& id, ledger::Kind kind,
                                     ledger::PersonStep step) {
    ledger::Transaction transaction = Step(id, kind, {});
    transaction.person_changes = {{.psn_no = "w", .step = step}};
    return transaction;
  }
  static ledger::Transaction Leave(const std::string& id = "leave") {
    return Changed(id, ledger::Kind::kFreeze, ledger::PersonStep::kLeave);
  }
  static ledger::Transaction Depart(const std::string& id = "depart") {
    ledger::Transaction pivot = Changed(id, ledger::Kind::kPivot, ledger::PersonStep::kDepart);
    pivot.person_changes[0].forward_to = kForward;
    ledger::Group all{1'000'000, 0, {}};
    for (const std::string& account : ledger::OwnAccounts("w")) {
      all.moves.push_back(
          {.from = account, .to = kForward, .skip_if_closed = true, .tag = account});
    }
    pivot.groups = {std::move(all)};
    return pivot;
  }
  static ledger::Transaction Refund(const std::string& id) {
    return Step(id, ledger::Kind::kPivot,
                {Moves(5, {{.from = "provider/h", .to = "person/w/prior"}})});
  }

  ManualEnv env_;
  WalletDisk disk_;
  std::unique_ptr<TaskScope> scope_;
  std::unique_ptr<WalletStore> store_;
  std::unique_ptr<Wallet> wallet_;
};

TEST_F(LifeTest, WhoAskedIsInTheJournal_R12_R14) {
  ASSERT_TRUE(Open("open-p", "p", "w").ok());
  Restart();
  const std::vector<ledger::Entry> entries = *env_.Wait(wallet_->ListEntries(0, 10));
  EXPECT_EQ(entries[0].origin, (ledger::Origin{"window", "clerk-7", "paper-12", ""}));
  EXPECT_EQ(entries[3].origin, (ledger::Origin{"window", "clerk-7", "paper-12", "w"}));
  EXPECT_EQ(View("p").person.opened_by, "w");
  // For a step of settlement, settlement's own store has who asked.
  ASSERT_TRUE(Apply(Freeze("freeze", 10))->applied());
  EXPECT_EQ(env_.Wait(wallet_->ListEntries(4, 10))->front().origin, std::nullopt);
}

TEST_F(LifeTest, TheSameRequestFromAnotherClerkIsTheSame_R41) {
  std::vector<OpenWallet> again = {{"open-w", "w", true, ""}};
  const auto answer =
      env_.Wait(wallet_->OpenWallets(Caller{.identity = "platform"}, std::move(again)));
  EXPECT_TRUE(answer.front()->replayed);
  // The person who opens the wallet is part of the request.
  EXPECT_EQ(ReasonOf(Open("open-w", "w", "c")), "REQUEST_ID_REUSED");
}

TEST_F(LifeTest, OpeningBalanceStandsInTheFirstLineOnly_R13) {
  EXPECT_EQ(ReasonOf(Contribute("late", 0, 1)), "OPENING_BALANCE_TOO_LATE");
  EXPECT_TRUE(Contribute("more", 1, 0).ok());
  EXPECT_TRUE(Contribute("line", 300, 500).ok());  // The first line again gets the first answer.
  EXPECT_EQ(Balance("person/w/prior"), 500);
}

TEST_F(LifeTest, WalletClosesAndOpensAgain_R14) {
  ASSERT_TRUE(Close("close", "w").ok());
  EXPECT_FALSE(View("w").person.wallet_open);
  EXPECT_EQ(ReasonOf(Close("close-2", "w")), "WALLET_NOT_OPENED");
  EXPECT_EQ(ReasonOf(Apply(Freeze("freeze", 10))->entry.status), "WALLET_NOT_OPENED");
  ASSERT_TRUE(Close("close-c", "c").ok());
  EXPECT_EQ(ReasonOf(Apply(Grant("grant", 10))->entry.status), "WALLET_NOT_OPENED");
  Restart();
  ASSERT_TRUE(Open("open-w", "w").ok());  // The old request opens nothing.
  EXPECT_FALSE(View("w").person.wallet_open);
  ASSERT_TRUE(Open("again", "w", "c").ok());
  EXPECT_EQ(View("w").person.opened_by, "c");
  EXPECT_TRUE(Apply(Freeze("freeze-2", 10))->applied());
}

// Quota counts in either direction, also offered quota, whether the tables have it or not.
TEST_F(LifeTest, WalletWithUnspentQuotaStaysOpen_R14) {
  ASSERT_TRUE(Apply(Freeze("freeze", 10))->applied());
  EXPECT_EQ(ReasonOf(Close("close-w", "w")), "QUOTA_UNSPENT");
  ledger::Transaction offer =
      Step("offer", ledger::Kind::kPivot,
           {Moves(10, {{.from = "quota/310000", .to = ledger::OfferedAccount("c", "r", "t")}})});
  ASSERT_TRUE(Apply(offer)->applied());
  EXPECT_EQ(ReasonOf(Close("close-1", "c")), "QUOTA_UNSPENT");
  ASSERT_TRUE(Apply(Step("accept", ledger::Kind::kPivot,
                         {Moves(10, {{.from = ledger::OfferedAccount("c", "r", "t"),
                                      .to = ledger::LotAccount("c", "r")}})}))
                  ->applied());
  ASSERT_TRUE(env_.Wait(wallet_->Save()).ok());
  Restart();
  EXPECT_EQ(ReasonOf(Close("close-2", "c")), "QUOTA_UNSPENT");
  ASSERT_TRUE(
      Apply(Step("end", ledger::Kind::kPivot,
                 {Moves(10, {{.from = ledger::LotAccount("c", "r"), .to = "quota/310000"}})}))
          ->applied());
  EXPECT_TRUE(Close("close-3", "c").ok());
}

TEST_F(LifeTest, CloseSeesTheGrantBeforeItInItsBatch_R14) {
  ASSERT_TRUE(env_.Wait(wallet_->Save()).ok());
  Restart();
  std::vector<absl::StatusOr<ledger::Answer>> frozen;
  std::vector<absl::StatusOr<ledger::Answer>> closed;
  const auto run = [](auto task, auto& out) -> Task<void> { out = co_await std::move(task); };
  std::vector<ledger::Transaction> freeze = {Freeze("freeze", 10)};
  std::vector<CloseWallet> close = {{"close", "w"}};
  scope_->Spawn(run(wallet_->Apply(std::move(freeze)), frozen));
  scope_->Spawn(run(wallet_->CloseWallets(kWindow, std::move(close)), closed));
  env_.RunToEnd();
  EXPECT_TRUE(frozen.front()->applied());
  EXPECT_EQ(ReasonOf(closed.front()->entry.status), "QUOTA_UNSPENT");
  EXPECT_EQ(closed.front()->entry.number, frozen.front()->entry.number + 1);
}

TEST_F(LifeTest, WhoLeavesGivesNothingMore_R20) {
  ASSERT_TRUE(Apply(Freeze("freeze", 10))->applied());
  ASSERT_TRUE(Apply(Leave())->applied());
  Restart();
  EXPECT_EQ(ReasonOf(Apply(Freeze("freeze-2", 10))->entry.status), "PERSON_LEAVING");
  EXPECT_EQ(ReasonOf(Apply(Leave("leave-2"))->entry.status), "PERSON_LEAVING");
  EXPECT_EQ(ReasonOf(Open("open-2", "w")), "PERSON_LEAVING");
  ledger::Move bill{.from = "person/w/prior", .to = "provider/h"};
  EXPECT_EQ(ReasonOf(Apply(Step("bill", ledger::Kind::kPivot, {Moves(1, {bill})}))->entry.status),
            "PERSON_LEAVING");
  bill.skip_if_closed = true;
  EXPECT_EQ(Apply(Step("bill-2", ledger::Kind::kPivot, {{1, 0, {bill}}}))->entry.moves[0].stop,
            ledger::Stop::kClosed);
  // Completions and returns are still accepted.
  EXPECT_TRUE(
      Apply(Step("capture", ledger::Kind::kComplete,
                 {Moves(4, {{.from = ledger::GrantedPrior("w", "r"), .to = "clearing/31/51"}})}))
          ->applied());
  EXPECT_TRUE(
      Apply(Step("release", ledger::Kind::kRelease,
                 {Moves(6, {{.from = ledger::GrantedPrior("w", "r"), .to = "person/w/prior"}})}))
          ->applied());
  EXPECT_TRUE(Apply(Refund("refund"))->applied());
  EXPECT_TRUE(Contribute("more", 1, 0).ok());
  EXPECT_EQ(Balance("person/w/prior"), 501);
}

TEST_F(LifeTest, WhoStaysIsAsBefore_R20) {
  ASSERT_TRUE(Apply(Leave())->applied());
  ASSERT_TRUE(Apply(Changed("stay", ledger::Kind::kRelease, ledger::PersonStep::kStay))->applied());
  Restart();
  EXPECT_EQ(View("w").person, (ledger::Person{.year = 2026, .wallet_open = true}));
  EXPECT_TRUE(Apply(Freeze("freeze", 10))->applied());
  EXPECT_EQ(ReasonOf(Apply(Depart())->entry.status), "PERSON_NOT_LEAVING");
}

TEST_F(LifeTest, DepartureTakesAllAndClosesWhatStays_R20) {
  ASSERT_TRUE(Apply(Grant("grant", 10))->applied());
  ASSERT_TRUE(Apply(Freeze("freeze", 10))->applied());
  ASSERT_TRUE(Apply(Leave())->applied());
  EXPECT_EQ(ReasonOf(Apply(Depart("too-early"))->entry.status), "QUOTA_UNSPENT");
  ASSERT_TRUE(
      Apply(Step("release", ledger::Kind::kRelease,
                 {Moves(10, {{.from = ledger::GrantedPrior("w", "r"), .to = "person/w/prior"}})}))
          ->applied());
  ledger::Transaction part = Depart("part");
  part.groups[0].want_fen = 799;
  EXPECT_EQ(ReasonOf(Apply(part)->entry.status), "ACCOUNT_NOT_EMPTY");
  const auto departed = Apply(Depart());
  ASSERT_TRUE(departed->applied()) << departed->entry.status;
  EXPECT_EQ(departed->entry.moves[0].amount_fen, 300);
  EXPECT_EQ(departed->entry.moves[1].amount_fen, 500);
  Restart();
  EXPECT_EQ(Balance(kForward), 800);
  EXPECT_EQ(View("w").person,
            (ledger::Person{
                .year = 2026, .residence = ledger::Residence::kLeft, .forward_to = kForward}));
  EXPECT_EQ(NewAreaOf(View("w").person), "510100");
  EXPECT_EQ(ReasonOf(Open("open-2", "w")), "PERSON_LEFT");
  EXPECT_EQ(ReasonOf(Contribute("more", 1, 0)), "PERSON_LEFT");
  EXPECT_EQ(ReasonOf(Apply(Leave("leave-2"))->entry.status), "PERSON_LEFT");
}

// Later credits are booked to the forwarding account, and the answer says so.
TEST_F(LifeTest, LaterCreditsFollowWhoHasLeft_R20) {
  ASSERT_TRUE(Apply(Leave())->applied());
  ASSERT_TRUE(Apply(Depart())->applied());
  ASSERT_TRUE(env_.Wait(wallet_->Save()).ok());
  Restart();  // The forwarding account is not in memory.
  const auto refund = Apply(Refund("refund"));
  ASSERT_TRUE(refund->applied());
  EXPECT_EQ(refund->entry.moves[0].credited, kForward);
  EXPECT_EQ(refund->entry.rows[0].to, kForward);
  ledger::Move old{.from = "clearing/310000/510100", .to = "person/w/current", .year = 2025};
  EXPECT_TRUE(Apply(Step("old", ledger::Kind::kComplete, {Moves(5, {old})}))->applied());
  EXPECT_EQ(Balance(kForward), 805);
  EXPECT_EQ(Balance("person/w/prior"), 0);
}

TEST_F(LifeTest, DepartureClosesLots_R20) {
  ASSERT_TRUE(
      Apply(Step("quota", ledger::Kind::kPivot,
                 {Moves(7, {{.from = "quota/310000", .to = ledger::LotAccount("w", "q")}})}))
          ->applied());
  ASSERT_TRUE(Apply(Leave())->applied());
  EXPECT_EQ(ReasonOf(Apply(Depart("too-early"))->entry.status), "QUOTA_UNSPENT");
  ASSERT_TRUE(
      Apply(Step("end", ledger::Kind::kPivot,
                 {Moves(7, {{.from = ledger::LotAccount("w", "q"), .to = "quota/310000"}})}))
          ->applied());
  ASSERT_TRUE(Apply(Depart())->applied());
  Restart();
  ledger::Move back{
      .from = "quota/310000", .to = ledger::LotAccount("w", "q"), .skip_if_closed = true};
  EXPECT_EQ(Apply(Step("back", ledger::Kind::kPivot, {{7, 0, {back}}}))->entry.moves[0].stop,
            ledger::Stop::kClosed);
}

// What was granted comes back, as it does after the end of any relation.
TEST_F(LifeTest, DepartureLeavesGrantsOpen_R20) {
  ASSERT_TRUE(Apply(Freeze("freeze", 40))->applied());
  ASSERT_TRUE(
      Apply(Step("capture", ledger::Kind::kComplete,
                 {Moves(40, {{.from = ledger::GrantedPrior("w", "r"), .to = "clearing/1/2"}})}))
          ->applied());
  ASSERT_TRUE(Apply(Leave())->applied());
  ASSERT_TRUE(Apply(Depart())->applied());
  EXPECT_FALSE(AccountsOf(disk_)[ledger::GrantedPrior("w", "r")].closed);
  EXPECT_TRUE(AccountsOf(disk_)["person/w/prior"].closed);
}

TEST_F(LifeTest, ArrivalOpensAccountsOnceAndWhoLeftMayComeBack_R20) {
  const auto arrive = [](const std::string& id, const std::string& psn_no) {
    ledger::Transaction complete =
        Step(id, ledger::Kind::kComplete,
             {Moves(20, {{.from = "clearing/310000/510100", .to = ledger::PriorAccount(psn_no)}}),
              Moves(30, {{.from = "clearing/310000/510100",
                          .to = ledger::CurrentAccount(psn_no),
                          .year = 2026}})});
    complete.person_changes = {{.psn_no = psn_no, .step = ledger::PersonStep::kArrive}};
    return complete;
  };
  ASSERT_TRUE(Apply(arrive("arrive", "n"))->applied());
  EXPECT_TRUE(Apply(arrive("arrive", "n"))->replayed);
  EXPECT_EQ(View("n").person, (ledger::Person{.year = 2026}));
  EXPECT_EQ(Balance("person/n/prior"), 20);
  EXPECT_EQ(Balance("person/n/current"), 30);
  ASSERT_TRUE(Apply(Leave())->applied());
  ASSERT_TRUE(Apply(Depart())->applied());
  ASSERT_TRUE(Apply(arrive("back", "w"))->applied());
  Restart();
  EXPECT_EQ(View("w").person, (ledger::Person{.year = 2026}));
  EXPECT_EQ(Balance("person/w/prior"), 20);
  EXPECT_TRUE(Contribute("more", 1, 0).ok());
  EXPECT_EQ(Balance("person/w/current"), 31);
}

TEST_F(LifeTest, OnlyWhoHasAnAccountMoves_R20) {
  ledger::Transaction leave = Leave();
  leave.person_changes[0].psn_no = "c";
  EXPECT_EQ(ReasonOf(Apply(leave)->entry.status), "ACCOUNT_MISSING");
}

TEST_F(LifeTest, ADepartureCanBeRunDry_R25) {
  ASSERT_TRUE(Apply(Leave())->applied());
  std::vector<ledger::Transaction> dry = {Depart()};
  const auto entries = env_.Wait(wallet_->DryRun(std::move(dry)));
  EXPECT_TRUE(entries->front().status.ok());
  EXPECT_EQ(View("w").person.residence, ledger::Residence::kLeaving);
}

// An answer contains all of a person's accounts, or is a refusal.
TEST_F(LifeTest, TooManyAccountsAreToldNotCut_R19) {
  int lots = 0;
  while (lots < 10'000) {
    ledger::Transaction quota = Step(absl::StrCat("quota-", lots), ledger::Kind::kPivot, {});
    for (int group = 0; group < 16; ++group) {
      ledger::Group& moves = quota.groups.emplace_back(ledger::Group{64, 64, {}});
      for (int i = 0; i < 64; ++i) {
        moves.moves.push_back({.from = "quota/310000",
                               .to = ledger::LotAccount("c", absl::StrCat(++lots)),
                               .at_most_fen = 1});
      }
    }
    ASSERT_TRUE(Apply(std::move(quota))->applied());
  }
  EXPECT_EQ(ReasonOf(env_.Wait(wallet_->GetBalances({"w", "c"})).status()), "TOO_MANY_ACCOUNTS");
  EXPECT_EQ(ReasonOf(env_.Wait(wallet_->GetHoldings("c", "", 10)).status()), "TOO_MANY_ACCOUNTS");
  EXPECT_TRUE(env_.Wait(wallet_->GetBalances({"w"})).ok());
}

struct Malformed {
  const char* name;
  ledger::Kind kind;
  ledger::PersonChange change;
};

class ChangeForm : public testing::TestWithParam<Malformed> {};

TEST_P(ChangeForm, IsRefused) {
  const ledger::Transaction step{
      .id = "x", .kind = GetParam().kind, .person_changes = {GetParam().change}};
  EXPECT_EQ(ReasonOf(ledger::CheckForm(step)), "INVALID_FIELD");
}

INSTANTIATE_TEST_SUITE_P(
    Changes, ChangeForm,
    testing::Values(
        Malformed{"NoPerson", ledger::Kind::kFreeze, {"", ledger::PersonStep::kLeave, ""}},
        Malformed{"NameWithSlash", ledger::Kind::kFreeze, {"a/b", ledger::PersonStep::kLeave, ""}},
        Malformed{"LeaveByPivot", ledger::Kind::kPivot, {"w", ledger::PersonStep::kLeave, ""}},
        Malformed{
            "DepartByFreeze", ledger::Kind::kFreeze, {"w", ledger::PersonStep::kDepart, kForward}},
        Malformed{"DepartNowhere", ledger::Kind::kPivot, {"w", ledger::PersonStep::kDepart, ""}},
        Malformed{"DepartToAPerson",
                  ledger::Kind::kPivot,
                  {"w", ledger::PersonStep::kDepart, "person/w/prior"}},
        Malformed{
            "WalletByAStep", ledger::Kind::kPivot, {"w", ledger::PersonStep::kOpenWallet, ""}}),
    [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace gongji::wallet
