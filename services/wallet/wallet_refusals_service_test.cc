// Every reason that a shard itself gives is told to its callers, through a loopback channel.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "gongji/wallet/v1/wallet.pb.h"
#include "services/common/rpc/status_wire.h"
#include "services/common/testing/loopback.h"
#include "services/ledger/accounts.h"
#include "services/ledger/transaction_wire.h"
#include "services/wallet/testing/wallet_store_memory.h"
#include "services/wallet/wallet_service.h"

namespace gongji::wallet {
namespace {

using ledger::Kind;
using ledger::PersonStep;
using ledger::Transaction;

const std::string kLot = ledger::LotAccount("p", "r");

class WalletRefusalsTest : public testing::Test {
 protected:
  WalletRefusalsTest() {
    AddWalletService(loopback_.server(), wallet_);
    EXPECT_TRUE(loopback_.Wait(wallet_.Start()).ok());
    loopback_.Connect();
    EXPECT_EQ(Contribute("line", "p"), "");
  }

  template <class Response, class Request>
  absl::StatusOr<Response> Call(const std::string& method, const Request& request) {
    return loopback_.Call<Response>("gongji.wallet.v1.WalletService/" + method, request);
  }

  // Each returns the reason of the refusal, or "".
  std::string Contribute(const std::string& id, const std::string& psn_no) {
    v1::ContributeRequest request;
    v1::Contribution* line = request.add_contributions();
    line->set_line_id(id);
    line->set_psn_no(psn_no);
    line->set_current_fen(300);
    line->set_year(2026);
    line->set_source("employer");
    const auto response = Call<v1::ContributeResponse>("Contribute", request);
    return response.ok() ? ReasonOf(rpc::FromMessage(response->outcomes(0).error()))
                         : ReasonOf(response.status());
  }
  std::string Apply(const Transaction& transaction) {
    v1::BatchApplyRequest request;
    ledger::Fill(transaction, *request.add_transactions());
    const auto response = Call<v1::BatchApplyResponse>("BatchApply", request);
    if (!response.ok()) return ReasonOf(response.status());
    const auto answer = ledger::FromMessage(response->outcomes(0));
    return ReasonOf(answer.ok() ? answer->entry.status : answer.status());
  }
  std::string Balances(const std::string& psn_no) {
    v1::BatchGetBalancesRequest request;
    request.add_psn_nos(psn_no);
    return ReasonOf(Call<v1::BatchGetBalancesResponse>("BatchGetBalances", request).status());
  }

  static Transaction Moving(const std::string& id, ledger::Move move) {
    return {.id = id, .kind = Kind::kPivot, .holder = "op", .groups = {{1, 1, {std::move(move)}}}};
  }
  static Transaction Changing(const std::string& id, Kind kind, PersonStep step) {
    Transaction transaction{.id = id, .kind = kind, .holder = "op"};
    transaction.person_changes = {
        {"p", step, step == PersonStep::kDepart ? "outside/510100" : std::string()}};
    return transaction;
  }

  rpc::Loopback loopback_;
  bool full_ = false;
  bool serving_ = true;
  WalletDisk disk_;
  std::unique_ptr<WalletStore> store_ =
      NewMemoryWalletStore(loopback_.runtime(), disk_, {.full = [this] { return full_; }});
  Wallet wallet_{
      loopback_.runtime(),
      loopback_.scope(),
      *store_,
      {.batches = {.max_queue = 2},
       .max_listed_accounts = 2,
       .check_serving = [this] { return serving_ ? absl::OkStatus() : Refuse(reason::kNotWriter); },
       .account_year = [](absl::Time) { return 2026; }},
      NullMetrics()};
};

TEST_F(WalletRefusalsTest, OfAccounts) {
  EXPECT_EQ(Apply(Moving("a", {.from = ledger::PriorAccount("nobody"), .to = "provider/h"})),
            "ACCOUNT_MISSING");
  ASSERT_EQ(Apply(Moving("b", {.from = "quota/510100", .to = kLot})), "");
  Transaction emptying = Moving("c", {.from = kLot, .to = "quota/510100"});
  emptying.closed_lots = {kLot};
  ASSERT_EQ(Apply(emptying), "");
  EXPECT_EQ(Apply(Moving("d", {.from = "quota/510100", .to = kLot})), "ACCOUNT_CLOSED");
  EXPECT_EQ(
      Apply(Moving("e",
                   {.from = "outside/employer", .to = ledger::CurrentAccount("p"), .year = 2025})),
      "");
  EXPECT_EQ(
      Apply(Moving("f",
                   {.from = "outside/employer", .to = ledger::CurrentAccount("p"), .year = 2027})),
      "YEAR_CLOSED");
}

TEST_F(WalletRefusalsTest, OfPersonsWhoMove_R20) {
  ASSERT_EQ(Apply(Changing("leave", Kind::kFreeze, PersonStep::kLeave)), "");
  EXPECT_EQ(Apply(Moving("a", {.from = ledger::CurrentAccount("p"), .to = "provider/h"})),
            "PERSON_LEAVING");
  EXPECT_EQ(Apply(Changing("early", Kind::kPivot, PersonStep::kDepart)), "ACCOUNT_NOT_EMPTY");
  Transaction depart = Changing("depart", Kind::kPivot, PersonStep::kDepart);
  depart.groups = {{300, 300, {{.from = ledger::CurrentAccount("p"), .to = "outside/510100"}}}};
  ASSERT_EQ(Apply(depart), "");
  EXPECT_EQ(Contribute("late", "p"), "PERSON_LEFT");
}

TEST_F(WalletRefusalsTest, OfStepsThatAreImpossibleByNow_P21) {
  v1::BatchDecideRequest decide;
  decide.add_ids("decided");
  ASSERT_TRUE(Call<v1::BatchDecideResponse>("BatchDecide", decide).ok());
  EXPECT_EQ(Apply(Moving("decided", {.from = ledger::CurrentAccount("p"), .to = "provider/h"})),
            "STEP_TOMBSTONED");
  Transaction late = Moving("late", {.from = ledger::CurrentAccount("p"), .to = "provider/h"});
  late.not_after = absl::Now() - absl::Seconds(1);
  EXPECT_EQ(Apply(late), "LATE");
}

TEST_F(WalletRefusalsTest, OfAnAnswerThatWouldBeTooLong) {
  EXPECT_EQ(Balances("p"), "");
  ASSERT_EQ(Apply(Moving("a", {.from = "quota/510100", .to = kLot})), "");
  EXPECT_EQ(Balances("p"), "TOO_MANY_ACCOUNTS");
}

TEST_F(WalletRefusalsTest, OfMoreThanCanWait) {
  v1::BatchApplyRequest request;
  for (const char* id : {"a", "b", "c"}) {
    ledger::Fill(Moving(id, {.from = ledger::CurrentAccount("p"), .to = "provider/h"}),
                 *request.add_transactions());
  }
  const auto response = Call<v1::BatchApplyResponse>("BatchApply", request);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_TRUE(response->outcomes(1).has_applied());
  EXPECT_EQ(ReasonOf(rpc::FromMessage(response->outcomes(2).error())), "QUEUE_FULL");
}

TEST_F(WalletRefusalsTest, OfAShardThatCannotWrite_P13) {
  full_ = true;
  EXPECT_EQ(Contribute("full", "p"), "DISK_FULL");
  full_ = false;
  serving_ = false;
  EXPECT_EQ(Contribute("deposed", "p"), "NOT_WRITER");
}

}  // namespace
}  // namespace gongji::wallet
