#include "services/common/route.h"

#include <algorithm>
#include <utility>

#include "services/common/errors/check.h"
#include "services/common/errors/reasons.h"

namespace gongji {
namespace {

// An attempt that leaves time for another has at least this.
constexpr absl::Duration kLeastAttempt = absl::Milliseconds(500);
// Full jitter, because many callers may have lost the same peer.
constexpr BackoffOptions kBetweenAttempts = {.first = absl::Milliseconds(10), .certain = 0};
// A repetition costs one token; a call adds a tenth of one, up to ten.
constexpr double kMaxTokens = 10;
constexpr double kTokensPerCall = 0.1;

// The writer's address, if `failure` is a NOT_WRITER that names it; else "".
std::string WriterOf(const absl::Status& failure) {
  const auto detail = DetailOf(failure);
  if (!detail.has_value() || detail->reason != reason::kNotWriter.name) return "";
  for (const auto& [name, value] : detail->metadata) {
    if (name == "address") return value;
  }
  return "";
}

}  // namespace

Route::Route(std::vector<std::string> addresses)
    : addresses_(std::move(addresses)), tokens_(kMaxTokens) {
  CHECK(!addresses_.empty());
  address_ = addresses_.front();
}

void Route::TryNextAfter(const std::string& tried) {
  if (address_ != tried) return;
  const auto next = [this] { return (turn_ + 1) % addresses_.size(); };
  turn_ = next();
  // A writer that was named may be the one whose turn comes now.
  if (addresses_[turn_] == tried) turn_ = next();
  address_ = addresses_[turn_];
}

Attempts::Attempts(Route& route, absl::Duration ends)
    : route_(route), ends_(ends), backoff_(kBetweenAttempts) {
  route_.tokens_ = std::min(kMaxTokens, route_.tokens_ + kTokensPerCall);
}

Attempts::Attempt Attempts::Begin(absl::Duration now) {
  ++attempts_;
  tried_ = route_.address_;
  const bool only = route_.addresses_.size() == 1 && tried_ == route_.addresses_.front();
  const bool last = only || attempts_ >= kMaxAttempts;
  const absl::Duration time = std::max(kLeastAttempt, (ends_ - now) / 2);
  return {tried_, last ? ends_ : std::min(ends_, now + time)};
}

std::optional<absl::Duration> Attempts::After(const absl::Status& failure, absl::Duration now,
                                              uint64_t random) {
  // With a reason it is an answer.
  const bool silent = absl::IsDeadlineExceeded(failure) && !DetailOf(failure).has_value();
  if (!absl::IsUnavailable(failure) && !silent) return std::nullopt;
  const std::string writer = WriterOf(failure);
  if (!writer.empty() && writer != tried_ && redirects_ < kMaxRedirects) {
    ++redirects_;
    --attempts_;
    // If other calls have moved the route since, they know better than this late hint.
    if (route_.address_ == tried_) route_.address_ = writer;
    return absl::ZeroDuration();
  }
  route_.TryNextAfter(tried_);
  const absl::Duration pause = backoff_.Next(random);
  if (attempts_ >= kMaxAttempts || route_.tokens_ < 1 || now + pause >= ends_) {
    return std::nullopt;
  }
  route_.tokens_ -= 1;
  return pause;
}

}  // namespace gongji
