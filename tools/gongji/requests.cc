#include "tools/gongji/requests.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "services/common/rpc/time_wire.h"

namespace gongji::cli {
namespace {

using Amounts = settlement::v1::Bill::Amounts;

// The enumerator that `word` names, e.g. "sealed" -> ACCOUNT_STATUS_SEALED; 0 if there is none.
int Enumerator(const google::protobuf::EnumDescriptor& type, const std::string& prefix,
               const std::string& word) {
  const auto* value = type.FindValueByName(prefix + absl::AsciiStrToUpper(word));
  return value == nullptr ? 0 : value->number();
}

struct AmountField {
  const char* name;
  void (Amounts::*set)(int64_t);
};

constexpr AmountField kAmounts[] = {
    {"medfee_sumamt", &Amounts::set_medfee_sum_fen},
    {"fulamt_ownpay_amt", &Amounts::set_fulamt_ownpay_fen},
    {"overlmt_selfpay", &Amounts::set_overlmt_selfpay_fen},
    {"preselfpay_amt", &Amounts::set_preselfpay_fen},
    {"inscp_scp_amt", &Amounts::set_inscp_scp_fen},
    {"fund_pay_sumamt", &Amounts::set_fund_pay_sum_fen},
    {"hifp_pay", &Amounts::set_hifp_fen},
    {"cvlserv_pay", &Amounts::set_cvlserv_fen},
    {"hifes_pay", &Amounts::set_hifes_fen},
    {"hifmi_pay", &Amounts::set_hifmi_fen},
    {"hifob_pay", &Amounts::set_hifob_fen},
    {"maf_pay", &Amounts::set_maf_fen},
    {"hifdm_pay", &Amounts::set_hifdm_fen},
    {"oth_pay", &Amounts::set_oth_fen},
    {"psn_part_amt", &Amounts::set_psn_part_fen},
    {"hosp_part_amt", &Amounts::set_hosp_part_fen},
    {"acct_pay", &Amounts::set_acct_pay_fen},
};

}  // namespace

relation::v1::Person PersonFrom(Line& line) {
  relation::v1::Person person;
  person.set_psn_no(line.Text("psn_no"));
  person.set_name(line.Text("psn_name"));
  person.mutable_certificate()->set_type(line.Text("psn_cert_type"));
  person.mutable_certificate()->set_number(line.Text("certno"));
  relation::v1::Insurance* insurance = person.add_insurances();
  insurance->set_insurance_type(line.Text("insutype"));
  insurance->set_area(line.Text("insuplc_admdvs"));
  insurance->set_person_type(line.Text("psn_type"));
  insurance->set_status(relation::v1::INSURANCE_STATUS_NORMAL);
  insurance->set_insured_from(line.Text("psn_insu_date"));
  if (line.Has("acct_status")) {
    person.mutable_account()->set_status(static_cast<policy::v1::AccountStatus>(Enumerator(
        *policy::v1::AccountStatus_descriptor(), "ACCOUNT_STATUS_", line.Text("acct_status"))));
  }
  return person;
}

relation::v1::Fact FactFrom(Line& line) {
  relation::v1::Fact fact;
  fact.set_kind(static_cast<relation::v1::FactKind>(
      Enumerator(*relation::v1::FactKind_descriptor(), "FACT_KIND_", line.Text("fact"))));
  fact.set_psn_no(line.Text("psn_no"));
  fact.set_other_psn_no(line.Text("other_psn_no"));
  if (line.Has("parent_role")) {
    fact.set_parent_role(static_cast<relation::v1::ParentRole>(Enumerator(
        *relation::v1::ParentRole_descriptor(), "PARENT_ROLE_", line.Text("parent_role"))));
  }
  fact.set_evidence(static_cast<policy::v1::EvidenceLevel>(Enumerator(
      *policy::v1::EvidenceLevel_descriptor(), "EVIDENCE_LEVEL_", line.Text("evidence"))));
  fact.set_source(line.Text("source"));
  fact.set_valid_from(line.TextOr("valid_from", ""));
  return fact;
}

void AddModes(Line& line, google::protobuf::RepeatedField<int>& modes) {
  for (const std::string& mode : line.Texts("modes")) {
    modes.Add(Enumerator(*policy::v1::UseMode_descriptor(), "USE_MODE_", mode));
  }
}

settlement::v1::Bill BillFrom(Line& line) {
  settlement::v1::Bill bill;
  bill.set_psn_no(line.Text("psn_no"));
  bill.set_institution_code(line.Text("fixmedins_code"));
  bill.set_care_area(line.Text("mdtrtarea_admvs"));
  bill.set_visit_id(line.Text("mdtrt_id"));
  bill.set_batch_id(line.Text("chrg_bchno"));
  bill.set_medical_type(line.Text("med_type"));
  bill.set_insurance_type(line.Text("insutype"));
  bill.set_certificate_type(line.Text("mdtrt_cert_type"));
  if (const auto time = line.Time("setl_time")) *bill.mutable_at() = rpc::ToMessage(*time);
  for (const AmountField& field : kAmounts) {
    (bill.mutable_amounts()->*field.set)(line.FenOr(field.name, 0));
  }
  return bill;
}

wallet::v1::Contribution ContributionFrom(Line& line) {
  wallet::v1::Contribution contribution;
  contribution.set_psn_no(line.Text("psn_no"));
  contribution.set_year(line.Integer("year"));
  contribution.set_current_fen(line.FenOr("current", 0));
  contribution.set_prior_fen(line.FenOr("prior", 0));
  contribution.set_source(line.Text("source"));
  return contribution;
}

}  // namespace gongji::cli
