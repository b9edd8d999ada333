// Each function reads the fields of one kind of line and sets those of its message. Words become
// enumerators by WordFrom; the amounts of a bill are listed once, in a table.
#include "tools/gongji/requests.h"

#include <utility>

#include "services/common/rpc/time_wire.h"
#include "tools/gongji/words.h"

namespace gongji::cli {
namespace {

using Amounts = settlement::v1::Bill::Amounts;

constexpr Text kNoWord = {"is not a word this field knows", "不是此字段可用的词"};

// The enumerator that the field's word names. If it names none, that is an error of the line.
template <class Enum>
Enum WordFrom(Line& line, const std::string& field, const google::protobuf::EnumDescriptor* type) {
  const std::string word = line.Text(field);
  const int number = NumberOf(*type, word);
  if (number == 0 && !word.empty()) line.Fail(field, kNoWord);
  return static_cast<Enum>(number);
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
    person.mutable_account()->set_status(WordFrom<policy::v1::AccountStatus>(
        line, "acct_status", policy::v1::AccountStatus_descriptor()));
  }
  person.set_died_on(line.TextOr("died_on", ""));
  return person;
}

relation::v1::Fact FactFrom(Line& line) {
  relation::v1::Fact fact;
  fact.set_kind(
      WordFrom<relation::v1::FactKind>(line, "fact", relation::v1::FactKind_descriptor()));
  fact.set_psn_no(line.Text("psn_no"));
  fact.set_other_psn_no(line.Text("other_psn_no"));
  if (line.Has("parent_role")) {
    fact.set_parent_role(WordFrom<relation::v1::ParentRole>(line, "parent_role",
                                                            relation::v1::ParentRole_descriptor()));
  }
  fact.set_evidence(WordFrom<policy::v1::EvidenceLevel>(line, "evidence",
                                                        policy::v1::EvidenceLevel_descriptor()));
  fact.set_source(line.Text("source"));
  fact.set_valid_from(line.TextOr("valid_from", ""));
  return fact;
}

relation::v1::FactEnd FactEndFrom(Line& line, const std::string& fact_id) {
  relation::v1::FactEnd end;
  end.set_fact_id(fact_id);
  end.set_valid_to(line.Text("valid_to"));
  end.set_evidence(WordFrom<policy::v1::EvidenceLevel>(line, "evidence",
                                                       policy::v1::EvidenceLevel_descriptor()));
  end.set_source(line.Text("source"));
  return end;
}

common::v1::Origin OriginFrom(Line& line) {
  common::v1::Origin origin;
  if (line.Has("channel")) {
    origin.set_channel(
        WordFrom<common::v1::Channel>(line, "channel", common::v1::Channel_descriptor()));
  }
  origin.set_operator_id(line.TextOr("operator_id", ""));
  origin.set_consent_document(line.TextOr("consent_document", ""));
  return origin;
}

relation::v1::NetworkScope ScopeFrom(Line& line) {
  return WordFrom<relation::v1::NetworkScope>(line, "scope",
                                              relation::v1::NetworkScope_descriptor());
}

void AddModes(Line& line, google::protobuf::RepeatedField<int>& modes) {
  for (const std::string& mode : line.Texts("modes")) {
    const int number = NumberOf(*policy::v1::UseMode_descriptor(), mode);
    if (number == 0) line.Fail("modes", kNoWord);
    modes.Add(number);
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

settlement::v1::ExplainRequest ExplainRequestFrom(Line& line) {
  settlement::v1::ExplainRequest request;
  request.set_psn_no(line.Text("psn_no"));
  request.set_purpose(
      WordFrom<policy::v1::Purpose>(line, "purpose", policy::v1::Purpose_descriptor()));
  request.set_care_area(line.TextOr("mdtrtarea_admvs", ""));
  if (const auto time = line.Time("setl_time")) *request.mutable_at() = rpc::ToMessage(*time);
  return request;
}

wallet::v1::PayOut PayOutFrom(Line& line) {
  wallet::v1::PayOut pay_out;
  pay_out.set_psn_no(line.Text("psn_no"));
  pay_out.set_ground(WordFrom<wallet::v1::PayOut::Ground>(line, "ground",
                                                          wallet::v1::PayOut::Ground_descriptor()));
  pay_out.set_amount_fen(line.Fen("amount"));
  pay_out.set_fee_fen(line.FenOr("fee", 0));
  pay_out.set_person_type(line.Text("psn_type"));
  pay_out.set_settled_in_area(line.TextOr("settled_in", ""));
  return pay_out;
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
