// Lookup by area and day through the layers, single rules, every kind of mistake with its place,
// and the numbers of the enums.
#include "policy/policy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "gongji/policy/v1/policy.pb.h"
#include "policy/between.h"

namespace gongji::policy {
namespace {

const PolicyBook& Shipped() {
  static const absl::StatusOr<PolicyBook> book = PolicyBook::Load("policy");
  EXPECT_TRUE(book.ok()) << book.status();
  return *book;
}

BusinessDay Day(const std::string& text) { return ParseDay(text).value_or(BusinessDay::min()); }

const AreaPolicy& Shanghai(const std::string& day) { return Shipped().For("310000", Day(day)); }

const std::set<Kin> kImmediate = {Kin::kSpouse, Kin::kParent, Kin::kChild};
const std::set<Kin> kNear = {Kin::kSpouse,  Kin::kParent,      Kin::kChild,
                             Kin::kSibling, Kin::kGrandparent, Kin::kGrandchild};

std::set<std::string> AllKnobs() {
  std::set<std::string> names;
  const auto* rules = v1::Rules::descriptor();
  for (int i = 0; i < rules->field_count(); ++i) {
    const auto* group = rules->field(i)->message_type();
    if (group == nullptr) continue;
    for (int j = 0; j < group->field_count(); ++j) {
      names.insert(rules->field(i)->name() + "." + group->field(j)->name());
    }
  }
  return names;
}

TEST(ShippedPolicyTest, R40SetsEveryKnobWithItsSourceInEveryArea) {
  for (const std::string area : {"310000", "510100", "999900"}) {
    const AreaPolicy& policy = Shipped().For(area, Day("2026-03-02"));
    for (const std::string& knob : AllKnobs()) {
      const auto origin = policy.rule_sources.find(knob);
      ASSERT_NE(origin, policy.rule_sources.end()) << area << " " << knob;
      EXPECT_FALSE(origin->second.sources.empty()) << area << " " << knob;
      EXPECT_GT(origin->second.line, 0) << area << " " << knob;
    }
  }
}

TEST(ShippedPolicyTest, R40NamesTheFilesItUsed) {
  const AreaPolicy& policy = Shanghai("2026-03-02");
  ASSERT_EQ(policy.versions.size(), 2u);
  EXPECT_EQ(policy.versions[0].file, "national");
  EXPECT_EQ(policy.versions[1].file, "provinces/31");
  EXPECT_EQ(policy.versions[1].digest.size(), 12u);
  EXPECT_EQ(policy.rule_sources.at("fund.fund_scope").file, "provinces/31");
  EXPECT_EQ(policy.rule_sources.at("transfer.max_fen").file, "national");
  EXPECT_EQ(Shipped().For("440300", Day("2026-03-02")).versions.size(), 1u);
}

TEST(ShippedPolicyTest, R01ShanghaiHasTwoVersionsOfTheKinshipSet) {
  EXPECT_EQ(Shanghai("2022-08-01").kin.in_province, kImmediate);
  EXPECT_EQ(Shanghai("2024-12-08").kin.in_province, kImmediate);
  EXPECT_EQ(Shanghai("2024-12-09").kin.in_province, kNear);
  EXPECT_EQ(Shanghai("2026-03-02").kin.across_provinces, kNear);
}

TEST(ShippedPolicyTest, R33ShanghaiSharesSince20220801AndFoundsNetworksBefore) {
  EXPECT_FALSE(Shanghai("2022-06-30").network.founding_open);
  EXPECT_TRUE(Shanghai("2022-07-01").network.founding_open);
  EXPECT_FALSE(Shanghai("2022-07-31").network.use_open);
  EXPECT_TRUE(Shanghai("2022-08-01").network.use_open);
  const auto opens = [](const AreaPolicy& policy) { return policy.network.use_open; };
  EXPECT_EQ(Shipped().FirstDay("310000", Day("2022-07-31"), opens), Day("2022-08-01"));
  EXPECT_EQ(Shipped().FirstDay("310000", Day("2026-01-01"), opens), Day("2026-01-01"));
  EXPECT_EQ(Shipped().FirstDay("510100", Day("2022-08-01"), opens), Day("2024-12-09"));
  EXPECT_EQ(Shipped().FirstDay("310000", Day("2026-01-01"),
                               [](const AreaPolicy& policy) { return !policy.network.use_open; }),
            std::nullopt);
}

TEST(ShippedPolicyTest, R21ShanghaiPaysFromPriorYearsOnly) {
  const AreaPolicy& policy = Shanghai("2022-08-01");
  EXPECT_EQ(policy.fund.fund_scope, FundScope::kPriorYearsOnly);
  EXPECT_EQ(policy.payment.own_first, std::vector<Bucket>{Bucket::kPriorYears});
  EXPECT_EQ(policy.organiser.min_prior_balance_to_open_fen, 1);
  EXPECT_FALSE(policy.payment.include_own_expense);
  EXPECT_TRUE(policy.network.single_network_per_person);
  EXPECT_EQ(policy.account.year_start, (MonthDay{7, 1}));
  EXPECT_TRUE(policy.purpose.in_province.contains(Purpose::kCommercialPremium));
}

TEST(ShippedPolicyTest, R21SichuanPaysCurrentYearFirst) {
  const AreaPolicy& policy = Shipped().For("510100", Day("2026-03-02"));
  EXPECT_EQ(policy.payment.own_first,
            (std::vector<Bucket>{Bucket::kCurrentYear, Bucket::kPriorYears}));
  EXPECT_EQ(policy.fund.fund_scope, FundScope::kAll);
  EXPECT_EQ(policy.account.year_start, (MonthDay{1, 1}));
}

TEST(ShippedPolicyTest, R13AccountYearsBeginWhereTheAreaSaysSo) {
  const AccountRules& shanghai = Shanghai("2026-03-02").account;
  EXPECT_EQ(AccountYearOf(shanghai, Day("2026-06-30")), 2025);
  EXPECT_EQ(AccountYearOf(shanghai, Day("2026-07-01")), 2026);
  const AccountRules& sichuan = Shipped().For("510100", Day("2026-03-02")).account;
  EXPECT_EQ(AccountYearOf(sichuan, Day("2025-12-31")), 2025);
  EXPECT_EQ(AccountYearOf(sichuan, Day("2026-01-01")), 2026);
}

TEST(ShippedPolicyTest, R14WalletsOpenAtTheirDate) {
  EXPECT_FALSE(Shanghai("2026-01-08").wallet.open);
  EXPECT_TRUE(Shanghai("2026-01-09").wallet.open);
  EXPECT_TRUE(Shipped().For("510100", Day("2026-01-09")).wallet.across_provinces_open);
}

TEST(ShippedPolicyTest, R16ThreeTransfersOf2000YuanInTheWindow) {
  const TransferRules& transfer = Shanghai("2026-03-02").transfer;
  EXPECT_EQ(transfer.max_per_day, 3);
  EXPECT_EQ(transfer.max_fen, 200000);
  EXPECT_EQ(transfer.window_from, absl::Hours(6));
  EXPECT_EQ(transfer.window_to, absl::Hours(22));
  EXPECT_FALSE(transfer.acceptance_required);
  EXPECT_FALSE(transfer.returned_transfer_gives_back);
}

TEST(ShippedPolicyTest, R40AssumedValuesAreMarked) {
  const AreaPolicy& policy = Shanghai("2026-03-02");
  EXPECT_TRUE(policy.rule_sources.at("payment.acct_mulaid_place").assumed);
  EXPECT_FALSE(policy.rule_sources.at("fund.fund_scope").assumed);
}

TEST(LayersTest, R45ALowerLayerOverridesOnlyWhatItSets) {
  const absl::StatusOr<PolicyBook> book = PolicyBook::Parse({
      {"national.textproto",
       R"(area: "national"
           rules { sources: "a" fund { min_retained_fen: 1 max_per_bill_fen: 10 } })"},
      {"provinces/35.textproto",
       R"(area: "35" rules { sources: "b" fund { min_retained_fen: 2 }
                             kin { in_province {} } })"},
      {"areas/350200.textproto",
       R"(area: "350200" rules { sources: "c" fund { max_per_bill_fen: 0 } })"},
  });
  ASSERT_TRUE(book.ok()) << book.status();
  const auto fund = [&](const char* area) { return book->For(area, Day("2026-03-02")).fund; };
  EXPECT_EQ(fund("310000").min_retained_fen, 1);
  EXPECT_EQ(fund("350100").min_retained_fen, 2);
  EXPECT_EQ(fund("350100").max_per_bill_fen, 10);
  EXPECT_EQ(fund("350200").min_retained_fen, 2);
  EXPECT_EQ(fund("350200").max_per_bill_fen, 0);
}

TEST(LayersTest, R40AKnobNobodySetsKeepsTheStrictestValue) {
  const absl::StatusOr<PolicyBook> book =
      PolicyBook::Parse({{"national.textproto", R"(area: "national")"}});
  ASSERT_TRUE(book.ok()) << book.status();
  const AreaPolicy& policy = book->For("310000", Day("2026-03-02"));
  EXPECT_FALSE(policy.network.founding_open);
  EXPECT_TRUE(policy.kin.in_province.empty());
  EXPECT_EQ(policy.transfer.window_from, policy.transfer.window_to);
}

// Answers that are kept for ever name their rules by it.
TEST(LayersTest, R40TheDigestOfAFileIsThatOfItsText) {
  const auto digest = [](const std::string& text) {
    const auto book = PolicyBook::Parse({{"national.textproto", text}});
    return book->For("310000", Day("2026-03-02")).versions.at(0).Name();
  };
  EXPECT_EQ(digest("area: \"national\""), "national@86e65ea98ea7");
  EXPECT_NE(digest("area: \"national\" "), digest("area: \"national\""));
}

TEST(LayersTest, R40AChangeTakesEffectAtItsDate) {
  const absl::StatusOr<PolicyBook> book = PolicyBook::Parse({{"national.textproto", R"(
    area: "national"
    rules { valid_to: "2024-12-31" sources: "a" network { max_receivers_per_giver: 6 } }
    rules { valid_from: "2025-01-01" sources: "b" network { max_receivers_per_giver: 8 } })"}});
  ASSERT_TRUE(book.ok()) << book.status();
  const auto most = [&](const char* day) {
    return book->For("310000", Day(day)).network.max_receivers_per_giver;
  };
  EXPECT_EQ(most("1999-01-01"), 6);
  EXPECT_EQ(most("2024-12-31"), 6);
  EXPECT_EQ(most("2025-01-01"), 8);
}

TEST(BetweenTest, R45TheStricterAnswerHoldsInsideAProvince) {
  AreaPolicy giver;
  AreaPolicy receiver;
  giver.kin = {.in_province = kNear, .across_provinces = kNear};
  receiver.kin = {.in_province = kImmediate, .across_provinces = kNear};
  giver.purpose.in_province = {Purpose::kHospital, Purpose::kVaccine};
  receiver.purpose.in_province = {Purpose::kHospital, Purpose::kPharmacy};
  giver.kin.least_evidence = EvidenceLevel::kPromise;
  receiver.kin.least_evidence = EvidenceLevel::kDocument;
  for (const Between& inside : {Between{giver, receiver, true}, Between{receiver, giver, true}}) {
    EXPECT_EQ(KinAllowed(inside), kImmediate);
    EXPECT_EQ(PurposesAllowed(inside), std::set<Purpose>{Purpose::kHospital});
    EXPECT_EQ(LeastEvidence(inside), EvidenceLevel::kDocument);
  }
  giver.purpose.across_provinces = {Purpose::kCheckUp};
  const Between across{giver, receiver, false};
  EXPECT_EQ(KinAllowed(across), kNear);
  EXPECT_EQ(PurposesAllowed(across), std::set<Purpose>{Purpose::kCheckUp});
}

TEST(BetweenTest, R45AcrossProvincesOnlyTheNationalFileSpeaks) {
  const Between areas = PoliciesBetween(Shipped(), "510100", "310000", Day("2026-03-02"));
  EXPECT_FALSE(areas.same_province);
  EXPECT_EQ(KinAllowed(areas), kNear);
  EXPECT_EQ(PurposesAllowed(areas),
            (std::set<Purpose>{Purpose::kHospital, Purpose::kPharmacy, Purpose::kResidentPremium,
                               Purpose::kLongTermCarePremium}));
}

TEST(BetweenTest, R45OfTwoLimitsTheSmallerHoldsAndZeroIsNone) {
  EXPECT_EQ(StricterLimit(6, 8), 6);
  EXPECT_EQ(StricterLimit(0, 8), 8);
  EXPECT_EQ(StricterLimit(6, 0), 6);
  EXPECT_EQ(StricterLimit(0, 0), 0);
  EXPECT_EQ(StricterLimit(int64_t{500000}, int64_t{0}), 500000);
}

// --- mistakes: each is reported with its place ---------------------------------------------

struct MistakeCase {
  const char* name;
  const char* file;
  const char* text;
  const char* expected;  // the whole message
};

constexpr char kNationalText[] = R"(area: "national"
rules {
  sources: "a"
  kin { in_province { kin: [KIN_SPOUSE, KIN_CHILD] } }
  transfer { max_per_day: 3 max_fen: 200000 window_from: "06:00" window_to: "22:00" }
})";

class MistakeTest : public testing::TestWithParam<MistakeCase> {};

TEST_P(MistakeTest, R40IsToldWithLineAndColumn) {
  const absl::StatusOr<PolicyBook> book = PolicyBook::Parse(
      {{"national.textproto", kNationalText}, {GetParam().file, GetParam().text}});
  ASSERT_FALSE(book.ok());
  EXPECT_EQ(book.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(std::string(book.status().message()), GetParam().expected);
}

constexpr char kFile[] = "provinces/31.textproto";

const MistakeCase kMistakes[] = {
    {"UnknownField", kFile, "area: \"31\"\nrules {\n  sources: \"a\"\n  fund { max_fen: 1 }\n}",
     "provinces/31.textproto:4:17: Message type \"gongji.policy.v1.FundRules\" has no field named "
     "\"max_fen\"."},
    {"UnknownEnumValue", kFile, "area: \"31\"\nrules { sources: \"a\" fund { fund_scope: MUCH } }",
     "provinces/31.textproto:2:46: Unknown enumeration value of \"MUCH\" for field "
     "\"fund_scope\"."},
    {"OtherArea", kFile, "# Shanghai\narea: \"32\"",
     "provinces/31.textproto:2:1: area must be \"31\", as the file's name says"},
    {"OtherPath", "provinces/shanghai.textproto", "area: \"31\"",
     "provinces/shanghai.textproto:1:1: a policy file is national, provinces/<2 digits> or "
     "areas/<6 digits>"},
    {"NoSource", kFile, "area: \"31\"\n\nrules { fund { min_retained_fen: 1 } }",
     "provinces/31.textproto:3:1: rules without a source"},
    {"BadDay", kFile, "area: \"31\"\nrules {\n  valid_from: \"2024-02-30\" sources: \"a\"\n}",
     "provinces/31.textproto:3:3: valid_from \"2024-02-30\" is not a day YYYY-MM-DD"},
    {"EndsBeforeItBegins", kFile,
     "area: \"31\"\nrules { sources: \"a\"\n  valid_from: \"2024-02-02\"\n"
     "  valid_to: \"2024-02-01\" }",
     "provinces/31.textproto:4:3: valid_to is before valid_from"},
    {"SetTwiceOnADay", kFile,
     "area: \"31\"\n"
     "rules { sources: \"a\" valid_to: \"2024-12-09\" fund { min_retained_fen: 1 } }\n"
     "rules { sources: \"b\" valid_from: \"2024-12-09\"\n  fund { min_retained_fen: 2 } }",
     "provinces/31.textproto:4:10: fund.min_retained_fen: already set for some of these days at "
     "2:52"},
    {"R23PublicHealth", kFile,
     "area: \"31\"\nrules { sources: \"a\"\n  purpose {\n"
     "    in_province { purposes: [PURPOSE_HOSPITAL, PURPOSE_PUBLIC_HEALTH] } } }",
     "provinces/31.textproto:4:5: purpose.in_province: PURPOSE_PUBLIC_HEALTH may never be paid "
     "from "
     "personal accounts"},
    {"R23Sport", kFile,
     "area: \"31\"\nrules { sources: \"a\" purpose { in_province { purposes: PURPOSE_SPORT } } }",
     "provinces/31.textproto:2:32: purpose.in_province: PURPOSE_SPORT may never be paid from "
     "personal accounts"},
    {"R23Wellness", kFile,
     "area: \"31\"\nrules { sources: \"a\" purpose { in_province { purposes: PURPOSE_WELLNESS } } "
     "}",
     "provinces/31.textproto:2:32: purpose.in_province: PURPOSE_WELLNESS may never be paid from "
     "personal accounts"},
    {"R45KinAcrossProvincesIsNational", kFile,
     "area: \"31\"\nrules { sources: \"a\" kin { across_provinces { kin: KIN_SPOUSE } } }",
     "provinces/31.textproto:2:28: kin.across_provinces: only the national file may set this"},
    {"R45PurposesAcrossProvincesAreNational", kFile,
     "area: \"31\"\nrules { sources: \"a\" purpose { across_provinces {} } }",
     "provinces/31.textproto:2:32: purpose.across_provinces: only the national file may set this"},
    {"R01WiderKin", kFile,
     "area: \"31\"\nrules { sources: \"a\" kin { in_province { kin: KIN_SIBLING } } }",
     "provinces/31.textproto:2:28: kin.in_province: loosens the national rule"},
    {"R16MoreTransfers", kFile,
     "area: \"31\"\nrules { sources: \"a\" transfer { max_per_day: 4 } }",
     "provinces/31.textproto:2:33: transfer.max_per_day: loosens the national rule"},
    {"R16LargerTransfers", kFile,
     "area: \"31\"\nrules { sources: \"a\" transfer { max_fen: 200001 } }",
     "provinces/31.textproto:2:33: transfer.max_fen: loosens the national rule"},
    {"R16LongerWindow", kFile,
     "area: \"31\"\nrules { sources: \"a\" transfer { window_to: \"22:01\" } }",
     "provinces/31.textproto:2:33: transfer.window_to: loosens the national rule"},
    {"WindowEndsBeforeItBegins", kFile,
     "area: \"31\"\nrules { sources: \"a\" transfer { window_from: \"22:00\" } }",
     "provinces/31.textproto:2:33: transfer.window_from: the window ends before it begins"},
    {"NotATime", kFile,
     "area: \"31\"\nrules { sources: \"a\" transfer { window_from: \"24:01\" } }",
     "provinces/31.textproto:2:33: transfer.window_from: \"24:01\" is not a time HH:MM"},
    {"NegativeMoney", kFile, "area: \"31\"\nrules { sources: \"a\" fund { min_retained_fen: -1 } }",
     "provinces/31.textproto:2:29: fund.min_retained_fen: min_retained_fen is negative"},
    {"NoTransfers", kFile, "area: \"31\"\nrules { sources: \"a\" transfer { max_per_day: 0 } }",
     "provinces/31.textproto:2:33: transfer.max_per_day: must be above 0"},
    {"FeeAboveTheAmount", kFile,
     "area: \"31\"\n"
     "rules { sources: \"a\" account { cash_withdrawal { fee_basis_points: 10001 } } }",
     "provinces/31.textproto:2:32: account.cash_withdrawal: fee_basis_points is above 10000"},
    {"NotADayOfTheYear", kFile,
     "area: \"31\"\nrules { sources: \"a\" account { year_start: \"7-1\" } }",
     "provinces/31.textproto:2:32: account.year_start: \"7-1\" is not a day MM-DD"},
    {"NamedTwice", kFile,
     "area: \"31\"\nrules { sources: \"a\" network { use_modes {\n"
     "  use_modes: [USE_MODE_PAY, USE_MODE_PAY] } } }",
     "provinces/31.textproto:2:32: network.use_modes: USE_MODE_PAY is named twice"},
    {"Unspecified", kFile,
     "area: \"31\"\nrules { sources: \"a\" care { care_scope: CARE_SCOPE_UNSPECIFIED } }",
     "provinces/31.textproto:2:29: care.care_scope: care_scope is UNSPECIFIED"},
    {"NumberWithoutAMeaning", kFile,
     "area: \"31\"\nrules { sources: \"a\" care { care_scope: 9 } }",
     "provinces/31.textproto:2:29: care.care_scope: care_scope has no value 9"},
    {"EmptyCode", kFile,
     "area: \"31\"\nrules { sources: \"a\" member { insurances { codes: \"\" } } }",
     "provinces/31.textproto:2:31: member.insurances: an empty code"},
    {"SeasonOfABill", kFile,
     "area: \"31\"\nrules { sources: \"a\" purpose { premium_seasons { seasons {\n"
     "  purpose: PURPOSE_VACCINE first_day: \"09-01\" last_day: \"12-31\" } } } }",
     "provinces/31.textproto:2:32: purpose.premium_seasons: PURPOSE_VACCINE is not a premium"},
    {"MaintenanceBackwards", kFile,
     "area: \"31\"\nrules { sources: \"a\" network { maintenance {\n"
     "  windows { first_day: 25 last_day: 20 } } } }",
     "provinces/31.textproto:2:32: network.maintenance: needs 1 <= first_day <= last_day <= 31"},
};

INSTANTIATE_TEST_SUITE_P(All, MistakeTest, testing::ValuesIn(kMistakes),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(MistakesTest, R40AllAreToldAtOnce) {
  const absl::StatusOr<PolicyBook> book = PolicyBook::Parse(
      {{"national.textproto", "area: \"national\"\nrules {}\nrules { fund { fund_scope: 0 } }"}});
  EXPECT_EQ(book.status().message(),
            "national.textproto:2:1: rules without a source\n"
            "national.textproto:3:1: rules without a source\n"
            "national.textproto:3:16: fund.fund_scope: fund_scope is UNSPECIFIED");
}

TEST(MistakesTest, R45WithoutANationalFileThereIsNoBook) {
  EXPECT_EQ(PolicyBook::Load("no/such/directory").status().code(), absl::StatusCode::kNotFound);
}

TEST(PurposeTest, R07PremiumsNeedPremiumModeAndTheRestPay) {
  EXPECT_EQ(ModeFor(Purpose::kHospital), UseMode::kPay);
  EXPECT_EQ(ModeFor(Purpose::kFamilyDoctor), UseMode::kPay);
  EXPECT_EQ(ModeFor(Purpose::kResidentPremium), UseMode::kPremium);
  EXPECT_EQ(ModeFor(Purpose::kCommercialPremium), UseMode::kPremium);
}

// The structs cast wire numbers to their enums.
TEST(EnumNumbersTest, AreThoseOfTheProto) {
  EXPECT_EQ(static_cast<int>(Purpose::kFamilyDoctor), v1::PURPOSE_FAMILY_DOCTOR);
  EXPECT_EQ(static_cast<int>(Kin::kGrandchild), v1::KIN_GRANDCHILD);
  EXPECT_EQ(static_cast<int>(UseMode::kPremium), v1::USE_MODE_PREMIUM);
  EXPECT_EQ(static_cast<int>(EvidenceLevel::kRegistry), v1::EVIDENCE_LEVEL_REGISTRY);
  EXPECT_EQ(static_cast<int>(AccountStatus::kPaused), v1::ACCOUNT_STATUS_PAUSED);
  EXPECT_EQ(static_cast<int>(MemberConsent::kPromiseLetter), v1::MEMBER_CONSENT_PROMISE_LETTER);
  EXPECT_EQ(static_cast<int>(ValidityDates::kRequired), v1::VALIDITY_DATES_REQUIRED);
  EXPECT_EQ(static_cast<int>(GiverOrder::kLocalFirst), v1::GIVER_ORDER_LOCAL_FIRST);
  EXPECT_EQ(static_cast<int>(PoolModel::kQuota), v1::POOL_MODEL_QUOTA);
  EXPECT_EQ(static_cast<int>(MemberArea::kProvince), v1::MEMBER_AREA_PROVINCE);
  EXPECT_EQ(static_cast<int>(FundScope::kPriorYearsOnly), v1::FUND_SCOPE_PRIOR_YEARS_ONLY);
  EXPECT_EQ(static_cast<int>(Bucket::kCurrentYear), v1::BUCKET_CURRENT_YEAR);
  EXPECT_EQ(static_cast<int>(Source::kLive), v1::SOURCE_LIVE);
  EXPECT_EQ(static_cast<int>(MulaidPlace::kBesideAcctPay), v1::MULAID_PLACE_BESIDE_ACCT_PAY);
  EXPECT_EQ(static_cast<int>(BillConvention::kGuangdong), v1::BILL_CONVENTION_GUANGDONG);
  EXPECT_EQ(static_cast<int>(ItemClass::kOther), v1::ITEM_CLASS_OTHER);
  EXPECT_EQ(static_cast<int>(CareScope::kNationwide), v1::CARE_SCOPE_NATIONWIDE);
  EXPECT_EQ(static_cast<int>(IntraProvinceMove::kStays), v1::INTRA_PROVINCE_MOVE_STAYS);
}

}  // namespace
}  // namespace gongji::policy
