#include "services/settlement/bill.h"

#include <algorithm>
#include <array>
#include <utility>

#include "services/common/errors/reasons.h"
#include "services/common/ids.h"
#include "services/common/money.h"

namespace gongji::settlement {
namespace {

using NamedAmount = std::pair<const char*, int64_t>;

// The amounts with their national names, in the order of the interface.
std::array<NamedAmount, 17> Named(const Amounts& a) {
  return {{{"medfee_sumamt", a.medfee_sum_fen},
           {"fulamt_ownpay_amt", a.fulamt_ownpay_fen},
           {"overlmt_selfpay", a.overlmt_selfpay_fen},
           {"preselfpay_amt", a.preselfpay_fen},
           {"inscp_scp_amt", a.inscp_scp_fen},
           {"fund_pay_sumamt", a.fund_pay_sum_fen},
           {"hifp_pay", a.hifp_fen},
           {"cvlserv_pay", a.cvlserv_fen},
           {"hifes_pay", a.hifes_fen},
           {"hifmi_pay", a.hifmi_fen},
           {"hifob_pay", a.hifob_fen},
           {"maf_pay", a.maf_fen},
           {"hifdm_pay", a.hifdm_fen},
           {"oth_pay", a.oth_fen},
           {"psn_part_amt", a.psn_part_fen},
           {"hosp_part_amt", a.hosp_part_fen},
           {"acct_pay", a.acct_pay_fen}}};
}

bool IsDigits(const std::string& text, size_t size) {
  return text.size() == size &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// These values become parts of account names and claim keys, where '/' is the separator.
absl::Status CheckName(const std::string& field, const std::string& value, size_t max) {
  if (value.empty() || value.size() > max || value.find('/') != std::string::npos) {
    return InvalidField(field, "empty, too long, or contains '/'");
  }
  return absl::OkStatus();
}

absl::Status CheckSum(const char* rule, int64_t stated_fen, int64_t sum_fen) {
  if (stated_fen == sum_fen) return absl::OkStatus();
  return Refuse(reason::kBillDoesNotAddUp, {{"rule", rule},
                                            {"stated_fen", std::to_string(stated_fen)},
                                            {"sum_fen", std::to_string(sum_fen)}});
}

}  // namespace

absl::Status CheckForm(const Bill& bill) {
  RETURN_IF_ERROR(CheckName("bill.psn_no", bill.psn_no, 30));
  RETURN_IF_ERROR(CheckName("bill.institution_code", bill.institution_code, 12));
  RETURN_IF_ERROR(CheckName("bill.visit_id", bill.visit_id, 30));
  RETURN_IF_ERROR(CheckName("bill.batch_id", bill.batch_id, 30));
  if (!IsDigits(bill.care_area, 6)) return InvalidField("bill.care_area", "not 6 digits");
  for (const auto& [name, fen] : Named(bill.amounts)) {
    if (fen < 0 || fen > kMaxAmountFen) return InvalidField(name, "out of range");
  }
  for (const ItemAmount& item : bill.item_classes) {
    if (item.amount_fen < 0 || item.amount_fen > kMaxAmountFen) {
      return InvalidField("bill.item_classes", "out of range");
    }
  }
  if (bill.amounts.acct_pay_fen > bill.amounts.psn_part_fen) {
    return InvalidField("acct_pay", "above psn_part_amt");
  }
  return absl::OkStatus();
}

absl::Status CheckSums(const Amounts& a, policy::BillConvention convention) {
  // Every amount is at most kMaxAmountFen, so no sum here can overflow.
  RETURN_IF_ERROR(
      CheckSum("V1", a.medfee_sum_fen,
               a.fulamt_ownpay_fen + a.overlmt_selfpay_fen + a.preselfpay_fen + a.inscp_scp_fen));
  const int64_t account_in_fund_fen =
      convention == policy::BillConvention::kGuangdong ? a.acct_pay_fen : 0;
  RETURN_IF_ERROR(
      CheckSum("V2", a.medfee_sum_fen,
               a.fund_pay_sum_fen - account_in_fund_fen + a.psn_part_fen + a.hosp_part_fen));
  return CheckSum("V3", a.fund_pay_sum_fen,
                  a.hifp_fen + a.cvlserv_fen + a.hifes_fen + a.hifmi_fen + a.hifob_fen + a.maf_fen +
                      a.hifdm_fen + a.oth_fen + account_in_fund_fen);
}

int64_t PayableFen(const Amounts& amounts, bool include_own_expense) {
  int64_t payable_fen = amounts.psn_part_fen - amounts.acct_pay_fen;
  if (!include_own_expense) {
    payable_fen -= amounts.fulamt_ownpay_fen + amounts.overlmt_selfpay_fen;
  }
  return std::max<int64_t>(0, payable_fen);
}

policy::Purpose PurposeOf(const Bill& bill) {
  return bill.medical_type == "41" ? policy::Purpose::kPharmacy : policy::Purpose::kHospital;
}

std::string FingerprintOf(const Bill& bill) {
  Fingerprint fields("Settle");
  fields.Field("psn_no", bill.psn_no).Field("institution_code", bill.institution_code);
  fields.Field("care_area", bill.care_area).Field("visit_id", bill.visit_id);
  fields.Field("batch_id", bill.batch_id);
  if (bill.at) fields.Field("at", absl::ToUnixMillis(*bill.at));
  fields.Field("medical_type", bill.medical_type).Field("insurance_type", bill.insurance_type);
  fields.Field("certificate_type", bill.certificate_type);
  for (const auto& [name, fen] : Named(bill.amounts)) fields.Field(name, fen);
  for (const ItemAmount& item : bill.item_classes) {
    fields.Field("item_class", static_cast<int64_t>(item.item_class));
    fields.Field("item_amount", item.amount_fen);
  }
  return std::move(fields).Finish();
}

}  // namespace gongji::settlement
