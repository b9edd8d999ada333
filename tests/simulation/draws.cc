#include "tests/simulation/draws.h"

#include "absl/strings/str_cat.h"
#include "services/ledger/accounts.h"

namespace gongji::simulation {
namespace {

int64_t BalanceOf(const Draws::Balances& balances, const std::string& account) {
  const auto found = balances.find(account);
  return found == balances.end() ? 0 : found->second;
}

}  // namespace

std::string Draws::Take(const std::string& settlement, const settlement::SettlePlan& plan,
                        const ledger::Entry& entry, const Balances& balances) {
  if (rules_ == nullptr) return "";
  std::map<std::string, int64_t>& drawn = fen_[settlement];
  for (size_t part = 0; part < plan.parts.size(); ++part) {
    const int64_t fen = entry.moves[part].amount_fen;
    if (fen == 0 || plan.parts[part].source != settlement::Source::kLive) continue;
    drawn[plan.parts[part].relation_id] += fen;
  }
  for (const settlement::PlannedPart& part : plan.parts) {
    const auto of_bill = drawn.find(part.relation_id);
    if (part.source != settlement::Source::kLive || of_bill == drawn.end()) continue;
    const AreaRules& giver = rules_->Of(part.giver_area);
    const auto above = [](int64_t fen, int64_t cap_fen) { return cap_fen > 0 && fen > cap_fen; };
    if (above(of_bill->second, giver.max_per_bill_fen)) {
      return absl::StrCat("takes ", of_bill->second, " of ", part.payer_psn_no, " for one bill");
    }
    if (above(OfDay(part.relation_id), giver.max_per_receiver_day_fen)) {
      return absl::StrCat("takes the day's share of ", part.payer_psn_no, " again");
    }
    const int64_t left_fen = BalanceOf(balances, ledger::PriorAccount(part.payer_psn_no)) +
                             BalanceOf(balances, ledger::CurrentAccount(part.payer_psn_no));
    if (!giver.sub_account && left_fen < giver.min_retained_fen) {
      return absl::StrCat("leaves ", left_fen, " to ", part.payer_psn_no);
    }
  }
  return "";
}

void Draws::Return(const settlement::RefundPlan& plan, const ledger::Entry& entry) {
  std::map<std::string, int64_t>& drawn = fen_[plan.settlement_id];
  for (size_t part = 0; part < plan.parts.size(); ++part) {
    const settlement::PlannedPart& planned = plan.parts[part].planned;
    if (planned.source != settlement::Source::kLive) continue;
    drawn[planned.relation_id] -= entry.moves[part].amount_fen;
  }
}

int64_t Draws::OfDay(const std::string& relation_id) const {
  int64_t fen = 0;
  for (const auto& [settlement, drawn] : fen_) {
    const auto found = drawn.find(relation_id);
    if (found != drawn.end()) fen += found->second;
  }
  return fen;
}

}  // namespace gongji::simulation
