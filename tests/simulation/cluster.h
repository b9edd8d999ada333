// The simulated cluster: seven hosts with their disks, the processes on them, Redis, and the
// network between them.
#ifndef GONGJI_TESTS_SIMULATION_CLUSTER_H_
#define GONGJI_TESTS_SIMULATION_CLUSTER_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "policy/policy.h"
#include "services/limits/limits.h"
#include "services/limits/testing/limits_store_memory.h"
#include "services/relation/relation.h"
#include "services/relation/testing/relation_store_memory.h"
#include "services/settlement/settlement.h"
#include "services/settlement/testing/settlement_store_memory.h"
#include "services/wallet/testing/wallet_store_memory.h"
#include "services/wallet/wallet.h"
#include "tests/simulation/node.h"
#include "tests/simulation/sqlite_disk.h"
#include "tests/simulation/world.h"

namespace gongji::simulation {

inline const std::vector<std::string> kHosts = {"wallet31", "wallet32", "wallet51",  "wallet61",
                                                "relation", "limits",   "settlement"};

// What goes wrong at present; nothing if all is zero.
struct Faults {
  int lose_percent = 0;       // of requests, and of replies
  int duplicate_percent = 0;  // of requests
  absl::Duration longest_delay = absl::Milliseconds(2);
  absl::Duration longest_disk = absl::Milliseconds(1);
  int disk_full_percent = 0;  // of appends
};

class Cluster {
 public:
  // `start` is the time of both clocks at virtual time 0. If `sqlite`, wallets have their real
  // store, on a disk that may lose its power when a process ends.
  Cluster(World& world, const policy::PolicyBook& policies, absl::Time start, bool sqlite = false);
  ~Cluster();

  World& world() { return world_; }
  absl::Time start() const { return start_; }
  Faults& faults() { return faults_; }
  // The world outside, which never crashes and has right clocks.
  Instance& client() { return *client_; }

  // `attach` is called for each incarnation before it starts.
  void OnBoot(std::function<void(const std::string& host, Instance& instance)> attach) {
    on_boot_ = std::move(attach);
  }

  // Boot starts an incarnation; a second one on the same host becomes a second writer of the same
  // disk while the first goes on. Crash ends every incarnation on a host.
  void Boot(const std::string& host);
  void Crash(const std::string& host);
  void EndOldest(const std::string& host);
  // From now on a wallet's process that another one has overtaken serves nobody, as a lease has it
  // in the product: a refusal that rests on what it has read could be final. Without, only the
  // epoch keeps it from writing, which is what most seeds are about.
  void KeepLeases() { leases_ = true; }
  absl::Status CheckLease(const std::string& host, const Instance* process) const;
  // Does what a supervisor does for a process that ends itself: starts another one.
  void Deposed(const Instance* instance);
  bool Runs(const std::string& host) const { return !hosts_.at(host).running.empty(); }
  size_t Incarnations(const std::string& host) const { return hosts_.at(host).running.size(); }
  Skew& skew(const std::string& host) { return hosts_.at(host).skew; }
  // Makes a host unreachable until it is healed.
  void Cut(const std::string& host, bool cut) { hosts_.at(host).cut = cut; }

  // The account year as the policy says, or as a test has set it by TurnYearAt.
  int AccountYear(const std::string& host, absl::Time at) const;
  void TurnYearAt(absl::Time turn) { year_turn_ = turn; }
  // The rules of the wallets for payouts and sub-accounts: those of the policy, or those a test has
  // set by SetRules.
  const policy::AreaPolicy& RulesOf(const std::string& area, BusinessDay day) const;
  void SetRules(policy::AreaPolicy rules) { rules_ = std::move(rules); }

  // Disks.
  std::map<std::string, wallet::WalletDisk>& wallets() { return wallet_disks_; }
  const relation::RelationDisk& relation_disk() const { return relation_disk_; }
  settlement::SettlementDisk& settlement_disk() { return settlement_disk_; }
  // The operation of a request on settlement's disk, or "".
  std::string OperationOf(const std::string& caller, const std::string& request_id) const;
  // The plan of an operation's latest attempt, if one is stored and whole.
  std::optional<settlement::Plan> PlanOf(const std::string& operation) const;
  limits::MemoryCounters& redis() { return redis_; }

  // Calls a service on `host` through the network. Messages may be lost, late, doubled or out of
  // order, as `faults` says. UNAVAILABLE at the deadline (wall clock of `from`). Calls of services
  // take their route and are repeated as in the product; those from outside are made once, to any
  // process of the host.
  template <class Service, class T>
  Task<absl::StatusOr<T>> Call(Instance& from, std::string host,
                               std::function<Task<absl::StatusOr<T>>(Service&)> work,
                               absl::Time deadline);

 private:
  struct Host {
    std::vector<std::unique_ptr<Instance>> running;
    Skew skew;
    bool cut = false;
  };

  std::unique_ptr<wallet::WalletStore> OpenWalletStore(const std::string& host, NodeEnv& env);
  wallet::MemoryDiskBehaviour WalletDiskBehaviour();
  // Ends this incarnation of `host`. With the last one the power may be cut too, by chance.
  void End(const std::string& host, size_t incarnation);
  // The incarnation of `host` that a request to `address` reaches; without an address, usually the
  // newest.
  Instance* Reach(const std::string& host, const std::string& address);
  template <class Service, class T>
  Task<absl::StatusOr<T>> CallOnce(
      Instance& from, std::string host, std::string address,
      std::shared_ptr<std::function<Task<absl::StatusOr<T>>(Service&)>> work, absl::Time deadline);
  absl::Duration Delay();
  absl::Duration DiskDelay();
  template <class Service, class T>
  static Task<void> Serve(Service& service,
                          std::shared_ptr<std::function<Task<absl::StatusOr<T>>(Service&)>> work,
                          std::function<void(absl::StatusOr<T>)> reply);

  World& world_;
  const policy::PolicyBook& policies_;
  const absl::Time start_;
  MarkMetrics metrics_;
  Faults faults_;
  Skew no_skew_;
  std::map<std::string, wallet::WalletDisk> wallet_disks_;
  // By host, in a cluster with SQLite; then wallet_disks_ mirrors what is on them.
  std::map<std::string, std::unique_ptr<SqliteDisk>> sqlite_disks_;
  relation::RelationDisk relation_disk_;
  settlement::SettlementDisk settlement_disk_;
  limits::MemoryCounters redis_;
  bool leases_ = false;
  std::optional<absl::Time> year_turn_;
  std::optional<policy::AreaPolicy> rules_;
  std::unique_ptr<Instance> client_;
  std::function<void(const std::string& host, Instance& instance)> on_boot_ = [](const std::string&,
                                                                                 Instance&) {};
  std::map<std::string, Host> hosts_;
};

// The processes.
struct WalletProcess final : Instance {
  using OpenStore = std::function<std::unique_ptr<wallet::WalletStore>(NodeEnv&)>;
  WalletProcess(Cluster& cluster, const std::string& host, const Skew& skew,
                const OpenStore& open_store, Metrics& metrics);
  // Starts; a process that cannot start ends, and is started again.
  Task<absl::Status> StartOrEnd(Cluster& cluster);
  Task<absl::StatusOr<ledger::Answer>> Apply(ledger::Transaction transaction);
  Task<absl::StatusOr<ledger::Answer>> Decide(std::string id);
  Task<absl::StatusOr<ledger::Entry>> DryRun(ledger::Transaction transaction);

  std::unique_ptr<wallet::WalletStore> store;
  wallet::Wallet wallet;
};

struct RelationProcess final : Instance {
  RelationProcess(Cluster& cluster, const Skew& skew, relation::RelationDisk& disk,
                  relation::MemoryDiskBehaviour behaviour, const policy::PolicyBook& policies);
  Task<absl::StatusOr<settlement::Payers>> Resolve(settlement::ResolveQuestion question);
  Task<absl::StatusOr<settlement::TransferPermission>> ResolveTransfer(
      settlement::TransferQuestion question);
  Task<absl::StatusOr<settlement::RelationState>> GetRelation(std::string relation_id);
  Task<absl::StatusOr<settlement::RelationChanges>> ListChanges(int64_t revision);

  std::unique_ptr<relation::RelationStore> store;
  std::unique_ptr<relation::RelationPeers> peers;
  relation::Relations relations;
};

struct LimitsProcess final : Instance {
  LimitsProcess(Cluster& cluster, const Skew& skew, limits::MemoryCounters& redis,
                const policy::PolicyBook& policies, Metrics& metrics);

  std::unique_ptr<limits::LimitsStore> store;
  std::unique_ptr<limits::LimitsPeers> peers;
  limits::Limits limits;
};

struct SettlementProcess final : Instance {
  SettlementProcess(Cluster& cluster, const Skew& skew, settlement::SettlementDisk& disk,
                    settlement::SettlementDiskDelay delay, const policy::PolicyBook& policies,
                    Metrics& metrics);

  std::unique_ptr<settlement::SettlementStore> store;
  std::unique_ptr<settlement::SettlementPeers> peers;
  settlement::Settlement settlement;
};

// Peers over the simulated network.
std::unique_ptr<settlement::SettlementPeers> NewSettlementPeers(Cluster& cluster, Instance& self);
std::unique_ptr<limits::LimitsPeers> NewLimitsPeers(Cluster& cluster, Instance& self);
std::unique_ptr<relation::RelationPeers> NewRelationPeers(Cluster& cluster, Instance& self);

template <class Service, class T>
Task<void> Cluster::Serve(Service& service,
                          std::shared_ptr<std::function<Task<absl::StatusOr<T>>(Service&)>> work,
                          std::function<void(absl::StatusOr<T>)> reply) {
  reply(co_await (*work)(service));
}

template <class Service, class T>
Task<absl::StatusOr<T>> Cluster::Call(Instance& from, std::string host,
                                      std::function<Task<absl::StatusOr<T>>(Service&)> work,
                                      absl::Time deadline) {
  const auto shared =
      std::make_shared<std::function<Task<absl::StatusOr<T>>(Service&)>>(std::move(work));
  if (&from == client_.get()) {
    co_return co_await CallOnce<Service, T>(from, std::move(host), "", shared, deadline);
  }
  const absl::Duration ends = from.env().Monotonic() + (deadline - from.env().Now());
  Attempts attempts(from.RouteTo(host), ends);
  while (true) {
    const Attempts::Attempt attempt = attempts.Begin(from.env().Monotonic());
    const absl::Duration left = attempt.until - from.env().Monotonic();
    absl::StatusOr<T> answer =
        co_await CallOnce<Service, T>(from, host, attempt.address, shared, from.env().Now() + left);
    if (answer.ok()) co_return answer;
    const auto pause = attempts.After(answer.status(), from.env().Monotonic(), from.env().Random());
    if (!pause.has_value()) co_return answer;
    world_.Mark("calls repeated or sent on");
    co_await Sleep(from.env(), *pause);
  }
}

template <class Service, class T>
Task<absl::StatusOr<T>> Cluster::CallOnce(
    Instance& from, std::string host, std::string address,
    std::shared_ptr<std::function<Task<absl::StatusOr<T>>(Service&)>> work, absl::Time deadline) {
  const Promise<absl::StatusOr<T>> promise(from.env());
  const absl::Duration left = std::max(absl::ZeroDuration(), deadline - from.env().Now());
  from.env().After(left, [promise] { promise.Set(absl::DeadlineExceededError("no answer")); });
  const std::function<void(absl::StatusOr<T>)> reply =
      [this, host, promise, alive = from.env().alive()](absl::StatusOr<T> answer) {
        if (world_.Percent(faults_.lose_percent) || hosts_.at(host).cut) {
          world_.Mark("lost replies");
          return;
        }
        world_.At(Delay(), [promise, alive, answer = std::move(answer)] {
          if (*alive) promise.Set(answer);
        });
      };
  const int copies = 1 + (world_.Percent(faults_.duplicate_percent) ? 1 : 0);
  if (copies > 1) world_.Mark("duplicated requests");
  for (int copy = 0; copy < copies; ++copy) {
    if (world_.Percent(faults_.lose_percent)) {
      world_.Mark("lost requests");
      continue;
    }
    world_.At(Delay(), [this, host, address, work, reply] {
      Instance* target = Reach(host, address);
      if (target == nullptr) return reply(absl::UnavailableError("connection refused"));
      world_.Trace(host);
      target->scope().Spawn(Serve(static_cast<Service&>(*target), work, reply));
    });
  }
  co_return co_await promise.future();
}

}  // namespace gongji::simulation

#endif  // GONGJI_TESTS_SIMULATION_CLUSTER_H_
