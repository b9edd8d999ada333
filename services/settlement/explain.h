// Explain (R11): who could pay, in which order and how much, and why everybody else could not. A
// pure function of what Settle's rules and a dry run of its waterfall say.
#ifndef GONGJI_SERVICES_SETTLEMENT_EXPLAIN_H_
#define GONGJI_SERVICES_SETTLEMENT_EXPLAIN_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "policy/policy.h"
#include "services/settlement/bill.h"
#include "services/settlement/operation.h"
#include "services/settlement/settlement_peers.h"

namespace gongji::settlement {

struct ExplainQuestion {
  std::string psn_no;
  policy::Purpose purpose = policy::Purpose::kHospital;
  std::string care_area;  // "" for premiums
  std::optional<absl::Time> at;
};

// INVALID_FIELD.
absl::Status CheckForm(const ExplainQuestion& question);

// What a giver may still transfer today.
struct TransferView {
  PlacesLeft left;
  std::vector<absl::Status> reasons;
};

// See settlement.proto, PayerView.
struct PayerView {
  Source source = Source::kOwn;
  std::string psn_no;
  std::string relation_id;
  std::string giver_area;
  std::string account;
  int64_t available_fen = 0;
  std::vector<absl::Status> reasons;
  std::optional<TransferView> transfer;
};

struct Explanation {
  std::vector<PayerView> payers;
  std::vector<std::string> policies;
};

// The bill whose waterfall is looked at; it names no institution, and its amounts do not matter.
Bill BillOf(const ExplainQuestion& question, const Payers& payers);

// `plan` is PlanExplain's for `payers`, `moves` are what its dry run brought.
Explanation ExplanationOf(const SettlePlan& plan, const Payers& payers,
                          const std::vector<ledger::MoveResult>& moves);

// What limits said of the giver's day; nothing if it could not be asked.
void AddPlaces(const absl::StatusOr<PlacesLeft>& left, PayerView& view);

}  // namespace gongji::settlement

#endif  // GONGJI_SERVICES_SETTLEMENT_EXPLAIN_H_
