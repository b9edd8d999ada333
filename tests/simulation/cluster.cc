// The processes of the services, built from the real classes over stores in memory or on
// SqliteDisk; then Cluster, which boots and ends incarnations on hosts and draws delays. Calls
// through the network are in cluster.h, the peers built on them in peers.cc.
#include "tests/simulation/cluster.h"

#include <algorithm>

#include "services/common/business_day.h"
#include "services/common/errors/reasons.h"

namespace gongji::simulation {
namespace {

std::vector<absl::Status> Refusals(const relation::Failures& failures) {
  std::vector<absl::Status> refusals;
  for (const relation::FailedRule& failed : failures) {
    refusals.push_back(Refuse(*failed.reason, failed.metadata));
  }
  return refusals;
}

Task<absl::Status> Ready() { co_return absl::OkStatus(); }

}  // namespace

WalletProcess::WalletProcess(Cluster& cluster, const std::string& host, const Skew& skew,
                             const OpenStore& open_store, Metrics& metrics)
    : Instance(cluster.world(), cluster.start(), skew),
      store(open_store(env())),
      // The limits are so small that things that are rare in a real shard happen all the time.
      wallet(env(), scope(), *store,
             {.batches = {.max_batch = 3, .max_in_flight = 2},
              .max_cached_rows = 40,
              .saves = {.save_every = 5, .max_tail = 15, .slice_rows = 3},
              .sizes = {.redo_page = 2, .sweep_page = 2, .sweep_batch = 1},
              .check_serving = [this, &cluster, host] { return cluster.CheckLease(host, this); },
              .account_year = [&cluster,
                               host](absl::Time at) { return cluster.AccountYear(host, at); },
              .rules = [&cluster](const std::string& area, BusinessDay day)
                  -> const policy::AreaPolicy& { return cluster.RulesOf(area, day); },
              .sweep_years = true,
              .on_deposed = [this, &cluster] { cluster.Deposed(this); }},
             metrics) {}

Task<absl::Status> WalletProcess::StartOrEnd(Cluster& cluster) {
  const absl::Status started = co_await wallet.Start();
  if (!started.ok()) cluster.Deposed(this);
  co_return started;
}

Task<absl::StatusOr<ledger::Answer>> WalletProcess::Apply(ledger::Transaction transaction) {
  std::vector<ledger::Transaction> one;
  one.push_back(std::move(transaction));
  auto answers = co_await wallet.Apply(std::move(one));
  co_return std::move(answers.front());
}

Task<absl::StatusOr<ledger::Answer>> WalletProcess::Decide(std::string id) {
  std::vector<std::string> one;
  one.push_back(std::move(id));
  auto answers = co_await wallet.Decide(std::move(one));
  co_return std::move(answers.front());
}

Task<absl::StatusOr<ledger::Entry>> WalletProcess::DryRun(ledger::Transaction transaction) {
  std::vector<ledger::Transaction> one;
  one.push_back(std::move(transaction));
  ASSIGN_OR_CO_RETURN(std::vector<ledger::Entry> entries, co_await wallet.DryRun(std::move(one)));
  co_return std::move(entries.front());
}

RelationProcess::RelationProcess(Cluster& cluster, const Skew& skew, relation::RelationDisk& disk,
                                 relation::MemoryDiskBehaviour behaviour,
                                 const policy::PolicyBook& policies)
    : Instance(cluster.world(), cluster.start(), skew),
      store(relation::NewMemoryRelationStore(env(), disk, std::move(behaviour))),
      peers(NewRelationPeers(cluster, *this)),
      relations(env(), *store, *peers, policies,
                {.on_deposed = [this, &cluster] { cluster.Deposed(this); }}) {}

Task<absl::StatusOr<settlement::Payers>> RelationProcess::Resolve(
    settlement::ResolveQuestion question) {
  std::vector<relation::ResolveQuestion> questions;
  questions.push_back({.patient = question.psn_no,
                       .purpose = question.purpose,
                       .care_area = question.care_area,
                       .at = question.at});
  ASSIGN_OR_CO_RETURN(const auto found, co_await relations.Resolve(std::move(questions)));
  CO_RETURN_IF_ERROR(found.value.front().status());
  const relation::Payers& payers = *found.value.front();
  settlement::Payers out{.patient = {payers.patient.psn_no, payers.patient.area},
                         .payers = {},
                         .policies = payers.policies};
  for (const relation::Payer& payer : payers.payers) {
    std::vector<absl::Status> reasons = Refusals(payers.patient_failures);
    for (absl::Status& reason : Refusals(payer.failures)) reasons.push_back(std::move(reason));
    out.payers.push_back({.giver_psn_no = payer.relation.giver,
                          .relation_id = payer.relation.relation_id,
                          .live = payer.relation.scope == relation::Scope::kInProvince,
                          .giver_area = payer.giver_area,
                          .reasons = std::move(reasons)});
  }
  co_return out;
}

settlement::RelationState StateOf(const relation::Relation& relation) {
  return {.relation_id = relation.relation_id,
          .live = relation.scope == relation::Scope::kInProvince,
          .giver_psn_no = relation.giver,
          .receiver_psn_no = relation.receiver,
          .giver_area = relation.giver_area,
          .receiver_area = relation.receiver_area,
          .ended = relation.ended_at.has_value()};
}

Task<absl::StatusOr<settlement::TransferPermission>> RelationProcess::ResolveTransfer(
    settlement::TransferQuestion question) {
  std::vector<relation::TransferQuestion> questions;
  questions.push_back(
      {.giver = question.giver_psn_no, .receiver = question.receiver_psn_no, .at = question.at});
  ASSIGN_OR_CO_RETURN(const auto found, co_await relations.ResolveTransfer(std::move(questions)));
  CO_RETURN_IF_ERROR(found.value.front().status());
  const relation::TransferPermission& permission = *found.value.front();
  settlement::TransferPermission out{
      .giver = {permission.giver.psn_no, permission.giver.area},
      .receiver = {permission.receiver.psn_no, permission.receiver.area},
      .reasons = Refusals(permission.failures),
      .policies = permission.policies};
  if (permission.relation.has_value()) {
    out.relation_id = permission.relation->relation_id;
    out.relation_version = permission.relation->version;
  }
  co_return out;
}

Task<absl::StatusOr<settlement::RelationState>> RelationProcess::GetRelation(
    std::string relation_id) {
  std::vector<std::string> ids;
  ids.push_back(std::move(relation_id));
  ASSIGN_OR_CO_RETURN(const auto found, co_await relations.GetRelations(std::move(ids)));
  CO_RETURN_IF_ERROR(found.value.front().status());
  co_return StateOf(*found.value.front());
}

Task<absl::StatusOr<settlement::RelationChanges>> RelationProcess::ListChanges(int64_t revision) {
  constexpr int kPage = 2;  // so that changes come in several pages
  ASSIGN_OR_CO_RETURN(const auto page, co_await relations.ListChanges(revision, kPage));
  settlement::RelationChanges changes{.relations = {}, .revision = revision};
  for (const relation::ChangeEvent& change : page.changes) {
    changes.revision = change.revision;
    if (change.relation.has_value()) changes.relations.push_back(StateOf(*change.relation));
  }
  co_return changes;
}

LimitsProcess::LimitsProcess(Cluster& cluster, const Skew& skew, limits::MemoryCounters& redis,
                             const policy::PolicyBook& policies, Metrics& metrics)
    : Instance(cluster.world(), cluster.start(), skew),
      store(limits::NewMemoryLimitsStore(redis)),
      peers(NewLimitsPeers(cluster, *this)),
      limits(env(), *store, *peers, policies, {}, metrics) {}

SettlementProcess::SettlementProcess(Cluster& cluster, const Skew& skew,
                                     settlement::SettlementDisk& disk,
                                     settlement::SettlementDiskDelay delay,
                                     const policy::PolicyBook& policies, Metrics& metrics)
    : Instance(cluster.world(), cluster.start(), skew),
      store(settlement::NewMemorySettlementStore(env(), disk, std::move(delay))),
      peers(NewSettlementPeers(cluster, *this)),
      settlement(env(), scope(), *store, *peers, policies,
                 {.follow_pace = absl::Milliseconds(500),
                  .driver = {.open_page = 2, .recovered_at_once = 2},
                  .on_deposed = [this, &cluster] { cluster.Deposed(this); }},
                 metrics) {}

Cluster::Cluster(World& world, const policy::PolicyBook& policies, absl::Time start, bool sqlite)
    : world_(world), policies_(policies), start_(start), metrics_(world) {
  client_ = std::make_unique<Instance>(world_, start_, no_skew_);
  for (const std::string& host : kHosts) hosts_[host];
  for (const char* host : {"wallet31", "wallet32", "wallet51", "wallet61"}) {
    wallet::WalletDisk& disk = wallet_disks_[host];
    if (sqlite) sqlite_disks_[host] = std::make_unique<SqliteDisk>(disk, WalletDiskBehaviour());
  }
}

Cluster::~Cluster() {
  for (const std::string& host : kHosts) Crash(host);
  client_->Stop();
}

void Cluster::Boot(const std::string& host) {
  world_.Trace("boot " + host);
  Host& on = hosts_.at(host);
  std::unique_ptr<Instance> instance;
  if (host == "relation") {
    auto process = std::make_unique<RelationProcess>(
        *this, on.skew, relation_disk_,
        relation::MemoryDiskBehaviour{.delay = [this] { return DiskDelay(); }}, policies_);
    on_boot_(host, *process);
    process->Boot(process->store->TakeOver());
    instance = std::move(process);
  } else if (host == "limits") {
    instance = std::make_unique<LimitsProcess>(*this, on.skew, redis_, policies_, metrics_);
    on_boot_(host, *instance);
    instance->Boot(Ready());
  } else if (host == "settlement") {
    auto process = std::make_unique<SettlementProcess>(
        *this, on.skew, settlement_disk_, [this] { return DiskDelay(); }, policies_, metrics_);
    on_boot_(host, *process);
    process->Boot(process->settlement.Start());
    instance = std::move(process);
  } else {
    auto process = std::make_unique<WalletProcess>(
        *this, host, on.skew, [&](NodeEnv& env) { return OpenWalletStore(host, env); }, metrics_);
    on_boot_(host, *process);
    process->Boot(process->StartOrEnd(*this));
    instance = std::move(process);
  }
  const std::string first = host + "/0";
  const bool taken = std::any_of(on.running.begin(), on.running.end(),
                                 [&](const auto& one) { return one->address() == first; });
  instance->ListenAt(taken ? host + "/1" : first);
  on.running.push_back(std::move(instance));
}

int Cluster::AccountYear(const std::string& host, absl::Time at) const {
  constexpr int kYear = 2026;
  if (year_turn_.has_value()) return at < *year_turn_ ? kYear : kYear + 1;
  // "wallet31" serves the areas of 310000.
  const std::string area = host.substr(host.size() - 2) + "0000";
  const BusinessDay day = BusinessDayOf(at);
  return policy::AccountYearOf(policies_.For(area, day).account, day);
}

const policy::AreaPolicy& Cluster::RulesOf(const std::string& area, BusinessDay day) const {
  return rules_.has_value() ? *rules_ : policies_.For(area, day);
}

std::string Cluster::OperationOf(const std::string& caller, const std::string& request_id) const {
  const auto found = settlement_disk_.requests.find({caller, request_id});
  return found == settlement_disk_.requests.end() ? "" : found->second;
}

std::optional<settlement::Plan> Cluster::PlanOf(const std::string& operation) const {
  const auto bytes = settlement_disk_.plans.find(operation);
  settlement::Plan plan;
  if (bytes == settlement_disk_.plans.end() || !settlement::DecodePlan(bytes->second, plan)) {
    return std::nullopt;
  }
  return plan;
}

absl::Status Cluster::CheckLease(const std::string& host, const Instance* process) const {
  const auto& running = hosts_.at(host).running;
  if (!leases_ || running.empty()) return absl::OkStatus();
  const bool overtaken = running.back().get() != process && running.back()->serving();
  if (!overtaken) return absl::OkStatus();
  return Refuse(reason::kNotWriter, {{"address", running.back()->address()}});
}

void Cluster::Crash(const std::string& host) {
  while (Runs(host)) EndOldest(host);
}

wallet::MemoryDiskBehaviour Cluster::WalletDiskBehaviour() {
  return {.delay = [this] { return DiskDelay(); },
          .full = [this] { return world_.Percent(faults_.disk_full_percent); }};
}

std::unique_ptr<wallet::WalletStore> Cluster::OpenWalletStore(const std::string& host,
                                                              NodeEnv& env) {
  if (!sqlite_disks_.empty()) return sqlite_disks_.at(host)->Open(env);
  return wallet::NewMemoryWalletStore(env, wallet_disks_.at(host), WalletDiskBehaviour());
}

void Cluster::EndOldest(const std::string& host) {
  world_.Trace("end " + host);
  End(host, 0);
}

void Cluster::End(const std::string& host, size_t incarnation) {
  auto& running = hosts_.at(host).running;
  running[incarnation]->Stop();
  const auto disk = sqlite_disks_.find(host);
  if (running.size() == 1 && disk != sqlite_disks_.end()) {
    const bool power = world_.Percent(50);
    world_.Mark(power ? "power cuts under SQLite" : "processes killed over SQLite");
    disk->second->EndProcesses(power ? world_.Random() | 1 : 0);
  }
  running.erase(running.begin() + static_cast<std::ptrdiff_t>(incarnation));
}

void Cluster::Deposed(const Instance* instance) {
  // In an event of its own, because code of the instance itself called this.
  world_.At(absl::ZeroDuration(), [this, instance] {
    for (auto& [host, on] : hosts_) {
      const auto ended = std::find_if(on.running.begin(), on.running.end(),
                                      [&](const auto& one) { return one.get() == instance; });
      if (ended == on.running.end()) continue;
      world_.Mark("deposed processes ended");
      world_.Trace("deposed " + host);
      End(host, static_cast<size_t>(ended - on.running.begin()));
      if (on.running.empty()) Boot(host);
      return;
    }
  });
}

Instance* Cluster::Reach(const std::string& host, const std::string& address) {
  const Host& on = hosts_.at(host);
  if (on.cut || on.running.empty()) return nullptr;
  if (!address.empty()) {
    const auto at = std::find_if(on.running.begin(), on.running.end(),
                                 [&](const auto& one) { return one->address() == address; });
    return at != on.running.end() && (*at)->serving() ? at->get() : nullptr;
  }
  // While two incarnations run, some callers still know the old one.
  Instance* target = on.running.size() > 1 && world_.Percent(30) ? on.running.front().get()
                                                                 : on.running.back().get();
  return target->serving() ? target : nullptr;
}

absl::Duration Cluster::Delay() {
  // Mostly quick, sometimes slow, so that requests overtake each other.
  const absl::Duration longest = world_.Percent(20) ? faults_.longest_delay : absl::Milliseconds(1);
  return world_.Between(absl::Microseconds(50), std::max(longest, absl::Microseconds(100)));
}

absl::Duration Cluster::DiskDelay() {
  return world_.Between(absl::Microseconds(20), faults_.longest_disk);
}

}  // namespace gongji::simulation
