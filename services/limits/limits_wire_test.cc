#include "services/limits/limits_wire.h"

#include <gtest/gtest.h>

#include "services/common/testing/messages.h"

namespace gongji::limits {
namespace {

TEST(LimitsWire, AQuestionArrivesWhole_R16) {
  const PlaceRequest request = FromMessage(Parsed<v1::MayTake>(
      "wallet_day { psn_no: 'p' business_day: '2026-03-02' area: '310000' } transfer_id: 't' "
      "amount_fen: 7 at { seconds: 5 }"));
  EXPECT_EQ(request.wallet_day.psn_no, "p");
  EXPECT_EQ(request.wallet_day.business_day, "2026-03-02");
  EXPECT_EQ(request.wallet_day.area, "310000");
  EXPECT_EQ(request.transfer_id, "t");
  EXPECT_EQ(request.amount_fen, 7);
  EXPECT_EQ(request.at, absl::FromUnixSeconds(5));
}

TEST(LimitsWire, AnAnswerLeavesWhole_R16) {
  ExpectMessage(ToMessage(PlacesLeft{.places = 2, .amount_fen = 7}), "places: 2 amount_fen: 7");
}

}  // namespace
}  // namespace gongji::limits
