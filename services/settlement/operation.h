// Operations: what settlement stores of each request that moves money. The protocol is freeze ->
// pivot -> complete; docs/model/README.md is its specification.
#ifndef GONGJI_SERVICES_SETTLEMENT_OPERATION_H_
#define GONGJI_SERVICES_SETTLEMENT_OPERATION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/common/business_day.h"
#include "services/ledger/transaction.h"

namespace gongji::settlement {

enum class State {
  kDeciding = 1,    // an attempt is on its way; its plan is stored
  kCompleting = 2,  // charged: the pivot is applied; completions may be missing
  kDone = 3,        // charged and booked everywhere
  kIdle = 4,        // the last attempt is undone; the same request may try again
  kRefused = 5,     // refused for good
  kNever = 6,       // closed without effect, for good
};

enum class Source { kOwn = 1, kQuota = 2, kLive = 3 };

// What a move of the pivot means to the caller.
struct PlannedPart {
  Source source = Source::kOwn;
  std::string payer_psn_no;
  std::string account;
  std::string relation_id;
  std::string giver_area;
};

// A relative who was not asked to pay, with every failed rule.
struct RefusedPayer {
  std::string psn_no;
  std::vector<absl::Status> reasons;
};

struct SettlePlan {
  std::string patient_area;
  std::string care_area;
  std::string institution_code;
  std::string patient_psn_no;
  int64_t psn_part_fen = 0;
  int64_t taken_before_fen = 0;  // acct_pay of the input
  bool mulaid_inside_acct_pay = false;
  // Group 0 is the waterfall: one move per part. Group 1 only reads the patient's balances.
  ledger::Transaction pivot;
  std::vector<PlannedPart> parts;
  std::vector<RefusedPayer> refused;
  std::vector<std::string> policies;
};

struct TransferPlan {
  std::string giver_psn_no;
  std::string receiver_psn_no;
  std::string giver_area;
  std::string receiver_area;
  std::string relation_id;
  int64_t relation_version = 0;
  int64_t amount_fen = 0;
  absl::Time next_opening = absl::UnixEpoch();  // when the places of the next day open
  ledger::Transaction freeze;
  ledger::Transaction pivot;
  std::vector<std::string> policies;
};

// All quota of a relation goes back to its giver, at a caller's request or because the relation has
// ended.
struct EndPlan {
  std::string giver_psn_no;
  std::string receiver_psn_no;
  std::string giver_area;
  std::string receiver_area;
  std::string relation_id;
  // True if the relation has ended: then the lot is closed too, and the pivot, for which no caller
  // waits, is sent until it is answered.
  bool relation_ended = false;
  ledger::Transaction pivot;  // its first move empties the lot
};

// What refunds have drawn from a settlement.
struct Drawn {
  std::string settlement_id;
  int64_t version = 0;
  std::string undecided_id;        // the refund that is not decided yet; at most one
  std::string last_id;             // the refund that drew last
  std::vector<int64_t> parts_fen;  // indexed by part of the settlement's plan
  int64_t cash_fen = 0;

  friend bool operator==(const Drawn&, const Drawn&) = default;
};

// A part that is returned.
struct ReturnedPart {
  PlannedPart planned;
  int part = 0;  // index in the settlement's plan
  int64_t amount_fen = 0;
  // Returned of it by earlier refunds.
  int64_t before_fen = 0;
};

struct RefundPlan {
  std::string settlement_id;
  std::string patient_area;
  std::string care_area;
  std::string institution_code;
  std::vector<ReturnedPart> parts;  // in order of returning: the last taken first
  int64_t cash_fen = 0;
  // Group 0: one move per part. Group 1: one move per part of quota, in the same order, into its
  // lot unless that is closed.
  ledger::Transaction pivot;
  Drawn before;  // as it was before this refund
};

using Plan = std::variant<std::monostate, SettlePlan, TransferPlan, EndPlan, RefundPlan>;
using PlanPtr = std::shared_ptr<const Plan>;

// A step that is in the journal of its shard.
struct BookedStep {
  std::string province;
  int64_t number = 0;
  std::string id;
  // For a release, whose attempt may have no plan any more: its EncodeStep. Otherwise "".
  std::string release;

  friend bool operator==(const BookedStep&, const BookedStep&) = default;
};

struct Operation {
  std::string id;
  std::string caller;
  std::string request_id;
  std::string fingerprint;  // "" if the request was closed before it was seen
  State state = State::kDeciding;
  int attempt = 1;
  // Wall clock; after it the pivot is not begun any more.
  absl::Time decide_by = absl::UnixEpoch();
  // Business time at which the attempt was planned.
  absl::Time at = absl::UnixEpoch();
  // The business day that the attempt counts for.
  BusinessDay business_day;
  // The plan of the latest attempt; null if none was planned. It is shared, because it never
  // changes.
  PlanPtr plan;
  // Set from kCompleting on: the answers of the freeze (transfers only) and of the pivot.
  std::vector<ledger::MoveResult> freeze_moves;
  std::vector<ledger::MoveResult> pivot_moves;
  absl::Time pivot_at = absl::UnixEpoch();
  // Number of the deciding entry in its shard's journal.
  int64_t journal_number = 0;
  // Set in kDone: the moves of each completion, in order.
  std::vector<std::vector<ledger::MoveResult>> completion_moves;
  // Set in kRefused.
  absl::Status refusal;
  // Raised with every write.
  int64_t version = 0;
  bool charged() const { return state == State::kCompleting || state == State::kDone; }
  // The plan, or null if there is none or it is of another kind.
  template <class T>
  const T* As() const {
    return plan == nullptr ? nullptr : std::get_if<T>(plan.get());
  }
};

// Operations are large and passed on many times; a stored version never changes.
using OperationPtr = std::shared_ptr<const Operation>;

// A settlement and what refunds have drawn from it.
struct Refundable {
  Operation operation;
  Drawn drawn;
};

// What the charged settlement `operation` took by part number `part` of its plan.
const ledger::MoveResult& TakenBy(const Operation& operation, size_t part);

// Stored forms. The plan has one of its own, because it is written only once for each attempt;
// decoding an operation leaves its plan alone. Decoding returns false if the bytes are damaged.
std::string EncodePlan(const Plan& plan);
std::string EncodeOperation(const Operation& operation);
std::string EncodeDrawn(const Drawn& drawn);
std::string EncodeStep(const ledger::Transaction& step);
bool DecodePlan(const std::string& bytes, Plan& plan);
bool DecodeOperation(const std::string& bytes, Operation& operation);
bool DecodeDrawn(const std::string& bytes, Drawn& drawn);
bool DecodeStep(const std::string& bytes, ledger::Transaction& step);

}  // namespace gongji::settlement

#endif  // GONGJI_SERVICES_SETTLEMENT_OPERATION_H_
