// A bill in the words of the national interface, and the checks that it must pass (R22). For
// fields, units and national names see proto/gongji/settlement/v1/bill.proto, which this mirrors.
#ifndef GONGJI_SERVICES_SETTLEMENT_BILL_H_
#define GONGJI_SERVICES_SETTLEMENT_BILL_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "policy/policy.h"

namespace gongji::settlement {

struct Amounts {
  int64_t medfee_sum_fen = 0;
  int64_t fulamt_ownpay_fen = 0;
  int64_t overlmt_selfpay_fen = 0;
  int64_t preselfpay_fen = 0;
  int64_t inscp_scp_fen = 0;
  int64_t fund_pay_sum_fen = 0;
  int64_t hifp_fen = 0;
  int64_t cvlserv_fen = 0;
  int64_t hifes_fen = 0;
  int64_t hifmi_fen = 0;
  int64_t hifob_fen = 0;
  int64_t maf_fen = 0;
  int64_t hifdm_fen = 0;
  int64_t oth_fen = 0;
  int64_t psn_part_fen = 0;
  int64_t hosp_part_fen = 0;
  int64_t acct_pay_fen = 0;
};

struct ItemAmount {
  policy::ItemClass item_class = policy::ItemClass::kOther;
  int64_t amount_fen = 0;
};

struct Bill {
  std::string psn_no;
  std::string institution_code;
  std::string care_area;
  std::string visit_id;
  std::string batch_id;
  std::optional<absl::Time> at;
  std::string medical_type;
  std::string insurance_type;
  std::string certificate_type;
  Amounts amounts;
  std::vector<ItemAmount> item_classes;
};

// INVALID_FIELD if form or ranges are wrong. Needs no policy.
absl::Status CheckForm(const Bill& bill);

// BILL_DOES_NOT_ADD_UP with `rule` (V1, V2, V3) and both sums. V2 and V3 depend on whether the
// area's fund_pay_sumamt leaves the account out (Hunan) or contains it (Guangdong, assumed form:
// the input acct_pay is part of fund_pay_sum).
absl::Status CheckSums(const Amounts& amounts, policy::BillConvention convention);

// The amount of the personal part that accounts may pay (R23): psn_part less what the insurer took
// already, less 自费 (fulamt_ownpay, overlmt_selfpay) where policy excludes it. Assumed: the
// exclusion applies to the own account as well as to shared money.
int64_t PayableFen(const Amounts& amounts, bool include_own_expense);

// The purpose of the bill: a pharmacy's if med_type is 41, otherwise a hospital's.
policy::Purpose PurposeOf(const Bill& bill);

// SHA-256 over every field of a settlement's request.
std::string FingerprintOf(const Bill& bill);

}  // namespace gongji::settlement

#endif  // GONGJI_SERVICES_SETTLEMENT_BILL_H_
