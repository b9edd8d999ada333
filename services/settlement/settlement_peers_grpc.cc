// Each method of SettlementPeers appends its question to a gatherer for that RPC and peer. A
// gatherer sends the questions that have come meanwhile as one batch RPC and distributes the
// outcomes by index. Requests are filled and answers are parsed by the functions at the top; a
// missing outcome is an error.
#include <map>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gongji/limits/v1/limits.pb.h"
#include "gongji/relation/v1/relation.pb.h"
#include "gongji/wallet/v1/wallet.pb.h"
#include "services/common/errors/reasons.h"
#include "services/common/rpc/channel.h"
#include "services/common/rpc/gather.h"
#include "services/common/rpc/shards.h"
#include "services/common/rpc/status_wire.h"
#include "services/common/rpc/time_wire.h"
#include "services/ledger/transaction_wire.h"
#include "services/settlement/settlement_peers_grpc.h"
#include "services/settlement/settlement_wire.h"

namespace gongji::settlement {
namespace {

using rpc::Channel;
using rpc::Gather;
using rpc::OutcomeFrom;
using rpc::TakeOutcome;

namespace limits = gongji::limits::v1;
namespace relation = gongji::relation::v1;
namespace shard = gongji::wallet::v1;

using TransactionPtr = std::shared_ptr<const ledger::Transaction>;
using ApplyCalls =
    Gather<shard::BatchApplyRequest, shard::BatchApplyResponse, TransactionPtr, AnswerPtr>;
using DryRunCalls =
    Gather<shard::BatchDryRunRequest, shard::BatchDryRunResponse, TransactionPtr, AnswerPtr>;
using DecideCalls =
    Gather<shard::BatchDecideRequest, shard::BatchDecideResponse, std::string, AnswerPtr>;
using ResolveCalls =
    Gather<relation::BatchResolveRequest, relation::BatchResolveResponse, ResolveQuestion, Payers>;
using ResolveTransferCalls =
    Gather<relation::BatchResolveTransferRequest, relation::BatchResolveTransferResponse,
           relation::TransferQuestion, relation::TransferOutcome>;
using MayTakeCalls = Gather<limits::BatchMayTakeRequest, limits::BatchMayTakeResponse,
                            limits::MayTake, limits::MayTakeOutcome>;
using RelationCalls =
    Gather<relation::BatchGetRelationsRequest, relation::BatchGetRelationsResponse, std::string,
           relation::RelationOutcome>;
// The outcome of Confirm and GiveBack, which have no answers.
struct Nothing {};
using ConfirmCalls =
    Gather<limits::BatchConfirmRequest, limits::BatchConfirmResponse, limits::Confirm, Nothing>;
using GiveBackCalls =
    Gather<limits::BatchGiveBackRequest, limits::BatchGiveBackResponse, limits::GiveBack, Nothing>;

template <class Response>
absl::StatusOr<Nothing> NoOutcome(Response& /*response*/, int /*index*/, int /*count*/) {
  return Nothing{};
}

template <class Request>
void AddTransaction(Request& request, TransactionPtr transaction) {
  ledger::Fill(*transaction, *request.add_transactions());
}

template <class Request, class Question>
void AddQuestion(Request& request, Question question) {
  *request.add_questions() = std::move(question);
}

absl::StatusOr<AnswerPtr> AnswerFrom(const shard::ApplyOutcome& outcome) {
  ASSIGN_OR_RETURN(ledger::Answer answer, ledger::FromMessage(outcome));
  return std::make_unique<ledger::Answer>(std::move(answer));
}

// The calls to one shard.
struct Shard {
  Shard(rpc::Runtime& runtime, TaskScope& scope, const std::string& address, Metrics& metrics)
      : channel(runtime, address),
        apply(runtime, scope, channel, Method("BatchApply"),
              AddTransaction<shard::BatchApplyRequest>,
              OutcomeFrom<shard::BatchApplyResponse, AnswerFrom>, metrics),
        dry_run(runtime, scope, channel, Method("BatchDryRun"),
                AddTransaction<shard::BatchDryRunRequest>,
                OutcomeFrom<shard::BatchDryRunResponse, AnswerFrom>, metrics),
        decide(
            runtime, scope, channel, Method("BatchDecide"),
            [](shard::BatchDecideRequest& request, std::string id) {
              request.add_ids(std::move(id));
            },
            OutcomeFrom<shard::BatchDecideResponse, AnswerFrom>, metrics) {}

  static std::string Method(const std::string& name) {
    return absl::StrCat("gongji.wallet.v1.WalletService/", name);
  }

  Channel channel;
  ApplyCalls apply;
  DryRunCalls dry_run;
  DecideCalls decide;
};

PersonState FromMessage(const relation::PersonState& message) {
  return {.psn_no = message.psn_no(), .area = message.area()};
}

template <class Reasons>
std::vector<absl::Status> ReasonsFrom(const Reasons& messages) {
  std::vector<absl::Status> reasons;
  for (const auto& message : messages) reasons.push_back(FromReason(message));
  return reasons;
}

Payers FromMessage(const relation::Payers& message) {
  Payers payers{.patient = FromMessage(message.patient()),
                .payers = {},
                .policies = {message.policies().begin(), message.policies().end()}};
  const std::vector<absl::Status> patient_reasons = ReasonsFrom(message.patient_reasons());
  for (const relation::Payer& payer : message.payers()) {
    Payer out{.giver_psn_no = payer.giver_psn_no(),
              .relation_id = payer.relation_id(),
              .live = payer.scope() == relation::NETWORK_SCOPE_IN_PROVINCE,
              .giver_area = payer.giver_area(),
              .reasons = patient_reasons};
    for (absl::Status& reason : ReasonsFrom(payer.reasons())) {
      out.reasons.push_back(std::move(reason));
    }
    payers.payers.push_back(std::move(out));
  }
  return payers;
}

void AddPayersQuestion(relation::BatchResolveRequest& request, ResolveQuestion question) {
  relation::ResolveQuestion* message = request.add_questions();
  message->set_psn_no(question.psn_no);
  message->set_purpose(static_cast<policy::v1::Purpose>(question.purpose));
  message->set_care_area(question.care_area);
  *message->mutable_at() = rpc::ToMessage(question.at);
}

absl::StatusOr<Payers> PayersFrom(const relation::ResolveOutcome& outcome) {
  if (!outcome.has_payers()) return rpc::FromMessage(outcome.error());
  return FromMessage(outcome.payers());
}

RelationState FromMessage(const relation::Relation& message) {
  return {.relation_id = message.relation_id(),
          .live = message.scope() == relation::NETWORK_SCOPE_IN_PROVINCE,
          .giver_psn_no = message.giver_psn_no(),
          .receiver_psn_no = message.receiver_psn_no(),
          .giver_area = message.giver_area(),
          .receiver_area = message.receiver_area(),
          .ended = message.has_ended_at()};
}

limits::WalletDay WalletDayOf(const PlaceQuestion& place) {
  limits::WalletDay day;
  day.set_psn_no(place.psn_no);
  day.set_business_day(place.business_day);
  day.set_area(place.area);
  return day;
}

class GrpcPeers final : public SettlementPeers {
 public:
  GrpcPeers(rpc::Runtime& runtime, TaskScope& scope, const PeerAddresses& addresses,
            Metrics& metrics)
      : relation_(runtime, addresses.relation),
        limits_(runtime, addresses.limits),
        resolve_(runtime, scope, relation_, "gongji.relation.v1.RelationService/BatchResolve",
                 AddPayersQuestion, OutcomeFrom<relation::BatchResolveResponse, PayersFrom>,
                 metrics),
        resolve_transfer_(
            runtime, scope, relation_, "gongji.relation.v1.RelationService/BatchResolveTransfer",
            AddQuestion<relation::BatchResolveTransferRequest, relation::TransferQuestion>,
            TakeOutcome<relation::BatchResolveTransferResponse, relation::TransferOutcome>,
            metrics),
        relations_(
            runtime, scope, relation_, "gongji.relation.v1.RelationService/BatchGetRelations",
            [](relation::BatchGetRelationsRequest& request, std::string id) {
              request.add_relation_ids(std::move(id));
            },
            TakeOutcome<relation::BatchGetRelationsResponse, relation::RelationOutcome>, metrics),
        may_take_(runtime, scope, limits_, "gongji.limits.v1.LimitsService/BatchMayTake",
                  AddQuestion<limits::BatchMayTakeRequest, limits::MayTake>,
                  TakeOutcome<limits::BatchMayTakeResponse, limits::MayTakeOutcome>, metrics),
        confirm_(
            runtime, scope, limits_, "gongji.limits.v1.LimitsService/BatchConfirm",
            [](limits::BatchConfirmRequest& request, limits::Confirm item) {
              *request.add_confirms() = std::move(item);
            },
            NoOutcome<limits::BatchConfirmResponse>, metrics),
        give_back_(
            runtime, scope, limits_, "gongji.limits.v1.LimitsService/BatchGiveBack",
            [](limits::BatchGiveBackRequest& request, limits::GiveBack item) {
              *request.add_give_backs() = std::move(item);
            },
            NoOutcome<limits::BatchGiveBackResponse>, metrics),
        shards_(addresses.shards, [&](const std::string& address) {
          return std::make_unique<Shard>(runtime, scope, address, metrics);
        }) {}

  bool HasShard(const std::string& province) const override { return shards_.Has(province); }

  Task<absl::StatusOr<AnswerPtr>> Apply(std::string province,
                                        std::shared_ptr<const ledger::Transaction> step,
                                        absl::Time deadline) override {
    ASSIGN_OR_CO_RETURN(Shard * shard, shards_.Find(province));
    co_return co_await shard->apply.Call(std::move(step), deadline);
  }

  Task<absl::StatusOr<AnswerPtr>> Decide(std::string province, std::string id,
                                         absl::Time deadline) override {
    ASSIGN_OR_CO_RETURN(Shard * shard, shards_.Find(province));
    co_return co_await shard->decide.Call(std::move(id), deadline);
  }

  Task<absl::StatusOr<ledger::Entry>> DryRun(std::string province, ledger::Transaction transaction,
                                             absl::Time deadline) override {
    ASSIGN_OR_CO_RETURN(Shard * shard, shards_.Find(province));
    auto asked = std::make_shared<const ledger::Transaction>(std::move(transaction));
    ASSIGN_OR_CO_RETURN(const AnswerPtr answer,
                        co_await shard->dry_run.Call(std::move(asked), deadline));
    co_return std::move(answer->entry);
  }

  Task<absl::StatusOr<Payers>> Resolve(ResolveQuestion question, absl::Time deadline) override {
    return resolve_.Call(std::move(question), deadline);
  }

  Task<absl::StatusOr<TransferPermission>> ResolveTransfer(TransferQuestion question,
                                                           absl::Time deadline) override {
    relation::TransferQuestion message;
    message.set_giver_psn_no(question.giver_psn_no);
    message.set_receiver_psn_no(question.receiver_psn_no);
    *message.mutable_at() = rpc::ToMessage(question.at);
    ASSIGN_OR_CO_RETURN(const relation::TransferOutcome outcome,
                        co_await resolve_transfer_.Call(std::move(message), deadline));
    if (!outcome.has_permission()) co_return rpc::FromMessage(outcome.error());
    const relation::TransferPermission& permission = outcome.permission();
    co_return TransferPermission{
        .giver = FromMessage(permission.giver()),
        .receiver = FromMessage(permission.receiver()),
        .relation_id = permission.relation_id(),
        .relation_version = permission.relation_version(),
        .reasons = ReasonsFrom(permission.reasons()),
        .policies = {permission.policies().begin(), permission.policies().end()}};
  }

  Task<absl::StatusOr<RelationState>> GetRelation(std::string relation_id,
                                                  absl::Time deadline) override {
    ASSIGN_OR_CO_RETURN(const relation::RelationOutcome outcome,
                        co_await relations_.Call(std::move(relation_id), deadline));
    if (!outcome.has_relation()) co_return rpc::FromMessage(outcome.error());
    co_return FromMessage(outcome.relation());
  }

  Task<absl::StatusOr<RelationChanges>> ListChanges(int64_t revision,
                                                    absl::Time deadline) override {
    relation::ListChangesRequest request;
    request.set_after_revision(revision);
    auto called = relation_.Call<relation::ListChangesRequest, relation::ListChangesResponse>(
        "gongji.relation.v1.RelationService/ListChanges", std::move(request), deadline);
    ASSIGN_OR_CO_RETURN(const relation::ListChangesResponse response, co_await std::move(called));
    RelationChanges changes{.relations = {}, .revision = revision};
    for (const relation::ChangeEvent& change : response.changes()) {
      changes.revision = change.revision();
      if (change.has_relation()) changes.relations.push_back(FromMessage(change.relation()));
    }
    co_return changes;
  }

  Task<absl::Status> MayTake(PlaceQuestion question, absl::Time deadline) override {
    limits::MayTake message;
    *message.mutable_wallet_day() = WalletDayOf(question);
    message.set_transfer_id(question.transfer_id);
    message.set_amount_fen(question.amount_fen);
    *message.mutable_at() = rpc::ToMessage(question.at);
    ASSIGN_OR_CO_RETURN(const limits::MayTakeOutcome outcome,
                        co_await may_take_.Call(std::move(message), deadline));
    if (outcome.has_yes()) co_return absl::OkStatus();
    co_return rpc::FromMessage(outcome.error());
  }

  Task<absl::Status> Confirm(PlaceQuestion place, std::vector<std::string> holders,
                             absl::Time deadline) override {
    limits::Confirm message;
    *message.mutable_wallet_day() = WalletDayOf(place);
    for (const std::string& holder : holders) message.add_holders(holder);
    co_return (co_await confirm_.Call(std::move(message), deadline)).status();
  }

  Task<absl::Status> GiveBack(PlaceQuestion place, absl::Time deadline) override {
    limits::GiveBack message;
    *message.mutable_wallet_day() = WalletDayOf(place);
    message.set_transfer_id(place.transfer_id);
    co_return (co_await give_back_.Call(std::move(message), deadline)).status();
  }

  Task<absl::StatusOr<PlacesLeft>> Peek(PlaceQuestion question, absl::Time deadline) override {
    // Not gathered into batches, because the time in a request applies to the whole batch.
    limits::BatchPeekRequest request;
    *request.add_wallet_days() = WalletDayOf(question);
    *request.mutable_at() = rpc::ToMessage(question.at);
    auto called = limits_.Call<limits::BatchPeekRequest, limits::BatchPeekResponse>(
        "gongji.limits.v1.LimitsService/BatchPeek", std::move(request), deadline);
    ASSIGN_OR_CO_RETURN(limits::BatchPeekResponse response, co_await std::move(called));
    using Outcome = limits::PeekOutcome;
    ASSIGN_OR_CO_RETURN(const Outcome outcome,
                        (TakeOutcome<limits::BatchPeekResponse, Outcome>(response, 0, 1)));
    if (!outcome.has_left()) co_return rpc::FromMessage(outcome.error());
    co_return PlacesLeft{outcome.left().places(), outcome.left().amount_fen()};
  }

 private:
  Channel relation_;
  Channel limits_;
  ResolveCalls resolve_;
  ResolveTransferCalls resolve_transfer_;
  RelationCalls relations_;
  MayTakeCalls may_take_;
  ConfirmCalls confirm_;
  GiveBackCalls give_back_;
  const rpc::Shards<Shard> shards_;
};

}  // namespace

std::unique_ptr<SettlementPeers> NewGrpcPeers(rpc::Runtime& runtime, TaskScope& scope,
                                              const PeerAddresses& addresses, Metrics& metrics) {
  return std::make_unique<GrpcPeers>(runtime, scope, addresses, metrics);
}

}  // namespace gongji::settlement
