#include "services/limits/limits_service.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "gongji/limits/v1/limits.pb.h"
#include "services/common/business_day.h"
#include "services/common/rpc/status_wire.h"
#include "services/common/rpc/time_wire.h"
#include "services/common/testing/loopback.h"
#include "services/limits/testing/limits_store_memory.h"

namespace gongji::limits {
namespace {

constexpr char kService[] = "gongji.limits.v1.LimitsService/";

class ScriptedLedger final : public LimitsPeers {
 public:
  std::vector<std::string> holders;

  Task<absl::StatusOr<std::vector<std::string>>> GetPlaces(std::string /*province*/, DayKey /*day*/,
                                                           absl::Time /*deadline*/) override {
    co_return holders;
  }
};

class LimitsServiceTest : public testing::Test {
 protected:
  LimitsServiceTest() {
    AddLimitsService(loopback_.server(), limits_);
    loopback_.Connect();
  }

  static v1::WalletDay Day() {
    v1::WalletDay day;
    day.set_psn_no("p");
    day.set_business_day("2026-03-02");
    day.set_area("310000");
    return day;
  }
  static google::protobuf::Timestamp Morning() {
    return rpc::ToMessage(*ParseTime("2026-03-02T09:30:00+08:00"));
  }

  rpc::Loopback loopback_;
  const policy::PolicyBook policies_ = *policy::PolicyBook::Load("policy");
  MemoryCounters counters_;
  std::unique_ptr<LimitsStore> store_ = NewMemoryLimitsStore(counters_);
  ScriptedLedger ledger_;
  Limits limits_{loopback_.runtime(), *store_, ledger_, policies_, {}, NullMetrics()};
};

TEST_F(LimitsServiceTest, BatchAnswersEachInOrder_R16) {
  v1::BatchMayTakeRequest request;
  for (const auto& [id, fen] : {std::pair{"a", 200000}, {"b", 200001}, {"c", 1}}) {
    v1::MayTake* question = request.add_questions();
    *question->mutable_wallet_day() = Day();
    question->set_transfer_id(id);
    question->set_amount_fen(fen);
    *question->mutable_at() = Morning();
  }
  const auto response =
      loopback_.Call<v1::BatchMayTakeResponse>(std::string(kService) + "BatchMayTake", request);
  ASSERT_TRUE(response.ok()) << response.status();
  ASSERT_EQ(response->outcomes_size(), 3);
  EXPECT_TRUE(response->outcomes(0).has_yes());
  EXPECT_EQ(response->outcomes(0).yes().amount_fen(), 200000);
  EXPECT_EQ(ReasonOf(rpc::FromMessage(response->outcomes(1).error())), "TRANSFER_ABOVE_LIMIT");
  EXPECT_TRUE(response->outcomes(2).has_yes());
}

TEST_F(LimitsServiceTest, ConfirmGiveBackAndPeek) {
  v1::BatchConfirmRequest confirm;
  *confirm.add_confirms()->mutable_wallet_day() = Day();
  for (const char* holder : {"a", "b", "c"}) confirm.mutable_confirms(0)->add_holders(holder);
  ASSERT_TRUE(
      loopback_.Call<v1::BatchConfirmResponse>(std::string(kService) + "BatchConfirm", confirm)
          .ok());
  v1::BatchPeekRequest peek;
  *peek.add_wallet_days() = Day();
  *peek.mutable_at() = Morning();
  const std::string method = std::string(kService) + "BatchPeek";
  // Only the ledger can report a full day, never counters alone (P17).
  EXPECT_EQ(loopback_.Call<v1::BatchPeekResponse>(method, peek)->outcomes(0).left().places(), 3);
  ASSERT_TRUE(
      loopback_.Call<v1::BatchConfirmResponse>(std::string(kService) + "BatchConfirm", confirm)
          .ok());
  ledger_.holders = {"a", "b", "c"};
  EXPECT_EQ(loopback_.Call<v1::BatchPeekResponse>(method, peek)->outcomes(0).left().places(), 0);
  v1::BatchGiveBackRequest give_back;
  *give_back.add_give_backs()->mutable_wallet_day() = Day();
  give_back.mutable_give_backs(0)->set_transfer_id("b");
  ASSERT_TRUE(
      loopback_.Call<v1::BatchGiveBackResponse>(std::string(kService) + "BatchGiveBack", give_back)
          .ok());
  EXPECT_EQ(loopback_.Call<v1::BatchPeekResponse>(method, peek)->outcomes(0).left().places(), 1);
  *peek.mutable_at() = rpc::ToMessage(*ParseTime("2026-03-02T23:00:00+08:00"));
  EXPECT_EQ(ReasonOf(rpc::FromMessage(
                loopback_.Call<v1::BatchPeekResponse>(method, peek)->outcomes(0).error())),
            "OUTSIDE_TRANSFER_HOURS");
}

TEST_F(LimitsServiceTest, BadItemsFailTheCall) {
  v1::BatchGiveBackRequest request;
  request.add_give_backs();
  const auto response =
      loopback_.Call<v1::BatchGiveBackResponse>(std::string(kService) + "BatchGiveBack", request);
  EXPECT_EQ(ReasonOf(response.status()), "INVALID_FIELD");
}

}  // namespace
}  // namespace gongji::limits
