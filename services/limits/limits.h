// Use cases of limits: may a transfer have a place today? (R16)
//
// A yes is only advice, because the freeze in the ledger decides; a no is right, because it rests
// on places that the ledger confirmed. Losing counters makes an answer slower, never wrong (P17).
#ifndef GONGJI_SERVICES_LIMITS_LIMITS_H_
#define GONGJI_SERVICES_LIMITS_LIMITS_H_

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "policy/policy.h"
#include "services/common/env.h"
#include "services/common/metrics.h"
#include "services/common/task.h"
#include "services/limits/limits_peers.h"
#include "services/limits/limits_store.h"

namespace gongji::limits {

// A wallet on a business day, with the area whose rules apply.
struct WalletDay {
  std::string psn_no;
  std::string business_day;
  std::string area;
};

struct PlaceRequest {
  WalletDay wallet_day;
  std::string transfer_id;
  int64_t amount_fen = 0;
  absl::Time at;  // business time of the intent
};

struct PlacesLeft {
  int places = 0;
  int64_t amount_fen = 0;
};

struct LimitsOptions {
  // How often per second a transfer may be allowed without counters: the ledger may have to refuse
  // that many by itself.
  int max_unchecked_per_second = 200;
};

// Use it on the executor thread only; all arguments must outlive it.
class Limits {
 public:
  Limits(Env& env, LimitsStore& store, LimitsPeers& peers, const policy::PolicyBook& policies,
         LimitsOptions options, Metrics& metrics);

  // Nothing has to be taken over: the counters may be empty.
  static Task<absl::Status> Start() { co_return absl::OkStatus(); }

  // Returns what is left after a yes, or OUTSIDE_TRANSFER_HOURS, TRANSFER_ABOVE_LIMIT,
  // DAILY_TRANSFERS_USED_UP with `opens`, or PEER_UNAVAILABLE. Deadlines are in wall-clock time.
  Task<absl::StatusOr<PlacesLeft>> MayTake(PlaceRequest request, absl::Time deadline);

  // Stores the day's holders as the ledger reported them.
  Task<absl::Status> Confirm(WalletDay wallet_day, std::vector<std::string> holders);

  // Removes a transfer for which the ledger holds no place.
  Task<absl::Status> GiveBack(WalletDay wallet_day, std::string transfer_id);

  // Returns what is left, or why transfers are closed at `at`; changes no place.
  Task<absl::StatusOr<PlacesLeft>> Peek(WalletDay wallet_day, absl::Time at, absl::Time deadline);

 private:
  const policy::TransferRules& RulesOf(const WalletDay& wallet_day) const;
  // Asks the ledger and updates the counters; returns the number of places held.
  Task<absl::StatusOr<int>> AskLedger(WalletDay wallet_day, absl::Time deadline);
  Task<absl::StatusOr<PlacesLeft>> Unchecked(int64_t max_fen);

  Env& env_;
  LimitsStore& store_;
  LimitsPeers& peers_;
  const policy::PolicyBook& policies_;
  const LimitsOptions options_;
  std::deque<absl::Duration> unchecked_;
  Counter& asked_ledger_total_;
  Counter& unchecked_total_;
};

}  // namespace gongji::limits

#endif  // GONGJI_SERVICES_LIMITS_LIMITS_H_
