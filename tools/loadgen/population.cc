// Everything is arithmetic on numbers: number -> family and role -> psn_no, kinship and opening
// balance; and number of a bill or transfer -> patient or giver, amount and kind of payment.
#include "tools/loadgen/population.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "services/common/errors/check.h"

namespace gongji::load {
namespace {

constexpr const char* kAreas[] = {"310000", "510100"};
constexpr int kAccountYear = 2026;
// The most that one line may contribute: ten million yuan, enough for 300,000 bills.
constexpr int64_t kPlentyFen = 1'000'000'000;
constexpr size_t kEchoBytes = 192;

// Spreads consecutive bills over the families; prime, so that it visits all of them.
constexpr int64_t kStride = 7919;

const char* BirthYearOf(Role role) {
  switch (role) {
    case Role::kWorker:
      return "1985";
    case Role::kChild:
      return "2015";
    case Role::kElder:
      return "1960";
    case Role::kSibling:
      return "1988";
  }
  return "";
}

// A citizen number of GB 11643 that no other member has.
std::string CitizenNumber(const Member& member) {
  const int64_t order = member.family % 999 + 1;
  const int64_t day = member.family / 999;
  const std::string first_17 =
      absl::StrFormat("%s%s%02d%02d%03d", member.area(), BirthYearOf(member.role),
                      day / 28 % 12 + 1, day % 28 + 1, order);
  constexpr int kWeights[] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
  int sum = 0;
  for (size_t i = 0; i < first_17.size(); ++i) sum += (first_17[i] - '0') * kWeights[i];
  return first_17 + "10X98765432"[sum % 11];
}

std::string OtherArea(const std::string& area) { return area == kAreas[0] ? kAreas[1] : kAreas[0]; }

Member PatientOf(int64_t number, int64_t families) {
  constexpr Role kPatients[] = {Role::kWorker, Role::kChild, Role::kElder, Role::kSibling};
  return {number / kFamilySize * kStride % families, kPatients[number % kFamilySize]};
}

}  // namespace

std::string Member::psn_no() const {
  return absl::StrFormat("%s%09d", area(), family * kFamilySize + static_cast<int>(role));
}

std::string Member::area() const { return kAreas[(family + (role == Role::kElder ? 1 : 0)) % 2]; }

Member MemberAt(int64_t number) {
  return {number / kFamilySize, static_cast<Role>(number % kFamilySize)};
}

relation::v1::Person PersonOf(const Member& member) {
  relation::v1::Person person;
  person.set_psn_no(member.psn_no());
  person.set_name(absl::StrCat("甲", member.family));
  person.mutable_certificate()->set_type("01");
  person.mutable_certificate()->set_number(CitizenNumber(member));
  const bool child = member.role == Role::kChild;
  relation::v1::Insurance* insurance = person.add_insurances();
  insurance->set_insurance_type(child ? "390" : "310");
  insurance->set_area(member.area());
  insurance->set_person_type(child ? "1403" : member.role == Role::kElder ? "12" : "11");
  insurance->set_status(relation::v1::INSURANCE_STATUS_NORMAL);
  insurance->set_insured_from("2018-01-01");
  if (!child) person.mutable_account()->set_status(policy::v1::ACCOUNT_STATUS_NORMAL);
  return person;
}

relation::v1::Fact ParenthoodOf(const Member& parent, const Member& child) {
  relation::v1::Fact fact;
  fact.set_kind(relation::v1::FACT_KIND_PARENTHOOD);
  fact.set_psn_no(parent.psn_no());
  fact.set_other_psn_no(child.psn_no());
  fact.set_parent_role(relation::v1::PARENT_ROLE_MOTHER);
  fact.set_evidence(policy::v1::EVIDENCE_LEVEL_REGISTRY);
  fact.set_source("户籍登记");
  return fact;
}

wallet::v1::Contribution ContributionOf(const Member& member) {
  wallet::v1::Contribution contribution;
  contribution.set_psn_no(member.psn_no());
  contribution.set_year(kAccountYear);
  contribution.set_source("employer");
  if (member.role == Role::kElder) {
    contribution.set_prior_fen(100);
  } else if (member.role != Role::kChild) {
    contribution.set_prior_fen(kPlentyFen);
    contribution.set_current_fen(kPlentyFen);
  }
  return contribution;
}

settlement::v1::SettleRequest BillOf(int64_t number, int64_t families, const std::string& tag) {
  const Member patient = PatientOf(number, families);
  const bool own = patient.role == Role::kWorker || patient.role == Role::kSibling;
  const bool elsewhere = own && number / kFamilySize % 4 == 0;
  const int64_t fund_fen = 10'000;
  const int64_t person_fen = 1'000 + number * 37 % 2'001;

  settlement::v1::SettleRequest request;
  request.set_request_id(absl::StrCat(tag, "-", number));
  settlement::v1::Bill* bill = request.mutable_bill();
  bill->set_psn_no(patient.psn_no());
  bill->set_care_area(elsewhere ? OtherArea(patient.area()) : patient.area());
  bill->set_institution_code(
      absl::StrCat("H", bill->care_area(), absl::StrFormat("%05d", number % 50)));
  bill->set_visit_id(request.request_id());
  bill->set_batch_id("1");
  bill->set_medical_type("11");
  bill->set_insurance_type(patient.role == Role::kChild ? "390" : "310");
  bill->set_certificate_type("01");
  settlement::v1::Bill::Amounts* amounts = bill->mutable_amounts();
  amounts->set_medfee_sum_fen(fund_fen + person_fen);
  amounts->set_inscp_scp_fen(fund_fen + person_fen);
  amounts->set_fund_pay_sum_fen(fund_fen);
  amounts->set_hifp_fen(fund_fen);
  amounts->set_psn_part_fen(person_fen);
  return request;
}

settlement::v1::TransferRequest TransferOf(int64_t number, int64_t families,
                                           const std::string& tag) {
  const int64_t giver = number % (2 * families);
  const int64_t family = giver / 2;
  settlement::v1::TransferRequest request;
  request.set_request_id(absl::StrCat(tag, "-", number));
  request.set_giver_psn_no(
      Member{family, giver % 2 == 0 ? Role::kWorker : Role::kSibling}.psn_no());
  request.set_receiver_psn_no(Member{family, Role::kElder}.psn_no());
  request.set_amount_fen(100);
  return request;
}

settlement::v1::Bill EchoMessage() {
  settlement::v1::Bill message = BillOf(0, 1, "echo").bill();
  while (message.ByteSizeLong() < kEchoBytes) {
    message.mutable_batch_id()->push_back('x');
  }
  CHECK(message.ByteSizeLong() == kEchoBytes);
  return message;
}

}  // namespace gongji::load
