// Operations: what settlement remembers of each thing it drives. The protocol is
// freeze -> pivot -> complete; docs/model/README.md is its specification.
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
  kCompleting = 2,  // the pivot is applied: charged; completions may be missing
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

// A relative who was not asked, with every failed rule.
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
  absl::Time next_opening = absl::UnixEpoch();  // of the places of the next day
  ledger::Transaction freeze;
  ledger::Transaction pivot;
  std::vector<std::string> policies;
};

// Quota goes back to its giver: all of it while the relation goes on, or with it.
struct EndPlan {
  std::string giver_psn_no;
  std::string receiver_psn_no;
  std::string giver_area;
  std::string receiver_area;
  std::string relation_id;
  // The relation has ended: the lot is closed, and the pivot, which no caller waits for, is sent
  // until it is answered.
  bool relation_ended = false;
  ledger::Transaction pivot;  // its first move empties the lot
};

// What refunds have drawn from a settlement.
struct Drawn {
  std::string settlement_id;
  int64_t version = 0;
  std::string undecided_id;        // the refund that is not decided yet; at most one
  std::string last_id;             // the refund that drew last
  std::vector<int64_t> parts_fen;  // by part of the settlement's plan
  int64_t cash_fen = 0;

  friend bool operator==(const Drawn&, const Drawn&) = default;
};

// A part that goes back.
struct ReturnedPart {
  PlannedPart planned;
  int part = 0;  // of the settlement's plan
  int64_t amount_fen = 0;
  // What earlier refunds returned of it.
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
  Drawn before;  // this refund
};

using Plan = std::variant<std::monostate, SettlePlan, TransferPlan, EndPlan, RefundPlan>;
using PlanPtr = std::shared_ptr<const Plan>;

// A step that stands in the journal of its shard.
struct BookedStep {
  std::string province;
  int64_t number = 0;
  std::string id;
  // EncodeStep of a release, whose attempt may have no plan any more; else "".
  std::string release;

  friend bool operator==(const BookedStep&, const BookedStep&) = default;
};

struct Operation {
  std::string id;
  std::string caller;
  std::string request_id;
  std::string fingerprint;  // "" of a request closed before it was seen
  State state = State::kDeciding;
  int attempt = 1;
  // Wall clock; after it the pivot is not begun any more.
  absl::Time decide_by = absl::UnixEpoch();
  // Business time of the attempt's intent, and the business day it counts for.
  absl::Time at = absl::UnixEpoch();
  BusinessDay business_day;
  // Of the latest attempt; nothing if none was planned. Shared, because it never changes.
  PlanPtr plan;
  // From kCompleting on: what the steps answered.
  std::vector<ledger::MoveResult> freeze_moves;
  std::vector<ledger::MoveResult> pivot_moves;
  absl::Time pivot_at = absl::UnixEpoch();
  // Of the deciding entry in its shard's journal.
  int64_t journal_number = 0;
  // Of kDone: the moves of each completion, in order.
  std::vector<std::vector<ledger::MoveResult>> completion_moves;
  // Of kRefused.
  absl::Status refusal;
  // Raised with every write.
  int64_t version = 0;
  bool charged() const { return state == State::kCompleting || state == State::kDone; }
  // The plan as one of a kind, or null if it is another or none.
  template <class T>
  const T* As() const {
    return plan == nullptr ? nullptr : std::get_if<T>(plan.get());
  }
};

// Operations are large and go through many hands; what is stored does not change any more.
using OperationPtr = std::shared_ptr<const Operation>;

// A settlement and what refunds have drawn from it.
struct Refundable {
  Operation operation;
  Drawn drawn;
};

// What the charged settlement `operation` took by the part `part` of its plan.
const ledger::MoveResult& TakenBy(const Operation& operation, size_t part);

// Stored forms: the plan, which is written once an attempt, and everything else. False if the bytes
// are damaged; decoding an operation leaves its plan alone.
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
