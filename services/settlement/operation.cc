#include "services/settlement/operation.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "policy/policy.h"
#include "services/common/check.h"
#include "services/wallet/accounts.h"
#include "services/wallet/transaction_fields.h"

namespace gongji::settlement {
namespace {

using policy::ProvinceOf;
using wallet::ClearingAccount;
using wallet::Group;
using wallet::Kind;
using wallet::Move;
using wallet::Transaction;

std::string StepId(const Operation& operation, const std::string& step) {
  return absl::StrCat(operation.id, "/", operation.attempt, "/", step);
}

Group Exactly(int64_t fen, std::vector<Move> moves) {
  return {.want_fen = fen, .at_least_fen = fen, .moves = std::move(moves)};
}

int64_t Sum(const std::vector<wallet::MoveResult>& moves) {
  int64_t sum_fen = 0;
  for (const auto& move : moves) sum_fen += move.amount_fen;
  return sum_fen;
}

// Books on the giver's shard what the bill took from his quota. Prior years leave first, as they
// were frozen; both buckets are one pot.
Step CaptureOf(const Operation& operation, size_t part) {
  const SettlePlan& plan = operation.settle;
  const PlannedPart& planned = plan.parts[part];
  const wallet::MoveResult& moved = operation.pivot_moves[part];
  const std::string clearing = ClearingAccount(planned.giver_area, plan.patient_area);
  Transaction capture{.id = StepId(operation, absl::StrCat("capture/", part)),
                      .kind = Kind::kComplete,
                      .holder = operation.id};
  capture.groups.push_back(Exactly(
      moved.amount_fen,
      {{.from = wallet::GrantedPrior(planned.payer_psn_no, planned.relation_id), .to = clearing},
       {.from = wallet::GrantedCurrent(planned.payer_psn_no, planned.relation_id),
        .to = clearing}}));
  capture.turns.push_back(
      {wallet::GrantOf(planned.payer_psn_no, planned.relation_id), moved.lot_number});
  return {ProvinceOf(planned.giver_area), std::move(capture)};
}

// Books in the care area what it owes to the institution.
Step PayableOf(const Operation& operation, int64_t amount_fen) {
  const SettlePlan& plan = operation.settle;
  Transaction payable{
      .id = StepId(operation, "payable"), .kind = Kind::kComplete, .holder = operation.id};
  payable.groups.push_back(
      Exactly(amount_fen, {{.from = ClearingAccount(plan.care_area, plan.patient_area),
                            .to = wallet::ProviderAccount(plan.institution_code)}}));
  return {ProvinceOf(plan.care_area), std::move(payable)};
}

}  // namespace

Step ReleaseOf(const Operation& operation, const std::vector<wallet::MoveResult>& moves) {
  const TransferPlan& plan = operation.transfer;
  Transaction release{
      .id = StepId(operation, "release"), .kind = Kind::kRelease, .holder = operation.id};
  release.groups.push_back(
      Exactly(Sum(moves), {{.from = wallet::GrantedCurrent(plan.giver_psn_no, plan.relation_id),
                            .to = wallet::CurrentAccount(plan.giver_psn_no)},
                           {.from = wallet::GrantedPrior(plan.giver_psn_no, plan.relation_id),
                            .to = wallet::PriorAccount(plan.giver_psn_no)}}));
  for (const wallet::Claim& claim : plan.freeze.claims) {
    release.unclaims.insert(release.unclaims.end(), claim.keys.begin(), claim.keys.end());
  }
  return {ProvinceOf(plan.giver_area), std::move(release)};
}

std::vector<Step> CompletionsOf(const Operation& operation) {
  std::vector<Step> steps;
  if (operation.kind != OperationKind::kSettle) return steps;
  const SettlePlan& plan = operation.settle;
  int64_t brought_fen = 0;
  for (size_t part = 0; part < plan.parts.size(); ++part) {
    const int64_t amount_fen = operation.pivot_moves[part].amount_fen;
    brought_fen += amount_fen;
    if (plan.parts[part].source == Source::kQuota && amount_fen > 0) {
      steps.push_back(CaptureOf(operation, part));
    }
  }
  if (plan.care_area != plan.patient_area && brought_fen > 0) {
    steps.push_back(PayableOf(operation, brought_fen));
  }
  return steps;
}

std::vector<Total> TotalsOf(const Operation& operation) {
  std::vector<Total> totals;
  if (operation.kind != OperationKind::kSettle) return totals;
  const SettlePlan& plan = operation.settle;
  for (size_t part = 0; part < plan.parts.size(); ++part) {
    const int64_t amount_fen = operation.pivot_moves[part].amount_fen;
    if (plan.parts[part].source == Source::kOwn || amount_fen == 0) continue;
    totals.push_back({.giver_area = plan.parts[part].giver_area,
                      .receiver_area = plan.patient_area,
                      .day = BusinessDayOf(operation.pivot_at),
                      .count = 1,
                      .amount_fen = amount_fen});
  }
  return totals;
}

Payment PaymentOf(const SettlePlan& plan, const std::vector<wallet::MoveResult>& moves) {
  CHECK(moves.size() >= plan.parts.size());
  Payment payment{.parts = {}, .policies = plan.policies, .refused = plan.refused};
  payment.acct_pay_fen = plan.taken_before_fen;
  int64_t brought_fen = 0;
  for (size_t i = 0; i < plan.parts.size(); ++i) {
    const wallet::MoveResult& move = moves[i];
    payment.parts.push_back({plan.parts[i], move.amount_fen, move.balance_seen_fen, move.stop});
    brought_fen += move.amount_fen;
    (plan.parts[i].source == Source::kOwn ? payment.acct_pay_fen : payment.acct_mulaid_pay_fen) +=
        move.amount_fen;
  }
  // What follows the parts only reads balances, after everything was taken.
  for (size_t i = plan.parts.size(); i < moves.size(); ++i) {
    payment.balance_fen += moves[i].balance_seen_fen;
  }
  payment.psn_cash_pay_fen = plan.psn_part_fen - plan.taken_before_fen - brought_fen;
  CHECK(payment.psn_cash_pay_fen >= 0);  // V4; the waterfall never wants more.
  if (plan.mulaid_inside_acct_pay) payment.acct_pay_fen += payment.acct_mulaid_pay_fen;
  return payment;
}

template <class Archive>
void Fields(Archive& archive, PlannedPart& part) {
  archive(part.source, part.payer_psn_no, part.account, part.relation_id, part.giver_area);
}

template <class Archive>
void Fields(Archive& archive, RefusedPayer& payer) {
  archive(payer.psn_no, payer.reasons);
}

template <class Archive>
void Fields(Archive& archive, SettlePlan& plan) {
  archive(plan.patient_area, plan.care_area, plan.institution_code, plan.patient_psn_no,
          plan.psn_part_fen, plan.taken_before_fen, plan.mulaid_inside_acct_pay, plan.pivot,
          plan.parts, plan.refused, plan.policies);
}

template <class Archive>
void Fields(Archive& archive, TransferPlan& plan) {
  archive(plan.giver_psn_no, plan.receiver_psn_no, plan.giver_area, plan.receiver_area,
          plan.relation_id, plan.relation_version, plan.amount_fen, plan.freeze, plan.pivot,
          plan.policies);
}

template <class Archive>
void Fields(Archive& archive, Operation& operation) {
  archive(operation.id, operation.kind, operation.caller, operation.request_id,
          operation.fingerprint, operation.state, operation.attempt, operation.decide_by,
          operation.at, operation.business_day, operation.settle, operation.transfer,
          operation.freeze_moves, operation.pivot_moves, operation.pivot_at, operation.refusal,
          operation.version, operation.journal_number);
}

std::string EncodeOperation(const Operation& operation) { return ToBytes(operation); }

bool DecodeOperation(const std::string& bytes, Operation& operation) {
  return FromBytes(bytes, operation);
}

}  // namespace gongji::settlement
