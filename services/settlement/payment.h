// How a bill was paid, would be paid, or is paid back: what a plan and the answers to its steps
// mean to the caller.
#ifndef GONGJI_SERVICES_SETTLEMENT_PAYMENT_H_
#define GONGJI_SERVICES_SETTLEMENT_PAYMENT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/ledger/transaction.h"
#include "services/settlement/operation.h"

namespace gongji::settlement {

// What one source paid; see settlement.proto, Part.
struct Part {
  PlannedPart planned;
  int64_t amount_fen = 0;
  int64_t balance_seen_fen = 0;
  ledger::Stop stop = ledger::Stop::kNotNeeded;
};

// An amount that only the patient pays, and the reason.
struct CashPart {
  int64_t amount_fen = 0;
  absl::Status reason;
};

// See settlement.proto, Payment.
struct Payment {
  std::vector<Part> parts;
  int64_t acct_pay_fen = 0;
  int64_t acct_mulaid_pay_fen = 0;
  int64_t psn_cash_pay_fen = 0;
  int64_t balance_fen = 0;
  std::vector<CashPart> cash_parts;
  std::vector<std::string> policies;
  std::vector<RefusedPayer> refused;
};

// `moves` are the pivot's. Checks V4: parts and cash add up to the personal part.
Payment PaymentOf(const SettlePlan& plan, const std::vector<ledger::MoveResult>& moves);

// See settlement.proto, CancelResponse.
struct Refund {
  int64_t cash_fen = 0;
  std::vector<Part> parts;
};

// `moves` are the refund's pivot's.
Refund RefundOf(const RefundPlan& plan, const std::vector<ledger::MoveResult>& moves);

// Why a source that all rules allow paid less than was wanted; OK if it stopped because no more was
// wanted.
absl::Status ReasonOfStop(const Part& part);

}  // namespace gongji::settlement

#endif  // GONGJI_SERVICES_SETTLEMENT_PAYMENT_H_
