// What limits asks the wallet's shards on the wire, and what it makes of their answers.
#include "services/limits/limits_peers_grpc.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gongji/wallet/v1/wallet.pb.h"
#include "services/common/errors/reasons.h"
#include "services/common/testing/loopback.h"
#include "services/common/testing/messages.h"

namespace gongji::limits {
namespace {

using wallet::v1::BatchGetPlacesRequest;
using wallet::v1::BatchGetPlacesResponse;

class GrpcPeersTest : public testing::Test {
 protected:
  GrpcPeersTest() {
    loopback_.server().HandleRaw("gongji.wallet.v1.WalletService/BatchGetPlaces",
                                 [this](rpc::CallContext /*context*/, std::string request) {
                                   return Answer(std::move(request));
                                 });
    loopback_.Connect();
    peers_ = NewGrpcPeers(loopback_.runtime(), loopback_.scope(), {{"31", loopback_.address()}},
                          NullMetrics());
  }
  ~GrpcPeersTest() override { peers_.reset(); }

  Task<absl::StatusOr<std::string>> Answer(std::string request) {
    asked_ = std::move(request);
    co_return answer_;
  }
  absl::StatusOr<std::vector<std::string>> Ask(const std::string& province) {
    return loopback_.Wait(peers_->GetPlaces(province, {"p", "2026-03-02"},
                                            loopback_.runtime().Now() + absl::Seconds(5)));
  }

  rpc::Loopback loopback_;
  std::unique_ptr<LimitsPeers> peers_;
  std::string asked_;
  absl::StatusOr<std::string> answer_ = absl::UnimplementedError("");
};

TEST_F(GrpcPeersTest, TheShardTellsWhoHoldsThePlaces_P17) {
  answer_ =
      Parsed<BatchGetPlacesResponse>("places { holders: 'a' holders: 'b' }").SerializeAsString();
  const auto holders = Ask("31");
  ASSERT_TRUE(holders.ok()) << holders.status();
  EXPECT_EQ(*holders, (std::vector<std::string>{"a", "b"}));
  BatchGetPlacesRequest asked;
  ASSERT_TRUE(asked.ParseFromString(asked_));
  ExpectMessage(asked, "wallet_days { psn_no: 'p' business_day: '2026-03-02' }");
}

TEST_F(GrpcPeersTest, AShardThatLosesItemsHasNotAnswered) {
  for (const char* places : {"", "places {} places {}"}) {
    answer_ = Parsed<BatchGetPlacesResponse>(places).SerializeAsString();
    EXPECT_EQ(Ask("31").status().code(), absl::StatusCode::kInternal) << places;
  }
}

TEST_F(GrpcPeersTest, AProvinceWithoutAShardIsNotOpen) {
  EXPECT_EQ(Ask("51").status(), Refuse(reason::kAreaNotOpen, {{"area", "51"}}));
  EXPECT_EQ(asked_, "");
}

}  // namespace
}  // namespace gongji::limits
