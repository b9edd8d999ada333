#include "services/settlement/totals.h"

namespace gongji::settlement {

std::vector<Total> TotalsOf(const Operation& operation) {
  std::vector<Total> totals;
  const BusinessDay day = BusinessDayOf(operation.pivot_at);
  if (const auto* settle = operation.As<SettlePlan>()) {
    for (size_t part = 0; part < settle->parts.size(); ++part) {
      const int64_t amount_fen = TakenBy(operation, part).amount_fen;
      if (settle->parts[part].source == Source::kOwn || amount_fen == 0) continue;
      totals.push_back({.giver_area = settle->parts[part].giver_area,
                        .receiver_area = settle->patient_area,
                        .day = day,
                        .count = 1,
                        .amount_fen = amount_fen});
    }
  } else if (const auto* refund = operation.As<RefundPlan>()) {
    for (const ReturnedPart& part : refund->parts) {
      if (part.planned.source == Source::kOwn) continue;
      totals.push_back({.giver_area = part.planned.giver_area,
                        .receiver_area = refund->patient_area,
                        .day = day,
                        .refund_count = 1,
                        .refunded_fen = part.amount_fen});
    }
  }
  return totals;
}

void AddTo(TotalsByKey& totals, const Total& total) {
  const auto [sum, first] =
      totals.try_emplace({total.day, total.giver_area, total.receiver_area}, total);
  if (first) return;
  sum->second.count += total.count;
  sum->second.amount_fen += total.amount_fen;
  sum->second.refund_count += total.refund_count;
  sum->second.refunded_fen += total.refunded_fen;
}

}  // namespace gongji::settlement
