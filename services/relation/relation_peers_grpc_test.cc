// What relation asks the wallet's shards on the wire, and what it makes of their answers.
#include "services/relation/relation_peers_grpc.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "gongji/wallet/v1/wallet.pb.h"
#include "services/common/errors/reasons.h"
#include "services/common/testing/loopback.h"
#include "services/common/testing/messages.h"

namespace gongji::relation {
namespace {

using wallet::v1::BatchHasAtLeastRequest;
using wallet::v1::BatchHasAtLeastResponse;

class GrpcPeersTest : public testing::Test {
 protected:
  GrpcPeersTest() {
    loopback_.server().HandleRaw("gongji.wallet.v1.WalletService/BatchHasAtLeast",
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
  absl::StatusOr<bool> Ask(const std::string& area) {
    return loopback_.Wait(
        peers_->HasAtLeast({.area = area, .psn_no = "p", .fen = 500, .prior_only = true},
                           loopback_.runtime().Now() + absl::Seconds(5)));
  }

  rpc::Loopback loopback_;
  std::unique_ptr<RelationPeers> peers_;
  std::string asked_;
  absl::StatusOr<std::string> answer_ = absl::UnimplementedError("");
};

TEST_F(GrpcPeersTest, TheShardOfTheProvinceIsAsked_R05) {
  for (const char* holds : {"true", "false"}) {
    answer_ = Parsed<BatchHasAtLeastResponse>(std::string("answers: ") + holds).SerializeAsString();
    const auto answer = Ask("310100");
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(*answer, std::string(holds) == "true");
  }
  BatchHasAtLeastRequest asked;
  ASSERT_TRUE(asked.ParseFromString(asked_));
  ExpectMessage(asked, "questions { psn_no: 'p' fen: 500 prior_only: true }");
}

TEST_F(GrpcPeersTest, WhateverGoesWrongMeansToAskAgain_R05) {
  const auto away = PeerUnavailable("wallet/31");
  EXPECT_EQ(Ask("310100").status(), away);
  answer_ = Refuse(reason::kQueueFull);
  EXPECT_EQ(Ask("310100").status(), away);
  for (const char* answers : {"", "answers: true answers: true"}) {
    answer_ = Parsed<BatchHasAtLeastResponse>(answers).SerializeAsString();
    EXPECT_EQ(Ask("310100").status(), away) << answers;
  }
}

TEST_F(GrpcPeersTest, AProvinceWithoutAShardIsNotOpen) {
  EXPECT_EQ(Ask("510100").status(), Refuse(reason::kAreaNotOpen, {{"area", "51"}}));
  EXPECT_EQ(asked_, "");
}

}  // namespace
}  // namespace gongji::relation
