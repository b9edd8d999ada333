// What every set of counters promises, as tests. An Engine offers env(), store() and Flush(), after
// which everything is lost.
#ifndef GONGJI_SERVICES_LIMITS_TESTING_LIMITS_STORE_CONTRACT_H_
#define GONGJI_SERVICES_LIMITS_TESTING_LIMITS_STORE_CONTRACT_H_

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "services/common/testing/manual_env.h"
#include "services/limits/limits_store.h"

namespace gongji::limits {

template <class Engine>
class LimitsStoreContract : public testing::Test {
 protected:
  Taken Take(const std::string& id) {
    return *engine.env().Wait(engine.store().Take(day, id, 3, now));
  }
  Taken Peek() { return *engine.env().Wait(engine.store().Peek(day, 3, now)); }
  void Confirm(std::vector<std::string> holders) {
    ASSERT_TRUE(engine.env().Wait(engine.store().Confirm(day, std::move(holders), now)).ok());
  }
  void GiveBack(const std::string& id) {
    ASSERT_TRUE(engine.env().Wait(engine.store().GiveBack(day, id)).ok());
  }

  Engine engine;
  DayKey day{"p", "2026-03-02"};
  absl::Time now = absl::FromUnixSeconds(1772415000);
};

TYPED_TEST_SUITE_P(LimitsStoreContract);

TYPED_TEST_P(LimitsStoreContract, UnknownDayIsIncomplete_P17) {
  EXPECT_EQ(this->Take("a").kind, Taken::Kind::kIncomplete);
  EXPECT_EQ(this->Peek().kind, Taken::Kind::kIncomplete);
}

TYPED_TEST_P(LimitsStoreContract, ThreePlacesNeverAFourth_R16) {
  this->Confirm({});
  EXPECT_EQ(this->Take("a").left, 2);
  EXPECT_EQ(this->Take("b").left, 1);
  EXPECT_EQ(this->Take("c").left, 0);
  // Full only with unconfirmed entries.
  EXPECT_EQ(this->Take("d").kind, Taken::Kind::kUnsure);
  this->Confirm({"a", "b", "c"});
  EXPECT_EQ(this->Take("d").kind, Taken::Kind::kFull);
  EXPECT_EQ(this->Peek().kind, Taken::Kind::kFull);
}

TYPED_TEST_P(LimitsStoreContract, RepeatTakesNoSecondPlace_P6) {
  this->Confirm({});
  EXPECT_EQ(this->Take("a").left, 2);
  const Taken again = this->Take("a");
  EXPECT_EQ(again.kind, Taken::Kind::kTaken);
  EXPECT_EQ(again.left, 2);
  this->Confirm({"a", "b", "c"});
  EXPECT_EQ(this->Take("a").kind, Taken::Kind::kTaken);
}

// The ledger may have answered before the freeze of one that waits was booked.
TYPED_TEST_P(LimitsStoreContract, AConfirmationKeepsWhatStillWaits_P17) {
  this->Confirm({});
  this->Take("a");
  this->Take("b");
  this->Confirm({"a"});
  EXPECT_EQ(this->Peek().left, 1);
  EXPECT_EQ(this->Take("c").left, 0);
  EXPECT_EQ(this->Take("d").kind, Taken::Kind::kUnsure);
}

TYPED_TEST_P(LimitsStoreContract, UnconfirmedEntriesLapse_P17) {
  this->Confirm({"a"});
  this->Take("b");
  this->Take("c");
  this->now += kLapse - absl::Milliseconds(1);
  EXPECT_EQ(this->Take("d").kind, Taken::Kind::kUnsure);
  this->now += absl::Milliseconds(1);
  EXPECT_EQ(this->Take("d").kind, Taken::Kind::kTaken);
  EXPECT_EQ(this->Peek().left, 1);
}

TYPED_TEST_P(LimitsStoreContract, FullIsOldAfterAMinute_P17) {
  this->Confirm({"a", "b", "c"});
  this->now += kLapse - absl::Milliseconds(1);
  EXPECT_EQ(this->Take("d").kind, Taken::Kind::kFull);
  this->now += absl::Milliseconds(1);
  EXPECT_EQ(this->Take("d").kind, Taken::Kind::kUnsure);
}

TYPED_TEST_P(LimitsStoreContract, GivenBackPlaceIsFree) {
  this->Confirm({"a", "b", "c"});
  this->GiveBack("b");
  this->GiveBack("b");
  EXPECT_EQ(this->Take("d").kind, Taken::Kind::kTaken);
}

TYPED_TEST_P(LimitsStoreContract, ConfirmReplacesWhatWasConfirmed) {
  this->Confirm({"a", "b", "c"});
  this->Confirm({"c"});
  EXPECT_EQ(this->Peek().left, 2);
}

TYPED_TEST_P(LimitsStoreContract, PeekTakesNothing_R11) {
  this->Confirm({});
  EXPECT_EQ(this->Peek().left, 3);
  EXPECT_EQ(this->Peek().left, 3);
}

TYPED_TEST_P(LimitsStoreContract, DaysAndWalletsAreApart) {
  this->Confirm({"a", "b", "c"});
  this->day.business_day = "2026-03-03";
  EXPECT_EQ(this->Take("d").kind, Taken::Kind::kIncomplete);
  this->day = {"q", "2026-03-02"};
  EXPECT_EQ(this->Take("d").kind, Taken::Kind::kIncomplete);
}

TYPED_TEST_P(LimitsStoreContract, LostCountersAreIncomplete_P17) {
  this->Confirm({"a", "b", "c"});
  this->engine.Flush();
  EXPECT_EQ(this->Take("d").kind, Taken::Kind::kIncomplete);
  this->Confirm({"a", "b", "c"});
  EXPECT_EQ(this->Take("d").kind, Taken::Kind::kFull);
}

REGISTER_TYPED_TEST_SUITE_P(LimitsStoreContract, UnknownDayIsIncomplete_P17,
                            ThreePlacesNeverAFourth_R16, RepeatTakesNoSecondPlace_P6,
                            AConfirmationKeepsWhatStillWaits_P17, UnconfirmedEntriesLapse_P17,
                            FullIsOldAfterAMinute_P17, GivenBackPlaceIsFree,
                            ConfirmReplacesWhatWasConfirmed, PeekTakesNothing_R11,
                            DaysAndWalletsAreApart, LostCountersAreIncomplete_P17);

}  // namespace gongji::limits

#endif  // GONGJI_SERVICES_LIMITS_TESTING_LIMITS_STORE_CONTRACT_H_
