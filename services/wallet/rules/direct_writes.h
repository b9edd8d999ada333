// Writes that platforms ask of a shard for the persons they insure; each becomes one transaction of
// the ledger.
#ifndef GONGJI_SERVICES_WALLET_RULES_DIRECT_WRITES_H_
#define GONGJI_SERVICES_WALLET_RULES_DIRECT_WRITES_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "policy/policy.h"
#include "services/common/business_day.h"
#include "services/common/caller.h"
#include "services/ledger/transaction.h"

namespace gongji::wallet {

// Fields and bounds of the following are those of wallet.proto.

// One line of a contribution file.
struct Contribution {
  std::string line_id;
  std::string psn_no;
  int64_t current_fen = 0;
  int64_t prior_fen = 0;
  int year = 0;
  std::string source;
};

struct OpenWallet {
  std::string request_id;
  std::string psn_no;
  bool confirmed = false;
  std::string opened_by_psn_no;
};

struct CloseWallet {
  std::string request_id;
  std::string psn_no;
};

enum class PayOutGround {
  kCash = 1,     // R35
  kRetiree = 2,  // settled in another province, R20
};

// Own money that leaves the account for its owner.
struct PayOut {
  std::string request_id;
  std::string psn_no;
  PayOutGround ground = PayOutGround::kCash;
  int64_t amount_fen = 0;
  int64_t fee_fen = 0;  // as it was confirmed; on top of the amount
  std::string area;
  std::string person_type;
  std::string settled_in_area;  // kRetiree
};

// Own money that becomes the family's (R18).
struct SetAside {
  std::string request_id;
  std::string psn_no;
  std::string area;
  int64_t amount_fen = 0;  // 0: all that may be moved
};

// The transaction of a write, or INVALID_FIELD. A refusal by policy is part of the transaction, so
// that it is stored under the id like any other refusal. A repeated request is recognised by what
// it asks, not by what policy and day make of it.
absl::StatusOr<ledger::Transaction> TransactionOf(const Caller& caller, const Contribution& line);
absl::StatusOr<ledger::Transaction> TransactionOf(const Caller& caller, const OpenWallet& wallet);
absl::StatusOr<ledger::Transaction> TransactionOf(const Caller& caller, const CloseWallet& wallet);
absl::StatusOr<ledger::Transaction> TransactionOf(const Caller& caller, const PayOut& pay_out,
                                                  const policy::AreaPolicy& rules, BusinessDay day);
absl::StatusOr<ledger::Transaction> TransactionOf(const Caller& caller, const SetAside& set_aside,
                                                  const policy::AreaPolicy& rules, BusinessDay day);

// What a withdrawal of `amount_fen` costs a person of this type, in fen: the percentage, rounded
// half up to the fen, plus the fixed fee, but at least the least fee; 0 for exempt types.
int64_t CashFee(const policy::CashWithdrawal& rules, const std::string& person_type,
                int64_t amount_fen);

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_RULES_DIRECT_WRITES_H_
