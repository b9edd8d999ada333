// Every knob of a file reaches its own field: each is set to something that no other field is, and
// that it would not be by itself.
#include "policy/policy_convert.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/policy.h"

namespace gongji::policy {
namespace {

using testing::ElementsAre;
using testing::Pair;
using testing::UnorderedElementsAre;

constexpr char kEveryKnob[] = R"(area: "national" name_zh: "全国" name_en: "All"
rules { sources: "test"
  kin {
    in_province { kin: [KIN_SPOUSE, KIN_CHILD] }
    across_provinces { kin: KIN_PARENT }
    adoptive_counts: true
    step_with_upbringing_counts: true
    least_evidence: EVIDENCE_LEVEL_DOCUMENT
  }
  network {
    founding_open: true
    use_open: true
    single_network_per_person: false
    max_receivers_per_giver: 11
    max_givers_per_receiver: 12
    use_modes { use_modes: USE_MODE_PREMIUM }
    mode_must_be_chosen: false
    member_consent: MEMBER_CONSENT_NOTICE
    max_changes_per_year: 13
    validity_dates: VALIDITY_DATES_OPTIONAL
    max_validity_days: 14
    giver_order { giver_order: [GIVER_ORDER_LOCAL_FIRST, GIVER_ORDER_BIND_TIME] }
    pool_model: POOL_MODEL_QUOTA
    maintenance { windows { first_day: 3 last_day: 9 } }
  }
  organiser {
    insurances { codes: ["310", "320"] }
    personal_account_required: false
    min_balance_to_open_fen: 15
    min_prior_balance_to_open_fen: 16
  }
  member {
    insurances { codes: "390" }
    insured_in: MEMBER_AREA_PROVINCE
  }
  fund {
    fund_scope: FUND_SCOPE_ALL
    min_retained_fen: 17
    max_per_receiver_year_fen: 18
    max_per_receiver_day_fen: 19
    max_per_bill_fen: 20
    sub_account_above_fen: 21
    sub_account_period_months: 6
    blocking_statuses { statuses: [ACCOUNT_STATUS_SEALED, ACCOUNT_STATUS_PAUSED] }
  }
  payment {
    own_first { buckets: [BUCKET_CURRENT_YEAR, BUCKET_PRIOR_YEARS] }
    sources { sources: [SOURCE_LIVE, SOURCE_QUOTA] }
    include_own_expense: true
    acct_mulaid_place: MULAID_PLACE_INSIDE_ACCT_PAY
    bill_convention: BILL_CONVENTION_GUANGDONG
    premium_cash_part_allowed: true
  }
  purpose {
    in_province { purposes: [PURPOSE_HOSPITAL, PURPOSE_PHARMACY] }
    across_provinces { purposes: PURPOSE_RESIDENT_PREMIUM }
    hospital_items { item_classes: ITEM_CLASS_DRUG }
    pharmacy_items { item_classes: ITEM_CLASS_DEVICE }
    premium_seasons {
      seasons { purpose: PURPOSE_RESIDENT_PREMIUM first_day: "09-01" last_day: "02-28" }
    }
  }
  care {
    care_scope: CARE_SCOPE_PROVINCE
    filing_required_elsewhere: false
  }
  wallet {
    open: true
    across_provinces_open: true
  }
  transfer {
    max_per_day: 3
    max_fen: 22
    window_from: "06:30"
    window_to: "21:45"
    acceptance_required: false
    unaccepted_returns_at: "05:15"
    returned_transfer_gives_back: true
    min_balance_to_transfer_fen: 23
  }
  account {
    year_start: "07-02"
    cash_withdrawal {
      allowed: true fee_basis_points: 24 fee_fixed_fen: 25 fee_min_fen: 26 exempt_psn_types: "12"
    }
    intra_province_move: INTRA_PROVINCE_MOVE_MOVES
  }
})";

class EveryKnob : public testing::Test {
 protected:
  EveryKnob() { EXPECT_TRUE(book_.ok()) << book_.status(); }

  const absl::StatusOr<PolicyBook> book_ = PolicyBook::Parse({{"national.textproto", kEveryKnob}});
  const AreaPolicy policy_ =
      book_.ok() ? book_->For("310000", BusinessDay(2026, 3, 2)) : AreaPolicy();
};

TEST_F(EveryKnob, OfPersonsReachesItsField_R40) {
  const KinRules& kin = policy_.kin;
  EXPECT_THAT(kin.in_province, UnorderedElementsAre(Kin::kSpouse, Kin::kChild));
  EXPECT_THAT(kin.across_provinces, UnorderedElementsAre(Kin::kParent));
  EXPECT_TRUE(kin.adoptive_counts);
  EXPECT_TRUE(kin.step_with_upbringing_counts);
  EXPECT_EQ(kin.least_evidence, EvidenceLevel::kDocument);
  const NetworkRules& network = policy_.network;
  EXPECT_TRUE(network.founding_open);
  EXPECT_TRUE(network.use_open);
  EXPECT_FALSE(network.single_network_per_person);
  EXPECT_EQ(network.max_receivers_per_giver, 11);
  EXPECT_EQ(network.max_givers_per_receiver, 12);
  EXPECT_THAT(network.use_modes, UnorderedElementsAre(UseMode::kPremium));
  EXPECT_FALSE(network.mode_must_be_chosen);
  EXPECT_EQ(network.member_consent, MemberConsent::kNotice);
  EXPECT_EQ(network.max_changes_per_year, 13);
  EXPECT_EQ(network.validity_dates, ValidityDates::kOptional);
  EXPECT_EQ(network.max_validity_days, 14);
  EXPECT_THAT(network.giver_order, ElementsAre(GiverOrder::kLocalFirst, GiverOrder::kBindTime));
  EXPECT_EQ(network.pool_model, PoolModel::kQuota);
  EXPECT_THAT(network.maintenance, ElementsAre(Pair(3, 9)));
  EXPECT_THAT(policy_.organiser.insurances, UnorderedElementsAre("310", "320"));
  EXPECT_FALSE(policy_.organiser.personal_account_required);
  EXPECT_EQ(policy_.organiser.min_balance_to_open_fen, 15);
  EXPECT_EQ(policy_.organiser.min_prior_balance_to_open_fen, 16);
  EXPECT_THAT(policy_.member.insurances, UnorderedElementsAre("390"));
  EXPECT_EQ(policy_.member.insured_in, MemberArea::kProvince);
}

TEST_F(EveryKnob, OfMoneyReachesItsField_R40) {
  const FundRules& fund = policy_.fund;
  EXPECT_EQ(fund.fund_scope, FundScope::kAll);
  EXPECT_EQ(fund.min_retained_fen, 17);
  EXPECT_EQ(fund.max_per_receiver_year_fen, 18);
  EXPECT_EQ(fund.max_per_receiver_day_fen, 19);
  EXPECT_EQ(fund.max_per_bill_fen, 20);
  EXPECT_EQ(fund.sub_account_above_fen, 21);
  EXPECT_EQ(fund.sub_account_period_months, 6);
  EXPECT_THAT(fund.blocking_statuses,
              UnorderedElementsAre(AccountStatus::kSealed, AccountStatus::kPaused));
  const PaymentRules& payment = policy_.payment;
  EXPECT_THAT(payment.own_first, ElementsAre(Bucket::kCurrentYear, Bucket::kPriorYears));
  EXPECT_THAT(payment.sources, ElementsAre(Source::kLive, Source::kQuota));
  EXPECT_TRUE(payment.include_own_expense);
  EXPECT_EQ(payment.acct_mulaid_place, MulaidPlace::kInsideAcctPay);
  EXPECT_EQ(payment.bill_convention, BillConvention::kGuangdong);
  EXPECT_TRUE(payment.premium_cash_part_allowed);
  const TransferRules& transfer = policy_.transfer;
  EXPECT_EQ(transfer.max_per_day, 3);
  EXPECT_EQ(transfer.max_fen, 22);
  EXPECT_EQ(transfer.window_from, absl::Hours(6) + absl::Minutes(30));
  EXPECT_EQ(transfer.window_to, absl::Hours(21) + absl::Minutes(45));
  EXPECT_FALSE(transfer.acceptance_required);
  EXPECT_EQ(transfer.unaccepted_returns_at, absl::Hours(5) + absl::Minutes(15));
  EXPECT_TRUE(transfer.returned_transfer_gives_back);
  EXPECT_EQ(transfer.min_balance_to_transfer_fen, 23);
  const AccountRules& account = policy_.account;
  EXPECT_EQ(account.year_start, (MonthDay{7, 2}));
  EXPECT_TRUE(account.cash_withdrawal.allowed);
  EXPECT_EQ(account.cash_withdrawal.fee_basis_points, 24);
  EXPECT_EQ(account.cash_withdrawal.fee_fixed_fen, 25);
  EXPECT_EQ(account.cash_withdrawal.fee_min_fen, 26);
  EXPECT_THAT(account.cash_withdrawal.exempt_psn_types, UnorderedElementsAre("12"));
  EXPECT_EQ(account.intra_province_move, IntraProvinceMove::kMoves);
}

TEST_F(EveryKnob, OfUseReachesItsField_R40) {
  const PurposeRules& purpose = policy_.purpose;
  EXPECT_THAT(purpose.in_province, UnorderedElementsAre(Purpose::kHospital, Purpose::kPharmacy));
  EXPECT_THAT(purpose.across_provinces, UnorderedElementsAre(Purpose::kResidentPremium));
  EXPECT_THAT(purpose.hospital_items, UnorderedElementsAre(ItemClass::kDrug));
  EXPECT_THAT(purpose.pharmacy_items, UnorderedElementsAre(ItemClass::kDevice));
  ASSERT_EQ(purpose.premium_seasons.size(), 1U);
  EXPECT_EQ(purpose.premium_seasons[0].purpose, Purpose::kResidentPremium);
  EXPECT_EQ(purpose.premium_seasons[0].first_day, (MonthDay{9, 1}));
  EXPECT_EQ(purpose.premium_seasons[0].last_day, (MonthDay{2, 28}));
  EXPECT_EQ(policy_.care.care_scope, CareScope::kProvince);
  EXPECT_FALSE(policy_.care.filing_required_elsewhere);
  EXPECT_TRUE(policy_.wallet.open);
  EXPECT_TRUE(policy_.wallet.across_provinces_open);
}

TEST(TimesOfDay, AreWellFormedOrNone) {
  EXPECT_EQ(ParseTimeOfDay("00:00"), absl::ZeroDuration());
  EXPECT_EQ(ParseTimeOfDay("23:59"), absl::Hours(24) - absl::Minutes(1));
  EXPECT_EQ(ParseTimeOfDay("24:00"), absl::Hours(24));
  EXPECT_EQ(ParseTimeOfDay("07:08"), absl::Hours(7) + absl::Minutes(8));
  for (const char* text : {"", "6:00", "24:01", "12:60", "12-00", "1200", "12:000", "a2:00",
                           "1a:00", "12:a0", "12:0a", "-1:00", "12:-1"}) {
    EXPECT_EQ(ParseTimeOfDay(text), std::nullopt) << text;
  }
}

TEST(MonthDays, AreDaysOfAYearThatIsNoLeapYear) {
  EXPECT_EQ(ParseMonthDay("12-31"), (MonthDay{12, 31}));
  for (const char* text : {"", "02-29", "13-01", "1-1", "00-01"}) {
    EXPECT_EQ(ParseMonthDay(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace gongji::policy
