// Explain (R11): who could pay, in which order and how much, and why everybody else could not. It
// is a pure function of the results of Settle's rules and of a dry run of its waterfall.
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

// A bill with the waterfall in question; it names no institution, and its amounts do not matter.
Bill BillOf(const ExplainQuestion& question, const Payers& payers);

// `plan` is that of PlanExplain for `payers`, `moves` are the result of its dry run.
Explanation ExplanationOf(const SettlePlan& plan, const Payers& payers,
                          const std::vector<ledger::MoveResult>& moves);

// Adds what limits answered about the giver's day, or nothing if limits could not be asked.
void AddPlaces(const absl::StatusOr<PlacesLeft>& left, PayerView& view);

}  // namespace gongji::settlement

#endif  // GONGJI_SERVICES_SETTLEMENT_EXPLAIN_H_
