// Persons and relations are two tables at the top. Create registers and relates the persons and
// gives them money; Part ends one relation and may bind the same persons again.
#include "tests/simulation/families.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/errors/check.h"
#include "services/common/errors/reasons.h"

namespace gongji::simulation {
namespace {

using relation::Scope;

constexpr absl::Duration kDeadline = absl::Seconds(2);

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
  bool receiver_is_child;  // otherwise the receiver is the parent
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

}  // namespace

const char* AreaOf(const std::string& psn_no) {
  for (const PersonSetup& setup : kPersons) {
    if (setup.psn_no == psn_no) return setup.area;
  }
  CHECK(false);
}

// Makes one try; returns nothing if it got no final answer.
Task<std::optional<absl::StatusOr<std::string>>> Families::TryWrite(
    relation::WriteRequest request) {
  using Results = std::vector<absl::StatusOr<relation::Written>>;
  const auto write = [request](RelationProcess& process) -> Task<absl::StatusOr<Results>> {
    return [](RelationProcess& on, relation::WriteRequest one) -> Task<absl::StatusOr<Results>> {
      std::vector<relation::WriteRequest> requests;
      requests.push_back(std::move(one));
      const absl::Time until = on.env().Now() + kDeadline;
      co_return co_await on.relations.Write(kPlatform, std::move(requests), until);
    }(process, request);
  };
  const auto results = co_await cluster_.Call<RelationProcess, Results>(
      cluster_.client(), "relation", write, cluster_.client().env().Now() + kDeadline);
  if (!results.ok()) co_return std::nullopt;
  const auto& result = results->front();
  if (result.ok()) co_return result->id;
  if (!IsFinal(result.status())) co_return std::nullopt;
  co_return result.status();
}

Task<absl::StatusOr<std::string>> Families::Write(relation::Command command) {
  const relation::WriteRequest request{absl::StrCat("family-", ++made_), std::move(command)};
  while (true) {
    auto written = co_await TryWrite(request);
    if (written.has_value()) co_return *std::move(written);
    co_await Sleep(cluster_.client().env(),
                   cluster_.world().Between(absl::Milliseconds(1), absl::Milliseconds(800)));
  }
}

Task<std::string> Families::MustWrite(relation::Command command) {
  auto written = co_await Write(std::move(command));
  CHECK(written.ok());
  co_return *std::move(written);
}

Task<void> Families::RegisterPersons() {
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
    co_await MustWrite(std::move(person));
  }
}

Task<void> Families::FoundFamilies() {
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
    co_await MustWrite(std::move(record));
    const auto key = std::pair(std::string(setup.giver), setup.scope);
    if (!networks.contains(key)) {
      relation::CreateNetwork found;
      found.organiser = setup.giver;
      found.scope = setup.scope;
      networks[key] = co_await MustWrite(std::move(found));
    }
    bonds_.push_back({.giver = setup.giver,
                      .receiver = setup.receiver,
                      .scope = setup.scope,
                      .network_id = networks[key],
                      .relation_id = ""});
    bonds_.back().relation_id = co_await MustWrite(Binding(bonds_.back()));
  }
}

relation::AddMember Families::Binding(const Bond& bond) {
  relation::AddMember bind;
  bind.network_id = bond.network_id;
  bind.member = bond.receiver;
  bind.modes = {policy::UseMode::kPay};
  bind.has_consent = true;
  return bind;
}

Task<void> Families::Part() {
  World& world = cluster_.world();
  ++parting_;
  const auto index = static_cast<size_t>(world.Below(static_cast<int>(bonds_.size())));
  Bond bond = bonds_[index];
  if (!bond.relation_id.empty()) {
    bonds_[index].relation_id = "";
    relation::EndMembership end;
    end.relation_id = bond.relation_id;
    end.actor = world.Percent(50) ? bond.giver : bond.receiver;
    const auto ended = co_await Write(std::move(end));
    CHECK(ended.ok());
    world.Mark("relations ended");
    // Often the same persons get a new relation.
    if (world.Percent(70)) {
      co_await Sleep(cluster_.client().env(),
                     world.Between(absl::Milliseconds(1), absl::Seconds(3)));
      const auto bound = co_await Write(Binding(bond));
      CHECK(bound.ok());
      bonds_[index].relation_id = *bound;
      world.Mark("relations made again");
    }
  }
  --parting_;
}

Task<void> Families::OpenAccounts() {
  for (const PersonSetup& setup : kPersons) {
    const std::string host = absl::StrCat("wallet", policy::ProvinceOf(setup.area));
    using Results = std::vector<absl::StatusOr<ledger::Answer>>;
    const auto open = [setup](WalletProcess& process) -> Task<absl::StatusOr<Results>> {
      return [](WalletProcess& on, PersonSetup person) -> Task<absl::StatusOr<Results>> {
        std::vector<wallet::OpenWallet> wallets;
        wallets.push_back({absl::StrCat("open-", person.psn_no), person.psn_no, true, ""});
        auto results = co_await on.wallet.OpenWallets(kPlatform, std::move(wallets));
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

Task<void> Families::Create() {
  // Waits until every process serves.
  co_await Sleep(cluster_.client().env(), absl::Seconds(1));
  co_await OpenAccounts();
  co_await RegisterPersons();
  co_await FoundFamilies();
}

}  // namespace gongji::simulation
