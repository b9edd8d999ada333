// Form and sums of a bill: each row of the tables breaks one rule of a bill that is right. Then
// what accounts may pay of it.
#include "services/settlement/bill.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "services/common/errors/status.h"
#include "services/common/testing/changes.h"
#include "services/settlement/requests.h"

namespace gongji::settlement {
namespace {

using policy::BillConvention;

// A bill that the authority of Hunan has published.
Amounts Hunan() {
  return {.medfee_sum_fen = 579253,
          .fulamt_ownpay_fen = 29620,
          .overlmt_selfpay_fen = 0,
          .preselfpay_fen = 52261,
          .inscp_scp_fen = 497372,
          .fund_pay_sum_fen = 310654,
          .hifp_fen = 310654,
          .psn_part_fen = 268599};
}

Bill SomeBill() {
  return {.psn_no = "p",
          .institution_code = "H31010600001",
          .care_area = "310000",
          .visit_id = "v",
          .batch_id = "1",
          .amounts = Hunan()};
}

std::string MetadataOf(const absl::Status& status, const std::string& name) {
  const auto detail = DetailOf(status);
  for (const auto& [key, value] : detail->metadata) {
    if (key == name) return value;
  }
  return "";
}

struct BrokenSum {
  const char* name;
  BillConvention convention;
  std::function<void(Amounts&)> change;
  const char* rule;  // "": adds up
};

class Sums : public testing::TestWithParam<BrokenSum> {};

TEST_P(Sums, AreCheckedToTheFen_R22) {
  Amounts amounts = Hunan();
  GetParam().change(amounts);
  const absl::Status status = CheckSums(amounts, GetParam().convention);
  if (std::string(GetParam().rule).empty()) {
    EXPECT_TRUE(status.ok()) << status;
    return;
  }
  EXPECT_EQ(ReasonOf(status), "BILL_DOES_NOT_ADD_UP");
  EXPECT_EQ(MetadataOf(status, "rule"), GetParam().rule);
  EXPECT_NE(MetadataOf(status, "stated_fen"), MetadataOf(status, "sum_fen"));
}

INSTANTIATE_TEST_SUITE_P(
    Bills, Sums,
    testing::Values(
        BrokenSum{"Hunan", BillConvention::kHunan, [](Amounts&) {}, ""},
        BrokenSum{"V1", BillConvention::kHunan, [](Amounts& a) { ++a.preselfpay_fen; }, "V1"},
        BrokenSum{"V2", BillConvention::kHunan, [](Amounts& a) { --a.psn_part_fen; }, "V2"},
        BrokenSum{"V2Hospital", BillConvention::kHunan, [](Amounts& a) { ++a.hosp_part_fen; },
                  "V2"},
        BrokenSum{"V3", BillConvention::kHunan, [](Amounts& a) { --a.hifp_fen; }, "V3"},
        BrokenSum{"V3Parts", BillConvention::kHunan,
                  [](Amounts& a) {
                    a.hifp_fen -= 700;
                    a.cvlserv_fen = 100;
                    a.hifes_fen = 100;
                    a.hifmi_fen = 100;
                    a.hifob_fen = 100;
                    a.maf_fen = 100;
                    a.hifdm_fen = 100;
                    a.oth_fen = 100;
                  },
                  ""},
        // Guangdong: the fund's sum contains what the account paid.
        BrokenSum{"Guangdong", BillConvention::kGuangdong,
                  [](Amounts& a) {
                    a.acct_pay_fen = 1000;
                    a.fund_pay_sum_fen += 1000;
                  },
                  ""},
        BrokenSum{"GuangdongReadAsHunan", BillConvention::kHunan,
                  [](Amounts& a) {
                    a.acct_pay_fen = 1000;
                    a.fund_pay_sum_fen += 1000;
                  },
                  "V2"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(Payable, ExcludesWhatIsOutsideTheInsurance_R23) {
  EXPECT_EQ(PayableFen(Hunan(), true), 268599);
  EXPECT_EQ(PayableFen(Hunan(), false), 268599 - 29620);
}

TEST(Payable, ExcludesWhatTheInsurerTook_R22) {
  Amounts amounts = Hunan();
  amounts.acct_pay_fen = 100000;
  EXPECT_EQ(PayableFen(amounts, true), 168599);
  amounts.acct_pay_fen = 268599;
  EXPECT_EQ(PayableFen(amounts, false), 0);
}

struct BrokenForm {
  const char* name;
  std::function<void(Bill&)> change;
};

class FormOfBill : public testing::TestWithParam<BrokenForm> {};

TEST_P(FormOfBill, IsChecked) {
  Bill bill = SomeBill();
  ASSERT_TRUE(CheckForm(bill).ok());
  GetParam().change(bill);
  EXPECT_EQ(ReasonOf(CheckForm(bill)), "INVALID_FIELD");
}

INSTANTIATE_TEST_SUITE_P(
    Bills, FormOfBill,
    testing::Values(
        BrokenForm{"NoPerson", [](Bill& b) { b.psn_no = ""; }},
        BrokenForm{"LongPerson", [](Bill& b) { b.psn_no = std::string(31, 'x'); }},
        BrokenForm{"NoInstitution", [](Bill& b) { b.institution_code = ""; }},
        BrokenForm{"LongInstitution", [](Bill& b) { b.institution_code = std::string(13, 'x'); }},
        BrokenForm{"LongVisit", [](Bill& b) { b.visit_id = std::string(31, 'x'); }},
        BrokenForm{"NoBatch", [](Bill& b) { b.batch_id = ""; }},
        BrokenForm{"NegativeItem",
                   [](Bill& b) { b.item_classes = {{policy::ItemClass::kDrug, -1}}; }},
        BrokenForm{"ItemTooMuch",
                   [](Bill& b) { b.item_classes = {{policy::ItemClass::kDrug, 1'000'000'001}}; }},
        BrokenForm{"PersonWithSlash", [](Bill& b) { b.psn_no = "p/current"; }},
        BrokenForm{"VisitWithSlash", [](Bill& b) { b.visit_id = "a/b"; }},
        BrokenForm{"LongBatch", [](Bill& b) { b.batch_id = std::string(31, 'x'); }},
        BrokenForm{"AreaOfFiveDigits", [](Bill& b) { b.care_area = "31000"; }},
        BrokenForm{"AreaWithLetters", [](Bill& b) { b.care_area = "31000x"; }},
        BrokenForm{"Negative", [](Bill& b) { b.amounts.oth_fen = -1; }},
        BrokenForm{"TooMuch", [](Bill& b) { b.amounts.hifp_fen = 1'000'000'001; }},
        BrokenForm{"TakenAbovePersonalPart", [](Bill& b) { b.amounts.acct_pay_fen = 268600; }}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(FormOfGoodBill, WhatIsJustInsideTheBoundsIsGood_P32) {
  Bill bill = SomeBill();
  bill.psn_no = std::string(30, 'x');
  bill.institution_code = std::string(12, 'x');
  bill.visit_id = std::string(30, 'x');
  bill.batch_id = std::string(30, 'x');
  bill.item_classes = {{policy::ItemClass::kDrug, 0}, {policy::ItemClass::kDrug, 1'000'000'000}};
  bill.amounts.acct_pay_fen = bill.amounts.psn_part_fen;
  EXPECT_EQ(CheckForm(bill), absl::OkStatus());
}

TEST(FingerprintOfBill, SeesEveryField_P7) {
  const std::vector<std::function<void(Bill&)>> changes = {
      [](Bill& bill) { bill.psn_no += "x"; },
      [](Bill& bill) { bill.institution_code += "x"; },
      [](Bill& bill) { bill.care_area += "x"; },
      [](Bill& bill) { bill.visit_id += "x"; },
      [](Bill& bill) { bill.batch_id += "x"; },
      [](Bill& bill) { bill.medical_type += "x"; },
      [](Bill& bill) { bill.insurance_type += "x"; },
      [](Bill& bill) { bill.certificate_type += "x"; },
      [](Bill& bill) { bill.at = absl::FromUnixMillis(1); },
      [](Bill& bill) { bill.at = absl::FromUnixMillis(2); },
      [](Bill& bill) { bill.item_classes.push_back({policy::ItemClass::kDrug, 1}); },
      [](Bill& bill) { bill.item_classes.push_back({policy::ItemClass::kDevice, 1}); },
      [](Bill& bill) { bill.item_classes.push_back({policy::ItemClass::kDrug, 2}); },
      [](Bill& bill) { bill.amounts.medfee_sum_fen += 1; },
      [](Bill& bill) { bill.amounts.fulamt_ownpay_fen += 1; },
      [](Bill& bill) { bill.amounts.overlmt_selfpay_fen += 1; },
      [](Bill& bill) { bill.amounts.preselfpay_fen += 1; },
      [](Bill& bill) { bill.amounts.inscp_scp_fen += 1; },
      [](Bill& bill) { bill.amounts.fund_pay_sum_fen += 1; },
      [](Bill& bill) { bill.amounts.hifp_fen += 1; },
      [](Bill& bill) { bill.amounts.cvlserv_fen += 1; },
      [](Bill& bill) { bill.amounts.hifes_fen += 1; },
      [](Bill& bill) { bill.amounts.hifmi_fen += 1; },
      [](Bill& bill) { bill.amounts.hifob_fen += 1; },
      [](Bill& bill) { bill.amounts.maf_fen += 1; },
      [](Bill& bill) { bill.amounts.hifdm_fen += 1; },
      [](Bill& bill) { bill.amounts.oth_fen += 1; },
      [](Bill& bill) { bill.amounts.psn_part_fen += 1; },
      [](Bill& bill) { bill.amounts.hosp_part_fen += 1; },
      [](Bill& bill) { bill.amounts.acct_pay_fen += 1; },
  };
  std::vector<std::string> fingerprints;
  for (const Bill& bill : Changed<Bill>(SomeBill(), changes)) {
    fingerprints.push_back(FingerprintOf(bill));
  }
  ExpectAllDiffer(fingerprints);
  EXPECT_EQ(FingerprintOf(SomeBill()), fingerprints.front());
}

TEST(FingerprintOfRequests, SeeEveryField_P7) {
  std::vector<std::string> fingerprints;
  for (const TransferRequest& one : Changed<TransferRequest>(
           {.giver_psn_no = "g", .receiver_psn_no = "p", .amount_fen = 1},
           {[](auto& request) { request.giver_psn_no = "x"; },
            [](auto& request) { request.receiver_psn_no = "x"; },
            [](auto& request) { std::swap(request.giver_psn_no, request.receiver_psn_no); },
            [](auto& request) { request.amount_fen = 2; }})) {
    fingerprints.push_back(FingerprintOf(one));
  }
  for (const EndQuotaRequest& one :
       Changed<EndQuotaRequest>({.relation_id = "r", .actor_psn_no = "p"},
                                {[](auto& request) { request.relation_id = "x"; },
                                 [](auto& request) { request.actor_psn_no = "x"; }})) {
    fingerprints.push_back(FingerprintOf(one));
  }
  for (const CancelRequest& one : Changed<CancelRequest>(
           {.settlement_id = "s"}, {[](auto& request) { request.settlement_id = "x"; }})) {
    fingerprints.push_back(FingerprintOf(one));
  }
  ExpectAllDiffer(fingerprints);
}

// A request may be repeated after an upgrade, so its fingerprint is the same in every version.
TEST(Fingerprints, StayTheSameForEver_P7) {
  Bill bill{.psn_no = "p",
            .institution_code = "H1",
            .care_area = "310000",
            .visit_id = "v",
            .batch_id = "b",
            .at = absl::FromUnixMillis(1),
            .medical_type = "11",
            .insurance_type = "310",
            .certificate_type = "01"};
  bill.amounts = {2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18};
  bill.item_classes = {{policy::ItemClass::kDrug, 19}};
  EXPECT_EQ(absl::BytesToHexString(FingerprintOf(bill)),
            "fcaacb81d06f3b9d454bc84d77955c0a36744c508b236b826213b1eb7fcb1969");
  EXPECT_EQ(absl::BytesToHexString(FingerprintOf(TransferRequest{"g", "p", 1})),
            "d971d5c642087750125a196237228a77362bea6430576f585c93b88b1eea7b2f");
  EXPECT_EQ(absl::BytesToHexString(FingerprintOf(EndQuotaRequest{"r", "p"})),
            "502c99398dc3074b55bf13f45a311dbf95b3e6b40077239fdfccc1d4e77987d3");
  EXPECT_EQ(absl::BytesToHexString(FingerprintOf(CancelRequest{"s"})),
            "103c5b2fcaf5c83114c915695d35521765e96557511e00aa609985df9579b7db");
}

TEST(PurposeOfBill, PharmaciesHaveTheirOwn_R23) {
  Bill bill = SomeBill();
  EXPECT_EQ(PurposeOf(bill), policy::Purpose::kHospital);
  bill.medical_type = "41";
  EXPECT_EQ(PurposeOf(bill), policy::Purpose::kPharmacy);
}

}  // namespace
}  // namespace gongji::settlement
