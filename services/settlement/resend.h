// Sends steps again that a shard lost because it was restored from a backup; their ids make that
// harmless (docs/decisions/0019-backup-and-restore.md).
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

// A step whose entry now differs from the one on which settlement's answer was based.
struct Difference {
  std::string step_id;
  int64_t recorded_number = 0;
  std::string why;
};

// What became of a page of steps.
struct Resent {
  int64_t booked = 0;  // steps that the shard had lost
  int64_t known = 0;   // steps that it had not lost, or that are without effect
  std::vector<Difference> differences;
  BookedStep last;   // the next page begins after it
  bool more = true;  // there may be a next page
  // The last difference is a step that has to wait for something that the shard still lacks.
  // Nothing after it was sent, because lots number their steps in the order in which they come.
  bool waits = false;
};

// Rewrites `step` as a completion that must move exactly the amounts in `moves`. It has no deadline
// and does not check wallets, because it was already decided that they were open. If it finds too
// little money, its answer is EARLY and nothing of it is stored.
ledger::Transaction AsAnswered(ledger::Transaction step,
                               const std::vector<ledger::MoveResult>& moves);

// All on the executor thread; the constructor's references must outlive it.
class Resender {
 public:
  Resender(Env& env, SettlementStore& store, SettlementPeers& peers)
      : env_(env), store_(store), peers_(peers) {}

  // Sends the steps after `after`, at most `limit`, one by one in the order of the lost journal,
  // and records their new numbers. Ends early at `deadline` (wall clock). PEER_UNAVAILABLE if not
  // even the first was answered. Any part can be repeated.
  Task<absl::StatusOr<Resent>> Resend(int64_t epoch, BookedStep after, int limit,
                                      absl::Time deadline);

 private:
  // What has to be sent for a step: nothing if the transaction has no id.
  struct Again {
    ledger::Transaction transaction;
    // The moves with which the step was answered. Empty for a release: it takes the whole of both
    // buckets, however that is split between them.
    std::optional<std::vector<ledger::MoveResult>> moves;
  };
  Task<absl::StatusOr<Again>> Find(BookedStep step, absl::Time deadline);
  Task<absl::StatusOr<Again>> FindRelease(BookedStep step, absl::Time deadline);
  Task<absl::StatusOr<Again>> FindCompletion(Operation operation, BookedStep step);
  // Returns the entry of the step; EARLY if it has to wait for other steps.
  Task<absl::StatusOr<AnswerPtr>> Send(BookedStep step, ledger::Transaction transaction,
                                       absl::Time deadline);
  Task<absl::Status> SendOne(int64_t epoch, BookedStep step, absl::Time deadline, Resent& resent);

  Env& env_;
  SettlementStore& store_;
  SettlementPeers& peers_;
};

}  // namespace gongji::settlement

#endif  // GONGJI_SERVICES_SETTLEMENT_RESEND_H_
