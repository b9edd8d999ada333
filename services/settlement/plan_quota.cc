// Plans that move quota: granting it, and returning it.
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/errors/reasons.h"
#include "services/common/ids.h"
#include "services/common/money.h"
#include "services/ledger/accounts.h"
#include "services/settlement/plan.h"
#include "services/settlement/plan_parts.h"

namespace gongji::settlement {
namespace {

using ledger::CurrentAccount;
using ledger::Kind;
using ledger::Move;
using ledger::PriorAccount;
using policy::AreaPolicy;
using policy::FundScope;

EndPlan EmptyTheLot(const RelationState& relation, const AttemptContext& context) {
  EndPlan plan{.giver_psn_no = relation.giver_psn_no,
               .receiver_psn_no = relation.receiver_psn_no,
               .giver_area = relation.giver_area,
               .receiver_area = relation.receiver_area,
               .relation_id = relation.relation_id};
  plan.pivot = {.id = StepId(context, "pivot"),
                .kind = Kind::kPivot,
                .holder = context.operation_id,
                .not_after = context.decide_by};
  Move move{.from = ledger::LotAccount(relation.receiver_psn_no, relation.relation_id),
            .to = ledger::QuotaAccount(relation.giver_area),
            .numbers_lot = true,
            .tag = "quota"};
  plan.pivot.groups.push_back({kMaxAmountFen, 0, {std::move(move)}});
  return plan;
}

}  // namespace

absl::StatusOr<TransferPlan> PlanTransfer(const TransferRequest& request,
                                          const TransferPermission& permission,
                                          const policy::PolicyBook& policies,
                                          const AttemptContext& context) {
  if (!permission.reasons.empty()) return permission.reasons.front();
  const std::string& giver = request.giver_psn_no;
  const std::string& receiver = request.receiver_psn_no;
  const std::string& relation = permission.relation_id;
  const AreaPolicy& rules = policies.For(permission.giver.area, context.business_day);
  TransferPlan plan{.giver_psn_no = giver,
                    .receiver_psn_no = receiver,
                    .giver_area = permission.giver.area,
                    .receiver_area = permission.receiver.area,
                    .relation_id = relation,
                    .relation_version = permission.relation_version,
                    .amount_fen = request.amount_fen,
                    .next_opening = policy::NextOpening(rules.transfer, context.business_day),
                    .freeze = {},
                    .pivot = {},
                    .policies = permission.policies};

  ledger::Group freeze{request.amount_fen, request.amount_fen, {}};
  const auto add = [&](const std::string& from, const std::string& to, const std::string& tag) {
    Move move{.from = from, .to = to, .tag = tag};
    move.keeps = KeepsOf(giver, rules);
    freeze.moves.push_back(std::move(move));
  };
  add(PriorAccount(giver), ledger::GrantedPrior(giver, relation), "prior");
  if (rules.fund.fund_scope == FundScope::kAll) {
    add(CurrentAccount(giver), ledger::GrantedCurrent(giver, relation), "current");
  }
  ledger::Claim places{.keys = {}, .subject = ledger::ClaimSubject::kPlace};
  for (int place = 1; place <= rules.transfer.max_per_day; ++place) {
    places.keys.push_back(ledger::PlaceKey(giver, FormatDay(context.business_day), place));
  }
  plan.freeze = {.id = StepId(context, "freeze"),
                 .kind = Kind::kFreeze,
                 .holder = context.operation_id,
                 .not_after = context.decide_by,
                 .business_day = context.business_day};
  plan.freeze.groups.push_back(std::move(freeze));
  plan.freeze.claims.push_back(std::move(places));
  plan.freeze.wallet_psn_nos.push_back(giver);

  const std::string quota = ledger::QuotaAccount(permission.giver.area);
  const std::string lot = ledger::LotAccount(receiver, relation);
  plan.pivot = {.id = StepId(context, "pivot"),
                .kind = Kind::kPivot,
                .holder = context.operation_id,
                .not_after = context.decide_by};
  plan.pivot.groups.push_back(
      {request.amount_fen, request.amount_fen, {{.from = quota, .to = lot, .tag = "quota"}}});
  Move reading{.from = lot, .to = quota, .tag = "balance"};
  reading.at_most_fen = 0;
  plan.pivot.groups.push_back({0, 0, {std::move(reading)}});
  plan.pivot.wallet_psn_nos.push_back(receiver);
  return plan;
}

absl::StatusOr<EndPlan> PlanEndQuota(const EndQuotaRequest& request, const RelationState& relation,
                                     const AttemptContext& context) {
  const bool party = request.actor_psn_no == relation.giver_psn_no ||
                     request.actor_psn_no == relation.receiver_psn_no;
  if (!party) return Refuse(reason::kNotAllowed, {{"actor_psn_no", request.actor_psn_no}});
  if (relation.live) {
    return Refuse(reason::kNoWalletRelation, {{"relation_id", relation.relation_id}});
  }
  // The end of the relation returns what is left.
  if (relation.ended) {
    return Refuse(reason::kRelationEnded, {{"relation_id", relation.relation_id}});
  }
  return EmptyTheLot(relation, context);
}

EndPlan PlanEndOfRelation(const RelationState& relation, const AttemptContext& context) {
  EndPlan plan = EmptyTheLot(relation, context);
  plan.relation_ended = true;
  // A lot that is closed already must not refuse the operation.
  plan.pivot.groups[0].moves[0].skip_if_closed = true;
  plan.pivot.closed_lots.push_back(plan.pivot.groups[0].moves[0].from);
  return plan;
}

}  // namespace gongji::settlement
