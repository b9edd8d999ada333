#include "services/limits/limits.h"

#include <algorithm>
#include <utility>

#include "services/common/business_day.h"
#include "services/common/errors/reasons.h"
#include "services/limits/window.h"

namespace gongji::limits {
namespace {

DayKey KeyOf(const WalletDay& wallet_day) { return {wallet_day.psn_no, wallet_day.business_day}; }

absl::Status CheckForm(const WalletDay& wallet_day) {
  if (wallet_day.psn_no.empty()) return InvalidField("wallet_day.psn_no", "empty");
  if (wallet_day.area.size() != 6) return InvalidField("wallet_day.area", "not 6 digits");
  if (!ParseDay(wallet_day.business_day)) {
    return InvalidField("wallet_day.business_day", "not a day");
  }
  return absl::OkStatus();
}

absl::Status UsedUp(const policy::TransferRules& rules, const WalletDay& wallet_day) {
  const BusinessDay day = ParseDay(wallet_day.business_day).value_or(BusinessDay());
  return Refuse(reason::kDailyTransfersUsedUp,
                {{"opens", gongji::FormatTime(NextOpening(rules, day))}});
}

}  // namespace

Limits::Limits(Env& env, LimitsStore& store, LimitsPeers& peers, const policy::PolicyBook& policies,
               LimitsOptions options, Metrics& metrics)
    : env_(env),
      store_(store),
      peers_(peers),
      policies_(policies),
      options_(options),
      asked_ledger_total_(metrics.counter("gongji_limits_asked_ledger_total",
                                          "Wallet days asked from the ledger", {})),
      unchecked_total_(
          metrics.counter("gongji_limits_unchecked_total", "Yeses given without counters", {})) {}

const policy::TransferRules& Limits::RulesOf(const WalletDay& wallet_day) const {
  const BusinessDay day = ParseDay(wallet_day.business_day).value_or(BusinessDay());
  return policies_.For(wallet_day.area, day).transfer;
}

Task<absl::StatusOr<int>> Limits::AskLedger(WalletDay wallet_day, absl::Time deadline) {
  asked_ledger_total_.Add(1);
  ASSIGN_OR_CO_RETURN(
      std::vector<std::string> holders,
      co_await peers_.GetPlaces(policy::ProvinceOf(wallet_day.area), KeyOf(wallet_day), deadline));
  const int held = static_cast<int>(holders.size());
  // The counters may be away; the ledger's answer is valid without them.
  (co_await store_.Confirm(KeyOf(wallet_day), std::move(holders), env_.Now())).IgnoreError();
  co_return held;
}

Task<absl::StatusOr<PlacesLeft>> Limits::Unchecked(int64_t max_fen) {
  const absl::Duration now = env_.Monotonic();
  while (!unchecked_.empty() && unchecked_.front() <= now - absl::Seconds(1)) {
    unchecked_.pop_front();
  }
  if (std::ssize(unchecked_) >= options_.max_unchecked_per_second) {
    co_return PeerUnavailable("redis");
  }
  unchecked_.push_back(now);
  unchecked_total_.Add(1);
  co_return PlacesLeft{.places = 0, .amount_fen = max_fen};
}

Task<absl::StatusOr<PlacesLeft>> Limits::MayTake(PlaceRequest request, absl::Time deadline) {
  const WalletDay& day = request.wallet_day;
  CO_RETURN_IF_ERROR(CheckForm(day));
  const policy::TransferRules& rules = RulesOf(day);
  CO_RETURN_IF_ERROR(CheckHours(rules, request.at));
  CO_RETURN_IF_ERROR(CheckAmount(rules, request.amount_fen));
  const auto taken =
      co_await store_.Take(KeyOf(day), request.transfer_id, rules.max_per_day, env_.Now());
  if (!taken.ok()) co_return co_await Unchecked(rules.max_fen);
  if (taken->kind == Taken::Kind::kTaken) {
    co_return PlacesLeft{.places = taken->left, .amount_fen = rules.max_fen};
  }
  // A refusal is final, so it rests on the ledger and not on counters that may lag behind it.
  const auto held = co_await AskLedger(day, deadline);
  if (!held.ok()) co_return PeerUnavailable("wallet/" + policy::ProvinceOf(day.area));
  if (*held >= rules.max_per_day) co_return UsedUp(rules, day);
  // Entered for later questions; a failure does not matter for this one.
  (co_await store_.Take(KeyOf(day), request.transfer_id, rules.max_per_day, env_.Now()))
      .IgnoreError();
  co_return PlacesLeft{.places = rules.max_per_day - *held - 1, .amount_fen = rules.max_fen};
}

Task<absl::Status> Limits::Confirm(WalletDay wallet_day, std::vector<std::string> holders) {
  CO_RETURN_IF_ERROR(CheckForm(wallet_day));
  co_return co_await store_.Confirm(KeyOf(wallet_day), std::move(holders), env_.Now());
}

Task<absl::Status> Limits::GiveBack(WalletDay wallet_day, std::string transfer_id) {
  CO_RETURN_IF_ERROR(CheckForm(wallet_day));
  co_return co_await store_.GiveBack(KeyOf(wallet_day), std::move(transfer_id));
}

Task<absl::StatusOr<PlacesLeft>> Limits::Peek(WalletDay wallet_day, absl::Time at,
                                              absl::Time deadline) {
  CO_RETURN_IF_ERROR(CheckForm(wallet_day));
  const policy::TransferRules& rules = RulesOf(wallet_day);
  CO_RETURN_IF_ERROR(CheckHours(rules, at));
  const auto seen = co_await store_.Peek(KeyOf(wallet_day), rules.max_per_day, env_.Now());
  PlacesLeft left{.places = 0, .amount_fen = rules.max_fen};
  if (seen.ok() && seen->kind == Taken::Kind::kTaken) {
    left.places = seen->left;
  } else {
    // Also when the counters are full: they may lag behind the ledger (MayTake asks in the same
    // way).
    ASSIGN_OR_CO_RETURN(const int held, co_await AskLedger(wallet_day, deadline));
    left.places = std::max(0, rules.max_per_day - held);
  }
  co_return left;
}

}  // namespace gongji::limits
