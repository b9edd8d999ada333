#include "services/settlement/explain.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "services/common/errors/reasons.h"
#include "services/ledger/transaction.h"
#include "services/ledger/transaction_form.h"
#include "services/settlement/plan.h"

namespace gongji::settlement {
namespace {

const ExplainQuestion kQuestion{.psn_no = "patient", .care_area = "510100"};

Payers TwoPayers() {
  Payers payers{.patient = {"patient", "510100"}};
  payers.payers = {
      {.giver_psn_no = "sealed", .relation_id = "r1", .live = true, .giver_area = "510100"},
      {.giver_psn_no = "son", .relation_id = "r2", .live = false, .giver_area = "310000"}};
  payers.payers[0].reasons = {Refuse(reason::kAccountBlocked, {{"status", "sealed"}})};
  return payers;
}

Explanation Explained(std::vector<ledger::MoveResult> moves) {
  static const policy::PolicyBook policies = *policy::PolicyBook::Load("policy");
  const Payers payers = TwoPayers();
  const absl::Time at = absl::FromUnixSeconds(1772415000);
  const SettlePlan plan = PlanExplain(
      BillOf(kQuestion, payers), payers, policies,
      {.operation_id = "explain", .attempt = 1, .decide_by = absl::InfiniteFuture(), .at = at});
  EXPECT_TRUE(ledger::CheckForm(plan.pivot).ok()) << ledger::CheckForm(plan.pivot);
  EXPECT_TRUE(plan.pivot.claims.empty());  // A claim could be taken already.
  return ExplanationOf(plan, payers, moves);
}

TEST(Explain, OwnThenQuotaThenThoseWhoCannot_R11) {
  const Explanation explanation = Explained({{.amount_fen = 500, .stop = ledger::Stop::kEmpty},
                                             {.amount_fen = 0, .stop = ledger::Stop::kEmpty},
                                             {.amount_fen = 700, .stop = ledger::Stop::kEmpty}});
  ASSERT_EQ(explanation.payers.size(), 4U);
  EXPECT_EQ(explanation.payers[0].account, "person/patient/current");
  EXPECT_EQ(explanation.payers[0].available_fen, 500);
  EXPECT_TRUE(explanation.payers[0].reasons.empty());
  EXPECT_EQ(ReasonOf(explanation.payers[1].reasons.at(0)), "NOTHING_LEFT");
  EXPECT_EQ(explanation.payers[2].source, Source::kQuota);
  EXPECT_EQ(explanation.payers[2].psn_no, "son");
  EXPECT_EQ(explanation.payers[2].available_fen, 700);
  EXPECT_EQ(explanation.payers[3].psn_no, "sealed");
  EXPECT_EQ(explanation.payers[3].source, Source::kLive);
  EXPECT_EQ(explanation.payers[3].reasons, TwoPayers().payers[0].reasons);
  EXPECT_TRUE(explanation.payers[3].account.empty());
}

TEST(Explain, SaysWhyAPayerGivesNothing_R11) {
  const std::vector<std::pair<ledger::Stop, std::string>> cases = {
      {ledger::Stop::kEmpty, "NOTHING_LEFT"},
      {ledger::Stop::kClosed, "NOTHING_LEFT"},
      {ledger::Stop::kAllowance, "SHARE_CAP_REACHED"},
      {ledger::Stop::kCapped, "SHARE_CAP_REACHED"},
      {ledger::Stop::kKept, "RETAINED_MINIMUM"}};
  for (const auto& [stop, expected] : cases) {
    const Explanation explanation = Explained({{}, {}, {.amount_fen = 0, .stop = stop}});
    EXPECT_EQ(ReasonOf(explanation.payers[2].reasons.at(0)), expected);
  }
}

TEST(Explain, TellsWhatAGiverMayStillGrant_R16) {
  PayerView view{.source = Source::kQuota};
  AddPlaces(absl::UnavailableError("limits is away"), view);
  EXPECT_FALSE(view.transfer.has_value());
  AddPlaces(PlacesLeft{2, 200000}, view);
  EXPECT_EQ(view.transfer->left.places, 2);
  EXPECT_TRUE(view.transfer->reasons.empty());
  AddPlaces(PlacesLeft{0, 200000}, view);
  EXPECT_EQ(ReasonOf(view.transfer->reasons.at(0)), "DAILY_TRANSFERS_USED_UP");
  AddPlaces(Refuse(reason::kOutsideTransferHours), view);
  EXPECT_EQ(ReasonOf(view.transfer->reasons.at(0)), "OUTSIDE_TRANSFER_HOURS");
}

TEST(Explain, RefusesForm) {
  EXPECT_TRUE(CheckForm(kQuestion).ok());
  EXPECT_EQ(ReasonOf(CheckForm(ExplainQuestion{.care_area = "510100"})), "INVALID_FIELD");
  EXPECT_EQ(ReasonOf(CheckForm(ExplainQuestion{.psn_no = "p"})), "INVALID_FIELD");
  EXPECT_TRUE(CheckForm({.psn_no = "p", .purpose = policy::Purpose::kResidentPremium}).ok());
}

}  // namespace
}  // namespace gongji::settlement
