#include "services/settlement/settlement_service.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "gongji/settlement/v1/settlement.pb.h"
#include "services/common/errors/reasons.h"
#include "services/common/rpc/page.h"
#include "services/common/rpc/status_wire.h"
#include "services/common/testing/loopback.h"
#include "services/settlement/testing/scripted_peers.h"
#include "services/settlement/testing/settlement_store_memory.h"
#include "services/settlement/totals.h"

namespace gongji::settlement {
namespace {

constexpr char kService[] = "gongji.settlement.v1.SettlementService/";

class SettlementServiceTest : public testing::Test {
 protected:
  SettlementServiceTest() {
    AddSettlementService(loopback_.server(), settlement_);
    EXPECT_TRUE(loopback_.Wait(settlement_.Start()).ok());
    loopback_.Connect();
  }

  template <class Response, class Request>
  absl::StatusOr<Response> Call(const std::string& method, const Request& request) {
    return loopback_.Call<Response>(kService + method, request, absl::Seconds(8));
  }

  static v1::SettleRequest Request(const std::string& id) {
    v1::SettleRequest request;
    request.set_request_id(id);
    v1::Bill* bill = request.mutable_bill();
    bill->set_psn_no("patient");
    bill->set_institution_code("H1");
    bill->set_care_area("310000");
    bill->set_visit_id("v-" + id);
    bill->set_batch_id("1");
    bill->mutable_amounts()->set_medfee_sum_fen(1000);
    bill->mutable_amounts()->set_inscp_scp_fen(1000);
    bill->mutable_amounts()->set_psn_part_fen(1000);
    return request;
  }

  rpc::Loopback loopback_;
  SettlementDisk disk_;
  ScriptedPeers peers_;
  const policy::PolicyBook policies_ = *policy::PolicyBook::Load("policy");
  std::unique_ptr<SettlementStore> store_ = NewMemorySettlementStore(loopback_.runtime(), disk_);
  Settlement settlement_{loopback_.runtime(), loopback_.scope(),   *store_,      peers_,
                         policies_,           SettlementOptions{}, NullMetrics()};
};

TEST_F(SettlementServiceTest, SettlesAndReplays_R26) {
  peers_.amounts_fen["pivot"] = {400};
  Payer sealed{.giver_psn_no = "mother", .relation_id = "r", .live = true, .giver_area = "310000"};
  sealed.reasons = {Refuse(reason::kAccountBlocked, {{"status", "sealed"}})};
  peers_.payers = Payers{.patient = {"patient", "310000"}, .payers = {sealed}};
  const auto first = Call<v1::SettleResponse>("Settle", Request("a"));
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->payment().acct_pay_fen(), 400);
  EXPECT_EQ(first->payment().psn_cash_pay_fen(), 600);
  EXPECT_EQ(first->journal_number(), 1);
  EXPECT_EQ(first->payment().parts(0).source(), v1::Part::SOURCE_OWN);
  const auto& reason = first->payment().refused_payers(0).reasons(0);
  EXPECT_EQ(reason.name(), "ACCOUNT_BLOCKED");
  EXPECT_EQ(reason.metadata().at("status"), "sealed");
  EXPECT_FALSE(reason.advice_zh().empty());
  const auto again = Call<v1::SettleResponse>("Settle", Request("a"));
  EXPECT_TRUE(again->replayed());
  EXPECT_EQ(again->settlement_id(), first->settlement_id());
}

TEST_F(SettlementServiceTest, BatchAnswersEachInOrder) {
  v1::BatchSettleRequest request;
  *request.add_requests() = Request("a");
  *request.add_requests() = Request("b");
  request.mutable_requests(1)->mutable_bill()->mutable_amounts()->set_psn_part_fen(999);
  *request.add_requests() = Request("c");
  const auto response = Call<v1::BatchSettleResponse>("BatchSettle", request);
  ASSERT_TRUE(response.ok()) << response.status();
  ASSERT_EQ(response->outcomes_size(), 3);
  EXPECT_TRUE(response->outcomes(0).has_settled());
  EXPECT_EQ(ReasonOf(rpc::FromMessage(response->outcomes(1).error())), "BILL_DOES_NOT_ADD_UP");
  EXPECT_TRUE(response->outcomes(2).has_settled());
}

TEST_F(SettlementServiceTest, TransfersAndTellsOutcomes_R28) {
  peers_.amounts_fen["freeze"] = {500};
  v1::BatchTransferRequest request;
  v1::TransferRequest* transfer = request.add_requests();
  transfer->set_request_id("t");
  transfer->set_giver_psn_no("giver");
  transfer->set_receiver_psn_no("receiver");
  transfer->set_amount_fen(500);
  const auto response = Call<v1::BatchTransferResponse>("BatchTransfer", request);
  EXPECT_EQ(response->outcomes(0).transferred().from_prior_fen(), 500);
  v1::GetOperationRequest ask;
  ask.set_request_id("t");
  const auto done = Call<v1::GetOperationResponse>("GetOperation", ask);
  EXPECT_EQ(done->state(), v1::GetOperationResponse::STATE_DONE);
  EXPECT_EQ(done->transferred().transfer_id(), response->outcomes(0).transferred().transfer_id());
  ask.set_request_id("never seen");
  EXPECT_EQ(ReasonOf(Call<v1::GetOperationResponse>("GetOperation", ask).status()),
            "INVALID_FIELD");  // A blank is not printable.
  ask.set_request_id("never-seen");
  EXPECT_EQ(Call<v1::GetOperationResponse>("GetOperation", ask)->state(),
            v1::GetOperationResponse::STATE_NEVER);
}

TEST_F(SettlementServiceTest, EndsQuotaAndCancels_R15_R27) {
  peers_.relations["r"] = {.relation_id = "r",
                           .giver_psn_no = "giver",
                           .receiver_psn_no = "receiver",
                           .giver_area = "310000",
                           .receiver_area = "510100"};
  peers_.amounts_fen["pivot"] = {300};
  v1::EndQuotaRequest end;
  end.set_request_id("e");
  end.set_relation_id("r");
  end.set_actor_psn_no("receiver");
  const auto ended = Call<v1::EndQuotaResponse>("EndQuota", end);
  ASSERT_TRUE(ended.ok()) << ended.status();
  EXPECT_EQ(ended->returned_fen(), 300);
  end.set_request_id("f");
  end.set_actor_psn_no("somebody");
  EXPECT_EQ(ReasonOf(Call<v1::EndQuotaResponse>("EndQuota", end).status()), "NOT_ALLOWED");

  v1::CancelRequest cancel;
  cancel.set_request_id("c");
  cancel.set_settlement_id("unknown");
  EXPECT_EQ(ReasonOf(Call<v1::CancelResponse>("Cancel", cancel).status()), "OPERATION_UNKNOWN");
}

// The operator's tool after a shard was restored: everything that was booked is there already.
TEST_F(SettlementServiceTest, ResendsStepsPageByPage) {
  peers_.amounts_fen["pivot"] = {400};
  ASSERT_TRUE(Call<v1::SettleResponse>("Settle", Request("a")).ok());
  v1::ResendStepsRequest resend;
  resend.set_area_province("31");
  const auto resent = Call<v1::ResendStepsResponse>("ResendSteps", resend);
  ASSERT_TRUE(resent.ok()) << resent.status();
  EXPECT_EQ(resent->booked_count(), 0);
  EXPECT_GT(resent->known_count(), 0);
  EXPECT_EQ(resent->differences_size(), 0);
  EXPECT_EQ(resent->next_page_token(), "");
  resend.set_page_token("somewhere");
  const auto refused = Call<v1::ResendStepsResponse>("ResendSteps", resend).status();
  EXPECT_EQ(refused, InvalidField("page_token", "not from an answer to this question"));
}

TEST_F(SettlementServiceTest, QuotesAndPagesTotals_R25_R31) {
  peers_.payers = Payers{
      .patient = {"patient", "310000"},
      .payers = {{.giver_psn_no = "g", .relation_id = "r", .live = true, .giver_area = "310000"}}};
  peers_.amounts_fen["pivot"] = {0, 700};
  v1::QuoteRequest quote;
  *quote.mutable_bill() = Request("q").bill();
  EXPECT_EQ(Call<v1::QuoteResponse>("Quote", quote)->payment().acct_mulaid_pay_fen(), 700);
  ASSERT_TRUE(Call<v1::SettleResponse>("Settle", Request("a")).ok());
  v1::ListTotalsRequest list;
  list.set_first_day("1970-01-01");
  list.set_last_day("2999-12-31");
  list.set_page_size(1);
  const auto page = Call<v1::ListTotalsResponse>("ListTotals", list);
  ASSERT_EQ(page->totals_size(), 1);
  EXPECT_EQ(page->totals(0).amount_fen(), 700);
  list.set_page_token(page->next_page_token());
  EXPECT_EQ(Call<v1::ListTotalsResponse>("ListTotals", list)->totals_size(), 0);
  list.set_page_token("somewhere");
  EXPECT_EQ(ReasonOf(Call<v1::ListTotalsResponse>("ListTotals", list).status()), "INVALID_FIELD");
}

// An answer that is not there in time is no refusal: the same id gets it later.
TEST_F(SettlementServiceTest, SaysThatItStillWorksOnARequest_P11) {
  const auto settled = Call<v1::SettleResponse>("Settle", Request("a"));
  ASSERT_TRUE(settled.ok()) << settled.status();
  peers_.lost_requests["pivot"] = 1'000'000;
  EXPECT_EQ(ReasonOf(loopback_
                         .CallUntilAnswered<v1::SettleResponse>(std::string(kService) + "Settle",
                                                                Request("b"))
                         .status()),
            "REQUEST_IN_PROGRESS");
  const auto cancel = [&](const std::string& id) {
    v1::CancelRequest request;
    request.set_request_id(id);
    request.set_settlement_id(settled->settlement_id());
    return ReasonOf(
        loopback_.CallUntilAnswered<v1::CancelResponse>(std::string(kService) + "Cancel", request)
            .status());
  };
  EXPECT_EQ(cancel("c"), "REQUEST_IN_PROGRESS");
  EXPECT_EQ(cancel("d"), "REFUND_IN_PROGRESS");
}

TEST_F(SettlementServiceTest, BatchesHaveBounds_P32) {
  v1::BatchSettleRequest settle;
  v1::BatchTransferRequest transfer;
  EXPECT_EQ(ReasonOf(Call<v1::BatchSettleResponse>("BatchSettle", settle).status()),
            "INVALID_FIELD");
  EXPECT_EQ(ReasonOf(Call<v1::BatchTransferResponse>("BatchTransfer", transfer).status()),
            "INVALID_FIELD");
  for (int i = 0; i < 64; ++i) {
    settle.add_requests();
    transfer.add_requests();
  }
  EXPECT_EQ(Call<v1::BatchSettleResponse>("BatchSettle", settle)->outcomes_size(), 64);
  EXPECT_EQ(Call<v1::BatchTransferResponse>("BatchTransfer", transfer)->outcomes_size(), 64);
  settle.add_requests();
  transfer.add_requests();
  EXPECT_EQ(ReasonOf(Call<v1::BatchSettleResponse>("BatchSettle", settle).status()),
            "INVALID_FIELD");
  EXPECT_EQ(ReasonOf(Call<v1::BatchTransferResponse>("BatchTransfer", transfer).status()),
            "INVALID_FIELD");
}

TEST_F(SettlementServiceTest, ExplainsWhoWouldPay_R11) {
  peers_.amounts_fen["pivot"] = {400};
  v1::ExplainRequest ask;
  ask.set_psn_no("patient");
  ask.set_care_area("310000");
  const auto explained = Call<v1::ExplainResponse>("Explain", ask);
  ASSERT_TRUE(explained.ok()) << explained.status();
  ASSERT_GE(explained->payers_size(), 1);
  EXPECT_EQ(explained->payers(0).available_fen(), 400);
  ask.clear_psn_no();
  EXPECT_EQ(Call<v1::ExplainResponse>("Explain", ask).status(), InvalidField("psn_no", "empty"));
}

TEST_F(SettlementServiceTest, StepsAreSentFromWhereTheCallerLeftOff) {
  peers_.amounts_fen["pivot"] = {400};
  for (const char* id : {"a", "b", "c"}) {
    ASSERT_TRUE(Call<v1::SettleResponse>("Settle", Request(id)).ok());
  }
  v1::ResendStepsRequest resend;
  resend.set_area_province("31");
  resend.set_page_size(2);
  const auto first = Call<v1::ResendStepsResponse>("ResendSteps", resend);
  EXPECT_EQ(first->known_count(), 2);
  ASSERT_NE(first->next_page_token(), "");
  resend.set_page_token(first->next_page_token());
  const auto second = Call<v1::ResendStepsResponse>("ResendSteps", resend);
  EXPECT_EQ(second->known_count(), 1);
  EXPECT_EQ(second->next_page_token(), "");
  resend.clear_page_token();
  resend.set_after_number(2);
  EXPECT_EQ(Call<v1::ResendStepsResponse>("ResendSteps", resend)->known_count(), 1);
  // A shard that was restored lacks them and books something else.
  peers_.Forget("pivot");
  peers_.amounts_fen["pivot"] = {399};
  const auto other = Call<v1::ResendStepsResponse>("ResendSteps", resend);
  ASSERT_EQ(other->differences_size(), 1);
  EXPECT_EQ(other->differences(0).recorded_number(), 3);
  EXPECT_EQ(other->differences(0).why(), "move 0 brought 399 fen and not 400");
  EXPECT_TRUE(other->differences(0).step_id().ends_with("/1/pivot"));
  EXPECT_EQ(other->booked_count(), 0);
}

TEST_F(SettlementServiceTest, PagesHaveADefaultAndABound_P32) {
  for (int i = 0; i < 1001; ++i) {
    const Total total{"310000", "510100", BusinessDay(1970, 1, 1) + i, 1, 1};
    AddTo(disk_.totals, total);
  }
  v1::ListTotalsRequest list;
  list.set_first_day("1970-01-01");
  list.set_last_day("2026-12-31");
  EXPECT_EQ(Call<v1::ListTotalsResponse>("ListTotals", list)->totals_size(), 100);
  list.set_page_size(1001);
  const auto page = Call<v1::ListTotalsResponse>("ListTotals", list);
  EXPECT_EQ(page->totals_size(), 1000);
  list.set_page_token(page->next_page_token());
  EXPECT_EQ(Call<v1::ListTotalsResponse>("ListTotals", list)->totals_size(), 1);
}

TEST_F(SettlementServiceTest, QuestionsForStepsAreChecked) {
  v1::ResendStepsRequest resend;
  const auto refused = [&] {
    return Call<v1::ResendStepsResponse>("ResendSteps", resend).status();
  };
  for (const char* province : {"", "3", "310"}) {
    resend.set_area_province(province);
    EXPECT_EQ(refused(), InvalidField("area_province", "not two digits"));
  }
  resend.set_area_province("31");
  resend.set_after_number(-1);
  EXPECT_EQ(refused(), InvalidField("after_number", "negative"));
  resend.set_after_number(0);
  EXPECT_EQ(refused(), absl::OkStatus());
  resend.set_page_token(rpc::PageToken("steps/31/0", "x/id"));
  EXPECT_EQ(refused(), InvalidField("page_token", "not from an answer"));
}

TEST_F(SettlementServiceTest, QuestionsForTotalsAreChecked_R31) {
  v1::ListTotalsRequest list;
  const auto refused = [&] { return Call<v1::ListTotalsResponse>("ListTotals", list).status(); };
  list.set_last_day("2026-03-31");
  EXPECT_EQ(refused(), InvalidField("first_day", "not a day"));
  list.set_first_day("2026-03-01");
  list.set_last_day("March");
  EXPECT_EQ(refused(), InvalidField("last_day", "not a day"));
  list.set_last_day("2026-03-31");
  EXPECT_EQ(refused(), absl::OkStatus());
  for (const char* position : {"x/310000/510100", "2026-03-02/310000", "2026-03-02/3/5/1"}) {
    list.set_page_token(rpc::PageToken("totals/2026-03-01/2026-03-31", position));
    EXPECT_EQ(refused(), InvalidField("page_token", "not from an answer")) << position;
  }
}

}  // namespace
}  // namespace gongji::settlement
