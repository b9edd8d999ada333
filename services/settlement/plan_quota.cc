// Plans of what moves quota: granting it and ending it.
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

using policy::AreaPolicy;
using policy::FundScope;
using wallet::CurrentAccount;
using wallet::Kind;
using wallet::Move;
using wallet::PriorAccount;

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
  Move move{.from = wallet::LotAccount(relation.receiver_psn_no, relation.relation_id),
            .to = wallet::QuotaAccount(relation.giver_area),
            .numbers_lot = true,
            .tag = "quota"};
  plan.pivot.groups.push_back({kMaxAmountFen, 0, {std::move(move)}});
  return plan;
}

}  // namespace

absl::Status CheckForm(const TransferRequest& request) {
  if (request.giver_psn_no.empty()) return InvalidField("giver_psn_no", "empty");
  if (request.receiver_psn_no.empty()) return InvalidField("receiver_psn_no", "empty");
  if (request.giver_psn_no == request.receiver_psn_no) {
    return InvalidField("receiver_psn_no", "the same as giver_psn_no");
  }
  if (request.amount_fen <= 0 || request.amount_fen > kMaxAmountFen) {
    return InvalidField("amount_fen", "out of range");
  }
  return absl::OkStatus();
}

std::string FingerprintOf(const TransferRequest& request) {
  Fingerprint fields("Transfer");
  fields.Field("giver_psn_no", request.giver_psn_no);
  fields.Field("receiver_psn_no", request.receiver_psn_no);
  fields.Field("amount_fen", request.amount_fen);
  return std::move(fields).Finish();
}

absl::Status CheckForm(const EndQuotaRequest& request) {
  if (request.relation_id.empty()) return InvalidField("relation_id", "empty");
  if (request.actor_psn_no.empty()) return InvalidField("actor_psn_no", "empty");
  return absl::OkStatus();
}

std::string FingerprintOf(const EndQuotaRequest& request) {
  Fingerprint fields("EndQuota");
  fields.Field("relation_id", request.relation_id);
  fields.Field("actor_psn_no", request.actor_psn_no);
  return std::move(fields).Finish();
}

absl::StatusOr<TransferPlan> PlanTransfer(const TransferRequest& request,
                                          const TransferPermission& permission,
                                          const policy::PolicyBook& book,
                                          const AttemptContext& context) {
  if (!permission.reasons.empty()) return permission.reasons.front();
  const std::string& giver = request.giver_psn_no;
  const std::string& receiver = request.receiver_psn_no;
  const std::string& relation = permission.relation_id;
  const AreaPolicy& rules = book.For(permission.giver.area, context.business_day);
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

  wallet::Group freeze{request.amount_fen, request.amount_fen, {}};
  const auto add = [&](const std::string& from, const std::string& to, const std::string& tag) {
    Move move{.from = from, .to = to, .tag = tag};
    move.keeps = KeepsOf(giver, rules);
    freeze.moves.push_back(std::move(move));
  };
  add(PriorAccount(giver), wallet::GrantedPrior(giver, relation), "prior");
  if (rules.fund.fund_scope == FundScope::kAll) {
    add(CurrentAccount(giver), wallet::GrantedCurrent(giver, relation), "current");
  }
  wallet::Claim places{.keys = {}, .subject = wallet::ClaimSubject::kPlace};
  for (int place = 1; place <= rules.transfer.max_per_day; ++place) {
    places.keys.push_back(wallet::PlaceKey(giver, FormatDay(context.business_day), place));
  }
  plan.freeze = {.id = StepId(context, "freeze"),
                 .kind = Kind::kFreeze,
                 .holder = context.operation_id,
                 .not_after = context.decide_by,
                 .business_day = context.business_day};
  plan.freeze.groups.push_back(std::move(freeze));
  plan.freeze.claims.push_back(std::move(places));
  plan.freeze.wallet_psn_nos.push_back(giver);

  const std::string quota = wallet::QuotaAccount(permission.giver.area);
  const std::string lot = wallet::LotAccount(receiver, relation);
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
  // What is left goes back with the relation.
  if (relation.ended) {
    return Refuse(reason::kRelationEnded, {{"relation_id", relation.relation_id}});
  }
  return EmptyTheLot(relation, context);
}

EndPlan PlanEndOfRelation(const RelationState& relation, const AttemptContext& context) {
  EndPlan plan = EmptyTheLot(relation, context);
  plan.relation_ended = true;
  // Nothing refuses it.
  plan.pivot.groups[0].moves[0].skip_if_closed = true;
  plan.pivot.closed_lots.push_back(plan.pivot.groups[0].moves[0].from);
  return plan;
}

}  // namespace gongji::settlement
