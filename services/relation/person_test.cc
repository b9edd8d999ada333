#include "services/relation/person.h"

#include <gtest/gtest.h>

#include "services/relation/testing/test_family.h"

namespace gongji::relation {
namespace {

Insurance Between(Insurance insurance, const std::string& from, const std::string& until) {
  insurance.from = Day(from);
  insurance.until = ParseDay(until);
  if (insurance.until.has_value()) insurance.status = InsuranceStatus::kPaused;
  return insurance;
}

TEST(PersonTest, R06AnInsuranceIsActiveUntilTheDayItIsPaused) {
  const Insurance insurance = Between(Insured("390", kShanghai), "2024-01-01", "2025-07-01");
  EXPECT_FALSE(IsActive(insurance, Day("2023-12-31")));
  EXPECT_TRUE(IsActive(insurance, Day("2024-01-01")));
  EXPECT_TRUE(IsActive(insurance, Day("2025-06-30")));
  EXPECT_FALSE(IsActive(insurance, Day("2025-07-01")));
}

TEST(PersonTest, R45AnActiveInsuranceSaysWhereSomebodyBelongs) {
  Person person = MakePerson("p", "310", kShanghai);
  person.insurances = {Between(Insured("310", kShanghai), "2020-01-01", "2025-07-01"),
                       Between(Insured("390", kChengdu), "2025-07-01", "")};
  EXPECT_EQ(AreaOf(person, Day("2025-06-30")), kShanghai);
  EXPECT_EQ(AreaOf(person, Day("2025-07-01")), kChengdu);
}

TEST(PersonTest, R45TheEmployeesInsuranceComesBeforeTheResidents) {
  Person person = MakePerson("p", "310", kShanghai);
  person.insurances = {Insured("390", kChengdu), Insured("310", kShanghai)};
  EXPECT_EQ(AreaOf(person, Day("2026-03-02")), kShanghai);
}

// Of two that count the same, the one that began later; of those of one day, always the same one.
TEST(PersonTest, R45ThereIsOneMainInsuranceWhateverTheirOrder) {
  const Insurance early = Between(Insured("310", kShanghai), "2020-01-01", "");
  const Insurance late = Between(Insured("310", kChengdu), "2021-01-01", "");
  const Insurance late_too = Between(Insured("310", "310100"), "2021-01-01", "");
  const Insurance ended = Between(Insured("310", "440300"), "2022-01-01", "2023-01-01");
  const Insurance resident = Between(Insured("390", "440300"), "2022-01-01", "");
  const std::vector<std::vector<Insurance>> winner_first = {
      {late, early}, {late, late_too}, {early, resident}, {resident, ended}, {late, ended}};
  for (const std::vector<Insurance>& pair : winner_first) {
    for (const bool turned : {false, true}) {
      Person person = MakePerson("p", "310", kShanghai);
      person.insurances = pair;
      if (turned) std::swap(person.insurances[0], person.insurances[1]);
      EXPECT_EQ(*MainInsurance(person, Day("2026-03-02")), pair[0]) << pair[0].area << turned;
    }
  }
}

TEST(PersonTest, R10SomebodyIsTerminatedOnceEveryInsuranceIs) {
  Person person = MakePerson("p", "310", kShanghai);
  person.insurances.push_back(Insured("390", kChengdu));
  EXPECT_FALSE(IsTerminated(person));
  person.insurances[1].status = InsuranceStatus::kTerminated;
  EXPECT_FALSE(IsTerminated(person));
  person.insurances[0].status = InsuranceStatus::kPaused;
  EXPECT_FALSE(IsTerminated(person));
  person.insurances[0].status = InsuranceStatus::kTerminated;
  EXPECT_TRUE(IsTerminated(person));
}

TEST(PersonTest, R10SomebodyIsDeadFromTheDayOn) {
  Person person = MakePerson("p", "310", kShanghai);
  EXPECT_FALSE(IsDeadOn(person, Day("2026-03-02")));
  person.died_on = Day("2026-03-02");
  EXPECT_FALSE(IsDeadOn(person, Day("2026-03-01")));
  EXPECT_TRUE(IsDeadOn(person, Day("2026-03-02")));
  EXPECT_TRUE(IsDeadOn(person, Day("2026-03-03")));
}

TEST(PersonTest, R07ModesHoldUntilTheNextAndTheFirstOnesBefore) {
  Relation relation;
  relation.modes = {{At("2026-03-02T10:00:00+08:00"), {UseMode::kPay}},
                    {At("2026-03-02T11:00:00+08:00"), {UseMode::kPremium}}};
  const auto at = [&](const std::string& time) {
    return relation.ModesAt(At("2026-03-02T" + time + "+08:00"));
  };
  for (const char* time : {"09:00:00", "10:00:00", "10:59:59"}) {
    EXPECT_EQ(at(time), std::set<UseMode>{UseMode::kPay}) << time;
  }
  for (const char* time : {"11:00:00", "12:00:00"}) {
    EXPECT_EQ(at(time), std::set<UseMode>{UseMode::kPremium}) << time;
  }
}

TEST(PersonTest, R45SomebodyPausedStillBelongsWhereHeWas) {
  Person person = MakePerson("p", "310", kShanghai);
  person.insurances = {Between(Insured("310", kShanghai), "2020-01-01", "2025-07-01")};
  EXPECT_EQ(AreaOf(person, Day("2026-03-02")), kShanghai);
  person.insurances.clear();
  EXPECT_EQ(AreaOf(person, Day("2026-03-02")), "");
}

TEST(PersonTest, R10AStateOfAnAccountHoldsUntilTheNext) {
  Person person = MakePerson("p", "310", kShanghai);
  person.account_states = {{AccountStatus::kSealed, At("2026-01-01T00:00:00+08:00")},
                           {AccountStatus::kNormal, At("2026-02-01T00:00:00+08:00")}};
  EXPECT_EQ(AccountStatusAt(person, At("2025-12-31T23:59:59+08:00")), AccountStatus::kNormal);
  EXPECT_EQ(AccountStatusAt(person, At("2026-01-01T00:00:00+08:00")), AccountStatus::kSealed);
  EXPECT_EQ(AccountStatusAt(person, At("2026-02-01T00:00:00+08:00")), AccountStatus::kNormal);
  person.has_account = false;
  EXPECT_EQ(AccountStatusAt(person, At("2026-01-15T00:00:00+08:00")), std::nullopt);
}

}  // namespace
}  // namespace gongji::relation
