// What settlement's peers say on the wire, and what they make of answers: against canned answers of
// the three services, over a loopback socket.
#include "services/settlement/settlement_peers_grpc.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "gongji/limits/v1/limits.pb.h"
#include "gongji/relation/v1/relation.pb.h"
#include "gongji/wallet/v1/wallet.pb.h"
#include "services/common/errors/reasons.h"
#include "services/common/testing/loopback.h"
#include "services/common/testing/messages.h"

namespace gongji::settlement {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kRelation[] = "gongji.relation.v1.RelationService/";
constexpr char kLimits[] = "gongji.limits.v1.LimitsService/";
constexpr char kWallet[] = "gongji.wallet.v1.WalletService/";

class GrpcPeersTest : public testing::Test {
 protected:
  GrpcPeersTest() {
    for (const char* method :
         {"BatchResolve", "BatchResolveTransfer", "BatchGetRelations", "ListChanges"}) {
      Serve(kRelation + std::string(method));
    }
    for (const char* method : {"BatchMayTake", "BatchConfirm", "BatchGiveBack", "BatchPeek"}) {
      Serve(kLimits + std::string(method));
    }
    for (const char* method : {"BatchApply", "BatchDryRun", "BatchDecide"}) {
      Serve(kWallet + std::string(method));
    }
    loopback_.Connect();
    const std::string& address = loopback_.address();
    peers_ = NewGrpcPeers(loopback_.runtime(), loopback_.scope(),
                          {.relation = address, .limits = address, .shards = {{"31", address}}},
                          NullMetrics());
  }
  ~GrpcPeersTest() override { peers_.reset(); }

  void Serve(const std::string& method) {
    loopback_.server().HandleRaw(method,
                                 [this, method](rpc::CallContext /*context*/, std::string request) {
                                   return Answer(method, std::move(request));
                                 });
  }
  Task<absl::StatusOr<std::string>> Answer(std::string method, std::string request) {
    asked_ = std::move(request);
    if (!answers_.contains(method)) co_return absl::UnimplementedError(method);
    co_return answers_.at(method);
  }

  // From now on `method` answers so.
  template <class Response>
  void Will(const std::string& method, const std::string& text) {
    answers_[method] = Parsed<Response>(text).SerializeAsString();
  }
  template <class Request>
  void ExpectAsked(const std::string& text) {
    Request asked;
    ASSERT_TRUE(asked.ParseFromString(asked_));
    ExpectMessage(asked, text);
  }
  absl::Time Soon() { return loopback_.runtime().Now() + absl::Seconds(5); }

  rpc::Loopback loopback_;
  std::map<std::string, std::string> answers_;
  std::string asked_;
  std::unique_ptr<SettlementPeers> peers_;
};

const absl::Time kAt = absl::FromUnixSeconds(1'772'000'000);
constexpr char kAtText[] = "at { seconds: 1772000000 }";

TEST_F(GrpcPeersTest, ResolveSaysWhoAndWhereAndGetsPayersInOrder_R21) {
  Will<relation::v1::BatchResolveResponse>(kRelation + std::string("BatchResolve"), R"(
    outcomes { payers {
      patient { psn_no: "p" area: "310000" }
      payers { giver_psn_no: "g" relation_id: "r1" scope: NETWORK_SCOPE_WALLET
               giver_area: "510100" }
      payers { giver_psn_no: "h" relation_id: "r2" scope: NETWORK_SCOPE_IN_PROVINCE
               giver_area: "310000"
               reasons { name: "MODE_NOT_TICKED" metadata { key: "needed" value: "PAY" } } }
      policies: "a" policies: "b" } })");
  const auto payers = loopback_.Wait(peers_->Resolve(
      {.psn_no = "p", .purpose = policy::Purpose::kPharmacy, .care_area = "510100", .at = kAt},
      Soon()));
  ExpectAsked<relation::v1::BatchResolveRequest>(
      std::string("questions { psn_no: 'p' purpose: PURPOSE_PHARMACY care_area: '510100' ") +
      kAtText + "}");
  ASSERT_TRUE(payers.ok()) << payers.status();
  EXPECT_EQ(payers->patient.psn_no, "p");
  EXPECT_EQ(payers->patient.area, "310000");
  EXPECT_THAT(payers->policies, ElementsAre("a", "b"));
  ASSERT_EQ(payers->payers.size(), 2U);
  const Payer& quota = payers->payers[0];
  EXPECT_EQ(quota.giver_psn_no, "g");
  EXPECT_EQ(quota.relation_id, "r1");
  EXPECT_FALSE(quota.live);
  EXPECT_EQ(quota.giver_area, "510100");
  EXPECT_THAT(quota.reasons, IsEmpty());
  EXPECT_TRUE(payers->payers[1].live);
  EXPECT_THAT(payers->payers[1].reasons,
              ElementsAre(Refuse(reason::kModeNotTicked, {{"needed", "PAY"}})));
}

// What is wrong with the patient is wrong with every payer.
TEST_F(GrpcPeersTest, ReasonsOfThePatientCountForAll_R21) {
  Will<relation::v1::BatchResolveResponse>(kRelation + std::string("BatchResolve"), R"(
    outcomes { payers {
      patient_reasons { name: "PERSON_DECEASED" metadata { key: "psn_no" value: "p" } }
      payers { giver_psn_no: "g" }
      payers { giver_psn_no: "h" reasons { name: "CARE_OUTSIDE_SCOPE" } } } })");
  const auto payers = loopback_.Wait(peers_->Resolve({.psn_no = "p", .at = kAt}, Soon()));
  ASSERT_TRUE(payers.ok()) << payers.status();
  EXPECT_EQ(payers->payers[0].reasons.size(), 1U);
  ASSERT_EQ(payers->payers[1].reasons.size(), 2U);
  EXPECT_EQ(ReasonOf(payers->payers[1].reasons[0]), "PERSON_DECEASED");
  EXPECT_EQ(ReasonOf(payers->payers[1].reasons[1]), "CARE_OUTSIDE_SCOPE");
}

TEST_F(GrpcPeersTest, ResolveTransferSaysBothSidesApart_R15) {
  Will<relation::v1::BatchResolveTransferResponse>(kRelation + std::string("BatchResolveTransfer"),
                                                   R"(
    outcomes { permission {
      giver { psn_no: "g" area: "510100" } receiver { psn_no: "p" area: "310000" }
      relation_id: "r" relation_version: 5 reasons { name: "NO_WALLET_RELATION" }
      policies: "x" } })");
  const auto permission = loopback_.Wait(
      peers_->ResolveTransfer({.giver_psn_no = "g", .receiver_psn_no = "p", .at = kAt}, Soon()));
  ExpectAsked<relation::v1::BatchResolveTransferRequest>(
      std::string("questions { giver_psn_no: 'g' receiver_psn_no: 'p' ") + kAtText + "}");
  ASSERT_TRUE(permission.ok()) << permission.status();
  EXPECT_EQ(permission->giver.psn_no, "g");
  EXPECT_EQ(permission->giver.area, "510100");
  EXPECT_EQ(permission->receiver.psn_no, "p");
  EXPECT_EQ(permission->receiver.area, "310000");
  EXPECT_EQ(permission->relation_id, "r");
  EXPECT_EQ(permission->relation_version, 5);
  EXPECT_THAT(permission->reasons, ElementsAre(Refuse(reason::kNoWalletRelation)));
  EXPECT_THAT(permission->policies, ElementsAre("x"));
}

TEST_F(GrpcPeersTest, ARelationComesWithBothSides) {
  Will<relation::v1::BatchGetRelationsResponse>(kRelation + std::string("BatchGetRelations"), R"(
    outcomes { relation { relation_id: "r" scope: NETWORK_SCOPE_WALLET giver_psn_no: "g"
                          receiver_psn_no: "p" giver_area: "510100" receiver_area: "310000" } })");
  const auto relation = loopback_.Wait(peers_->GetRelation("r", Soon()));
  ExpectAsked<relation::v1::BatchGetRelationsRequest>("relation_ids: 'r'");
  ASSERT_TRUE(relation.ok()) << relation.status();
  EXPECT_EQ(relation->relation_id, "r");
  EXPECT_FALSE(relation->live);
  EXPECT_EQ(relation->giver_psn_no, "g");
  EXPECT_EQ(relation->receiver_psn_no, "p");
  EXPECT_EQ(relation->giver_area, "510100");
  EXPECT_EQ(relation->receiver_area, "310000");
  EXPECT_FALSE(relation->ended);
}

TEST_F(GrpcPeersTest, ChangesEndAtTheLastRevision_P24) {
  Will<relation::v1::ListChangesResponse>(kRelation + std::string("ListChanges"), R"(
    changes { revision: 8 relation { relation_id: "r" ended_at { seconds: 1 } } }
    changes { revision: 9 }
    changes { revision: 11 relation { relation_id: "s" scope: NETWORK_SCOPE_IN_PROVINCE } })");
  const auto changes = loopback_.Wait(peers_->ListChanges(7, Soon()));
  ExpectAsked<relation::v1::ListChangesRequest>("after_revision: 7");
  ASSERT_TRUE(changes.ok()) << changes.status();
  EXPECT_EQ(changes->revision, 11);
  ASSERT_EQ(changes->relations.size(), 2U);
  EXPECT_EQ(changes->relations[0].relation_id, "r");
  EXPECT_TRUE(changes->relations[0].ended);
  EXPECT_TRUE(changes->relations[1].live);
  EXPECT_FALSE(changes->relations[1].ended);
}

TEST_F(GrpcPeersTest, NoChangesStayAtTheRevision_P24) {
  Will<relation::v1::ListChangesResponse>(kRelation + std::string("ListChanges"), "");
  EXPECT_EQ(loopback_.Wait(peers_->ListChanges(7, Soon()))->revision, 7);
}

const PlaceQuestion kPlace = {.psn_no = "g",
                              .area = "510100",
                              .business_day = "2026-03-02",
                              .transfer_id = "t",
                              .amount_fen = 12,
                              .at = kAt};
constexpr char kDayText[] = "{ psn_no: 'g' area: '510100' business_day: '2026-03-02' }";

TEST_F(GrpcPeersTest, MayTakeAsksForAPlace_R16) {
  Will<limits::v1::BatchMayTakeResponse>(kLimits + std::string("BatchMayTake"),
                                         "outcomes { yes { places: 2 } }");
  EXPECT_TRUE(loopback_.Wait(peers_->MayTake(kPlace, Soon())).ok());
  ExpectAsked<limits::v1::BatchMayTakeRequest>(
      std::string("questions { transfer_id: 't' amount_fen: 12 ") + kAtText + " wallet_day " +
      kDayText + "}");
}

TEST_F(GrpcPeersTest, ConfirmNamesTheHolders_R16) {
  Will<limits::v1::BatchConfirmResponse>(kLimits + std::string("BatchConfirm"), "");
  EXPECT_TRUE(loopback_.Wait(peers_->Confirm(kPlace, {"a", "b"}, Soon())).ok());
  ExpectAsked<limits::v1::BatchConfirmRequest>(
      std::string("confirms { holders: 'a' holders: 'b' wallet_day ") + kDayText + "}");
}

TEST_F(GrpcPeersTest, GiveBackNamesTheTransfer_R16) {
  Will<limits::v1::BatchGiveBackResponse>(kLimits + std::string("BatchGiveBack"), "");
  EXPECT_TRUE(loopback_.Wait(peers_->GiveBack(kPlace, Soon())).ok());
  ExpectAsked<limits::v1::BatchGiveBackRequest>(
      std::string("give_backs { transfer_id: 't' wallet_day ") + kDayText + "}");
}

TEST_F(GrpcPeersTest, PeekTellsPlacesAndAmount_R11) {
  Will<limits::v1::BatchPeekResponse>(kLimits + std::string("BatchPeek"),
                                      "outcomes { left { places: 2 amount_fen: 200000 } }");
  const auto left = loopback_.Wait(peers_->Peek(kPlace, Soon()));
  ExpectAsked<limits::v1::BatchPeekRequest>(std::string("wallet_days ") + kDayText + kAtText);
  ASSERT_TRUE(left.ok()) << left.status();
  EXPECT_EQ(left->places, 2);
  EXPECT_EQ(left->max_amount_fen, 200000);
}

TEST_F(GrpcPeersTest, RefusalsOfAnItemKeepTheirReason_R42) {
  const std::string used_up = R"(outcomes { error { code: 8 details {
    [type.googleapis.com/google.rpc.ErrorInfo] { reason: "DAILY_TRANSFERS_USED_UP"
      domain: "gongji" metadata { key: "opens" value: "06:00" }
      metadata { key: "final" value: "true" } } } } })";
  Will<limits::v1::BatchMayTakeResponse>(kLimits + std::string("BatchMayTake"), used_up);
  EXPECT_EQ(ReasonOf(loopback_.Wait(peers_->MayTake(kPlace, Soon()))), "DAILY_TRANSFERS_USED_UP");
  Will<limits::v1::BatchPeekResponse>(kLimits + std::string("BatchPeek"), used_up);
  EXPECT_EQ(ReasonOf(loopback_.Wait(peers_->Peek(kPlace, Soon())).status()),
            "DAILY_TRANSFERS_USED_UP");
  Will<relation::v1::BatchResolveResponse>(kRelation + std::string("BatchResolve"), used_up);
  EXPECT_EQ(ReasonOf(loopback_.Wait(peers_->Resolve({.at = kAt}, Soon())).status()),
            "DAILY_TRANSFERS_USED_UP");
  Will<relation::v1::BatchResolveTransferResponse>(kRelation + std::string("BatchResolveTransfer"),
                                                   used_up);
  EXPECT_EQ(ReasonOf(loopback_.Wait(peers_->ResolveTransfer({.at = kAt}, Soon())).status()),
            "DAILY_TRANSFERS_USED_UP");
  Will<relation::v1::BatchGetRelationsResponse>(kRelation + std::string("BatchGetRelations"),
                                                used_up);
  EXPECT_EQ(ReasonOf(loopback_.Wait(peers_->GetRelation("r", Soon())).status()),
            "DAILY_TRANSFERS_USED_UP");
}

// Each question goes to its own service, and does not need the other one.
TEST_F(GrpcPeersTest, RelationAndLimitsAreCalledAtTheirOwnAddresses) {
  Will<relation::v1::BatchResolveResponse>(kRelation + std::string("BatchResolve"),
                                           "outcomes { payers {} }");
  Will<relation::v1::BatchResolveTransferResponse>(kRelation + std::string("BatchResolveTransfer"),
                                                   "outcomes { permission {} }");
  Will<relation::v1::BatchGetRelationsResponse>(kRelation + std::string("BatchGetRelations"),
                                                "outcomes { relation {} }");
  Will<relation::v1::ListChangesResponse>(kRelation + std::string("ListChanges"), "");
  Will<limits::v1::BatchMayTakeResponse>(kLimits + std::string("BatchMayTake"),
                                         "outcomes { yes {} }");
  Will<limits::v1::BatchConfirmResponse>(kLimits + std::string("BatchConfirm"), "");
  Will<limits::v1::BatchGiveBackResponse>(kLimits + std::string("BatchGiveBack"), "");
  Will<limits::v1::BatchPeekResponse>(kLimits + std::string("BatchPeek"), "outcomes { left {} }");
  for (const bool relation_is_there : {true, false}) {
    const std::string nobody = "unix:/nobody/listens";
    PeerAddresses addresses{.relation = loopback_.address(), .limits = loopback_.address()};
    (relation_is_there ? addresses.limits : addresses.relation) = nobody;
    peers_ = NewGrpcPeers(loopback_.runtime(), loopback_.scope(), addresses, NullMetrics());
    // Nobody's answer is waited for briefly, somebody's for as long as it takes.
    const auto until = [&](bool is_there) {
      return loopback_.runtime().Now() + (is_there ? absl::Seconds(30) : absl::Milliseconds(20));
    };
    const auto ok = [this](auto call) { return loopback_.Wait(std::move(call)).ok(); };
    const auto relation = [&] { return until(relation_is_there); };
    EXPECT_EQ(ok(peers_->Resolve({.at = kAt}, relation())), relation_is_there);
    EXPECT_EQ(ok(peers_->ResolveTransfer({.at = kAt}, relation())), relation_is_there);
    EXPECT_EQ(ok(peers_->GetRelation("r", relation())), relation_is_there);
    EXPECT_EQ(ok(peers_->ListChanges(0, relation())), relation_is_there);
    const auto limits = [&] { return until(!relation_is_there); };
    EXPECT_EQ(ok(peers_->MayTake({.at = kAt}, limits())), !relation_is_there);
    EXPECT_EQ(ok(peers_->Confirm({.at = kAt}, {}, limits())), !relation_is_there);
    EXPECT_EQ(ok(peers_->GiveBack({.at = kAt}, limits())), !relation_is_there);
    EXPECT_EQ(ok(peers_->Peek({.at = kAt}, limits())), !relation_is_there);
  }
}

TEST_F(GrpcPeersTest, StepsGoToTheShardOfTheProvince) {
  EXPECT_TRUE(peers_->HasShard("31"));
  EXPECT_FALSE(peers_->HasShard("51"));
  const std::string applied = "outcomes { applied {} journal_number: 4 }";
  const auto step = std::make_shared<const ledger::Transaction>(
      ledger::Transaction{.id = "op/1/pivot", .kind = ledger::Kind::kPivot, .holder = "op"});
  const std::string asked = "transactions { id: 'op/1/pivot' kind: KIND_PIVOT holder: 'op' }";
  Will<wallet::v1::BatchApplyResponse>(kWallet + std::string("BatchApply"), applied);
  const auto answer = loopback_.Wait(peers_->Apply("31", step, Soon()));
  ExpectAsked<wallet::v1::BatchApplyRequest>(asked);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ((*answer)->entry.number, 4);
  Will<wallet::v1::BatchDryRunResponse>(kWallet + std::string("BatchDryRun"), applied);
  EXPECT_EQ(loopback_.Wait(peers_->DryRun("31", *step, Soon()))->number, 4);
  ExpectAsked<wallet::v1::BatchDryRunRequest>(asked);
  Will<wallet::v1::BatchDecideResponse>(kWallet + std::string("BatchDecide"), applied);
  EXPECT_TRUE(loopback_.Wait(peers_->Decide("31", "op/1/pivot", Soon())).ok());
  ExpectAsked<wallet::v1::BatchDecideRequest>("ids: 'op/1/pivot'");
  EXPECT_FALSE(loopback_.Wait(peers_->Apply("51", step, Soon())).ok());
}

}  // namespace
}  // namespace gongji::settlement
