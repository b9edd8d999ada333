// Messages of settlement: every field goes to its own place.
#include "services/settlement/settlement_wire.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/errors/reasons.h"
#include "services/common/testing/messages.h"

namespace gongji::settlement {
namespace {

absl::Time At(int64_t seconds) { return absl::FromUnixSeconds(seconds); }

TEST(SettlementWire, ABillArrivesWhole_R21) {
  const Bill bill = FromMessage(Parsed<v1::Bill>(R"(
    psn_no: "p" institution_code: "h" care_area: "510100" visit_id: "v" batch_id: "b"
    medical_type: "11" insurance_type: "310" certificate_type: "01" at { seconds: 5 }
    item_classes { class: CLASS_DRUG amount_fen: 6 }
    amounts { medfee_sum_fen: 1 fulamt_ownpay_fen: 2 overlmt_selfpay_fen: 3 preselfpay_fen: 4
              inscp_scp_fen: 5 fund_pay_sum_fen: 6 hifp_fen: 7 cvlserv_fen: 8 hifes_fen: 9
              hifmi_fen: 10 hifob_fen: 11 maf_fen: 12 hifdm_fen: 13 oth_fen: 14
              psn_part_fen: 15 hosp_part_fen: 16 acct_pay_fen: 17 })"));
  EXPECT_EQ(bill.psn_no, "p");
  EXPECT_EQ(bill.institution_code, "h");
  EXPECT_EQ(bill.care_area, "510100");
  EXPECT_EQ(bill.visit_id, "v");
  EXPECT_EQ(bill.batch_id, "b");
  EXPECT_EQ(bill.medical_type, "11");
  EXPECT_EQ(bill.insurance_type, "310");
  EXPECT_EQ(bill.certificate_type, "01");
  EXPECT_EQ(bill.at, At(5));
  ASSERT_EQ(bill.item_classes.size(), 1U);
  EXPECT_EQ(bill.item_classes[0].item_class, policy::ItemClass::kDrug);
  EXPECT_EQ(bill.item_classes[0].amount_fen, 6);
  const Amounts& a = bill.amounts;
  const int64_t amounts[] = {a.medfee_sum_fen, a.fulamt_ownpay_fen, a.overlmt_selfpay_fen,
                             a.preselfpay_fen, a.inscp_scp_fen,     a.fund_pay_sum_fen,
                             a.hifp_fen,       a.cvlserv_fen,       a.hifes_fen,
                             a.hifmi_fen,      a.hifob_fen,         a.maf_fen,
                             a.hifdm_fen,      a.oth_fen,           a.psn_part_fen,
                             a.hosp_part_fen,  a.acct_pay_fen};
  for (size_t at = 0; at < std::size(amounts); ++at) {
    EXPECT_EQ(amounts[at], static_cast<int64_t>(at) + 1);
  }
  EXPECT_EQ(FromMessage(v1::Bill()).at, std::nullopt);
}

TEST(SettlementWire, TransfersAndQuestionsArriveWhole_R15) {
  const TransferRequest transfer = FromMessage(
      Parsed<v1::TransferRequest>("giver_psn_no: 'g' receiver_psn_no: 'p' amount_fen: 7"));
  EXPECT_EQ(transfer.giver_psn_no, "g");
  EXPECT_EQ(transfer.receiver_psn_no, "p");
  EXPECT_EQ(transfer.amount_fen, 7);
  const ExplainQuestion question = FromMessage(Parsed<v1::ExplainRequest>(
      "psn_no: 'p' purpose: PURPOSE_PHARMACY care_area: '510100' at { seconds: 5 }"));
  EXPECT_EQ(question.psn_no, "p");
  EXPECT_EQ(question.purpose, policy::Purpose::kPharmacy);
  EXPECT_EQ(question.care_area, "510100");
  EXPECT_EQ(question.at, At(5));
}

// A reason as it must leave, with the texts of the catalogue.
std::string ReasonFields(const Reason& reason) {
  return absl::StrCat("name: '", reason.name, "' text_en: \"", reason.text_en, "\" text_zh: \"",
                      reason.text_zh, "\" advice_en: \"", reason.advice_en, "\" advice_zh: \"",
                      reason.advice_zh, "\" ");
}
std::string ReasonText(const Reason& reason) {
  return absl::StrCat("{ ", ReasonFields(reason), "} ");
}

TEST(SettlementWire, ReasonsLeaveWithTextsAndComeBack_R42) {
  const absl::Status refusal = Refuse(reason::kModeNotTicked, {{"needed", "PAY"}});
  const common::v1::Reason message = ToReason(refusal);
  ExpectMessage(message,
                ReasonFields(reason::kModeNotTicked) + "metadata { key: 'needed' value: 'PAY' }");
  EXPECT_EQ(FromReason(message), refusal);
}

// One that this process does not know yet keeps its name and texts.
TEST(SettlementWire, AReasonOfANewerPeerIsKept_R42) {
  const absl::Status status = FromReason(Parsed<common::v1::Reason>(
      "name: 'OF_TOMORROW' text_en: 'new' text_zh: '新' metadata { key: 'b' value: '2' } "
      "metadata { key: 'a' value: '1' }"));
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(status.message(), "new");
  const auto detail = DetailOf(status);
  ASSERT_TRUE(detail.has_value());
  EXPECT_EQ(detail->reason, "OF_TOMORROW");
  EXPECT_EQ(detail->metadata, (Metadata{{"a", "1"}, {"b", "2"}}));
  EXPECT_TRUE(detail->final);
  EXPECT_EQ(detail->text_zh, "新");
}

const PlannedPart kPlanned = {.source = Source::kQuota,
                              .payer_psn_no = "g",
                              .account = "person/p/lot/r",
                              .relation_id = "r",
                              .giver_area = "510100"};

TEST(SettlementWire, APaymentLeavesWhole_R26) {
  Payment payment{.parts = {{kPlanned, 3, 9, ledger::Stop::kKept}},
                  .acct_pay_fen = 1,
                  .acct_mulaid_pay_fen = 2,
                  .psn_cash_pay_fen = 4,
                  .balance_fen = 5,
                  .cash_parts = {{6, Refuse(reason::kRetainedMinimum)}},
                  .policies = {"a", "b"},
                  .refused = {{"h", {Refuse(reason::kRelationEnded)}}}};
  ExpectMessage(ToMessage(payment),
                "parts { source: SOURCE_QUOTA payer_psn_no: 'g' account: 'person/p/lot/r' "
                "amount_fen: 3 balance_seen_fen: 9 stop: 'KEPT' relation_id: 'r' } "
                "acct_pay_fen: 1 acct_mulaid_pay_fen: 2 psn_cash_pay_fen: 4 balance_fen: 5 "
                "policies: 'a' policies: 'b' refused_payers { psn_no: 'h' reasons " +
                    ReasonText(reason::kRelationEnded) + "} cash_parts { amount_fen: 6 reason " +
                    ReasonText(reason::kRetainedMinimum) + "}");
}

TEST(SettlementWire, EachStopHasItsName_R26) {
  const std::pair<ledger::Stop, const char*> stops[] = {
      {ledger::Stop::kSatisfied, "SATISFIED"}, {ledger::Stop::kEmpty, "EMPTY"},
      {ledger::Stop::kCapped, "CAPPED"},       {ledger::Stop::kKept, "KEPT"},
      {ledger::Stop::kAllowance, "ALLOWANCE"}, {ledger::Stop::kClosed, "CLOSED"},
      {ledger::Stop::kNotNeeded, "NOT_NEEDED"}};
  for (const auto& [stop, name] : stops) {
    EXPECT_EQ(ToMessage(Payment{.parts = {{kPlanned, 1, 1, stop}}}).parts(0).stop(), name);
  }
}

TEST(SettlementWire, AnExplanationLeavesWhole_R11) {
  Explanation explanation;
  explanation.payers = {{.source = Source::kLive,
                         .psn_no = "g",
                         .relation_id = "r",
                         .giver_area = "510100",
                         .account = "person/g/prior",
                         .available_fen = 8,
                         .reasons = {Refuse(reason::kModeNotChosen)},
                         .transfer = TransferView{{2, 200000}, {Refuse(reason::kRelationEnded)}}}};
  explanation.policies = {"a"};
  ExpectMessage(ToMessage(explanation),
                "payers { source: SOURCE_LIVE psn_no: 'g' relation_id: 'r' "
                "account: 'person/g/prior' available_fen: 8 reasons " +
                    ReasonText(reason::kModeNotChosen) +
                    "transfer { left: 2 max_amount_fen: 200000 reasons " +
                    ReasonText(reason::kRelationEnded) + "} } policies: 'a'");
}

TEST(SettlementWire, ATotalLeavesWhole_R31) {
  ExpectMessage(ToMessage(Total{.giver_area = "510100",
                                .receiver_area = "310000",
                                .day = BusinessDay(2026, 3, 2),
                                .count = 1,
                                .amount_fen = 2,
                                .refund_count = 3,
                                .refunded_fen = 4}),
                "giver_area: '510100' receiver_area: '310000' business_day: '2026-03-02' count: 1 "
                "amount_fen: 2 refund_count: 3 refunded_fen: 4");
}

// An operation that was decided yes, of any plan.
Operation Charged(Plan plan) {
  Operation operation{.id = "o", .state = State::kCompleting};
  operation.business_day = BusinessDay(2026, 3, 2);
  operation.plan = std::make_shared<const Plan>(std::move(plan));
  operation.pivot_at = At(6);
  operation.journal_number = 7;
  return operation;
}

TEST(SettlementWire, ATransferLeavesWhole_R15) {
  Operation operation = Charged(TransferPlan{.relation_id = "r"});
  operation.freeze_moves = {{.tag = "prior", .amount_fen = 1}, {.tag = "current", .amount_fen = 2}};
  operation.pivot_moves = {{.tag = "quota", .amount_fen = 3},
                           {.tag = "balance", .balance_seen_fen = 4}};
  const std::string text =
      "transfer_id: 'o' relation_id: 'r' from_prior_fen: 1 from_current_fen: 2 quota_fen: 4 "
      "at { seconds: 6 } business_day: '2026-03-02' journal_number: 7";
  ExpectMessage(TransferResponseOf(operation, false), text);
  ExpectMessage(TransferResponseOf(operation, true), text + " replayed: true");
  ExpectMessage(ToMessage(operation),
                "operation_id: 'o' state: STATE_DONE transferred { " + text + " replayed: true }");
}

TEST(SettlementWire, AnEndOfQuotaLeavesWhole_R15) {
  Operation operation = Charged(EndPlan{.relation_id = "r"});
  operation.pivot_moves = {{.tag = "quota", .amount_fen = 3}};
  const std::string text = "operation_id: 'o' returned_fen: 3 at { seconds: 6 } journal_number: 7";
  ExpectMessage(EndQuotaResponseOf(operation, false), text);
  ExpectMessage(ToMessage(operation),
                "operation_id: 'o' state: STATE_DONE ended { " + text + " replayed: true }");
}

TEST(SettlementWire, ACancelLeavesWhole_R27) {
  Operation operation =
      Charged(RefundPlan{.settlement_id = "s",
                         .parts = {{.planned = kPlanned, .part = 0, .amount_fen = 3}},
                         .cash_fen = 8});
  // The part, and what of it went back into its lot.
  operation.pivot_moves = {{.amount_fen = 3}, {.amount_fen = 3}};
  const v1::CancelResponse message = CancelResponseOf(operation, true);
  EXPECT_EQ(message.operation_id(), "o");
  EXPECT_EQ(message.settlement_id(), "s");
  EXPECT_EQ(message.cash_fen(), 8);
  ASSERT_EQ(message.parts_size(), 1);
  EXPECT_EQ(message.parts(0).payer_psn_no(), "g");
  EXPECT_EQ(message.parts(0).amount_fen(), 3);
  EXPECT_EQ(message.at().seconds(), 6);
  EXPECT_EQ(message.journal_number(), 7);
  EXPECT_TRUE(message.replayed());
  EXPECT_EQ(ToMessage(operation).cancelled().settlement_id(), "s");
}

TEST(SettlementWire, WhatIsNotDoneHasAStateOnly_P19) {
  const std::pair<State, v1::GetOperationResponse::State> states[] = {
      {State::kDeciding, v1::GetOperationResponse::STATE_PENDING},
      {State::kIdle, v1::GetOperationResponse::STATE_PENDING},
      {State::kNever, v1::GetOperationResponse::STATE_NEVER},
      {State::kRefused, v1::GetOperationResponse::STATE_REFUSED}};
  for (const auto& [state, expected] : states) {
    Operation operation{.id = "o", .state = state};
    operation.refusal = Refuse(reason::kRelationEnded);
    const v1::GetOperationResponse message = ToMessage(operation);
    EXPECT_EQ(message.operation_id(), "o");
    EXPECT_EQ(message.state(), expected);
    EXPECT_EQ(message.has_refusal(), state == State::kRefused);
    EXPECT_FALSE(message.has_settled() || message.has_transferred() || message.has_ended() ||
                 message.has_cancelled());
  }
}

}  // namespace
}  // namespace gongji::settlement
