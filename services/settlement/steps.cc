// Makes the steps of an operation from its plan and from the answers so far. Pivot and freeze are
// in the plan. Completions book on other shards what the pivot has decided; for their rows see
// docs/architecture.md, "Accounts of a shard". Amounts come from the pivot's moves, and for refunds
// also from the captures of the settlement.
#include "services/settlement/steps.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "policy/policy.h"
#include "services/common/errors/check.h"
#include "services/ledger/accounts.h"

namespace gongji::settlement {
namespace {

using ledger::ClearingAccount;
using ledger::Group;
using ledger::Kind;
using ledger::Move;
using ledger::Transaction;
using policy::ProvinceOf;

Transaction StepOf(const Operation& operation, Kind kind, const std::string& step) {
  return {
      .id = StepId(operation.id, operation.attempt, step), .kind = kind, .holder = operation.id};
}

Step At(const std::string& area, Transaction transaction) {
  return {ProvinceOf(area), std::make_shared<const Transaction>(std::move(transaction))};
}

Transaction Completion(const Operation& operation, const std::string& step) {
  return StepOf(operation, Kind::kComplete, step);
}

Group Exactly(int64_t fen, std::vector<Move> moves) {
  return {.want_fen = fen, .at_least_fen = fen, .moves = std::move(moves)};
}

int64_t Sum(const std::vector<ledger::MoveResult>& moves) {
  int64_t sum_fen = 0;
  for (const auto& move : moves) sum_fen += move.amount_fen;
  return sum_fen;
}

// Empties a grant as one pot of two buckets, the current year first.
std::vector<Move> BackToTheGiver(const std::string& psn_no, const std::string& relation_id) {
  return {
      {.from = ledger::GrantedCurrent(psn_no, relation_id), .to = ledger::CurrentAccount(psn_no)},
      {.from = ledger::GrantedPrior(psn_no, relation_id), .to = ledger::PriorAccount(psn_no)}};
}

// Books on the giver's shard what the bill took from the quota. Prior years leave first, as they
// were frozen first; both buckets are one pot.
Step CaptureOf(const Operation& operation, const SettlePlan& plan, size_t part) {
  const PlannedPart& planned = plan.parts[part];
  const ledger::MoveResult& moved = TakenBy(operation, part);
  const std::string clearing = ClearingAccount(planned.giver_area, plan.patient_area);
  Transaction capture = Completion(operation, absl::StrCat("capture/", part));
  capture.groups.push_back(Exactly(
      moved.amount_fen,
      {{.from = ledger::GrantedPrior(planned.payer_psn_no, planned.relation_id), .to = clearing},
       {.from = ledger::GrantedCurrent(planned.payer_psn_no, planned.relation_id),
        .to = clearing}}));
  capture.grant_sequences.push_back(
      {ledger::GrantOf(planned.payer_psn_no, planned.relation_id), moved.lot_number});
  return At(planned.giver_area, std::move(capture));
}

bool IsCaptured(const Operation& operation, const SettlePlan& plan, size_t part) {
  return plan.parts[part].source == Source::kQuota && TakenBy(operation, part).amount_fen > 0;
}

std::vector<Step> StepsOf(const Operation& operation, const SettlePlan& plan) {
  std::vector<Step> steps;
  int64_t brought_fen = 0;
  for (size_t part = 0; part < plan.parts.size(); ++part) {
    brought_fen += TakenBy(operation, part).amount_fen;
    if (IsCaptured(operation, plan, part)) steps.push_back(CaptureOf(operation, plan, part));
  }
  if (plan.care_area != plan.patient_area && brought_fen > 0) {
    // The amount that the care area owes to the institution.
    Transaction payable = Completion(operation, "payable");
    payable.groups.push_back(
        Exactly(brought_fen, {{.from = ClearingAccount(plan.care_area, plan.patient_area),
                               .to = ledger::ProviderAccount(plan.institution_code)}}));
    steps.push_back(At(plan.care_area, std::move(payable)));
  }
  return steps;
}

std::vector<Step> StepsOf(const Operation& operation, const EndPlan& plan) {
  const ledger::MoveResult& left = operation.pivot_moves.front();
  if (left.amount_fen == 0) return {};
  Transaction back = Completion(operation, "return");
  back.groups.push_back(
      Exactly(left.amount_fen, BackToTheGiver(plan.giver_psn_no, plan.relation_id)));
  back.grant_sequences.push_back(
      {ledger::GrantOf(plan.giver_psn_no, plan.relation_id), left.lot_number});
  return {At(plan.giver_area, std::move(back))};
}

// The moves with which a capture took from the giver's buckets: prior years, then current.
const std::vector<ledger::MoveResult>& CaptureMoves(const Operation& settlement, int part) {
  const auto* plan = settlement.As<SettlePlan>();
  CHECK(plan != nullptr && settlement.state == State::kDone);
  size_t step = 0;
  for (size_t i = 0; i < static_cast<size_t>(part); ++i) step += IsCaptured(settlement, *plan, i);
  CHECK(step < settlement.completion_moves.size());
  return settlement.completion_moves[step];
}

// Restores quota to the buckets that it was captured from, the last taken first: to those of the
// grant if the lot accepted the quota, otherwise to those of the giver's account.
Step RestoreOf(const Operation& operation, const RefundPlan& plan, const ReturnedPart& part,
               const ledger::MoveResult& lot, const Operation& settlement) {
  const std::vector<ledger::MoveResult>& taken = CaptureMoves(settlement, part.part);
  CHECK(taken.size() == 2);
  const std::string& giver = part.planned.payer_psn_no;
  const std::string& relation = part.planned.relation_id;
  const int64_t from_current_fen = taken[1].amount_fen;
  const int64_t to_current_fen = std::min(from_current_fen, part.before_fen + part.amount_fen) -
                                 std::min(from_current_fen, part.before_fen);
  const bool granted = lot.amount_fen > 0;
  const std::string clearing = ClearingAccount(part.planned.giver_area, plan.patient_area);
  Move current{
      .from = clearing,
      .to = granted ? ledger::GrantedCurrent(giver, relation) : ledger::CurrentAccount(giver)};
  current.at_most_fen = to_current_fen;
  current.year = taken[1].year;
  const Move prior{
      .from = clearing,
      .to = granted ? ledger::GrantedPrior(giver, relation) : ledger::PriorAccount(giver)};
  Transaction restore = Completion(operation, absl::StrCat("restore/", part.part));
  restore.groups.push_back(Exactly(part.amount_fen, {std::move(current), prior}));
  if (granted) {
    restore.grant_sequences.push_back({ledger::GrantOf(giver, relation), lot.lot_number});
  }
  return At(part.planned.giver_area, std::move(restore));
}

std::vector<Step> StepsOf(const Operation& operation, const RefundPlan& plan,
                          const Operation* settlement) {
  std::vector<Step> steps;
  int64_t returned_fen = 0;
  size_t lot = plan.parts.size();
  for (const ReturnedPart& part : plan.parts) {
    returned_fen += part.amount_fen;
    if (part.planned.source != Source::kQuota) continue;
    CHECK(settlement != nullptr && lot < operation.pivot_moves.size());
    steps.push_back(RestoreOf(operation, plan, part, operation.pivot_moves[lot++], *settlement));
  }
  if (plan.care_area != plan.patient_area && returned_fen > 0) {
    Transaction payable = Completion(operation, "payable");
    payable.groups.push_back(
        Exactly(returned_fen, {{.from = ledger::ProviderAccount(plan.institution_code),
                                .to = ClearingAccount(plan.care_area, plan.patient_area)}}));
    steps.push_back(At(plan.care_area, std::move(payable)));
  }
  return steps;
}

}  // namespace

std::string StepId(const std::string& operation_id, int attempt, const std::string& step) {
  return absl::StrCat(operation_id, "/", attempt, "/", step);
}

StepName ParseStepId(const std::string& id) {
  const std::vector<std::string> parts = absl::StrSplit(id, absl::MaxSplits('/', 2));
  StepName name{.operation_id = parts[0]};
  // Ids were made by StepId, perhaps stored and read again.
  CHECK(parts.size() == 3 && absl::SimpleAtoi(parts[1], &name.attempt));
  name.step = parts[2];
  return name;
}

Step PivotOf(const Operation& operation) {
  CHECK(operation.plan != nullptr);
  // Points to the transaction in the plan, and keeps the plan alive.
  const auto step = [&operation](const std::string& area, const Transaction& pivot) {
    return Step{ProvinceOf(area), {operation.plan, &pivot}};
  };
  if (const auto* settle = operation.As<SettlePlan>()) {
    return step(settle->patient_area, settle->pivot);
  }
  if (const auto* transfer = operation.As<TransferPlan>()) {
    return step(transfer->receiver_area, transfer->pivot);
  }
  if (const auto* end = operation.As<EndPlan>()) return step(end->receiver_area, end->pivot);
  const auto& refund = std::get<RefundPlan>(*operation.plan);
  return step(refund.patient_area, refund.pivot);
}

Step FreezeOf(const Operation& operation) {
  const TransferPlan& plan = *operation.As<TransferPlan>();
  return {ProvinceOf(plan.giver_area), {operation.plan, &plan.freeze}};
}

Step ReleaseOf(const Operation& operation, const std::vector<ledger::MoveResult>& moves) {
  const auto& plan = *operation.As<TransferPlan>();
  Transaction release = StepOf(operation, Kind::kRelease, "release");
  release.groups.push_back(
      Exactly(Sum(moves), BackToTheGiver(plan.giver_psn_no, plan.relation_id)));
  for (const ledger::Claim& claim : plan.freeze.claims) {
    release.unclaims.insert(release.unclaims.end(), claim.keys.begin(), claim.keys.end());
  }
  return At(plan.giver_area, std::move(release));
}

std::string AwaitedSettlement(const Operation& operation) {
  const auto* refund = operation.As<RefundPlan>();
  if (refund == nullptr) return "";
  // Money taken on the patient's own shard was returned by the refund's pivot already.
  const bool settled_here =
      refund->care_area == refund->patient_area &&
      std::none_of(refund->parts.begin(), refund->parts.end(),
                   [](const ReturnedPart& part) { return part.planned.source == Source::kQuota; });
  return settled_here ? "" : refund->settlement_id;
}

std::vector<Step> CompletionsOf(const Operation& operation, const Operation* settlement) {
  if (const auto* settle = operation.As<SettlePlan>()) return StepsOf(operation, *settle);
  if (const auto* end = operation.As<EndPlan>()) return StepsOf(operation, *end);
  if (const auto* refund = operation.As<RefundPlan>()) {
    return StepsOf(operation, *refund, settlement);
  }
  return {};
}

}  // namespace gongji::settlement
