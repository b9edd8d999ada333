// The peers of every service over the simulated network. Each method is one Cluster::Call to the
// process that the real one would reach by gRPC; errors that are answers cross the network as
// values.
#include <utility>

#include "services/common/errors/reasons.h"
#include "tests/simulation/cluster.h"

namespace gongji::simulation {
namespace {

template <class T>
using Reply = Task<absl::StatusOr<T>>;

std::string WalletHost(const std::string& province) { return "wallet" + province; }

// An answer without content, for calls that only succeed or are refused.
struct Yes {};

Reply<settlement::AnswerPtr> Owned(Reply<ledger::Answer> reply) {
  ASSIGN_OR_CO_RETURN(ledger::Answer answer, co_await std::move(reply));
  co_return std::make_unique<ledger::Answer>(std::move(answer));
}

class SimulatedSettlementPeers final : public settlement::SettlementPeers {
 public:
  SimulatedSettlementPeers(Cluster& cluster, Instance& self) : cluster_(cluster), self_(self) {}

  bool HasShard(const std::string& province) const override {
    return cluster_.wallets().contains(WalletHost(province));
  }

  Reply<settlement::AnswerPtr> Apply(std::string province,
                                     std::shared_ptr<const ledger::Transaction> step,
                                     absl::Time deadline) override {
    return Owned(cluster_.Call<WalletProcess, ledger::Answer>(
        self_, WalletHost(province),
        [step = std::move(step)](WalletProcess& shard) { return shard.Apply(*step); }, deadline));
  }

  Reply<settlement::AnswerPtr> Decide(std::string province, std::string id,
                                      absl::Time deadline) override {
    return Owned(cluster_.Call<WalletProcess, ledger::Answer>(
        self_, WalletHost(province),
        [id = std::move(id)](WalletProcess& shard) { return shard.Decide(id); }, deadline));
  }

  Reply<ledger::Entry> DryRun(std::string province, ledger::Transaction transaction,
                              absl::Time deadline) override {
    return cluster_.Call<WalletProcess, ledger::Entry>(
        self_, WalletHost(province),
        [transaction = std::move(transaction)](WalletProcess& shard) {
          return shard.DryRun(transaction);
        },
        deadline);
  }

  Reply<settlement::Payers> Resolve(settlement::ResolveQuestion question,
                                    absl::Time deadline) override {
    return AskRelation(&RelationProcess::Resolve, std::move(question), deadline);
  }

  Reply<settlement::TransferPermission> ResolveTransfer(settlement::TransferQuestion question,
                                                        absl::Time deadline) override {
    return AskRelation(&RelationProcess::ResolveTransfer, std::move(question), deadline);
  }

  Reply<settlement::RelationState> GetRelation(std::string relation_id,
                                               absl::Time deadline) override {
    return AskRelation(&RelationProcess::GetRelation, std::move(relation_id), deadline);
  }

  Reply<settlement::RelationChanges> ListChanges(int64_t revision, absl::Time deadline) override {
    return AskRelation(&RelationProcess::ListChanges, revision, deadline);
  }

  Task<absl::Status> MayTake(settlement::PlaceQuestion question, absl::Time deadline) override {
    limits::PlaceRequest request{
        .wallet_day = {question.psn_no, question.business_day, question.area},
        .transfer_id = question.transfer_id,
        .amount_fen = question.amount_fen,
        .at = question.at};
    const auto left = co_await cluster_.Call<LimitsProcess, limits::PlacesLeft>(
        self_, "limits",
        [request, deadline](LimitsProcess& process) {
          return process.limits.MayTake(request, deadline);
        },
        deadline);
    co_return left.status();
  }

  Task<absl::Status> Confirm(settlement::PlaceQuestion place, std::vector<std::string> holders,
                             absl::Time deadline) override {
    const limits::WalletDay day{place.psn_no, place.business_day, place.area};
    const auto done = co_await cluster_.Call<LimitsProcess, Yes>(
        self_, "limits",
        [day, holders = std::move(holders)](LimitsProcess& process) {
          return Answered(process.limits.Confirm(day, holders));
        },
        deadline);
    co_return done.status();
  }

  Task<absl::Status> GiveBack(settlement::PlaceQuestion place, absl::Time deadline) override {
    const limits::WalletDay day{place.psn_no, place.business_day, place.area};
    const auto done = co_await cluster_.Call<LimitsProcess, Yes>(
        self_, "limits",
        [day, id = place.transfer_id](LimitsProcess& process) {
          return Answered(process.limits.GiveBack(day, id));
        },
        deadline);
    co_return done.status();
  }

  Reply<settlement::PlacesLeft> Peek(settlement::PlaceQuestion question,
                                     absl::Time deadline) override {
    const limits::WalletDay day{question.psn_no, question.business_day, question.area};
    return cluster_.Call<LimitsProcess, settlement::PlacesLeft>(
        self_, "limits",
        [day, at = question.at, deadline](LimitsProcess& process) {
          return Left(process, day, at, deadline);
        },
        deadline);
  }

 private:
  template <class Answer, class Question>
  Reply<Answer> AskRelation(Reply<Answer> (RelationProcess::*method)(Question), Question question,
                            absl::Time deadline) {
    return cluster_.Call<RelationProcess, Answer>(
        self_, "relation",
        [method, question = std::move(question)](RelationProcess& relation) {
          return (relation.*method)(question);
        },
        deadline);
  }

  static Reply<settlement::PlacesLeft> Left(LimitsProcess& process, limits::WalletDay day,
                                            absl::Time at, absl::Time deadline) {
    ASSIGN_OR_CO_RETURN(const limits::PlacesLeft left,
                        co_await process.limits.Peek(std::move(day), at, deadline));
    co_return settlement::PlacesLeft{left.places, left.amount_fen};
  }

  static Reply<Yes> Answered(Task<absl::Status> task) {
    CO_RETURN_IF_ERROR(co_await std::move(task));
    co_return Yes{};
  }

  Cluster& cluster_;
  Instance& self_;
};

class SimulatedLimitsPeers final : public limits::LimitsPeers {
 public:
  SimulatedLimitsPeers(Cluster& cluster, Instance& self) : cluster_(cluster), self_(self) {}

  Reply<std::vector<std::string>> GetPlaces(std::string province, limits::DayKey day,
                                            absl::Time deadline) override {
    return cluster_.Call<WalletProcess, std::vector<std::string>>(
        self_, WalletHost(province),
        [day = std::move(day)](WalletProcess& shard) { return HoldersOf(shard, day); }, deadline);
  }

 private:
  static Reply<std::vector<std::string>> HoldersOf(WalletProcess& shard, limits::DayKey day) {
    std::vector<std::pair<std::string, std::string>> days;
    days.emplace_back(day.psn_no, day.business_day);
    ASSIGN_OR_CO_RETURN(auto places, co_await shard.wallet.GetPlaces(std::move(days)));
    co_return std::move(places.front());
  }

  Cluster& cluster_;
  Instance& self_;
};

class SimulatedRelationPeers final : public relation::RelationPeers {
 public:
  SimulatedRelationPeers(Cluster& cluster, Instance& self) : cluster_(cluster), self_(self) {}

  Reply<bool> HasAtLeast(relation::BalanceQuestion question, absl::Time deadline) override {
    const std::string host = WalletHost(policy::ProvinceOf(question.area));
    return cluster_.Call<WalletProcess, bool>(
        self_, host,
        [question = std::move(question)](WalletProcess& shard) { return Holds(shard, question); },
        deadline);
  }

 private:
  static Reply<bool> Holds(WalletProcess& shard, relation::BalanceQuestion question) {
    std::vector<wallet::HasAtLeastQuestion> questions;
    questions.push_back({question.psn_no, question.fen, question.prior_only});
    ASSIGN_OR_CO_RETURN(const auto answers, co_await shard.wallet.HasAtLeast(std::move(questions)));
    co_return bool{answers.front()};
  }

  Cluster& cluster_;
  Instance& self_;
};

}  // namespace

std::unique_ptr<settlement::SettlementPeers> NewSettlementPeers(Cluster& cluster, Instance& self) {
  return std::make_unique<SimulatedSettlementPeers>(cluster, self);
}
std::unique_ptr<limits::LimitsPeers> NewLimitsPeers(Cluster& cluster, Instance& self) {
  return std::make_unique<SimulatedLimitsPeers>(cluster, self);
}
std::unique_ptr<relation::RelationPeers> NewRelationPeers(Cluster& cluster, Instance& self) {
  return std::make_unique<SimulatedRelationPeers>(cluster, self);
}

}  // namespace gongji::simulation
