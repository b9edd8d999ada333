// Leadership decides which of the processes that share a shard serves it. One holds the lease and
// is the writer; the others are standbys, which say where the writer is and take over when its
// lease ends.
//
// Two things keep an old writer from acting beside a new one. Its writes are refused, because a new
// writer raises the epoch of the journal's head. Its reads end with the lease: a holder trusts a
// lease for the length granted, less a margin, counted by its own monotonic clock from before it
// asked. So a writer that was frozen and woken again answers nothing, even before it has asked
// anybody. This requires that during a lease the store's clock gains no more than the margin on the
// clock of a process.
#ifndef GONGJI_SERVICES_WALLET_WRITER_LEADERSHIP_H_
#define GONGJI_SERVICES_WALLET_WRITER_LEADERSHIP_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/common/env.h"
#include "services/common/event.h"
#include "services/common/task.h"
#include "services/wallet/store/lease_store.h"

namespace gongji::wallet {

struct LeadershipOptions {
  std::string holder;   // a different one for each process that ever runs
  std::string address;  // where callers reach this process
  absl::Duration length = absl::Seconds(4);
  absl::Duration margin = absl::Milliseconds(500);
  absl::Duration renew_every = absl::Seconds(1);
  // How often a standby looks whether the lease is free.
  absl::Duration look_every = absl::Milliseconds(100);
  // How long a writer that hands over waits for the end of calls that have begun.
  absl::Duration calls_end = absl::Milliseconds(500);
  // How long it waits after that for a standby to take over.
  absl::Duration follow = absl::Seconds(3);
  // Takes over the store. If this fails, the process does not become the writer and has to end.
  std::function<Task<absl::Status>()> start;
  // Saves what the tables lack, while calls go on.
  std::function<Task<absl::Status>()> save;
  // Ends calls that only wait for something to happen.
  std::function<void()> stop_waiting = [] {};
  // Refuses everything from then on and saves the rest.
  std::function<Task<absl::Status>()> close;
  // Called when this process has lost the lease or, after it was a standby, cannot take over. It
  // should end the process.
  std::function<void(const std::string& why)> on_lost = [](const std::string&) {};
};

// All on the executor thread; the constructor's references must outlive it.
class Leadership {
 public:
  // `leases` is null if no other process can open the store.
  Leadership(Env& env, TaskScope& scope, LeaseStore* leases, LeadershipOptions options);

  // Becomes the writer, or a standby if there is a writer already. Returns when calls can be
  // answered.
  Task<absl::Status> Start();

  // OK if this process may serve now; otherwise NOT_WRITER, with the writer's address if it is
  // known.
  absl::Status CheckServing() const;

  // Like CheckServing, asked before a call begins. While this process starts as the writer or hands
  // over, it waits until that has ended and it is known which process answers calls.
  Task<absl::Status> Admit();
  // Every call that Admit let pass is counted until it ends.
  void CallBegins() { ++calls_; }
  void CallEnds();

  // To be called before the process ends. Lets calls under way come to their end, saves everything,
  // leaves the lease to a standby, and refers callers to it from then on.
  Task<void> HandOver();

 private:
  enum class State { kStandby, kStarting, kServing, kHandingOver, kLeft };

  Task<void> KeepLease();
  // Acts on the result of a claim that was sent at `asked`; returns how long to wait before the
  // next one.
  absl::Duration Took(const absl::StatusOr<Lease>& lease, absl::Duration asked);
  Task<void> BecomeWriter();
  Task<void> FindSuccessor();
  absl::Status NotWriter() const;
  void Lost(const std::string& why);
  void Become(State state);

  Env& env_;
  TaskScope& scope_;
  LeaseStore* const leases_;
  const LeadershipOptions options_;
  State state_ = State::kStandby;
  absl::Status started_;
  bool decided_ = false;   // whether Start may return
  bool released_ = false;  // the lease is not claimed any more
  // The lease of this process:
  absl::Duration trusted_until_ = absl::ZeroDuration();
  int64_t term_ = 0;
  // The process that has the lease instead, as far as it is known.
  std::string writer_address_;
  int calls_ = 0;
  Event changed_;  // notified of another state, and when the last call has ended
};

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_WRITER_LEADERSHIP_H_
