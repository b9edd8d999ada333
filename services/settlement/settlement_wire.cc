// Requests become values without being checked; that is for the domain. Responses are made from an
// operation's plan and its answers, by way of PaymentOf and RefundOf. Reasons gain texts and advice
// from the catalogue on the way out, and lose them on the way in.
#include "services/settlement/settlement_wire.h"

#include <algorithm>
#include <string>
#include <utility>

#include "services/common/errors/reasons.h"
#include "services/common/rpc/mirror.h"
#include "services/common/rpc/status_wire.h"
#include "services/common/rpc/time_wire.h"

namespace gongji::settlement {
namespace {

static_assert(rpc::Mirrors<Source, v1::Part::Source>({{Source::kOwn, v1::Part::SOURCE_OWN},
                                                      {Source::kQuota, v1::Part::SOURCE_QUOTA},
                                                      {Source::kLive, v1::Part::SOURCE_LIVE}},
                                                     v1::Part::Source_ARRAYSIZE));

Amounts FromMessage(const v1::Bill::Amounts& a) {
  return {.medfee_sum_fen = a.medfee_sum_fen(),
          .fulamt_ownpay_fen = a.fulamt_ownpay_fen(),
          .overlmt_selfpay_fen = a.overlmt_selfpay_fen(),
          .preselfpay_fen = a.preselfpay_fen(),
          .inscp_scp_fen = a.inscp_scp_fen(),
          .fund_pay_sum_fen = a.fund_pay_sum_fen(),
          .hifp_fen = a.hifp_fen(),
          .cvlserv_fen = a.cvlserv_fen(),
          .hifes_fen = a.hifes_fen(),
          .hifmi_fen = a.hifmi_fen(),
          .hifob_fen = a.hifob_fen(),
          .maf_fen = a.maf_fen(),
          .hifdm_fen = a.hifdm_fen(),
          .oth_fen = a.oth_fen(),
          .psn_part_fen = a.psn_part_fen(),
          .hosp_part_fen = a.hosp_part_fen(),
          .acct_pay_fen = a.acct_pay_fen()};
}

const char* NameOf(ledger::Stop stop) {
  switch (stop) {
    case ledger::Stop::kSatisfied:
      return "SATISFIED";
    case ledger::Stop::kEmpty:
      return "EMPTY";
    case ledger::Stop::kCapped:
      return "CAPPED";
    case ledger::Stop::kKept:
      return "KEPT";
    case ledger::Stop::kAllowance:
      return "ALLOWANCE";
    case ledger::Stop::kClosed:
      return "CLOSED";
    case ledger::Stop::kNotNeeded:
      return "NOT_NEEDED";
  }
  return "";
}

v1::Part ToMessage(const Part& part) {
  v1::Part message;
  message.set_source(static_cast<v1::Part::Source>(part.planned.source));
  message.set_payer_psn_no(part.planned.payer_psn_no);
  message.set_account(part.planned.account);
  message.set_amount_fen(part.amount_fen);
  message.set_balance_seen_fen(part.balance_seen_fen);
  message.set_stop(NameOf(part.stop));
  message.set_relation_id(part.planned.relation_id);
  return message;
}

v1::PayerView ToMessage(const PayerView& payer) {
  v1::PayerView message;
  message.set_source(static_cast<v1::Part::Source>(payer.source));
  message.set_psn_no(payer.psn_no);
  message.set_relation_id(payer.relation_id);
  message.set_account(payer.account);
  message.set_available_fen(payer.available_fen);
  for (const absl::Status& reason : payer.reasons) *message.add_reasons() = ToReason(reason);
  if (payer.transfer.has_value()) {
    v1::TransferView* transfer = message.mutable_transfer();
    transfer->set_left(payer.transfer->left.places);
    transfer->set_max_amount_fen(payer.transfer->left.max_amount_fen);
    for (const absl::Status& reason : payer.transfer->reasons) {
      *transfer->add_reasons() = ToReason(reason);
    }
  }
  return message;
}

v1::GetOperationResponse::State StateOf(State state) {
  switch (state) {
    case State::kCompleting:
    case State::kDone:
      return v1::GetOperationResponse::STATE_DONE;
    case State::kRefused:
      return v1::GetOperationResponse::STATE_REFUSED;
    case State::kNever:
      return v1::GetOperationResponse::STATE_NEVER;
    case State::kDeciding:
    case State::kIdle:
      return v1::GetOperationResponse::STATE_PENDING;
  }
  return v1::GetOperationResponse::STATE_UNSPECIFIED;
}

}  // namespace

Bill FromMessage(const v1::Bill& message) {
  Bill bill{.psn_no = message.psn_no(),
            .institution_code = message.institution_code(),
            .care_area = message.care_area(),
            .visit_id = message.visit_id(),
            .batch_id = message.batch_id(),
            .medical_type = message.medical_type(),
            .insurance_type = message.insurance_type(),
            .certificate_type = message.certificate_type(),
            .amounts = FromMessage(message.amounts())};
  if (message.has_at()) bill.at = rpc::FromMessage(message.at());
  for (const v1::ItemClass& item : message.item_classes()) {
    bill.item_classes.push_back({static_cast<policy::ItemClass>(item.class_()), item.amount_fen()});
  }
  return bill;
}

TransferRequest FromMessage(const v1::TransferRequest& message) {
  return {.giver_psn_no = message.giver_psn_no(),
          .receiver_psn_no = message.receiver_psn_no(),
          .amount_fen = message.amount_fen()};
}

ExplainQuestion FromMessage(const v1::ExplainRequest& message) {
  ExplainQuestion question{.psn_no = message.psn_no(),
                           .purpose = static_cast<policy::Purpose>(message.purpose()),
                           .care_area = message.care_area()};
  if (message.has_at()) question.at = rpc::FromMessage(message.at());
  return question;
}

v1::Payment ToMessage(const Payment& payment) {
  v1::Payment message;
  for (const Part& part : payment.parts) *message.add_parts() = ToMessage(part);
  message.set_acct_pay_fen(payment.acct_pay_fen);
  message.set_acct_mulaid_pay_fen(payment.acct_mulaid_pay_fen);
  message.set_psn_cash_pay_fen(payment.psn_cash_pay_fen);
  message.set_balance_fen(payment.balance_fen);
  for (const std::string& policy : payment.policies) message.add_policies(policy);
  for (const RefusedPayer& payer : payment.refused) {
    v1::RefusedPayer* out = message.add_refused_payers();
    out->set_psn_no(payer.psn_no);
    for (const absl::Status& reason : payer.reasons) *out->add_reasons() = ToReason(reason);
  }
  for (const CashPart& part : payment.cash_parts) {
    v1::CashPart* out = message.add_cash_parts();
    out->set_amount_fen(part.amount_fen);
    *out->mutable_reason() = ToReason(part.reason);
  }
  return message;
}

v1::ExplainResponse ToMessage(const Explanation& explanation) {
  v1::ExplainResponse message;
  for (const PayerView& payer : explanation.payers) *message.add_payers() = ToMessage(payer);
  for (const std::string& policy : explanation.policies) message.add_policies(policy);
  return message;
}

v1::SettleResponse SettleResponseOf(const Operation& operation, bool replayed) {
  v1::SettleResponse message;
  message.set_settlement_id(operation.id);
  *message.mutable_payment() =
      ToMessage(PaymentOf(*operation.As<SettlePlan>(), operation.pivot_moves));
  *message.mutable_at() = rpc::ToMessage(operation.pivot_at);
  message.set_journal_number(operation.journal_number);
  message.set_replayed(replayed);
  return message;
}

v1::TransferResponse TransferResponseOf(const Operation& operation, bool replayed) {
  v1::TransferResponse message;
  message.set_transfer_id(operation.id);
  message.set_relation_id(operation.As<TransferPlan>()->relation_id);
  for (const ledger::MoveResult& move : operation.freeze_moves) {
    if (move.tag == "prior") message.set_from_prior_fen(move.amount_fen);
    if (move.tag == "current") message.set_from_current_fen(move.amount_fen);
  }
  for (const ledger::MoveResult& move : operation.pivot_moves) {
    if (move.tag == "balance") message.set_quota_fen(move.balance_seen_fen);
  }
  *message.mutable_at() = rpc::ToMessage(operation.pivot_at);
  message.set_business_day(FormatDay(operation.business_day));
  message.set_journal_number(operation.journal_number);
  message.set_replayed(replayed);
  return message;
}

v1::EndQuotaResponse EndQuotaResponseOf(const Operation& operation, bool replayed) {
  v1::EndQuotaResponse message;
  message.set_operation_id(operation.id);
  message.set_returned_fen(operation.pivot_moves.front().amount_fen);
  *message.mutable_at() = rpc::ToMessage(operation.pivot_at);
  message.set_journal_number(operation.journal_number);
  message.set_replayed(replayed);
  return message;
}

v1::CancelResponse CancelResponseOf(const Operation& operation, bool replayed) {
  const auto& plan = *operation.As<RefundPlan>();
  const Refund refund = RefundOf(plan, operation.pivot_moves);
  v1::CancelResponse message;
  message.set_operation_id(operation.id);
  message.set_settlement_id(plan.settlement_id);
  message.set_cash_fen(refund.cash_fen);
  for (const Part& part : refund.parts) *message.add_parts() = ToMessage(part);
  *message.mutable_at() = rpc::ToMessage(operation.pivot_at);
  message.set_journal_number(operation.journal_number);
  message.set_replayed(replayed);
  return message;
}

v1::GetOperationResponse ToMessage(const Operation& operation) {
  v1::GetOperationResponse message;
  message.set_operation_id(operation.id);
  message.set_state(StateOf(operation.state));
  if (message.state() == v1::GetOperationResponse::STATE_REFUSED) {
    *message.mutable_refusal() = rpc::ToMessage(operation.refusal);
  }
  if (message.state() != v1::GetOperationResponse::STATE_DONE) return message;
  if (operation.As<SettlePlan>() != nullptr) {
    *message.mutable_settled() = SettleResponseOf(operation, true);
  } else if (operation.As<TransferPlan>() != nullptr) {
    *message.mutable_transferred() = TransferResponseOf(operation, true);
  } else if (operation.As<EndPlan>() != nullptr) {
    *message.mutable_ended() = EndQuotaResponseOf(operation, true);
  } else {
    *message.mutable_cancelled() = CancelResponseOf(operation, true);
  }
  return message;
}

v1::Total ToMessage(const Total& total) {
  v1::Total message;
  message.set_giver_area(total.giver_area);
  message.set_receiver_area(total.receiver_area);
  message.set_business_day(FormatDay(total.day));
  message.set_count(total.count);
  message.set_amount_fen(total.amount_fen);
  message.set_refund_count(total.refund_count);
  message.set_refunded_fen(total.refunded_fen);
  return message;
}

common::v1::Reason ToReason(const absl::Status& status) {
  common::v1::Reason message;
  const ErrorDetail detail = DetailOf(status).value_or(ErrorDetail{});
  message.set_name(detail.reason);
  for (const auto& [name, value] : detail.metadata) (*message.mutable_metadata())[name] = value;
  if (const Reason* reason = FindReason(detail.reason)) {
    message.set_text_en(reason->text_en);
    message.set_text_zh(reason->text_zh);
    message.set_advice_en(reason->advice_en);
    message.set_advice_zh(reason->advice_zh);
  }
  return message;
}

absl::Status FromReason(const common::v1::Reason& message) {
  Metadata metadata(message.metadata().begin(), message.metadata().end());
  // A map has no order. Sorting makes the same refusal always the same bytes in the store.
  std::sort(metadata.begin(), metadata.end());
  if (const Reason* reason = FindReason(message.name())) {
    return Refuse(*reason, std::move(metadata));
  }
  // A newer relation knows reasons that this process does not.
  return StatusWith(absl::StatusCode::kFailedPrecondition, message.text_en(),
                    {.reason = message.name(),
                     .metadata = std::move(metadata),
                     .final = true,
                     .text_zh = message.text_zh()});
}

}  // namespace gongji::settlement
