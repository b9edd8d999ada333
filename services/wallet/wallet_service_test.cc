// The gRPC methods of a shard through a loopback channel: parsing, bounds, order of outcomes and
// rendering. The rules have their own tests.
#include "services/wallet/wallet_service.h"

#include <gtest/gtest.h>

#include <string>

#include "gongji/wallet/v1/wallet.pb.h"
#include "services/common/rpc/status_wire.h"
#include "services/common/testing/loopback.h"
#include "services/ledger/accounts.h"
#include "services/ledger/transaction_wire.h"
#include "services/wallet/testing/wallet_store_memory.h"
#include "services/wallet/wallet_wire.h"

namespace gongji::wallet {
namespace {

constexpr char kService[] = "gongji.wallet.v1.WalletService/";

class WalletServiceTest : public testing::Test {
 protected:
  WalletServiceTest() {
    AddWalletService(loopback_.server(), wallet_);
    EXPECT_TRUE(loopback_.Wait(wallet_.Start()).ok());
    loopback_.Connect();
    v1::ContributeRequest request;
    v1::Contribution* line = request.add_contributions();
    line->set_line_id("line");
    line->set_psn_no("p");
    line->set_current_fen(300);
    line->set_prior_fen(500);
    line->set_year(2026);
    line->set_source("employer");
    const auto response = Call<v1::ContributeResponse>("Contribute", request);
    EXPECT_TRUE(response->outcomes(0).has_written()) << response->DebugString();
  }

  template <class Response, class Request>
  absl::StatusOr<Response> Call(const std::string& method, const Request& request) {
    return loopback_.Call<Response>(kService + method, request);
  }

  static v1::Transaction Pay(const std::string& id, int64_t fen) {
    v1::Transaction message;
    ledger::Fill({.id = id,
                  .kind = ledger::Kind::kPivot,
                  .holder = "op",
                  .groups = {{fen, fen, {{.from = ledger::PriorAccount("p"), .to = "provider/h"}}}},
                  .claims = {{{"bill/h/" + id + "/1"}, ledger::ClaimSubject::kBill}}},
                 message);
    return message;
  }

  rpc::Loopback loopback_;
  WalletDisk disk_;
  std::unique_ptr<WalletStore> store_ = NewMemoryWalletStore(loopback_.runtime(), disk_);
  // The account year is fixed, because the loopback has the real clock.
  Wallet wallet_{loopback_.runtime(),
                 loopback_.scope(),
                 *store_,
                 {.account_year = [](absl::Time) { return 2026; }},
                 NullMetrics()};
};

TEST_F(WalletServiceTest, AppliesEachByItselfInOrder) {
  v1::BatchApplyRequest request;
  *request.add_transactions() = Pay("a", 400);
  *request.add_transactions() = Pay("b", 400);
  *request.add_transactions() = v1::Transaction();
  *request.add_transactions() = Pay("c", 100);
  const auto response = Call<v1::BatchApplyResponse>("BatchApply", request);
  ASSERT_TRUE(response.ok()) << response.status();
  ASSERT_EQ(response->outcomes_size(), 4);
  EXPECT_EQ(response->outcomes(0).applied().id(), "a");
  EXPECT_EQ(response->outcomes(0).applied().moves(0).amount_fen(), 400);
  const auto refused = ledger::FromMessage(response->outcomes(1));
  ASSERT_TRUE(refused.ok());
  EXPECT_TRUE(refused->decided());
  EXPECT_EQ(ReasonOf(refused->entry.status), "INSUFFICIENT_FUNDS");
  EXPECT_EQ(ReasonOf(rpc::FromMessage(response->outcomes(2).error())), "INVALID_FIELD");
  EXPECT_TRUE(response->outcomes(3).has_applied());
  EXPECT_EQ(response->outcomes(3).journal_number(), 4);
}

TEST_F(WalletServiceTest, AnswersComeBackAsTheyWereGiven) {
  v1::BatchApplyRequest request;
  *request.add_transactions() = Pay("a", 400);
  const auto first = Call<v1::BatchApplyResponse>("BatchApply", request);
  const auto second = Call<v1::BatchApplyResponse>("BatchApply", request);
  EXPECT_FALSE(first->outcomes(0).applied().replayed());
  EXPECT_TRUE(second->outcomes(0).applied().replayed());
  const auto a = ledger::FromMessage(first->outcomes(0));
  const auto b = ledger::FromMessage(second->outcomes(0));
  EXPECT_EQ(a->entry.moves, b->entry.moves);
  EXPECT_EQ(a->entry.claims, b->entry.claims);
  EXPECT_EQ(a->entry.number, b->entry.number);
}

TEST_F(WalletServiceTest, EmptyAndOversizedBatchesAreRefused) {
  EXPECT_EQ(ReasonOf(Call<v1::BatchApplyResponse>("BatchApply", v1::BatchApplyRequest()).status()),
            "INVALID_FIELD");
  v1::BatchDecideRequest request;
  for (int i = 0; i < 257; ++i) request.add_ids("x");
  EXPECT_EQ(ReasonOf(Call<v1::BatchDecideResponse>("BatchDecide", request).status()),
            "INVALID_FIELD");
}

// Ids have the same bound when they are applied and when they are decided.
TEST_F(WalletServiceTest, IdsAreShortAndPrintable) {
  const std::string longest(96, 'x');
  for (const std::string& id : {std::string(), longest + "x", std::string("a b"),
                                std::string("a\n"), std::string("\xe5\x85\xb1")}) {
    v1::BatchApplyRequest apply;
    *apply.add_transactions() = Pay(id, 1);
    const auto applied = Call<v1::BatchApplyResponse>("BatchApply", apply);
    EXPECT_EQ(ReasonOf(rpc::FromMessage(applied->outcomes(0).error())), "INVALID_FIELD") << id;
    v1::BatchDecideRequest decide;
    decide.add_ids(id);
    EXPECT_EQ(ReasonOf(Call<v1::BatchDecideResponse>("BatchDecide", decide).status()),
              "INVALID_FIELD")
        << id;
  }
  v1::BatchApplyRequest apply;
  *apply.add_transactions() = Pay(longest, 1);
  EXPECT_TRUE(Call<v1::BatchApplyResponse>("BatchApply", apply)->outcomes(0).has_applied());
  v1::BatchDecideRequest decide;
  decide.add_ids(longest);
  EXPECT_TRUE(Call<v1::BatchDecideResponse>("BatchDecide", decide)->outcomes(0).has_applied());
}

TEST_F(WalletServiceTest, TombstonesAreTold_P21) {
  v1::BatchDecideRequest request;
  request.add_ids("never");
  const auto response = Call<v1::BatchDecideResponse>("BatchDecide", request);
  const auto answer = ledger::FromMessage(response->outcomes(0));
  ASSERT_TRUE(answer.ok());
  EXPECT_TRUE(answer->decided());
  EXPECT_EQ(answer->entry.outcome, ledger::Outcome::kTombstone);
}

TEST_F(WalletServiceTest, DryRunLeavesNoEntry_R25) {
  v1::BatchDryRunRequest request;
  *request.add_transactions() = Pay("q", 100);
  const auto response = Call<v1::BatchDryRunResponse>("BatchDryRun", request);
  EXPECT_EQ(response->outcomes(0).applied().moves(0).amount_fen(), 100);
  EXPECT_EQ(response->outcomes(0).journal_number(), 0);
  EXPECT_EQ(disk_.journal.size(), 1U);
}

TEST_F(WalletServiceTest, ReadsBalancesPlacesAndJournal_R19) {
  v1::BatchOpenWalletsRequest open;
  open.add_wallets()->set_request_id("open");
  open.mutable_wallets(0)->set_psn_no("p");
  EXPECT_EQ(ReasonOf(rpc::FromMessage(
                Call<v1::BatchOpenWalletsResponse>("BatchOpenWallets", open)->outcomes(0).error())),
            "INVALID_FIELD");  // Not confirmed by the person (R14).
  open.mutable_wallets(0)->set_confirmed(true);
  EXPECT_TRUE(
      Call<v1::BatchOpenWalletsResponse>("BatchOpenWallets", open)->outcomes(0).has_written());
  v1::BatchGetBalancesRequest balances;
  balances.add_psn_nos("p");
  const auto person = Call<v1::BatchGetBalancesResponse>("BatchGetBalances", balances)->persons(0);
  EXPECT_TRUE(person.wallet_open());
  EXPECT_EQ(person.year(), 2026);
  EXPECT_EQ(person.accounts(1).balance_fen(), 500);

  v1::BatchGetPlacesRequest places;
  places.add_wallet_days()->set_psn_no("p");
  places.mutable_wallet_days(0)->set_business_day("today");
  EXPECT_EQ(ReasonOf(Call<v1::BatchGetPlacesResponse>("BatchGetPlaces", places).status()),
            "INVALID_FIELD");
  places.mutable_wallet_days(0)->set_business_day("2026-03-02");
  EXPECT_EQ(Call<v1::BatchGetPlacesResponse>("BatchGetPlaces", places)->places(0).holders_size(),
            0);

  v1::BatchHasAtLeastRequest question;
  question.add_questions()->set_psn_no("p");
  question.mutable_questions(0)->set_fen(800);
  EXPECT_TRUE(Call<v1::BatchHasAtLeastResponse>("BatchHasAtLeast", question)->answers(0));

  const auto entries = Call<v1::ListEntriesResponse>("ListEntries", v1::ListEntriesRequest());
  ASSERT_EQ(entries->entries_size(), 2);
  EXPECT_EQ(entries->entries(0).rows(0).from(), "outside/employer");
  EXPECT_EQ(entries->last_number(), 2);
  const auto accounts = Call<v1::ListAccountsResponse>("ListAccounts", v1::ListAccountsRequest());
  EXPECT_EQ(accounts->accounts_size(), 3);
}

TEST_F(WalletServiceTest, WalletsAreOpenedForOthersAndClosed_R12_R14) {
  v1::BatchOpenWalletsRequest open;
  v1::OpenWallet* wallet = open.add_wallets();
  wallet->set_request_id("open");
  wallet->set_psn_no("p");
  wallet->set_confirmed(true);
  wallet->set_opened_by_psn_no("son");
  open.mutable_origin()->set_channel(common::v1::CHANNEL_WINDOW);
  open.mutable_origin()->set_operator_id("clerk-7");
  open.mutable_origin()->set_consent_document("paper-12");
  ASSERT_TRUE(
      Call<v1::BatchOpenWalletsResponse>("BatchOpenWallets", open)->outcomes(0).has_written());
  v1::ListEntriesRequest after;
  after.set_after_number(1);
  const auto entries = Call<v1::ListEntriesResponse>("ListEntries", after);
  ASSERT_EQ(entries->entries_size(), 1);
  EXPECT_EQ(entries->entries(0).origin().SerializeAsString(), open.origin().SerializeAsString());
  EXPECT_EQ(entries->entries(0).opened_by_psn_no(), "son");

  v1::GetHoldingsRequest holdings;
  holdings.set_psn_no("p");
  const auto before = Call<v1::GetHoldingsResponse>("GetHoldings", holdings);
  EXPECT_TRUE(before->wallet_open());
  EXPECT_EQ(before->opened_by_psn_no(), "son");
  EXPECT_EQ(before->current_fen(), 300);
  EXPECT_EQ(before->prior_fen(), 500);
  EXPECT_EQ(before->year(), 2026);
  EXPECT_EQ(before->journal_number(), 2);
  EXPECT_EQ(
      ReasonOf(Call<v1::GetHoldingsResponse>("GetHoldings", v1::GetHoldingsRequest()).status()),
      "INVALID_FIELD");

  v1::BatchCloseWalletsRequest close;
  close.add_wallets()->set_request_id("close");
  close.mutable_wallets(0)->set_psn_no("p");
  EXPECT_TRUE(
      Call<v1::BatchCloseWalletsResponse>("BatchCloseWallets", close)->outcomes(0).has_written());
  EXPECT_FALSE(Call<v1::GetHoldingsResponse>("GetHoldings", holdings)->wallet_open());
}

TEST_F(WalletServiceTest, ChangesOfAMoveTravel_R20) {
  ledger::Transaction depart{.id = "depart", .kind = ledger::Kind::kPivot};
  depart.person_changes = {{"p", ledger::PersonStep::kDepart, "outside/510100"}};
  v1::BatchApplyRequest request;
  ledger::Fill(depart, *request.add_transactions());
  ledger::Fill(depart, *request.add_transactions());
  request.mutable_transactions(1)->mutable_person_changes(0)->set_step(
      v1::PersonChange::STEP_UNSPECIFIED);
  EXPECT_EQ(ledger::FromMessage(request.transactions(0))->person_changes, depart.person_changes);
  const auto response = Call<v1::BatchApplyResponse>("BatchApply", request);
  EXPECT_EQ(ReasonOf(rpc::FromMessage(response->outcomes(0).error())), "PERSON_NOT_LEAVING");
  EXPECT_EQ(ReasonOf(rpc::FromMessage(response->outcomes(1).error())), "INVALID_FIELD");
}

TEST_F(WalletServiceTest, MoneyOutIsRefusedWithoutPolicy_R18_R35) {
  v1::BatchPayOutRequest request;
  v1::PayOut* pay_out = request.add_pay_outs();
  pay_out->set_request_id("cash");
  pay_out->set_psn_no("p");
  pay_out->set_ground(v1::PayOut::GROUND_CASH);
  pay_out->set_amount_fen(100);
  pay_out->set_area("350200");
  const auto refused = Call<v1::BatchPayOutResponse>("BatchPayOut", request);
  EXPECT_EQ(ReasonOf(rpc::FromMessage(refused->outcomes(0).error())),
            "CASH_WITHDRAWAL_NOT_ALLOWED");
  v1::QuotePayOutRequest quote;
  *quote.mutable_pay_out() = *pay_out;
  EXPECT_EQ(
      ReasonOf(rpc::FromMessage(Call<v1::QuotePayOutResponse>("QuotePayOut", quote)->refusal())),
      "CASH_WITHDRAWAL_NOT_ALLOWED");
  v1::BatchSetAsideRequest set_aside;
  set_aside.add_set_asides()->set_request_id("aside");
  set_aside.mutable_set_asides(0)->set_psn_no("p");
  set_aside.mutable_set_asides(0)->set_area("350200");
  EXPECT_EQ(ReasonOf(rpc::FromMessage(
                Call<v1::BatchSetAsideResponse>("BatchSetAside", set_aside)->outcomes(0).error())),
            "SUB_ACCOUNT_NOT_OFFERED");
}

TEST_F(WalletServiceTest, ShowsJournalAndTablesAsTheyAreStored) {
  const auto sealed =
      Call<v1::ListSealedEntriesResponse>("ListSealedEntries", v1::ListSealedEntriesRequest());
  ASSERT_EQ(sealed->entries_size(), 1);
  EXPECT_EQ(sealed->hash(), v1::JOURNAL_HASH_SM3);
  v1::GetProofRequest number;
  number.set_number(1);
  EXPECT_EQ(Call<v1::GetProofResponse>("GetProof", number)->root(), sealed->entries(0).chain());
  EXPECT_EQ(Call<v1::ListRootsResponse>("ListRoots", v1::ListRootsRequest())->roots_size(), 0);
  v1::ListTableRowsRequest rows;
  EXPECT_EQ(ReasonOf(Call<v1::ListTableRowsResponse>("ListTableRows", rows).status()),
            "INVALID_FIELD");
  rows.set_table(v1::ListTableRowsRequest::TABLE_PERSONS);
  EXPECT_EQ(Call<v1::ListTableRowsResponse>("ListTableRows", rows)->saved_number(), 0);
}

// The largest numbers of a caller must not overflow.
TEST_F(WalletServiceTest, NumbersNoJournalHasAreRefused) {
  for (const int64_t number : {int64_t{-1}, std::numeric_limits<int64_t>::max()}) {
    const auto refused = [&]<class Response>(const char* method, auto request, const Response&) {
      request.set_after_number(number);
      EXPECT_EQ(ReasonOf(Call<Response>(method, request).status()), "INVALID_FIELD") << method;
    };
    refused("ListEntries", v1::ListEntriesRequest(), v1::ListEntriesResponse());
    refused("WatchJournal", v1::WatchJournalRequest(), v1::WatchJournalResponse());
    refused("ListSealedEntries", v1::ListSealedEntriesRequest(), v1::ListSealedEntriesResponse());
    refused("ListRoots", v1::ListRootsRequest(), v1::ListRootsResponse());
    v1::GetProofRequest proof;
    proof.set_number(number);
    EXPECT_EQ(ReasonOf(Call<v1::GetProofResponse>("GetProof", proof).status()), "INVALID_FIELD");
  }
  v1::ListEntriesRequest far;
  far.set_after_number(int64_t{1} << 62);
  EXPECT_EQ(Call<v1::ListEntriesResponse>("ListEntries", far)->entries_size(), 0);
}

TEST_F(WalletServiceTest, PagesGoOnWithTheirQuestionOnly_R19) {
  v1::BatchApplyRequest apply;
  for (const char* id : {"a", "b", "c"}) *apply.add_transactions() = Pay(id, 1);
  ASSERT_TRUE(Call<v1::BatchApplyResponse>("BatchApply", apply).ok());
  v1::GetStatementRequest request;
  request.set_account("person/p/prior");
  request.set_page_size(2);
  const auto first = Call<v1::GetStatementResponse>("GetStatement", request);
  ASSERT_EQ(first->lines_size(), 2);
  request.set_page_token(first->next_page_token());
  const auto second = Call<v1::GetStatementResponse>("GetStatement", request);
  ASSERT_GE(second->lines_size(), 1);
  EXPECT_LT(second->lines(0).number(), first->lines(1).number());
  const auto reason = [&] {
    return ReasonOf(Call<v1::GetStatementResponse>("GetStatement", request).status());
  };
  request.set_up_to_number(3);
  EXPECT_EQ(reason(), "INVALID_FIELD");
  request.set_up_to_number(0);
  request.set_account("provider/h");
  EXPECT_EQ(reason(), "INVALID_FIELD");
  request.clear_page_token();
  request.set_up_to_number(-1);
  EXPECT_EQ(reason(), "INVALID_FIELD");
  v1::GetHoldingsRequest holdings;
  holdings.set_psn_no("p");
  holdings.set_page_token(first->next_page_token());
  EXPECT_EQ(ReasonOf(Call<v1::GetHoldingsResponse>("GetHoldings", holdings).status()),
            "INVALID_FIELD");
}

TEST_F(WalletServiceTest, WatchGivesWhatIsThereAtOnce_R19) {
  v1::WatchJournalRequest watch;
  const auto first = Call<v1::WatchJournalResponse>("WatchJournal", watch);
  EXPECT_EQ(first->entries_size(), 1);
  EXPECT_EQ(first->last_number(), 1);
  watch.set_after_number(-1);
  EXPECT_EQ(ReasonOf(Call<v1::WatchJournalResponse>("WatchJournal", watch).status()),
            "INVALID_FIELD");
}

}  // namespace
}  // namespace gongji::wallet
