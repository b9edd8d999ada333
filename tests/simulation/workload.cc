#include "tests/simulation/workload.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/check.h"
#include "services/common/money.h"
#include "services/reasons/reasons.h"

namespace gongji::simulation {
namespace {

using relation::Scope;
using settlement::Operation;
using settlement::OperationView;
using settlement::State;

const Caller kPlatform{.identity = "platform"};
constexpr absl::Duration kDeadline = absl::Seconds(2);
constexpr char kShanghai[] = "310000";
constexpr char kChengdu[] = "510100";

struct PersonSetup {
  const char* psn_no;
  const char* area;
  bool employee;
  int64_t current_fen;
  int64_t prior_fen;
};

// Two workers in each province, their children and parents in both.
constexpr PersonSetup kPersons[] = {
    {"31worker1", kShanghai, true, 300000, 500000},
    {"31worker2", kShanghai, true, 0, 40000},
    {"51worker1", kChengdu, true, 250000, 350000},
    {"51worker2", kChengdu, true, 60000, 0},
    {"31child", kShanghai, false, 0, 0},
    {"31parent", kShanghai, true, 2000, 3000},
    {"51child", kChengdu, false, 0, 0},
    {"51parent", kChengdu, true, 1500, 0},
};

struct RelationSetup {
  const char* giver;
  const char* receiver;
  relation::ParentRole parent_is;
  bool receiver_is_child;  // else the receiver is the parent
  Scope scope;
};

constexpr relation::ParentRole kMother = relation::ParentRole::kMother;
constexpr relation::ParentRole kFather = relation::ParentRole::kFather;
constexpr RelationSetup kRelations[] = {
    {"31worker1", "31child", kMother, true, Scope::kInProvince},
    {"31worker1", "51parent", kFather, false, Scope::kWallet},
    {"31worker1", "31parent", kMother, false, Scope::kWallet},
    {"51worker1", "31parent", kMother, false, Scope::kWallet},
    {"51worker1", "51child", kMother, true, Scope::kInProvince},
    {"51worker2", "51child", kFather, true, Scope::kWallet},
    {"51worker2", "31child", kFather, true, Scope::kWallet},
};

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

}  // namespace

Task<std::string> Workload::Write(relation::Command command) {
  std::vector<relation::WriteRequest> requests;
  requests.push_back({absl::StrCat("found-", ++made_), std::move(command)});
  using Results = std::vector<absl::StatusOr<relation::Written>>;
  const auto write = [requests, deadline = cluster_.client().env().Now() + kDeadline](
                         RelationProcess& process) -> Task<absl::StatusOr<Results>> {
    return [](RelationProcess& on, std::vector<relation::WriteRequest> commands,
              absl::Time until) -> Task<absl::StatusOr<Results>> {
      co_return co_await on.relations.Write(kPlatform, std::move(commands), until);
    }(process, requests, deadline);
  };
  const auto results = co_await cluster_.Call<RelationProcess, Results>(
      cluster_.client(), "relation", write, cluster_.client().env().Now() + kDeadline);
  CHECK(results.ok());
  if (!results->front().ok()) {
    violations_.push_back(absl::StrCat("founding refused: ", results->front().status().ToString()));
    co_return "";
  }
  co_return results->front()->id;
}

Task<void> Workload::RegisterPersons() {
  for (const PersonSetup& setup : kPersons) {
    relation::RegisterPerson person;
    person.person.psn_no = setup.psn_no;
    person.person.name = setup.psn_no;
    person.person.certificate = {"08", setup.psn_no};
    person.person.has_account = setup.employee;
    person.person.insurances.push_back({.insurance_type = setup.employee ? "310" : "390",
                                        .area = setup.area,
                                        .person_type = setup.employee ? "11" : "1401",
                                        .from = BusinessDay(2020, 1, 1)});
    co_await Write(std::move(person));
  }
}

Task<void> Workload::FoundFamilies() {
  std::map<std::pair<std::string, Scope>, std::string> networks;
  for (const RelationSetup& setup : kRelations) {
    relation::RecordFact record;
    record.fact.kind = relation::FactKind::kParenthood;
    record.fact.psn_no = setup.receiver_is_child ? setup.giver : setup.receiver;
    record.fact.other_psn_no = setup.receiver_is_child ? setup.receiver : setup.giver;
    record.fact.role = setup.parent_is;
    record.fact.evidence = policy::EvidenceLevel::kRegistry;
    record.fact.source = "registry";
    record.fact.from = BusinessDay(2015, 5, 1);
    co_await Write(std::move(record));
    const auto key = std::pair(std::string(setup.giver), setup.scope);
    if (!networks.contains(key)) {
      relation::FoundNetwork found;
      found.organiser = setup.giver;
      found.scope = setup.scope;
      networks[key] = co_await Write(std::move(found));
    }
    relation::BindMember bind;
    bind.network_id = networks[key];
    bind.member = setup.receiver;
    bind.modes = {policy::UseMode::kPay};
    bind.has_consent = true;
    co_await Write(std::move(bind));
  }
}

Task<void> Workload::OpenAccounts() {
  for (const PersonSetup& setup : kPersons) {
    const std::string host = absl::StrCat("wallet", policy::ProvinceOf(setup.area));
    using Results = std::vector<absl::StatusOr<wallet::Answer>>;
    const auto open = [setup](WalletProcess& process) -> Task<absl::StatusOr<Results>> {
      return [](WalletProcess& on, PersonSetup person) -> Task<absl::StatusOr<Results>> {
        std::vector<wallet::OpenWallet> wallets;
        wallets.push_back({absl::StrCat("open-", person.psn_no), person.psn_no, true, ""});
        auto results = co_await on.wallet.Open(kPlatform, std::move(wallets));
        if (!person.employee) co_return results;
        std::vector<wallet::Contribution> lines;
        lines.push_back({absl::StrCat("line-", person.psn_no), person.psn_no, person.current_fen,
                         person.prior_fen, 2026, "employer"});
        co_return co_await on.wallet.Contribute(kPlatform, std::move(lines));
      }(process, setup);
    };
    const auto done = co_await cluster_.Call<WalletProcess, Results>(
        cluster_.client(), host, open, cluster_.client().env().Now() + kDeadline);
    CHECK(done.ok() && done->front().ok() && done->front()->applied());
  }
}

Task<void> Workload::Found() {
  // Until every process serves.
  co_await Sleep(cluster_.client().env(), absl::Seconds(1));
  co_await OpenAccounts();
  co_await RegisterPersons();
  co_await FoundFamilies();
  founded_ = true;
}

settlement::Bill Workload::DrawBill(const std::string& id) {
  World& world = cluster_.world();
  static constexpr const char* kPatients[] = {"31child", "31parent", "51child", "51parent"};
  static constexpr const char* kAreas[] = {kShanghai, kChengdu};
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

Request Workload::Draw() {
  World& world = cluster_.world();
  Request request;
  request.id = absl::StrCat("request-", ++made_);
  request.is_transfer = world.Percent(50);
  if (request.is_transfer) {
    const RelationSetup& setup = Pick(world, kRelations);
    request.transfer = {.giver_psn_no = setup.giver, .receiver_psn_no = setup.receiver};
    request.transfer.amount_fen = world.Percent(5) ? 200001 : 1 + world.Below(60000);
    return request;
  }
  request.bill = DrawBill(request.id);
  // Sometimes the bill of an earlier request once more, under a new id.
  if (world.Percent(15) && !requests_.empty()) {
    auto other = requests_.begin();
    std::advance(other, world.Below(static_cast<int>(requests_.size())));
    if (!other->second.is_transfer) request.bill = other->second.bill;
  }
  return request;
}

void Workload::BeginRequest() {
  Request request = Draw();
  const std::string id = request.id;
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
    if (answer.starts_with("charged ")) request.operation_id = answer.substr(8, 26);
    return;
  }
  // P6, P8: for ever the same answer.
  if (request.told != answer) {
    violations_.push_back(
        absl::StrCat("P6: ", id, " was told \"", request.told, "\", then \"", answer, "\""));
  }
}

Task<void> Workload::Pursue(std::string id) {
  World& world = cluster_.world();
  for (int tries = 0;; ++tries) {
    const bool only_ask = tries > 0 && world.Percent(15);
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
  // Clocks of hosts differ: the deadline travels as time left.
  const auto ask = [request](SettlementProcess& process) {
    const absl::Time until = process.env().Now() + kDeadline;
    return request.is_transfer
               ? process.settlement.Transfer(kPlatform, request.id, request.transfer, until)
               : process.settlement.Settle(kPlatform, request.id, request.bill, until);
  };
  const auto view = co_await cluster_.Call<SettlementProcess, OperationView>(
      cluster_.client(), "settlement", ask, deadline);
  if (view.ok()) co_return TextOf(view->operation);
  if (!IsFinal(view.status())) co_return "";
  if (ReasonOf(view.status()) == reason::kNeverHappened.name) co_return "never";
  co_return TextOf(view.status());
}

Task<std::string> Workload::AskOutcome(Request request) {
  const absl::Time deadline = cluster_.client().env().Now() + kDeadline;
  const auto ask = [request](SettlementProcess& process) {
    return process.settlement.Get(kPlatform, request.id, process.env().Now() + kDeadline);
  };
  const auto operation = co_await cluster_.Call<SettlementProcess, Operation>(
      cluster_.client(), "settlement", ask, deadline);
  if (!operation.ok()) co_return "";
  switch (operation->state) {
    case State::kCompleting:
    case State::kDone:
      co_return TextOf(*operation);
    case State::kRefused:
      co_return TextOf(operation->refusal);
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
  request.transfer.amount_fen += 1;
  request.bill.batch_id = "poisoned";
  const std::string answer = co_await Ask(request);
  if (answer.empty()) co_return;
  cluster_.world().Mark("refused a reused id");
  if (answer != absl::StrCat("refused REQUEST_ID_REUSED request_id=", id)) {
    violations_.push_back(absl::StrCat("P7: ", id, " with other contents: ", answer));
  }
}

}  // namespace gongji::simulation
