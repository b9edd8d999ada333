// PlanSettle checks the sums of a bill and lets Waterfall turn it into a pivot: own accounts first,
// then the allowed payers in relation's order, as quota (from the lot) or as live draws (from the
// giver's accounts, under the giver's caps). Each move has a part that says whose money it is.
// PlanExplain does the same for an unlimited amount.
#include "services/settlement/plan.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/common/errors/status.h"
#include "services/common/money.h"
#include "services/ledger/accounts.h"
#include "services/settlement/plan_parts.h"

namespace gongji::settlement {
namespace {

using ledger::ClearingAccount;
using ledger::CurrentAccount;
using ledger::Kind;
using ledger::Move;
using ledger::PriorAccount;
using policy::AreaPolicy;
using policy::Bucket;
using policy::FundScope;

// The giver's accounts that may be shared, in order of taking (R18).
std::vector<std::string> ShareableAccounts(const std::string& psn_no, const AreaPolicy& giver) {
  if (HasSubAccount(giver)) return {ledger::FamilyAccount(psn_no)};
  std::vector<std::string> accounts = {PriorAccount(psn_no)};
  if (giver.fund.fund_scope == FundScope::kAll) accounts.push_back(CurrentAccount(psn_no));
  return accounts;
}

// Builds the moves of one bill and, for each of them, the part that it means to the caller.
class Waterfall {
 public:
  Waterfall(const Bill& bill, const Payers& payers, const policy::PolicyBook& policies,
            const AttemptContext& context)
      : bill_(bill),
        payers_(payers),
        policies_(policies),
        context_(context),
        day_(BusinessDayOf(context.at)),
        patient_(policies.For(payers.patient.area, day_)) {
    plan_.patient_area = payers.patient.area;
    plan_.care_area = bill.care_area;
    plan_.institution_code = bill.institution_code;
    plan_.patient_psn_no = bill.psn_no;
    plan_.psn_part_fen = bill.amounts.psn_part_fen;
    plan_.taken_before_fen = bill.amounts.acct_pay_fen;
    plan_.mulaid_inside_acct_pay =
        patient_.payment.acct_mulaid_place == policy::MulaidPlace::kInsideAcctPay;
    due_ = bill.care_area == payers.patient.area
               ? ledger::ProviderAccount(bill.institution_code)
               : ClearingAccount(payers.patient.area, bill.care_area);
  }

  // `payable_fen` is what accounts may pay of the bill.
  SettlePlan Build(int64_t payable_fen) && {
    AddOwn();
    for (const policy::Source source : patient_.payment.sources) {
      for (const Payer& payer : payers_.payers) {
        if (payer.live == (source == policy::Source::kLive)) AddPayer(payer);
      }
    }
    for (const Payer& payer : payers_.payers) {
      if (!payer.reasons.empty()) {
        plan_.refused.push_back({payer.giver_psn_no, payer.reasons});
      }
    }
    AddPolicies();
    plan_.pivot.id = StepId(context_, "pivot");
    plan_.pivot.kind = Kind::kPivot;
    plan_.pivot.holder = context_.operation_id;
    plan_.pivot.not_after = context_.decide_by;
    plan_.pivot.groups.push_back({payable_fen, 0, std::move(moves_)});
    plan_.pivot.groups.push_back(Reading());
    plan_.pivot.claims.push_back(
        {{ledger::BillKey(bill_.institution_code, bill_.visit_id, bill_.batch_id)},
         ledger::ClaimSubject::kBill});
    return std::move(plan_);
  }

 private:
  void Add(Move move, PlannedPart part) {
    move.skip_if_closed = true;
    part.account = move.from;
    moves_.push_back(std::move(move));
    plan_.parts.push_back(std::move(part));
  }

  void AddOwn() {
    for (const Bucket bucket : patient_.payment.own_first) {
      const std::string account =
          bucket == Bucket::kPriorYears ? PriorAccount(bill_.psn_no) : CurrentAccount(bill_.psn_no);
      Add({.from = account, .to = due_, .tag = "own"},
          {.source = Source::kOwn, .payer_psn_no = bill_.psn_no});
    }
  }

  void AddPayer(const Payer& payer) {
    if (!payer.reasons.empty() || added_payers_ == kMaxPayers) return;
    ++added_payers_;
    const PlannedPart part{.source = payer.live ? Source::kLive : Source::kQuota,
                           .payer_psn_no = payer.giver_psn_no,
                           .relation_id = payer.relation_id,
                           .giver_area = payer.giver_area};
    if (payer.live) {
      AddLive(payer, part);
      return;
    }
    const std::string& patient_area = payers_.patient.area;
    Add({.from = ledger::LotAccount(bill_.psn_no, payer.relation_id),
         .to = ledger::QuotaAccount(payer.giver_area),
         .also = {{ClearingAccount(patient_area, payer.giver_area), due_}},
         .numbers_lot = true,
         .tag = "quota"},
        part);
  }

  // A live draw stays inside the province, so giver and patient share a shard (R21).
  void AddLive(const Payer& payer, const PlannedPart& part) {
    const AreaPolicy& giver = policies_.For(payer.giver_area, day_);
    const std::string& patient_area = payers_.patient.area;
    for (const std::string& account : ShareableAccounts(payer.giver_psn_no, giver)) {
      Move move{.from = account, .to = due_, .tag = "live"};
      if (payer.giver_area != patient_area) {
        move.to = ClearingAccount(payer.giver_area, patient_area);
        move.also = {{ClearingAccount(patient_area, payer.giver_area), due_}};
      }
      // The retained minimum does not apply to money that was set aside.
      if (!HasSubAccount(giver)) move.keeps = KeepsOf(payer.giver_psn_no, giver);
      move.allowances = AllowancesOf(payer, giver);
      Add(std::move(move), part);
    }
  }

  // Caps of the giver's area (R18) as counters of the shard. A cap per bill is a counter of the
  // bill, because both buckets of a giver count towards it.
  std::vector<ledger::Allowance> AllowancesOf(const Payer& payer, const AreaPolicy& giver) const {
    std::vector<ledger::Allowance> allowances;
    const auto add = [&](int64_t ceiling_fen, const std::string& period) {
      if (ceiling_fen == 0) return;
      allowances.push_back({absl::StrCat(payer.relation_id, "/", period), ceiling_fen});
    };
    add(giver.fund.max_per_receiver_year_fen, absl::StrCat(day_.year()));
    add(giver.fund.max_per_receiver_day_fen, FormatDay(day_));
    add(giver.fund.max_per_bill_fen,
        ledger::BillKey(bill_.institution_code, bill_.visit_id, bill_.batch_id));
    return allowances;
  }

  // A group that moves nothing: the balances it sees are what the patient has left (balc).
  ledger::Group Reading() const {
    ledger::Group group;
    for (const std::string& account : {CurrentAccount(bill_.psn_no), PriorAccount(bill_.psn_no)}) {
      Move move{.from = account, .to = due_, .skip_if_closed = true, .tag = "balance"};
      move.at_most_fen = 0;
      group.moves.push_back(std::move(move));
    }
    return group;
  }

  void AddPolicies() {
    plan_.policies = payers_.policies;
    for (const policy::FileVersion& version : patient_.versions) {
      plan_.policies.push_back(version.Name());
    }
    std::sort(plan_.policies.begin(), plan_.policies.end());
    plan_.policies.erase(std::unique(plan_.policies.begin(), plan_.policies.end()),
                         plan_.policies.end());
  }

  const Bill& bill_;
  const Payers& payers_;
  const policy::PolicyBook& policies_;
  const AttemptContext& context_;
  const BusinessDay day_;
  const AreaPolicy& patient_;
  std::string due_;  // account on the patient's shard to which the bill's money goes
  SettlePlan plan_;
  std::vector<Move> moves_;
  int added_payers_ = 0;
};

}  // namespace

absl::StatusOr<SettlePlan> PlanSettle(const Bill& bill, const Payers& payers,
                                      const policy::PolicyBook& policies,
                                      const AttemptContext& context) {
  const AreaPolicy& patient = policies.For(payers.patient.area, BusinessDayOf(context.at));
  RETURN_IF_ERROR(CheckSums(bill.amounts, patient.payment.bill_convention));
  return Waterfall(bill, payers, policies, context)
      .Build(PayableFen(bill.amounts, patient.payment.include_own_expense));
}

SettlePlan PlanExplain(const Bill& bill, const Payers& payers, const policy::PolicyBook& policies,
                       const AttemptContext& context) {
  SettlePlan plan = Waterfall(bill, payers, policies, context).Build(kMaxAmountFen);
  plan.pivot.claims.clear();
  return plan;
}

}  // namespace gongji::settlement
