// BeginRequest draws a request and pursues it: Ask sends it, AskOutcome asks GetOperation, until
// the answer is final; Learn compares that with earlier answers to the same id. Some requests are
// repeated, sent twice at once, or followed by others under the same id.
#include "tests/simulation/workload.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/common/errors/check.h"
#include "services/common/errors/reasons.h"
#include "services/common/money.h"

namespace gongji::simulation {
namespace {

using settlement::Operation;
using settlement::OperationPtr;
using settlement::OperationView;
using settlement::State;

constexpr absl::Duration kDeadline = absl::Seconds(2);

template <size_t N, class T>
const T& Pick(World& world, const T (&list)[N]) {
  return list[static_cast<size_t>(world.Below(static_cast<int>(N)))];
}

std::string TextOf(const Operation& operation) {
  std::string text = absl::StrCat("charged ", operation.id);
  for (const auto& move : operation.pivot_moves) absl::StrAppend(&text, " ", move.amount_fen);
  return text;
}

std::string TextOf(const absl::Status& refusal) {
  std::string text = absl::StrCat("refused ", ReasonOf(refusal));
  const auto detail = DetailOf(refusal);
  for (const auto& [name, value] : detail->metadata) absl::StrAppend(&text, " ", name, "=", value);
  return text;
}

using Submitted = Task<absl::StatusOr<OperationView>>;

Submitted Submit(settlement::Settlement& settlement, const std::string& id,
                 const settlement::Bill& bill, absl::Time until) {
  return settlement.Settle(kPlatform, id, bill, until);
}
Submitted Submit(settlement::Settlement& settlement, const std::string& id,
                 const settlement::TransferRequest& transfer, absl::Time until) {
  return settlement.Transfer(kPlatform, id, transfer, until);
}
Submitted Submit(settlement::Settlement& settlement, const std::string& id,
                 const settlement::EndQuotaRequest& end, absl::Time until) {
  return settlement.EndQuota(kPlatform, id, end, until);
}
Submitted Submit(settlement::Settlement& settlement, const std::string& id,
                 const settlement::CancelRequest& cancel, absl::Time until) {
  return settlement.Cancel(kPlatform, id, cancel, until);
}

void Change(settlement::Bill& bill) { bill.batch_id = "poisoned"; }
void Change(settlement::TransferRequest& transfer) { transfer.amount_fen += 1; }
void Change(settlement::EndQuotaRequest& end) { end.relation_id += "x"; }
void Change(settlement::CancelRequest& cancel) { cancel.settlement_id += "x"; }

}  // namespace

Task<void> Workload::CreateFamilies() {
  co_await families_.Create();
  founded_ = true;
}

void Workload::PartFamily() { cluster_.client().scope().Spawn(families_.Part()); }

settlement::Bill Workload::DrawBill(const std::string& id) {
  World& world = cluster_.world();
  static constexpr const char* kPatients[] = {"31child", "31parent", "32child",  "32worker1",
                                              "51child", "51parent", "61parent", "31worker2"};
  static constexpr const char* kAreas[] = {kShanghai, kChengdu, "510300", "320200", "610100"};
  settlement::Bill bill;
  bill.psn_no = Pick(world, kPatients);
  bill.institution_code = "H31010500042";
  bill.care_area = Pick(world, kAreas);
  bill.visit_id = absl::StrCat("visit-", id);
  bill.batch_id = "1";
  bill.medical_type = world.Percent(20) ? "41" : "11";
  bill.insurance_type = "390";
  bill.certificate_type = "01";
  settlement::Amounts& amounts = bill.amounts;
  amounts.psn_part_fen = 1 + world.Below(60000);
  amounts.fund_pay_sum_fen = world.Below(50000);
  amounts.hifp_fen = amounts.fund_pay_sum_fen;
  amounts.medfee_sum_fen = amounts.psn_part_fen + amounts.fund_pay_sum_fen;
  if (world.Percent(20)) {
    amounts.fulamt_ownpay_fen = world.Below(static_cast<int>(amounts.psn_part_fen));
  }
  amounts.inscp_scp_fen = amounts.medfee_sum_fen - amounts.fulamt_ownpay_fen;
  return bill;
}

const Request* Workload::Any() {
  if (requests_.empty()) return nullptr;
  auto other = requests_.begin();
  std::advance(other, cluster_.world().Below(static_cast<int>(requests_.size())));
  return &other->second;
}

// Mostly names a settlement, which may be cancelled already; sometimes another operation.
settlement::CancelRequest Workload::DrawCancel() {
  World& world = cluster_.world();
  for (int tries = 0; tries < 6; ++tries) {
    const Request* other = Any();
    // Sometimes one that is not decided yet, whose operation a caller may know from elsewhere.
    if (other != nullptr && other->told.empty() && world.Percent(50)) {
      const std::string operation = cluster_.OperationOf(kPlatform.identity, other->id);
      if (operation.empty()) continue;
      world.Mark("cancels of what is undecided");
      return {.settlement_id = operation};
    }
    if (other == nullptr || other->operation_id.empty()) continue;
    if (std::holds_alternative<settlement::Bill>(other->wish) || world.Percent(10)) {
      return {.settlement_id = other->operation_id};
    }
  }
  return {.settlement_id = "unknown"};
}

const Bond& Workload::DrawBond(bool wallet_only) {
  while (true) {
    const auto index =
        static_cast<size_t>(cluster_.world().Below(static_cast<int>(families_.bonds().size())));
    const Bond& bond = families_.bonds()[index];
    if (!wallet_only || bond.scope == relation::Scope::kWallet) return bond;
  }
}

Request Workload::Draw() {
  World& world = cluster_.world();
  Request request;
  request.id = absl::StrCat("request-", ++made_);
  const int draw = world.Below(100);
  const bool wallet_only = draw < 40;
  const Bond& bond = DrawBond(wallet_only);
  if (draw < 45) {
    settlement::TransferRequest transfer{.giver_psn_no = bond.giver,
                                         .receiver_psn_no = bond.receiver};
    transfer.amount_fen = 1 + world.Below(60000);
    // The most that the giver may transfer, and one more.
    if (world.Percent(10)) {
      transfer.amount_fen = rules_->Of(AreaOf(bond.giver)).max_transfer_fen + world.Below(2);
    }
    request.wish = std::move(transfer);
  } else if (draw < 55) {
    // Names a relation that may have ended, or never existed.
    request.wish = settlement::EndQuotaRequest{
        .relation_id = bond.relation_id.empty() ? "unknown" : bond.relation_id,
        .actor_psn_no = world.Percent(50) ? bond.giver : bond.receiver};
  } else if (draw < 70) {
    request.wish = DrawCancel();
  } else {
    request.wish = DrawBill(request.id);
    const Request* other = Any();
    // Sometimes the bill of an earlier request once more, under a new id.
    if (world.Percent(15) && other != nullptr &&
        std::holds_alternative<settlement::Bill>(other->wish)) {
      request.wish = other->wish;
    }
  }
  return request;
}

void Workload::BeginRequest() {
  Request request = Draw();
  const std::string id = request.id;
  request.span.from = cluster_.world().now();
  requests_[id] = std::move(request);
  ++unanswered_;
  cluster_.client().scope().Spawn(Pursue(id));
  if (cluster_.world().Percent(10)) {  // Two at once with one id (P9).
    ++unanswered_;
    cluster_.client().scope().Spawn(Pursue(id));
  }
}

void Workload::Learn(const std::string& id, const std::string& answer) {
  Request& request = requests_.at(id);
  cluster_.world().Trace(absl::StrCat(id, " ", answer));
  if (request.told.empty()) {
    request.told = answer;
    if (answer.starts_with("refused ")) {
      const std::vector<std::string> words = absl::StrSplit(answer, ' ');
      cluster_.world().Mark(absl::StrCat("told ", words[1]));
    }
    request.span.to = cluster_.world().now();
    if (answer.starts_with("charged ")) request.operation_id = answer.substr(8, 26);
    return;
  }
  // P6, P8: the answer stays the same for ever.
  if (request.told != answer) {
    violations_.push_back(
        absl::StrCat("P6: ", id, " was told \"", request.told, "\", then \"", answer, "\""));
  }
}

Task<void> Workload::Pursue(std::string id) {
  World& world = cluster_.world();
  for (int tries = 0;; ++tries) {
    const bool only_ask = tries > 0 && world.Percent(15);
    if (only_ask) requests_.at(id).asked_outcome = true;
    std::string answer =
        only_ask ? co_await AskOutcome(requests_.at(id)) : co_await Ask(requests_.at(id));
    if (!answer.empty()) {
      Learn(id, answer);
      if (answer != "never" && world.Percent(10)) cluster_.client().scope().Spawn(Poison(id));
      // Now and then a caller that lost the answer comes back.
      if (!world.Percent(20)) break;
      co_await Sleep(cluster_.client().env(),
                     world.Between(absl::ZeroDuration(), absl::Seconds(3)));
      world.Mark("repeated after an answer");
      continue;
    }
    world.Mark("no final answer");
    co_await Sleep(cluster_.client().env(),
                   world.Between(absl::Milliseconds(1), absl::Milliseconds(800)));
  }
  --unanswered_;
}

Task<std::string> Workload::Ask(Request request) {
  const absl::Time deadline = cluster_.client().env().Now() + kDeadline;
  // Clocks of hosts differ, so the deadline is sent as the time that is left.
  const auto ask = [request](SettlementProcess& process) {
    const absl::Time until = process.env().Now() + kDeadline;
    return std::visit(
        [&](const auto& wish) { return Submit(process.settlement, request.id, wish, until); },
        request.wish);
  };
  const auto view = co_await cluster_.Call<SettlementProcess, OperationView>(
      cluster_.client(), "settlement", ask, deadline);
  if (view.ok()) co_return TextOf(*view->operation);
  if (!IsFinal(view.status())) co_return "";
  if (ReasonOf(view.status()) == reason::kNeverHappened.name) co_return "never";
  co_return TextOf(view.status());
}

Task<std::string> Workload::AskOutcome(Request request) {
  const absl::Time deadline = cluster_.client().env().Now() + kDeadline;
  const auto ask = [request](SettlementProcess& process) {
    return process.settlement.GetOperation(kPlatform, request.id, process.env().Now() + kDeadline);
  };
  const auto operation = co_await cluster_.Call<SettlementProcess, OperationPtr>(
      cluster_.client(), "settlement", ask, deadline);
  if (!operation.ok()) co_return "";
  switch ((*operation)->state) {
    case State::kCompleting:
    case State::kDone:
      co_return TextOf(**operation);
    case State::kRefused:
      co_return TextOf((*operation)->refusal);
    case State::kNever:
      cluster_.world().Mark("told never");
      co_return "never";
    case State::kDeciding:
    case State::kIdle:
      break;
  }
  co_return "";
}

// The same id with other contents must have no effect (P7).
Task<void> Workload::Poison(std::string id) {
  Request request = requests_.at(id);
  std::visit([](auto& wish) { Change(wish); }, request.wish);
  const std::string answer = co_await Ask(request);
  if (answer.empty()) co_return;
  cluster_.world().Mark("refused a reused id");
  if (answer != absl::StrCat("refused REQUEST_ID_REUSED request_id=", id)) {
    violations_.push_back(absl::StrCat("P7: ", id, " with other contents: ", answer));
  }
}

}  // namespace gongji::simulation
