// KeepLease claims the lease again and again, and Took acts on each result: a standby that gets it
// becomes the writer (kStandby -> kStarting -> kServing), and a writer that loses it ends the
// process (kLeft). HandOver takes a writer through kHandingOver to kLeft. Calls wait in Admit while
// the state is kStarting or kHandingOver.
#include "services/wallet/writer/leadership.h"

#include <algorithm>
#include <utility>

#include "services/common/errors/reasons.h"
#include "services/common/errors/status.h"
#include "services/common/log.h"

namespace gongji::wallet {
namespace {

constexpr absl::Duration kLookForSuccessor = absl::Milliseconds(10);
constexpr absl::Duration kShortest = absl::Milliseconds(5);

}  // namespace

Leadership::Leadership(Env& env, TaskScope& scope, LeaseStore* leases, LeadershipOptions options)
    : env_(env), scope_(scope), leases_(leases), options_(std::move(options)), changed_(env) {}

Task<absl::Status> Leadership::Start() {
  if (leases_ == nullptr) {
    CO_RETURN_IF_ERROR(co_await options_.start());
    state_ = State::kServing;
    trusted_until_ = absl::InfiniteDuration();
    co_return absl::OkStatus();
  }
  scope_.Spawn(KeepLease());
  while (!decided_) co_await changed_.Wait();
  co_return started_;
}

absl::Status Leadership::NotWriter() const {
  // Never refers callers to this process itself: they would come back at once, again and again.
  if (writer_address_.empty() || writer_address_ == options_.address) {
    return Refuse(reason::kNotWriter);
  }
  return Refuse(reason::kNotWriter, {{"address", writer_address_}});
}

absl::Status Leadership::CheckServing() const {
  const bool writer = state_ == State::kServing || state_ == State::kHandingOver;
  if (writer && env_.Monotonic() < trusted_until_) return absl::OkStatus();
  return NotWriter();
}

Task<absl::Status> Leadership::Admit() {
  while (state_ == State::kStarting || state_ == State::kHandingOver) {
    co_await changed_.Wait();
  }
  co_return CheckServing();
}

void Leadership::CallEnds() {
  if (--calls_ == 0 && state_ == State::kHandingOver) Become(state_);
}

void Leadership::Become(State state) {
  state_ = state;
  changed_.Notify();
}

void Leadership::Lost(const std::string& why) {
  if (state_ == State::kLeft) return;
  Become(State::kLeft);
  options_.on_lost(why);
}

Task<void> Leadership::KeepLease() {
  // The lease is also renewed while calls come to their end and everything is saved.
  while (state_ != State::kLeft && !released_) {
    const absl::Duration asked = env_.Monotonic();
    const auto lease =
        co_await leases_->Claim({options_.holder, options_.address, options_.length});
    // Whoever leaves while a claim is under way gives the lease back.
    if (released_) co_return;
    co_await Sleep(env_, Took(lease, asked));
  }
}

absl::Duration Leadership::Took(const absl::StatusOr<Lease>& lease, absl::Duration asked) {
  if (!lease.ok()) {
    // A writer goes on for as long as it may trust its lease. A standby knows of no writer any
    // more.
    if (state_ == State::kStandby) writer_address_.clear();
    if (!std::exchange(decided_, true)) Become(state_);
    return options_.look_every;
  }
  const bool standby = state_ == State::kStandby;
  if (lease->holder != options_.holder) {
    if (!standby) {
      writer_address_ = lease->address;
      Lost("another process has the lease");
      return options_.look_every;
    }
    if (writer_address_ != lease->address) {
      Log(LogLevel::kInfo, "standing by", {{"writer", lease->address}});
    }
    writer_address_ = lease->address;
    if (!std::exchange(decided_, true)) Become(state_);
    return std::clamp(lease->left, kShortest, options_.look_every);
  }
  if (!standby && lease->term != term_) {
    Lost("another process had the lease meanwhile");
    return options_.look_every;
  }
  trusted_until_ = asked + options_.length - options_.margin;
  if (standby) {
    term_ = lease->term;
    Become(State::kStarting);
    scope_.Spawn(BecomeWriter());
  }
  return options_.renew_every;
}

Task<void> Leadership::BecomeWriter() {
  started_ = co_await options_.start();
  const bool served_before = std::exchange(decided_, true);
  if (state_ != State::kStarting) co_return;  // The lease was lost meanwhile.
  if (!started_.ok()) {
    Log(LogLevel::kError, "cannot take over", {{"status", started_.ToString()}});
    released_ = true;
    (co_await leases_->Release(options_.holder)).IgnoreError();  // Another process may be able to.
    // If Start still waits, it reports the failure.
    served_before ? Lost("cannot take over") : Become(State::kLeft);
    co_return;
  }
  Log(LogLevel::kInfo, "writing this shard", {{"term", std::to_string(term_)}});
  Become(State::kServing);
}

Task<void> Leadership::HandOver() {
  if (state_ != State::kServing) {
    Become(State::kLeft);
    // This also takes back a claim that is under way, because the release comes after it.
    if (leases_ != nullptr && !std::exchange(released_, true)) {
      (co_await leases_->Release(options_.holder)).IgnoreError();
    }
    co_return;
  }
  // The first save writes most of it while calls go on, the second what came during the first. What
  // cannot be saved is redone by the next writer.
  for (int saves = 0; saves < 2; ++saves) (co_await options_.save()).IgnoreError();
  if (state_ != State::kServing) co_return;  // The lease was lost meanwhile.
  Become(State::kHandingOver);
  options_.stop_waiting();
  const absl::Duration end = env_.Monotonic() + options_.calls_end;
  while (calls_ > 0 && env_.Monotonic() < end) {
    co_await changed_.WaitFor(end - env_.Monotonic());
  }
  const absl::Status saved = co_await options_.close();
  if (!saved.ok()) {
    Log(LogLevel::kWarning, "left with a tail to redo", {{"status", saved.ToString()}});
  }
  if (leases_ != nullptr) co_await FindSuccessor();
  Become(State::kLeft);
}

Task<void> Leadership::FindSuccessor() {
  released_ = true;
  trusted_until_ = absl::ZeroDuration();
  const absl::Status released = co_await leases_->Release(options_.holder);
  const absl::Duration end = env_.Monotonic() + options_.follow;
  while (released.ok() && env_.Monotonic() < end) {
    const auto lease = co_await leases_->Read();
    if (lease.ok() && !lease->holder.empty()) {
      writer_address_ = lease->address;
      Log(LogLevel::kInfo, "handed over", {{"writer", lease->address}});
      co_return;
    }
    co_await Sleep(env_, kLookForSuccessor);
  }
  Log(LogLevel::kWarning, "nobody has taken over");
}

}  // namespace gongji::wallet
