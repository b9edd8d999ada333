// Preparation runs its kinds of work one after the other: persons, contributions, facts, networks,
// wallets, quota. Each kind is cut into pieces, and ForEach keeps a number of pieces under way
// until all are done or one has failed. Request ids follow from the person's number, so that it can
// be repeated.
#include "tools/loadgen/prepare.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gongji/common/v1/development.pb.h"
#include "services/common/business_day.h"
#include "services/common/errors/status.h"
#include "services/common/join.h"
#include "services/common/rpc/status_wire.h"
#include "services/common/rpc/time_wire.h"
#include "tools/loadgen/population.h"

namespace gongji::load {
namespace {

constexpr int64_t kChunk = 256;
constexpr int64_t kTransferChunk = 64;
// Items under way at once; a service refuses calls beyond the length of its queues (4096).
constexpr int64_t kWidth = 2048;
constexpr int64_t kMostRequests = 64;
// The limit of one transfer (policy/national.textproto).
constexpr int64_t kFirstQuotaFen = 200'000;

using relation::v1::NetworkScope;
using Step = std::function<Task<absl::Status>(int64_t)>;

Task<absl::Status> OneLane(Step step, int64_t& next, int64_t count) {
  while (next < count) CO_RETURN_IF_ERROR(co_await step(next++));
  co_return absl::OkStatus();
}

// Runs step(0) .. step(count - 1), some of them at a time; the first error ends it.
Task<absl::Status> ForEach(Env& env, TaskScope& scope, int64_t lane_count, int64_t count,
                           Step step) {
  int64_t next = 0;
  std::vector<Task<absl::Status>> lanes;
  lanes.reserve(static_cast<size_t>(lane_count));
  for (int64_t i = 0; i < lane_count; ++i) lanes.push_back(OneLane(step, next, count));
  absl::Status all;
  for (const absl::Status& lane : co_await Join(env, scope, std::move(lanes))) all.Update(lane);
  co_return all;
}

template <class Response>
absl::Status FirstError(const Response& response) {
  for (const auto& outcome : response.outcomes()) {
    if (outcome.has_error()) return rpc::FromMessage(outcome.error());
  }
  return absl::OkStatus();
}

class Preparation {
 public:
  Preparation(cli::Client& client, TaskScope& scope, int64_t families)
      : client_(client), scope_(scope), families_(families) {}

  Task<absl::Status> Run() {
    CO_RETURN_IF_ERROR(co_await Chunks(families_ * kFamilySize, kChunk, &Preparation::Register));
    CO_RETURN_IF_ERROR(co_await Chunks(families_ * kFamilySize, kChunk, &Preparation::PayIn));
    CO_RETURN_IF_ERROR(co_await Chunks(families_ * 3, kChunk, &Preparation::RecordFacts));
    CO_RETURN_IF_ERROR(co_await Chunks(families_, 1, &Preparation::CreateNetworks));
    CO_RETURN_IF_ERROR(co_await Chunks(families_ * kFamilySize, kChunk, &Preparation::OpenWallets));
    // No relation may be dated after the first transfer.
    CO_RETURN_IF_ERROR(co_await BeginNextDay(client_));
    co_return co_await Chunks(families_ * 2, kTransferChunk, &Preparation::GrantQuota);
  }

 private:
  // A piece of one kind of work: numbers first..last-1.
  using Piece = Task<absl::Status> (Preparation::*)(int64_t first, int64_t last);

  Task<absl::Status> Chunks(int64_t count, int64_t size, Piece piece) {
    co_return co_await ForEach(client_.env(), scope_, std::min(kMostRequests, kWidth / size),
                               (count + size - 1) / size,
                               [this, count, size, piece](int64_t chunk) {
                                 const int64_t first = chunk * size;
                                 return (this->*piece)(first, std::min(first + size, count));
                               });
  }

  Task<absl::Status> Register(int64_t first, int64_t last) {
    relation::v1::BatchRegisterPersonsRequest request;
    for (int64_t i = first; i < last; ++i) {
      relation::v1::RegisterPerson* item = request.add_persons();
      item->set_request_id(absl::StrCat("prepare-person-", i));
      *item->mutable_person() = PersonOf(MemberAt(i));
    }
    ASSIGN_OR_CO_RETURN(
        const auto response,
        co_await client_.Call<relation::v1::BatchRegisterPersonsResponse>(
            client_.relation, "relation.v1.RelationService/BatchRegisterPersons", request));
    co_return FirstError(response);
  }

  Task<absl::Status> PayIn(int64_t first, int64_t last) {
    for (const auto& [province, shard] : client_.wallets) {
      wallet::v1::ContributeRequest request;
      for (int64_t i = first; i < last; ++i) {
        const Member member = MemberAt(i);
        if (member.role == Role::kChild || !member.area().starts_with(province)) continue;
        *request.add_contributions() = ContributionOf(member);
        request.mutable_contributions()->rbegin()->set_line_id(absl::StrCat("prepare-", i));
      }
      if (request.contributions().empty()) continue;
      ASSIGN_OR_CO_RETURN(const auto response,
                          co_await client_.Call<wallet::v1::ContributeResponse>(
                              *shard, "wallet.v1.WalletService/Contribute", request));
      CO_RETURN_IF_ERROR(FirstError(response));
    }
    co_return absl::OkStatus();
  }

  // Records three facts for each family.
  Task<absl::Status> RecordFacts(int64_t first, int64_t last) {
    constexpr std::pair<Role, Role> kFacts[] = {{Role::kWorker, Role::kChild},
                                                {Role::kElder, Role::kWorker},
                                                {Role::kElder, Role::kSibling}};
    relation::v1::BatchRecordFactsRequest request;
    for (int64_t i = first; i < last; ++i) {
      const auto& [parent, child] = kFacts[i % 3];
      relation::v1::RecordFact* item = request.add_facts();
      item->set_request_id(absl::StrCat("prepare-fact-", i));
      *item->mutable_fact() = ParenthoodOf({i / 3, parent}, {i / 3, child});
    }
    ASSIGN_OR_CO_RETURN(
        const auto response,
        co_await client_.Call<relation::v1::BatchRecordFactsResponse>(
            client_.relation, "relation.v1.RelationService/BatchRecordFacts", request));
    co_return FirstError(response);
  }

  Task<absl::Status> CreateNetworks(int64_t family, int64_t /*last*/) {
    CO_RETURN_IF_ERROR(co_await CreateNetwork({family, Role::kWorker}, {family, Role::kChild},
                                              relation::v1::NETWORK_SCOPE_IN_PROVINCE));
    for (const Role giver : {Role::kWorker, Role::kSibling}) {
      CO_RETURN_IF_ERROR(co_await CreateNetwork({family, giver}, {family, Role::kElder},
                                                relation::v1::NETWORK_SCOPE_WALLET));
    }
    co_return absl::OkStatus();
  }

  Task<absl::Status> CreateNetwork(Member organiser, Member member, NetworkScope scope) {
    const std::string id = absl::StrCat("prepare-", organiser.psn_no(), "-", member.psn_no());
    relation::v1::CreateNetworkRequest create;
    create.set_request_id(id + "-create");
    create.set_organiser_psn_no(organiser.psn_no());
    create.set_scope(scope);
    ASSIGN_OR_CO_RETURN(const auto created,
                        co_await client_.Call<relation::v1::CreateNetworkResponse>(
                            client_.relation, "relation.v1.RelationService/CreateNetwork", create));
    relation::v1::AddMemberRequest add;
    add.set_request_id(id + "-add");
    add.set_network_id(created.written().id());
    add.set_member_psn_no(member.psn_no());
    add.add_modes(policy::v1::USE_MODE_PAY);
    co_return (co_await client_.Call<relation::v1::AddMemberResponse>(
                   client_.relation, "relation.v1.RelationService/AddMember", add))
        .status();
  }

  Task<absl::Status> OpenWallets(int64_t first, int64_t last) {
    for (const auto& [province, shard] : client_.wallets) {
      wallet::v1::BatchOpenWalletsRequest request;
      for (int64_t i = first; i < last; ++i) {
        const Member member = MemberAt(i);
        if (member.role == Role::kChild || !member.area().starts_with(province)) continue;
        wallet::v1::OpenWallet* item = request.add_wallets();
        item->set_request_id(absl::StrCat("prepare-wallet-", i));
        item->set_psn_no(member.psn_no());
        item->set_confirmed(true);
      }
      if (request.wallets().empty()) continue;
      ASSIGN_OR_CO_RETURN(const auto response,
                          co_await client_.Call<wallet::v1::BatchOpenWalletsResponse>(
                              *shard, "wallet.v1.WalletService/BatchOpenWallets", request));
      CO_RETURN_IF_ERROR(FirstError(response));
    }
    co_return absl::OkStatus();
  }

  Task<absl::Status> GrantQuota(int64_t first, int64_t last) {
    settlement::v1::BatchTransferRequest request;
    for (int64_t i = first; i < last; ++i) {
      *request.add_requests() = TransferOf(i, families_, "prepare");
      request.mutable_requests()->rbegin()->set_amount_fen(kFirstQuotaFen);
    }
    ASSIGN_OR_CO_RETURN(
        const auto response,
        co_await client_.Call<settlement::v1::BatchTransferResponse>(
            client_.settlement, "settlement.v1.SettlementService/BatchTransfer", request));
    co_return FirstError(response);
  }

  cli::Client& client_;
  TaskScope& scope_;
  const int64_t families_;
};

}  // namespace

Task<absl::Status> Prepare(cli::Client& client, TaskScope& scope, int64_t families) {
  Preparation preparation(client, scope, families);
  co_return co_await preparation.Run();
}

Task<absl::Status> BeginNextDay(cli::Client& client) {
  std::optional<absl::Time> goal;
  // The first round finds the day, the second moves every clock, and the third puts those that were
  // moved first a little ahead, so that no clock is before a time that another has recorded.
  for (const absl::Duration ahead :
       {-absl::InfiniteDuration(), absl::ZeroDuration(), absl::Seconds(1)}) {
    absl::Time latest = absl::InfinitePast();
    for (rpc::Channel* channel : client.All()) {
      common::v1::SetBusinessTimeRequest request;
      *request.mutable_business_time() =
          rpc::ToMessage(goal.has_value() ? *goal + ahead : absl::UnixEpoch());
      ASSIGN_OR_CO_RETURN(const auto moved,
                          co_await client.Call<common::v1::SetBusinessTimeResponse>(
                              *channel, "common.v1.DevelopmentService/SetBusinessTime", request));
      latest = std::max(latest, rpc::FromMessage(moved.business_time()));
    }
    if (!goal.has_value()) {
      goal = StartOf(BusinessDayOf(latest) + 1) + absl::Hours(9) + absl::Minutes(30);
    }
  }
  co_return absl::OkStatus();
}

}  // namespace gongji::load
