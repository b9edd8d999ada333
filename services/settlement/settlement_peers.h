// The calls of settlement to other services, in domain words. The implementation over gRPC
// (settlement_peers_grpc.h) gathers concurrent calls into batch RPCs; that of the simulator loses,
// delays, repeats and reorders them.
//
// Every call can be repeated. A status that is not OK means that nobody knows whether the peer
// acted, unless a method says otherwise. A shard's decision, including a refusal, is an OK answer.
#ifndef GONGJI_SERVICES_SETTLEMENT_SETTLEMENT_PEERS_H_
#define GONGJI_SERVICES_SETTLEMENT_SETTLEMENT_PEERS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/common/task.h"
#include "services/ledger/transaction.h"
#include "services/settlement/answers.h"

namespace gongji::settlement {

// Time limit of one try of a call that is repeated until it is answered; a lost reply costs no more
// than this.
inline constexpr absl::Duration kTry = absl::Seconds(1);

class SettlementPeers {
 public:
  virtual ~SettlementPeers() = default;

  // True if a shard serves this province.
  virtual bool HasShard(const std::string& province) const = 0;

  // The shard's answer to a step. Deadlines are times of the wall clock.
  virtual Task<absl::StatusOr<AnswerPtr>> Apply(std::string province,
                                                std::shared_ptr<const ledger::Transaction> step,
                                                absl::Time deadline) = 0;
  // The entry of a step, or a tombstone that is written now if there was none.
  virtual Task<absl::StatusOr<AnswerPtr>> Decide(std::string province, std::string id,
                                                 absl::Time deadline) = 0;
  virtual Task<absl::StatusOr<ledger::Entry>> DryRun(std::string province,
                                                     ledger::Transaction transaction,
                                                     absl::Time deadline) = 0;

  // A final error is relation's answer (PERSON_UNKNOWN); other errors mean that relation was not
  // reached.
  virtual Task<absl::StatusOr<Payers>> Resolve(ResolveQuestion question, absl::Time deadline) = 0;
  virtual Task<absl::StatusOr<TransferPermission>> ResolveTransfer(TransferQuestion question,
                                                                   absl::Time deadline) = 0;

  // A final error: RELATION_UNKNOWN.
  virtual Task<absl::StatusOr<RelationState>> GetRelation(std::string relation_id,
                                                          absl::Time deadline) = 0;
  // The changes after `revision`. If there are none, the result has `revision` itself.
  virtual Task<absl::StatusOr<RelationChanges>> ListChanges(int64_t revision,
                                                            absl::Time deadline) = 0;

  // OK if a place seems to be free. A final error is limits' refusal.
  virtual Task<absl::Status> MayTake(PlaceQuestion question, absl::Time deadline) = 0;
  // Informs limits of the day's holders as the ledger has them; best effort.
  virtual Task<absl::Status> Confirm(PlaceQuestion place, std::vector<std::string> holders,
                                     absl::Time deadline) = 0;
  // Informs limits that the ledger has no place taken by this transfer. Best effort: an entry that
  // is not confirmed lapses by itself.
  virtual Task<absl::Status> GiveBack(PlaceQuestion place, absl::Time deadline) = 0;
  // What is left, without taking anything; transfer_id and amount of `question` are ignored. A
  // final error says why transfers are closed.
  virtual Task<absl::StatusOr<PlacesLeft>> Peek(PlaceQuestion question, absl::Time deadline) = 0;
};

}  // namespace gongji::settlement

#endif  // GONGJI_SERVICES_SETTLEMENT_SETTLEMENT_PEERS_H_
