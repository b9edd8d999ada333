#include "services/settlement/payment.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/errors/check.h"
#include "services/common/errors/reasons.h"

namespace gongji::settlement {
namespace {

Metadata Fen(const std::string& name, int64_t fen) { return {{name, absl::StrCat(fen)}}; }

}  // namespace

Payment PaymentOf(const SettlePlan& plan, const std::vector<ledger::MoveResult>& moves) {
  CHECK(moves.size() >= plan.parts.size());
  Payment payment{.parts = {}, .policies = plan.policies, .refused = plan.refused};
  payment.acct_pay_fen = plan.taken_before_fen;
  int64_t brought_fen = 0;
  for (size_t i = 0; i < plan.parts.size(); ++i) {
    const ledger::MoveResult& move = moves[i];
    payment.parts.push_back({plan.parts[i], move.amount_fen, move.balance_seen_fen, move.stop});
    brought_fen += move.amount_fen;
    (plan.parts[i].source == Source::kOwn ? payment.acct_pay_fen : payment.acct_mulaid_pay_fen) +=
        move.amount_fen;
  }
  // The moves after the parts only read balances, after everything was taken.
  for (size_t i = plan.parts.size(); i < moves.size(); ++i) {
    payment.balance_fen += moves[i].balance_seen_fen;
  }
  payment.psn_cash_pay_fen = plan.psn_part_fen - plan.taken_before_fen - brought_fen;
  CHECK(payment.psn_cash_pay_fen >=
        0);  // V4: the waterfall never takes more than the personal part.
  const int64_t payable_fen = plan.pivot.groups.front().want_fen;
  const int64_t excluded_fen = plan.psn_part_fen - plan.taken_before_fen - payable_fen;
  const auto add_cash = [&payment](int64_t fen, const Reason& reason) {
    if (fen > 0) payment.cash_parts.push_back({fen, Refuse(reason, Fen("amount_fen", fen))});
  };
  add_cash(excluded_fen, reason::kOwnExpenseNotCovered);
  add_cash(payable_fen - brought_fen, reason::kNothingLeft);
  if (plan.mulaid_inside_acct_pay) payment.acct_pay_fen += payment.acct_mulaid_pay_fen;
  return payment;
}

Refund RefundOf(const RefundPlan& plan, const std::vector<ledger::MoveResult>& moves) {
  Refund refund{.cash_fen = plan.cash_fen, .parts = {}};
  CHECK(moves.size() >= plan.parts.size());
  size_t lot = plan.parts.size();
  for (size_t i = 0; i < plan.parts.size(); ++i) {
    const bool quota = plan.parts[i].planned.source == Source::kQuota;
    const ledger::MoveResult& move = quota ? moves.at(lot++) : moves[i];
    Part part{plan.parts[i].planned, plan.parts[i].amount_fen, 0, move.stop};
    // The year may have been closed since; then the money went to prior years.
    if (!quota) part.planned.account = move.credited;
    refund.parts.push_back(std::move(part));
  }
  return refund;
}

absl::Status ReasonOfStop(const Part& part) {
  switch (part.stop) {
    case ledger::Stop::kEmpty:
    case ledger::Stop::kClosed:
      return Refuse(reason::kNothingLeft, {{"account", part.planned.account}});
    case ledger::Stop::kCapped:
    case ledger::Stop::kAllowance:
      return Refuse(reason::kShareCapReached, {{"account", part.planned.account}});
    case ledger::Stop::kKept:
      return Refuse(reason::kRetainedMinimum, {{"account", part.planned.account}});
    case ledger::Stop::kSatisfied:
    case ledger::Stop::kNotNeeded:
      break;
  }
  return absl::OkStatus();
}

}  // namespace gongji::settlement
