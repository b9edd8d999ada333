#include "tools/loadgen/ledger.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "gongji/wallet/v1/wallet.pb.h"
#include "services/common/errors/status.h"
#include "services/common/join.h"
#include "services/common/rpc/status_wire.h"

namespace gongji::load {
namespace {

constexpr absl::Duration kCallTime = absl::Seconds(5);
constexpr int64_t kLines = 256;
constexpr int64_t kAmountFen = 100;

std::string PersonAt(int64_t number) { return absl::StrFormat("31%012d", number); }

// Independent draws by number, so that no state of a run has to be kept.
uint64_t Mix(uint64_t value) {
  value += 0x9e3779b97f4a7c15;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

wallet::v1::Transaction TransactionAt(const LedgerTarget& target, int64_t number) {
  const auto seed = 2 * static_cast<uint64_t>(number) + std::hash<std::string>()(target.tag);
  const int64_t from = Draw(seed, target.accounts, target.spread);
  const int64_t to = Draw(seed + 1, target.accounts, target.spread);
  wallet::v1::Transaction transaction;
  transaction.set_id(absl::StrCat(target.tag, "/", number));
  transaction.set_kind(wallet::v1::Transaction::KIND_PIVOT);
  transaction.set_holder(target.tag);
  wallet::v1::Group* group = transaction.add_groups();
  group->set_want_fen(kAmountFen);
  group->set_at_least_fen(kAmountFen);
  wallet::v1::Move* move = group->add_moves();
  move->set_from(AccountAt(from));
  move->set_to(target.spread == Spread::kHot
                   ? "provider/H31000000001"
                   : AccountAt(to == from ? (to + 1) % target.accounts : to));
  move->set_tag("move");
  return transaction;
}

Task<absl::Status> FileLane(LedgerTarget target, Lines lines, int64_t& next, int64_t last) {
  while (next < last) {
    wallet::v1::ContributeRequest request;
    for (int64_t end = std::min(next + kLines, last); next < end; ++next) {
      wallet::v1::Contribution* line = request.add_contributions();
      line->set_line_id(absl::StrCat(lines.tag, "-", next));
      line->set_psn_no(PersonAt(next));
      line->set_prior_fen(lines.prior_fen);
      line->set_current_fen(lines.current_fen);
      line->set_year(2026);
      line->set_source("opening");
    }
    const auto response =
        co_await target.channel.Call<wallet::v1::ContributeRequest, wallet::v1::ContributeResponse>(
            "gongji.wallet.v1.WalletService/Contribute", request, target.env.Now() + kCallTime);
    CO_RETURN_IF_ERROR(response.status());
    for (const auto& outcome : response->outcomes()) {
      if (outcome.has_error()) co_return rpc::FromMessage(outcome.error());
    }
  }
  co_return absl::OkStatus();
}

Task<std::optional<Done>> Apply(LedgerTarget target, int64_t call) {
  wallet::v1::BatchApplyRequest request;
  for (int i = 0; i < target.per_call; ++i) {
    *request.add_transactions() = TransactionAt(target, call * target.per_call + i);
  }
  const auto response =
      co_await target.channel.Call<wallet::v1::BatchApplyRequest, wallet::v1::BatchApplyResponse>(
          "gongji.wallet.v1.WalletService/BatchApply", request, target.env.Now() + kCallTime);
  Done done{.items = target.per_call, .errors = {}};
  if (!response.ok()) {
    done.errors.push_back(absl::StatusCodeToString(response.status().code()));
    co_return done;
  }
  if (response->outcomes_size() != target.per_call) done.errors.emplace_back("ITEMS_LOST");
  for (const auto& outcome : response->outcomes()) {
    const bool good = outcome.has_applied() && !outcome.applied().replayed() &&
                      outcome.applied().moves(0).amount_fen() == kAmountFen;
    if (!good) done.errors.emplace_back("APPLIED_OTHERWISE");
  }
  co_return done;
}

}  // namespace

std::string AccountAt(int64_t number) {
  return absl::StrCat("person/", PersonAt(number), "/prior");
}

int64_t Draw(uint64_t seed, int64_t accounts, Spread spread) {
  const uint64_t bits = Mix(seed);
  if (spread != Spread::kZipf) return static_cast<int64_t>(bits % static_cast<uint64_t>(accounts));
  // With exponent 1 the probability of the k-th account is proportional to ln(k + 1) - ln(k), so
  // the inverse is a power.
  const double uniform = static_cast<double>(bits >> 11) * 0x1.0p-53;
  const double rank = std::exp(uniform * std::log(static_cast<double>(accounts)));
  // Spreads neighbours in rank over the table.
  const auto place = static_cast<uint64_t>(rank) * 0x9e3779b97f4a7c15;
  return static_cast<int64_t>(place % static_cast<uint64_t>(accounts));
}

Task<absl::Status> SendLines(LedgerTarget target, TaskScope& scope, Lines lines, int64_t first,
                             int64_t last) {
  int64_t next = first;
  std::vector<Task<absl::Status>> lanes;
  lanes.reserve(static_cast<size_t>(lines.in_flight));
  for (int i = 0; i < lines.in_flight; ++i) lanes.push_back(FileLane(target, lines, next, last));
  absl::Status all;
  for (const absl::Status& lane : co_await Join(target.env, scope, std::move(lanes))) {
    all.Update(lane);
  }
  co_return all;
}

Work LedgerWork(LedgerTarget target) {
  return [target](int64_t number) { return Apply(target, number); };
}

}  // namespace gongji::load
