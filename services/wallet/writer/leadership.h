// Leadership: which of the processes that share a shard serves it. One holds the lease and is the
// writer; the others stand by, say where the writer is, and take over when its lease ends.
//
// Two things keep them apart. Writes: the epoch of the journal's head, which a new writer raises,
// so that what an old one sends later is refused. Reads: the lease. Its holder trusts it for as
// long as it was granted for, less a margin, counted by its own monotonic clock from before it
// asked. So a writer that was frozen and woken again answers nothing, even before it asks anybody.
// Needed of the store's clock: that it runs forward no faster than that of a process by more than
// the margin.
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
  std::string holder;   // another one for each process that ever runs
  std::string address;  // where callers reach this process
  absl::Duration length = absl::Seconds(4);
  absl::Duration margin = absl::Milliseconds(500);
  absl::Duration renew_every = absl::Seconds(1);
  // How often a standby looks whether the lease is free.
  absl::Duration look_every = absl::Milliseconds(100);
  // How long a writer that leaves waits for calls under way, and then for somebody to follow.
  absl::Duration calls_end = absl::Milliseconds(500);
  absl::Duration follow = absl::Seconds(3);
  // What becomes of the writer. `start` takes over the store; `save` saves what the tables lack
  // while calls go on; `stop_waiting` ends calls that only wait for something to happen; `close`
  // refuses everything from then on and saves the rest. A failed start and a lost lease end the
  // process.
  std::function<Task<absl::Status>()> start;
  std::function<Task<absl::Status>()> save;
  std::function<void()> stop_waiting = [] {};
  std::function<Task<absl::Status>()> close;
  std::function<void(const std::string& why)> on_lost = [](const std::string&) {};
};

// All on the executor thread; what is given must outlive it.
class Leadership {
 public:
  // Without `leases` nobody else can open the store.
  Leadership(Env& env, TaskScope& scope, LeaseStore* leases, LeadershipOptions options);

  // Becomes the writer, or a standby if there is a writer. Returns when calls can be answered.
  Task<absl::Status> Start();

  // OK if this process may serve now. Else NOT_WRITER, with the writer's address if it is known.
  absl::Status CheckServing() const;

  // A call may begin. The same as Standing, but while the writer starts or is handed over, the call
  // waits for that: afterwards it is known where it belongs.
  Task<absl::Status> Admit();
  void CallBegins() { ++calls_; }
  void CallEnds();

  // Before the process ends: calls under way come to their end, everything is saved, the lease goes
  // to a standby, and callers are told which one.
  Task<void> HandOver();

 private:
  enum class State { kStandby, kStarting, kServing, kHandingOver, kLeft };

  Task<void> KeepLease();
  // What a claim has led to; how long to wait for the next one.
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
  // The lease: of this process while it serves, else who has it.
  absl::Duration trusted_until_ = absl::ZeroDuration();
  int64_t term_ = 0;
  std::string writer_address_;
  int calls_ = 0;
  Event changed_;  // another state, or the last call has ended
};

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_WRITER_LEADERSHIP_H_
