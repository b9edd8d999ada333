// Persons and relations are two tables at the top. Create registers and relates the persons and
// gives them money; Part ends one relation and may bind the same persons again.
#include "tests/simulation/families.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/business_day.h"
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

// Workers who give in three provinces, their families in these and a fourth one, where nobody
// gives.
constexpr PersonSetup kPersons[] = {
    {"31worker1", kShanghai, true, 300000, 500000},
    {"31worker2", kShanghai, true, 0, 40000},
    {"32worker1", "320100", true, 200000, 150000},
    {"32worker2", "320500", true, 90000, 30000},
    {"51worker1", kChengdu, true, 250000, 350000},
    {"51worker2", "510300", true, 60000, 0},
    {"31child", kShanghai, false, 0, 0},
    {"31parent", kShanghai, true, 2000, 3000},
    {"32child", "320200", false, 0, 0},
    {"51child", "510700", false, 0, 0},
    {"51parent", kChengdu, true, 1500, 0},
    {"61parent", "610100", true, 700, 800},
};

using relation::FactKind;

struct RelationSetup {
  const char* giver;
  const char* receiver;
  // How they are related: by a fact in which the parent, or either spouse or sibling, comes first;
  // or by what follows from the facts of others.
  std::optional<FactKind> by;
  relation::ParentRole parent_is;
  bool receiver_is_parent;
  Scope scope;
};

constexpr relation::ParentRole kMother = relation::ParentRole::kMother;
constexpr relation::ParentRole kFather = relation::ParentRole::kFather;
constexpr relation::ParentRole kNone = relation::ParentRole::kNone;
constexpr RelationSetup kRelations[] = {
    {"31worker1", "31child", FactKind::kParenthood, kMother, false, Scope::kInProvince},
    {"31worker1", "51parent", FactKind::kParenthood, kFather, true, Scope::kWallet},
    {"31worker1", "31parent", FactKind::kParenthood, kMother, true, Scope::kWallet},
    {"51worker1", "31parent", FactKind::kParenthood, kMother, true, Scope::kWallet},
    {"51worker1", "51child", FactKind::kParenthood, kMother, false, Scope::kInProvince},
    {"51worker2", "51child", FactKind::kAdoption, kFather, false, Scope::kWallet},
    {"51worker2", "31child", FactKind::kParenthood, kFather, false, Scope::kWallet},
    {"32worker1", "32worker2", FactKind::kMarriage, kNone, false, Scope::kWallet},
    {"32worker2", "32worker1", FactKind::kMarriage, kNone, false, Scope::kInProvince},
    {"32worker1", "32child", FactKind::kParenthood, kFather, false, Scope::kInProvince},
    // Her husband's child, which she brings up.
    {"32worker2", "32child", FactKind::kUpbringing, kMother, false, Scope::kWallet},
    {"32worker1", "61parent", FactKind::kParenthood, kMother, true, Scope::kWallet},
    // Two children of one mother, of whom nothing else is on record.
    {"51worker1", "31worker2", FactKind::kSiblinghood, kNone, false, Scope::kWallet},
    // A mother's child of her first marriage, and so half a brother of the one above.
    {"51worker2", "61parent", FactKind::kParenthood, kMother, true, Scope::kWallet},
    {"51worker2", "32worker1", std::nullopt, kNone, false, Scope::kWallet},
    {"51worker2", "51worker1", FactKind::kSiblinghood, kNone, false, Scope::kInProvince},
    {"51worker1", "51worker2", FactKind::kSiblinghood, kNone, false, Scope::kInProvince},
};

// Their relations end with a marriage, not one by one.
bool IsCouple(const Bond& bond) {
  for (const RelationSetup& setup : kRelations) {
    if (bond.giver == setup.giver && bond.receiver == setup.receiver) {
      return setup.by == FactKind::kMarriage;
    }
  }
  return false;
}

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

Task<void> Families::RecordKinship(FactKind kind, std::string first, std::string second,
                                   relation::ParentRole role, BusinessDay from) {
  if (facts_.contains({first, second}) || facts_.contains({second, first})) co_return;
  relation::RecordFact record;
  record.fact.kind = kind;
  record.fact.psn_no = first;
  record.fact.other_psn_no = second;
  record.fact.role = role;
  record.fact.evidence = policy::EvidenceLevel::kRegistry;
  record.fact.source = "registry";
  record.fact.from = from;
  facts_[{first, second}] = co_await MustWrite(std::move(record));
}

Task<void> Families::FoundFamilies() {
  std::map<std::pair<std::string, Scope>, std::string> networks;
  for (const RelationSetup& setup : kRelations) {
    const bool receiver_first = setup.receiver_is_parent;
    if (setup.by.has_value()) {
      co_await RecordKinship(*setup.by, receiver_first ? setup.receiver : setup.giver,
                             receiver_first ? setup.giver : setup.receiver, setup.parent_is,
                             BusinessDay(2015, 5, 1));
    }
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
  bind.filed_order = cluster_.world().Below(3);
  return bind;
}

Task<void> Families::Part() {
  World& world = cluster_.world();
  const auto index = static_cast<size_t>(world.Below(static_cast<int>(bonds_.size())));
  Bond bond = bonds_[index];
  if (IsCouple(bond)) co_return co_await Divorce();
  ++parting_;
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

// Both relations of the couple end with their marriage; married again, they may bind each other
// anew.
Task<void> Families::Divorce() {
  World& world = cluster_.world();
  if (divorcing_) co_return;
  divorcing_ = true;
  ++parting_;
  std::vector<size_t> couple;
  for (size_t index = 0; index < bonds_.size(); ++index) {
    if (IsCouple(bonds_[index])) couple.push_back(index);
  }
  const Bond& one = bonds_[couple.front()];
  const auto pair = facts_.contains({one.giver, one.receiver}) ? std::pair(one.giver, one.receiver)
                                                               : std::pair(one.receiver, one.giver);
  relation::EndFact end;
  end.fact_id = facts_.extract(pair).mapped();
  end.until = BusinessDayOf(cluster_.start());
  end.evidence = policy::EvidenceLevel::kRegistry;
  end.source = "registry";
  co_await MustWrite(std::move(end));
  for (const size_t index : couple) bonds_[index].relation_id = "";
  world.Mark("divorces");
  co_await Sleep(cluster_.client().env(), world.Between(absl::Milliseconds(1), absl::Seconds(3)));
  if (world.Percent(70)) {
    co_await RecordKinship(FactKind::kMarriage, pair.first, pair.second, kNone,
                           BusinessDayOf(cluster_.start()));
    for (const size_t index : couple) {
      const auto bound = co_await Write(Binding(bonds_[index]));
      CHECK(bound.ok());
      bonds_[index].relation_id = *bound;
    }
    world.Mark("couples married again");
    divorcing_ = false;
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
