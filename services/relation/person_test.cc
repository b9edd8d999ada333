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
