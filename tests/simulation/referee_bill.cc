// JudgeYes of a bill judges the plan that was charged: what accounts may pay, the patient's own
// accounts, the order of the others, how much of a giver may be drawn, and who had to be asked.
// What was then booked under the plan is the checker's affair.
#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/business_day.h"
#include "services/ledger/accounts.h"
#include "services/settlement/operation.h"
#include "tests/simulation/referee.h"

namespace gongji::simulation {
namespace {

using policy::Bucket;
using policy::GiverOrder;
using relation::Scope;
using settlement::Bill;
using settlement::PlannedPart;
using settlement::SettlePlan;
using settlement::Source;

bool IsZero(int64_t value) { return value == 0; }
bool IsSet(int64_t value) { return value != 0; }

// What accounts may pay of a bill (R21).
int64_t Payable(const Bill& bill, const AreaRules& rules) {
  return bill.amounts.psn_part_fen - (rules.pays_own_expense ? 0 : bill.amounts.fulamt_ownpay_fen);
}

policy::Source PolicyTermOf(Source source) {
  return source == Source::kLive ? policy::Source::kLive : policy::Source::kQuota;
}

}  // namespace

std::string Referee::JudgeOwn(const SettlePlan& plan, const Bill& wish) const {
  std::vector<std::string> wanted;
  for (const Bucket bucket : RulesOf(wish.psn_no).own_first) {
    wanted.push_back(bucket == Bucket::kPriorYears ? ledger::PriorAccount(wish.psn_no)
                                                   : ledger::CurrentAccount(wish.psn_no));
  }
  std::vector<std::string> taken;
  for (size_t part = 0; part < plan.parts.size(); ++part) {
    if (plan.parts[part].source != Source::kOwn) continue;
    if (part != taken.size()) return "takes own money after that of others";
    taken.push_back(plan.pivot.groups.front().moves[part].from);
  }
  return taken == wanted ? "" : "takes the patient's own accounts otherwise";
}

// R21: the kinds of money in the order of the patient's area, each kind's givers by its criteria.
std::string Referee::JudgeOrder(const SettlePlan& plan, const Bill& wish) const {
  const AreaRules& rules = RulesOf(wish.psn_no);
  using Rank = std::vector<int64_t>;
  Rank before;
  for (const PlannedPart& part : plan.parts) {
    if (part.source == Source::kOwn) continue;
    const auto kind =
        std::find(rules.sources.begin(), rules.sources.end(), PolicyTermOf(part.source));
    if (kind == rules.sources.end()) return "takes a kind of money that its area does not";
    Rank rank = {kind - rules.sources.begin()};
    const relation::Relation& relation = cluster_.relation_disk().relations.at(part.relation_id);
    for (const GiverOrder criterion : rules.giver_order) {
      switch (criterion) {
        case GiverOrder::kBindTime:
          rank.push_back(absl::ToUnixNanos(relation.added_at));
          break;
        case GiverOrder::kFiledOrder:
          rank.push_back(relation.filed_order);
          break;
        case GiverOrder::kLocalFirst:
          rank.push_back(part.giver_area == AreaOf(wish.psn_no) ? 0 : 1);
          break;
      }
    }
    if (rank < before) return absl::StrCat("takes money of ", part.payer_psn_no, " too late");
    before = std::move(rank);
  }
  return "";
}

// R18: what the giver keeps, and what the receiver may get at most.
std::string Referee::JudgeLive(const PlannedPart& part, const ledger::Move& move,
                               const Bill& wish) const {
  const AreaRules& giver = RulesOf(part.payer_psn_no);
  const int64_t keeps_fen = move.keeps.empty() ? 0 : move.keeps.front().fen;
  if (keeps_fen != (giver.sub_account ? 0 : giver.min_retained_fen)) {
    return absl::StrCat("leaves ", keeps_fen, " to ", part.payer_psn_no);
  }
  using Cap = std::pair<std::string, int64_t>;
  std::set<Cap> caps;
  for (const ledger::Allowance& allowance : move.allowances) {
    caps.emplace(allowance.key, allowance.ceiling_fen);
  }
  std::set<Cap> wanted;
  for (const auto& [period, fen] :
       {Cap{FormatDay(FirstDay()), giver.max_per_receiver_day_fen},
        Cap{ledger::BillKey(wish.institution_code, wish.visit_id, wish.batch_id),
            giver.max_per_bill_fen}}) {
    if (fen > 0) wanted.emplace(absl::StrCat(part.relation_id, "/", period), fen);
  }
  if (caps != wanted) return absl::StrCat("caps ", part.payer_psn_no, " otherwise");
  std::set<std::string> shared = {ledger::FamilyAccount(part.payer_psn_no)};
  if (!giver.sub_account) {
    shared = {ledger::PriorAccount(part.payer_psn_no)};
    if (giver.whole_account) shared.insert(ledger::CurrentAccount(part.payer_psn_no));
  }
  return shared.contains(move.from) ? "" : absl::StrCat("takes ", move.from, ", not shared");
}

// R21: whoever was bound all the time must have been asked to pay, whoever never was must not.
std::string Referee::JudgeAsked(const Case& on, const SettlePlan& plan, const Bill& wish) const {
  const AreaRules& rules = RulesOf(wish.psn_no);
  std::set<std::pair<std::string, Source>> asked;
  for (const PlannedPart& part : plan.parts) asked.emplace(part.payer_psn_no, part.source);
  for (const Bond& bond : on.bonds) {
    const Source source = bond.scope == Scope::kWallet ? Source::kQuota : Source::kLive;
    const auto& sources = rules.sources;
    const bool pays =
        std::find(sources.begin(), sources.end(), PolicyTermOf(source)) != sources.end();
    if (bond.receiver != wish.psn_no || !pays) continue;
    const bool was_asked = asked.contains({bond.giver, source});
    const auto ever_bound = [&](absl::FunctionRef<bool(int64_t)> holds) {
      return past_.Ever(fact::Bound(bond.giver, bond.receiver, bond.scope), on.request.span, holds);
    };
    if (was_asked && !ever_bound(IsSet)) {
      return absl::StrCat("asked ", bond.giver, ", who was bound at no moment");
    }
    const bool may_be_later = on.clocks_differed > absl::ZeroDuration();
    if (!was_asked && !may_be_later && !ever_bound(IsZero)) {
      return absl::StrCat("did not ask ", bond.giver, ", who was bound all the time");
    }
  }
  return "";
}

std::string Referee::JudgeYes(const Case& on, const Bill& wish) const {
  const auto stored = cluster_.PlanOf(on.operation);
  if (!stored.has_value()) return "has no plan";
  const auto& plan = std::get<SettlePlan>(*stored);
  const ledger::Group& waterfall = plan.pivot.groups.front();
  const int64_t payable_fen = Payable(wish, RulesOf(wish.psn_no));
  if (waterfall.want_fen != payable_fen) {
    return absl::StrCat("wants ", waterfall.want_fen, " of ", payable_fen);
  }
  for (size_t part = 0; part < plan.parts.size(); ++part) {
    if (plan.parts[part].source != Source::kLive) continue;
    std::string wrong = JudgeLive(plan.parts[part], waterfall.moves[part], wish);
    if (!wrong.empty()) return wrong;
  }
  for (std::string wrong :
       {JudgeOwn(plan, wish), JudgeOrder(plan, wish), JudgeAsked(on, plan, wish)}) {
    if (!wrong.empty()) return wrong;
  }
  return "";
}

}  // namespace gongji::simulation
