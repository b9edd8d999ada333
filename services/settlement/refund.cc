#include "services/settlement/refund.h"

#include <utility>
#include <vector>

#include "services/common/errors/check.h"
#include "services/common/errors/reasons.h"
#include "services/common/ids.h"
#include "services/ledger/accounts.h"
#include "services/settlement/payment.h"
#include "services/settlement/plan_parts.h"

namespace gongji::settlement {
namespace {

using ledger::ClearingAccount;
using ledger::Kind;
using ledger::Move;

// What is left of each part and of the cash after what was drawn before.
struct Rest {
  std::vector<ReturnedPart> parts;  // the last taken first
  int64_t cash_fen = 0;
};

Rest RestOf(const Operation& settlement, const SettlePlan& plan, const Drawn& drawn) {
  Rest rest;
  for (size_t part = plan.parts.size(); part-- > 0;) {
    const int64_t before_fen = drawn.parts_fen.empty() ? 0 : drawn.parts_fen.at(part);
    const int64_t left_fen = TakenBy(settlement, part).amount_fen - before_fen;
    CHECK(left_fen >= 0);  // P23
    if (left_fen == 0) continue;
    rest.parts.push_back({plan.parts[part], static_cast<int>(part), left_fen, before_fen});
  }
  rest.cash_fen = PaymentOf(plan, settlement.pivot_moves).psn_cash_pay_fen - drawn.cash_fen;
  CHECK(rest.cash_fen >= 0);  // P23
  return rest;
}

// The move that takes `part` back on the patient's shard: the reverse of the one that took it.
Move Reversed(const ReturnedPart& part, const Move& taken, const ledger::MoveResult& result,
              const SettlePlan& plan) {
  Move move{.tag = taken.tag};
  move.at_most_fen = part.amount_fen;
  for (const ledger::Allowance& allowance : taken.allowances) {
    move.returned_allowances.push_back(allowance.key);
  }
  if (part.planned.source == Source::kQuota) {
    // The quota that paid the bill here is owed to the giver's area again. The lot is credited in a
    // group of its own, because it may be closed.
    move.from = taken.also->to;
    move.to = ClearingAccount(plan.patient_area, part.planned.giver_area);
    return move;
  }
  move.from = taken.to;
  move.to = taken.from;
  // The money keeps the year that it was taken from: it goes to prior years if that year has been
  // closed.
  move.year = result.year;
  if (taken.also) move.also = {taken.also->to, taken.also->from};
  return move;
}

Move IntoTheLot(const ReturnedPart& part, const SettlePlan& plan) {
  Move move{.from = ledger::QuotaAccount(part.planned.giver_area),
            .to = ledger::LotAccount(plan.patient_psn_no, part.planned.relation_id),
            .skip_if_closed = true,
            .numbers_lot = true,
            .tag = "quota"};
  move.at_most_fen = part.amount_fen;
  return move;
}

ledger::Transaction PivotFor(const std::vector<ReturnedPart>& parts, const Operation& settlement,
                             const SettlePlan& plan, const AttemptContext& context) {
  // The bill is held by the settlement, so it is released in the settlement's name.
  ledger::Transaction pivot{.id = StepId(context, "pivot"),
                            .kind = Kind::kPivot,
                            .holder = settlement.id,
                            .not_after = context.decide_by};
  ledger::Group back;
  ledger::Group lots;
  for (const ReturnedPart& part : parts) {
    const auto index = static_cast<size_t>(part.part);
    back.moves.push_back(
        Reversed(part, plan.pivot.groups[0].moves[index], settlement.pivot_moves[index], plan));
    back.want_fen += part.amount_fen;
    if (part.planned.source != Source::kQuota) continue;
    lots.moves.push_back(IntoTheLot(part, plan));
    lots.want_fen += part.amount_fen;
  }
  back.at_least_fen = back.want_fen;
  pivot.groups = {std::move(back), std::move(lots)};
  for (const ledger::Claim& claim : plan.pivot.claims) {
    pivot.unclaims.insert(pivot.unclaims.end(), claim.keys.begin(), claim.keys.end());
  }
  return pivot;
}

}  // namespace

absl::StatusOr<RefundPlan> PlanCancel(const Refundable& settlement, const AttemptContext& context) {
  const auto* plan = settlement.operation.As<SettlePlan>();
  CHECK(plan != nullptr && settlement.operation.charged());
  const Drawn& drawn = settlement.drawn;
  if (!drawn.undecided_id.empty()) {
    return Refuse(reason::kRefundInProgress, {{"refund", drawn.undecided_id}});
  }
  Rest rest = RestOf(settlement.operation, *plan, drawn);
  if (!drawn.last_id.empty() && rest.parts.empty() && rest.cash_fen == 0) {
    return Refuse(reason::kAlreadyRefunded, {{"refund", drawn.last_id}});
  }
  RefundPlan refund{.settlement_id = settlement.operation.id,
                    .patient_area = plan->patient_area,
                    .care_area = plan->care_area,
                    .institution_code = plan->institution_code,
                    .parts = std::move(rest.parts),
                    .cash_fen = rest.cash_fen,
                    .pivot = {},
                    .before = drawn};
  refund.pivot = PivotFor(refund.parts, settlement.operation, *plan, context);
  refund.before.settlement_id = refund.settlement_id;
  refund.before.parts_fen.resize(plan->parts.size());
  return refund;
}

Drawn DrawnBy(const Operation& refund) {
  const auto* plan = refund.As<RefundPlan>();
  CHECK(plan != nullptr);
  Drawn drawn = plan->before;
  const bool decided = refund.state != State::kDeciding;
  drawn.version += decided ? 2 : 1;
  if (decided && !refund.charged()) return drawn;
  for (const ReturnedPart& part : plan->parts) {
    drawn.parts_fen[static_cast<size_t>(part.part)] += part.amount_fen;
  }
  drawn.cash_fen += plan->cash_fen;
  drawn.last_id = refund.id;
  if (!decided) drawn.undecided_id = refund.id;
  return drawn;
}

}  // namespace gongji::settlement
