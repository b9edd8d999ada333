// Operations: what settlement remembers of each thing it drives. The protocol is design.md's
// freeze -> pivot -> complete; its model is docs/model once it is there.
#ifndef GONGJI_SERVICES_SETTLEMENT_OPERATION_H_
#define GONGJI_SERVICES_SETTLEMENT_OPERATION_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/common/business_day.h"
#include "services/wallet/transaction.h"

namespace gongji::settlement {

enum class OperationKind { kNone = 0, kTransfer = 1, kSettle = 2 };

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
  wallet::Transaction pivot;
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
  wallet::Transaction freeze;
  wallet::Transaction pivot;
  std::vector<std::string> policies;
};

struct Operation {
  std::string id;
  OperationKind kind = OperationKind::kNone;
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
  SettlePlan settle;
  TransferPlan transfer;
  // From kCompleting on: what the steps answered.
  std::vector<wallet::MoveResult> freeze_moves;
  std::vector<wallet::MoveResult> pivot_moves;
  absl::Time pivot_at = absl::UnixEpoch();
  // Of the deciding entry in its shard's journal.
  int64_t journal_number = 0;
  // Of kRefused.
  absl::Status refusal;
  // Raised with every write.
  int64_t version = 0;
};

// Where a step goes: the shard of a province, and what it does there.
struct Step {
  std::string province;
  wallet::Transaction transaction;
};

// One giver area -> receiver area on a day (R31).
struct Total {
  std::string giver_area;
  std::string receiver_area;
  BusinessDay day;
  int64_t count = 0;
  int64_t amount_fen = 0;

  friend bool operator==(const Total&, const Total&) = default;
};

// The step that undoes the freeze of a transfer's attempt whose freeze answered `moves`.
Step ReleaseOf(const Operation& operation, const std::vector<wallet::MoveResult>& moves);

// The steps that follow from an applied pivot, in order; a pure function of plan and answer.
std::vector<Step> CompletionsOf(const Operation& operation);

// What the outcome adds to the totals; once per operation.
std::vector<Total> TotalsOf(const Operation& operation);

// How a bill was or would be paid; see settlement.proto, Payment.
struct Part {
  PlannedPart planned;
  int64_t amount_fen = 0;
  int64_t balance_seen_fen = 0;
  wallet::Stop stop = wallet::Stop::kNotNeeded;
};

struct Payment {
  std::vector<Part> parts;
  int64_t acct_pay_fen = 0;
  int64_t acct_mulaid_pay_fen = 0;
  int64_t psn_cash_pay_fen = 0;
  int64_t balance_fen = 0;
  std::vector<std::string> policies;
  std::vector<RefusedPayer> refused;
};

// `moves` are the pivot's. Checks V4: parts and cash add up to the personal part.
Payment PaymentOf(const SettlePlan& plan, const std::vector<wallet::MoveResult>& moves);

// Stored form of an operation; false if the bytes are damaged.
std::string EncodeOperation(const Operation& operation);
bool DecodeOperation(const std::string& bytes, Operation& operation);

}  // namespace gongji::settlement

#endif  // GONGJI_SERVICES_SETTLEMENT_OPERATION_H_
