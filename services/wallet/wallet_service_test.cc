// The gRPC methods of a shard through a loopback channel: parsing, bounds, order of outcomes and
// rendering. The rules have their own tests.
#include "services/wallet/wallet_service.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gongji/wallet/v1/wallet.pb.h"
#include "services/common/errors/reasons.h"
#include "services/common/rpc/page.h"
#include "services/common/rpc/status_wire.h"
#include "services/ledger/accounts.h"
#include "services/ledger/transaction_wire.h"
#include "services/wallet/testing/wallet_service_fixture.h"
#include "services/wallet/wallet_wire.h"

namespace gongji::wallet {
namespace {

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
  request.set_up_to_number(0);
  for (const std::string position : {"x", "0", "-1"}) {
    request.set_page_token(rpc::PageToken(
        absl::StrCat("statement/provider/h/0/", absl::ToUnixNanos(absl::InfiniteFuture())),
        position));
    EXPECT_EQ(Call<v1::GetStatementResponse>("GetStatement", request).status(),
              InvalidField("page_token", "not from an answer"))
        << position;
  }
  v1::GetHoldingsRequest holdings;
  holdings.set_psn_no("p");
  holdings.set_page_token(first->next_page_token());
  EXPECT_EQ(ReasonOf(Call<v1::GetHoldingsResponse>("GetHoldings", holdings).status()),
            "INVALID_FIELD");
}

TEST_F(WalletServiceTest, EveryBatchHasTheSameBounds_P32) {
  const auto refused = [this]<class Response>(const char* method, auto request, auto add,
                                              const Response& /*response*/) {
    EXPECT_EQ(ReasonOf(Call<Response>(method, request).status()), "INVALID_FIELD") << method;
    for (int i = 0; i < 256; ++i) add(request);
    EXPECT_EQ(ReasonOf(Call<Response>(method, request).status()), "") << method;
    add(request);
    EXPECT_EQ(ReasonOf(Call<Response>(method, request).status()), "INVALID_FIELD") << method;
  };
  refused(
      "BatchApply", v1::BatchApplyRequest(), [](auto& r) { r.add_transactions(); },
      v1::BatchApplyResponse());
  refused(
      "BatchDryRun", v1::BatchDryRunRequest(), [](auto& r) { r.add_transactions(); },
      v1::BatchDryRunResponse());
  refused(
      "BatchDecide", v1::BatchDecideRequest(), [](auto& r) { r.add_ids("x"); },
      v1::BatchDecideResponse());
  refused(
      "Contribute", v1::ContributeRequest(), [](auto& r) { r.add_contributions(); },
      v1::ContributeResponse());
  refused(
      "BatchOpenWallets", v1::BatchOpenWalletsRequest(), [](auto& r) { r.add_wallets(); },
      v1::BatchOpenWalletsResponse());
  refused(
      "BatchCloseWallets", v1::BatchCloseWalletsRequest(), [](auto& r) { r.add_wallets(); },
      v1::BatchCloseWalletsResponse());
  refused(
      "BatchPayOut", v1::BatchPayOutRequest(), [](auto& r) { r.add_pay_outs(); },
      v1::BatchPayOutResponse());
  refused(
      "BatchSetAside", v1::BatchSetAsideRequest(), [](auto& r) { r.add_set_asides(); },
      v1::BatchSetAsideResponse());
  refused(
      "BatchGetBalances", v1::BatchGetBalancesRequest(), [](auto& r) { r.add_psn_nos("p"); },
      v1::BatchGetBalancesResponse());
  refused(
      "BatchHasAtLeast", v1::BatchHasAtLeastRequest(), [](auto& r) { r.add_questions(); },
      v1::BatchHasAtLeastResponse());
  refused(
      "BatchGetPlaces", v1::BatchGetPlacesRequest(),
      [](auto& r) { r.add_wallet_days()->set_business_day("2026-03-02"); },
      v1::BatchGetPlacesResponse());
}

TEST_F(WalletServiceTest, APageThatEndsBeforeTheFirstEntryGoesOn_R19) {
  v1::BatchApplyRequest apply;
  for (const char* id : {"a", "b", "c"}) *apply.add_transactions() = Pay(id, 1);
  ASSERT_TRUE(Call<v1::BatchApplyResponse>("BatchApply", apply).ok());
  v1::GetStatementRequest request;
  request.set_account("person/p/prior");
  request.set_page_size(3);
  const auto first = Call<v1::GetStatementResponse>("GetStatement", request);
  EXPECT_EQ(first->lines_size(), 3);
  ASSERT_NE(first->next_page_token(), "");
  request.set_page_token(first->next_page_token());
  const auto last = Call<v1::GetStatementResponse>("GetStatement", request);
  ASSERT_EQ(last->lines_size(), 1);
  EXPECT_EQ(last->lines(0).number(), 1);
  EXPECT_EQ(last->next_page_token(), "");
}

TEST_F(WalletServiceTest, AStatementGoesBackFromANumberOrATime_R19) {
  v1::BatchApplyRequest apply;
  for (const char* id : {"a", "b", "c"}) *apply.add_transactions() = Pay(id, 1);
  ASSERT_TRUE(Call<v1::BatchApplyResponse>("BatchApply", apply).ok());
  for (size_t i = 0; i < disk_.journal.size(); ++i) {
    disk_.journal[i].at = absl::FromUnixSeconds(static_cast<int64_t>(i) * 100);
  }
  v1::GetStatementRequest request;
  request.set_account("person/p/prior");
  const auto numbers = [&] {
    const auto statement = Call<v1::GetStatementResponse>("GetStatement", request);
    EXPECT_TRUE(statement.ok()) << statement.status();
    EXPECT_EQ(statement->journal_number(), 4);
    EXPECT_EQ(statement->next_page_token(), "");
    std::vector<int64_t> found;
    for (const v1::StatementLine& line : statement->lines()) found.push_back(line.number());
    return found;
  };
  using Numbers = std::vector<int64_t>;
  EXPECT_EQ(numbers(), (Numbers{4, 3, 2, 1}));
  request.set_up_to_number(3);
  EXPECT_EQ(numbers(), (Numbers{3, 2, 1}));
  request.mutable_up_to_time()->set_seconds(199);
  EXPECT_EQ(numbers(), (Numbers{2, 1}));
  request.set_up_to_number(0);
  EXPECT_EQ(numbers(), (Numbers{2, 1}));
}

}  // namespace
}  // namespace gongji::wallet
