// What settlement asks of the other services, in domain words. The implementation over gRPC
// (settlement_peers.cc) gathers concurrent calls into batch RPCs; the simulator's loses, delays,
// repeats and reorders them.
//
// Every call can be repeated. A status that is not OK means that nobody knows whether the peer
// acted; what a peer decided, refusals included, is an OK answer.
#ifndef GONGJI_SERVICES_SETTLEMENT_SETTLEMENT_PEERS_H_
#define GONGJI_SERVICES_SETTLEMENT_SETTLEMENT_PEERS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "policy/policy.h"
#include "services/common/task.h"
#include "services/ledger/transaction.h"

namespace gongji::settlement {

// relation's answers; fields as in relation.proto.
struct PersonState {
  std::string psn_no;
  std::string area;
};

struct Payer {
  std::string giver_psn_no;
  std::string relation_id;
  bool live = false;  // IN_PROVINCE: drawn now; else quota
  std::string giver_area;
  std::vector<absl::Status> reasons;  // empty: may pay
};

struct Payers {
  PersonState patient;
  std::vector<Payer> payers;  // in policy order
  std::vector<std::string> policies;
};

struct PayersQuestion {
  std::string psn_no;
  policy::Purpose purpose = policy::Purpose::kHospital;
  std::string care_area;
  absl::Time at;
};

struct TransferPermission {
  PersonState giver;
  PersonState receiver;
  std::string relation_id;
  int64_t relation_version = 0;
  std::vector<absl::Status> reasons;  // empty: allowed
  std::vector<std::string> policies;
};

struct TransferQuestion {
  std::string giver_psn_no;
  std::string receiver_psn_no;
  absl::Time at;
};

// A relation as relation knows it, ended or not. Areas are those of when it was made.
struct RelationState {
  std::string relation_id;
  bool live = false;  // IN_PROVINCE: no quota
  std::string giver_psn_no;
  std::string receiver_psn_no;
  std::string giver_area;
  std::string receiver_area;
  bool ended = false;
};

// Relations that changed, in order, up to `revision`.
struct RelationChanges {
  std::vector<RelationState> relations;
  int64_t revision = 0;
};

// What a giver may still transfer on a day.
struct PlacesLeft {
  int places = 0;
  int64_t max_amount_fen = 0;
};

// limits' question; fields as in limits.proto.
struct PlaceQuestion {
  std::string psn_no;
  std::string area;
  std::string business_day;
  std::string transfer_id;
  int64_t amount_fen = 0;
  absl::Time at;
};

// Owned through a pointer: answers are large and go through many hands.
using AnswerPtr = std::unique_ptr<wallet::Answer>;

class SettlementPeers {
 public:
  virtual ~SettlementPeers() = default;

  // True if a shard serves this province.
  virtual bool HasShard(const std::string& province) const = 0;

  // The shard's answer to a step. Deadlines are of the wall clock.
  virtual Task<absl::StatusOr<AnswerPtr>> Apply(std::string province,
                                                std::shared_ptr<const wallet::Transaction> step,
                                                absl::Time deadline) = 0;
  // The entry that stands for a step, a tombstone written now if there was none.
  virtual Task<absl::StatusOr<AnswerPtr>> Decide(std::string province, std::string id,
                                                 absl::Time deadline) = 0;
  virtual Task<absl::StatusOr<wallet::Entry>> DryRun(std::string province,
                                                     wallet::Transaction transaction,
                                                     absl::Time deadline) = 0;

  // A final error is relation's answer (PERSON_UNKNOWN); others mean that it was not reached.
  virtual Task<absl::StatusOr<Payers>> FindPayers(PayersQuestion question, absl::Time deadline) = 0;
  virtual Task<absl::StatusOr<TransferPermission>> MayTransfer(TransferQuestion question,
                                                               absl::Time deadline) = 0;

  // A final error: RELATION_UNKNOWN.
  virtual Task<absl::StatusOr<RelationState>> FindRelation(std::string relation_id,
                                                           absl::Time deadline) = 0;
  // What changed after `revision`; `revision` itself if nothing did.
  virtual Task<absl::StatusOr<RelationChanges>> ChangesAfter(int64_t revision,
                                                             absl::Time deadline) = 0;

  // OK: a place seems free. A final error is limits' refusal.
  virtual Task<absl::Status> MayTake(PlaceQuestion question, absl::Time deadline) = 0;
  // Tells limits the holders of the day as the ledger gave them; best effort.
  virtual Task<absl::Status> Confirm(PlaceQuestion place, std::vector<std::string> holders,
                                     absl::Time deadline) = 0;
  // Tells limits that the ledger holds no place for this transfer; best effort, an entry that is
  // not confirmed lapses by itself.
  virtual Task<absl::Status> GiveBack(PlaceQuestion place, absl::Time deadline) = 0;
  // What is left, without taking anything; transfer_id and amount of `question` are not looked at.
  // A final error tells why transfers are closed.
  virtual Task<absl::StatusOr<PlacesLeft>> Peek(PlaceQuestion question, absl::Time deadline) = 0;
};

}  // namespace gongji::settlement

#endif  // GONGJI_SERVICES_SETTLEMENT_SETTLEMENT_PEERS_H_
