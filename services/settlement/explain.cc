#include "services/settlement/explain.h"

#include <utility>

#include "services/common/errors/check.h"
#include "services/common/errors/reasons.h"
#include "services/settlement/payment.h"

namespace gongji::settlement {
namespace {

bool IsPremium(policy::Purpose purpose) {
  return purpose == policy::Purpose::kResidentPremium ||
         purpose == policy::Purpose::kLongTermCarePremium ||
         purpose == policy::Purpose::kCommercialPremium;
}

}  // namespace

absl::Status CheckForm(const ExplainQuestion& question) {
  if (question.psn_no.empty()) return InvalidField("psn_no", "empty");
  if (question.care_area.empty() && !IsPremium(question.purpose)) {
    return InvalidField("care_area", "empty");
  }
  return absl::OkStatus();
}

Bill BillOf(const ExplainQuestion& question, const Payers& payers) {
  return {.psn_no = question.psn_no,
          .institution_code = "explain",
          .care_area = question.care_area.empty() ? payers.patient.area : question.care_area,
          .visit_id = "explain",
          .batch_id = "explain"};
}

Explanation ExplanationOf(const SettlePlan& plan, const Payers& payers,
                          const std::vector<ledger::MoveResult>& moves) {
  CHECK(moves.size() >= plan.parts.size());
  Explanation explanation{.payers = {}, .policies = plan.policies};
  for (size_t i = 0; i < plan.parts.size(); ++i) {
    const Part part{plan.parts[i], moves[i].amount_fen, moves[i].balance_seen_fen, moves[i].stop};
    PayerView view{.source = part.planned.source,
                   .psn_no = part.planned.payer_psn_no,
                   .relation_id = part.planned.relation_id,
                   .giver_area = part.planned.giver_area,
                   .account = part.planned.account,
                   .available_fen = part.amount_fen};
    if (part.amount_fen == 0) view.reasons.push_back(ReasonOfStop(part));
    explanation.payers.push_back(std::move(view));
  }
  for (const Payer& payer : payers.payers) {
    if (payer.reasons.empty()) continue;
    explanation.payers.push_back({.source = payer.live ? Source::kLive : Source::kQuota,
                                  .psn_no = payer.giver_psn_no,
                                  .relation_id = payer.relation_id,
                                  .giver_area = payer.giver_area,
                                  .reasons = payer.reasons});
  }
  return explanation;
}

void AddPlaces(const absl::StatusOr<PlacesLeft>& left, PayerView& view) {
  if (left.ok()) {
    view.transfer.emplace(TransferView{.left = *left, .reasons = {}});
    if (left->places == 0) view.transfer->reasons.push_back(Refuse(reason::kDailyTransfersUsedUp));
  } else if (IsFinal(left.status())) {
    view.transfer.emplace(TransferView{.left = {}, .reasons = {left.status()}});
  }
}

}  // namespace gongji::settlement
