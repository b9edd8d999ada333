#include "services/limits/limits.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "services/common/business_day.h"
#include "services/common/errors/reasons.h"
#include "services/common/errors/status.h"
#include "services/common/metrics_prometheus.h"
#include "services/common/testing/manual_env.h"
#include "services/limits/testing/limits_store_memory.h"

namespace gongji::limits {
namespace {

// The ledger as limits sees it.
class Ledger final : public LimitsPeers {
 public:
  Task<absl::StatusOr<std::vector<std::string>>> GetPlaces(std::string province, DayKey day,
                                                           absl::Time /*deadline*/) override {
    ++asked;
    asked_province = province;
    if (away) co_return Refuse(reason::kPeerUnavailable);
    co_return holders[day.psn_no + day.business_day];
  }

  std::map<std::string, std::vector<std::string>> holders;
  bool away = false;
  int asked = 0;
  std::string asked_province;
};

class LimitsTest : public testing::Test {
 protected:
  absl::StatusOr<PlacesLeft> MayTake(const std::string& id, int64_t amount_fen = 100) {
    PlaceRequest request{
        .wallet_day = day_, .transfer_id = id, .amount_fen = amount_fen, .at = env_.BusinessNow()};
    return env_.Wait(limits_.MayTake(std::move(request), env_.Now() + absl::Seconds(1)));
  }
  absl::StatusOr<PlacesLeft> Peek() {
    return env_.Wait(limits_.Peek(day_, env_.BusinessNow(), env_.Now() + absl::Seconds(1)));
  }

  const policy::PolicyBook policies_ = *policy::PolicyBook::Load("policy");
  ManualEnv env_;
  MemoryCounters counters_;
  std::unique_ptr<LimitsStore> store_ = NewMemoryLimitsStore(counters_);
  Ledger ledger_;
  PrometheusMetrics metrics_;
  Limits limits_{env_, *store_, ledger_, policies_, {.max_unchecked_per_second = 2}, metrics_};
  const WalletDay day_{"p", "2026-03-02", "310000"};
};

TEST_F(LimitsTest, FirstQuestionOfADayAsksTheLedgerOnce_P17) {
  EXPECT_EQ(MayTake("a")->places, 2);
  EXPECT_EQ(MayTake("b")->places, 1);
  EXPECT_EQ(ledger_.asked, 1);
}

TEST_F(LimitsTest, FullDayIsRefusedWithTheNextOpening_R16) {
  ledger_.holders["p2026-03-02"] = {"x", "y", "z"};
  const auto refused = MayTake("a");
  EXPECT_EQ(ReasonOf(refused.status()), "DAILY_TRANSFERS_USED_UP");
  EXPECT_TRUE(IsFinal(refused.status()));
  EXPECT_EQ(DetailOf(refused.status())->metadata,
            (Metadata{{"opens", "2026-03-03T06:00:00+08:00"}}));
  EXPECT_EQ(ReasonOf(MayTake("b").status()), "DAILY_TRANSFERS_USED_UP");
  // A refusal is final, so each one rests on the ledger.
  EXPECT_EQ(ledger_.asked, 2);
  ledger_.away = true;
  EXPECT_EQ(ReasonOf(MayTake("c").status()), "PEER_UNAVAILABLE");
}

TEST_F(LimitsTest, PlacesNobodyConfirmedRefuseNobody_P17) {
  MayTake("a").IgnoreError();
  MayTake("b").IgnoreError();
  MayTake("c").IgnoreError();
  // The ledger holds none of the three places: a fourth question is let through, and the freeze
  // decides.
  EXPECT_TRUE(MayTake("d").ok());
  ledger_.holders["p2026-03-02"] = {"a", "b", "c"};
  EXPECT_EQ(ReasonOf(MayTake("e").status()), "DAILY_TRANSFERS_USED_UP");
}

TEST_F(LimitsTest, RulesAreJudgedBeforeTheCounters_R16) {
  counters_.away = true;
  EXPECT_EQ(ReasonOf(MayTake("a", 200001).status()), "TRANSFER_ABOVE_LIMIT");
  env_.SetBusinessTime(*ParseTime("2026-03-02T22:00:00+08:00"));
  EXPECT_EQ(ReasonOf(MayTake("a").status()), "OUTSIDE_TRANSFER_HOURS");
  EXPECT_EQ(ReasonOf(Peek().status()), "OUTSIDE_TRANSFER_HOURS");
}

TEST_F(LimitsTest, WithoutCountersTheLedgerDecidesUpToACap_P17) {
  counters_.away = true;
  EXPECT_TRUE(MayTake("a").ok());
  EXPECT_TRUE(MayTake("b").ok());
  const auto held_back = MayTake("c");
  EXPECT_EQ(ReasonOf(held_back.status()), "PEER_UNAVAILABLE");
  EXPECT_FALSE(IsFinal(held_back.status()));
  env_.Advance(absl::Seconds(1));
  EXPECT_TRUE(MayTake("c").ok());
}

TEST_F(LimitsTest, PeekTellsWhatIsLeftAndTakesNothing_R11) {
  ledger_.holders["p2026-03-02"] = {"x"};
  EXPECT_EQ(Peek()->places, 2);
  EXPECT_EQ(Peek()->amount_fen, 200000);
  counters_.away = true;
  EXPECT_EQ(Peek()->places, 2);
  ledger_.away = true;
  EXPECT_EQ(ReasonOf(Peek().status()), "PEER_UNAVAILABLE");
}

TEST_F(LimitsTest, ConfirmAndGiveBack) {
  ledger_.holders["p2026-03-02"] = {"x", "y", "z"};
  ASSERT_TRUE(env_.Wait(limits_.Confirm(day_, {"x", "y", "z"})).ok());
  EXPECT_EQ(ReasonOf(MayTake("a").status()), "DAILY_TRANSFERS_USED_UP");
  ledger_.holders["p2026-03-02"] = {"x", "z"};
  ASSERT_TRUE(env_.Wait(limits_.GiveBack(day_, "y")).ok());
  EXPECT_TRUE(MayTake("a").ok());
}

TEST_F(LimitsTest, LateConfirmationRefusesNobody_P17) {
  // All three were released since; the return of one overtook its confirmation.
  ASSERT_TRUE(env_.Wait(limits_.Confirm(day_, {"x", "y", "z"})).ok());
  EXPECT_TRUE(MayTake("a").ok());
}

TEST_F(LimitsTest, QuestionsToTheLedgerAndUncheckedYesesAreCounted_P17) {
  const auto says = [&](const std::string& line) {
    return metrics_.Text().find("\n" + line + "\n") != std::string::npos;
  };
  for (const char* id : {"a", "b"}) EXPECT_TRUE(MayTake(id).ok());
  EXPECT_TRUE(says("gongji_limits_asked_ledger_total 1"));
  EXPECT_TRUE(says("gongji_limits_unchecked_total 0"));
  EXPECT_EQ(ledger_.asked_province, "31");
  counters_.away = true;
  for (const char* id : {"c", "d", "e"}) MayTake(id).IgnoreError();
  EXPECT_TRUE(says("gongji_limits_asked_ledger_total 1"));
  EXPECT_TRUE(says("gongji_limits_unchecked_total 2"));
}

// An unchecked yes promises no place.
TEST_F(LimitsTest, WhoAnswersSaysHowMuchIsLeft_R11) {
  ledger_.holders["p2026-03-02"] = {"x"};
  const auto first = MayTake("a");
  EXPECT_EQ(first->places, 1);
  EXPECT_EQ(first->amount_fen, 200000);
  counters_.away = true;
  const auto unchecked = MayTake("b");
  EXPECT_EQ(unchecked->places, 0);
  EXPECT_EQ(unchecked->amount_fen, 200000);
}

TEST_F(LimitsTest, APeekOfAFullDayTellsNothingLeft_R11) {
  ledger_.holders["p2026-03-02"] = {"w", "x", "y", "z"};
  EXPECT_EQ(Peek()->places, 0);
}

TEST_F(LimitsTest, FormIsChecked) {
  const std::pair<WalletDay, std::string> cases[] = {
      {{"", "2026-03-02", "310000"}, "wallet_day.psn_no"},
      {{"p", "2026-3-2", "310000"}, "wallet_day.business_day"},
      {{"p", "2026-03-02", "31"}, "wallet_day.area"},
      {{"p", "2026-03-02", "3100000"}, "wallet_day.area"}};
  const absl::Time now = env_.BusinessNow();
  for (const auto& [bad, field] : cases) {
    for (const absl::Status& refused :
         {env_.Wait(limits_.GiveBack(bad, "a")), env_.Wait(limits_.Confirm(bad, {"a"})),
          env_.Wait(limits_.Peek(bad, now, now)).status(),
          env_.Wait(limits_.MayTake({bad, "a", 100, now}, now)).status()}) {
      EXPECT_EQ(ReasonOf(refused), "INVALID_FIELD");
      EXPECT_EQ(DetailOf(refused).value_or(ErrorDetail{}).metadata.at(0).second, field);
    }
  }
}

}  // namespace
}  // namespace gongji::limits
