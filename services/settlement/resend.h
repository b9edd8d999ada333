// Sends the steps of a shard again that it lost because it came back from a backup; their ids make
// that harmless (docs/decisions/0019-backup-and-restore.md).
#ifndef GONGJI_SERVICES_SETTLEMENT_RESEND_H_
#define GONGJI_SERVICES_SETTLEMENT_RESEND_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/common/env.h"
#include "services/common/task.h"
#include "services/settlement/operation.h"
#include "services/settlement/settlement_peers.h"
#include "services/settlement/settlement_store.h"

namespace gongji::settlement {

// A step whose entry is now another one than settlement has answered with.
struct Difference {
  std::string step_id;
  int64_t recorded_number = 0;
  std::string why;
};

// What became of a page of steps.
struct Resent {
  int64_t booked = 0;  // the shard had lost them
  int64_t known = 0;   // it had not, or they are without effect
  std::vector<Difference> differences;
  BookedStep last;   // where the next page goes on
  bool more = true;  // there may be a next page
  // The last difference is a step that still lacks something. Nothing after it was sent, because
  // lots number their steps in the order in which they come.
  bool waits = false;
};

// Rewrites `step` as a completion that must move exactly the amounts in `moves`. It has no deadline
// and does not look at wallets: whether they were open is decided. Where it finds too little it is
// EARLY, and nothing of it is stored.
ledger::Transaction AsAnswered(ledger::Transaction step,
                               const std::vector<ledger::MoveResult>& moves);

// All on the executor thread; everything given must outlive it.
class Resender {
 public:
  Resender(Env& env, SettlementStore& store, SettlementPeers& peers)
      : env_(env), store_(store), peers_(peers) {}

  // Sends the steps after `after`, at most `limit`, one after the other in the order of the
  // journal that had them, and notes their new numbers. Ends early at `deadline` (wall clock).
  // PEER_UNAVAILABLE: not even the first was answered. Any part can be repeated.
  Task<absl::StatusOr<Resent>> Resend(int64_t epoch, BookedStep after, int limit,
                                      absl::Time deadline);

 private:
  // What has to be sent for a step, and the moves it was answered with; no id: nothing.
  struct Again {
    ledger::Transaction transaction;
    // Nothing of a release: its buckets are one pot, of which it takes the whole.
    std::optional<std::vector<ledger::MoveResult>> moves;
  };
  Task<absl::StatusOr<Again>> Find(BookedStep step, absl::Time deadline);
  Task<absl::StatusOr<Again>> FindRelease(BookedStep step, absl::Time deadline);
  Task<absl::StatusOr<Again>> FindCompletion(Operation operation, BookedStep step);
  // The entry of the step; EARLY if it still waits for others.
  Task<absl::StatusOr<AnswerPtr>> Send(BookedStep step, ledger::Transaction transaction,
                                       absl::Time deadline);
  Task<absl::Status> SendOne(int64_t epoch, BookedStep step, absl::Time deadline, Resent& resent);

  Env& env_;
  SettlementStore& store_;
  SettlementPeers& peers_;
};

}  // namespace gongji::settlement

#endif  // GONGJI_SERVICES_SETTLEMENT_RESEND_H_
