// Use cases of relation: writes with their request ids, and reads. All rules decide by business
// time.
#ifndef GONGJI_SERVICES_RELATION_RELATION_H_
#define GONGJI_SERVICES_RELATION_RELATION_H_

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "policy/policy.h"
#include "services/common/caller.h"
#include "services/common/env.h"
#include "services/common/task.h"
#include "services/relation/network.h"
#include "services/relation/registration.h"
#include "services/relation/relation_peers.h"
#include "services/relation/relation_store.h"
#include "services/relation/relatives.h"
#include "services/relation/resolve.h"

namespace gongji::relation {

// Everything that callers can ask to change. Ids of new things are filled in here, not by callers.
using Command = std::variant<RegisterPerson, RecordFact, EndFact, CreateNetwork, AddMember,
                             SetModes, EndMembership, DissolveNetwork>;

struct WriteRequest {
  std::string request_id;
  Command command;
};

// A write that was done.
struct Written {
  std::string id;  // psn_no, fact_id, network_id or relation_id
  int64_t revision = 0;
  absl::Time at;
  bool replayed = false;  // this answer was returned before
};

struct NetworkView {
  Network network;
  std::vector<Relation> relations;  // active ones, in order of binding
};

// Something that was read, and the revision at which it was read.
template <class T>
struct AtRevision {
  T value;
  int64_t revision = 0;
};
template <class T>
using ReadOf = Task<absl::StatusOr<AtRevision<T>>>;

// One result per item of a batch, in their order.
template <class T>
using Each = std::vector<absl::StatusOr<T>>;

struct RelationOptions {
  // How often a write is decided when others have changed what it read; after that it is refused
  // with CONFLICT, not final. Each conflict means that another write succeeded, so 8 is only
  // reached in real congestion.
  int max_attempts = 8;
  // Called when another process has taken over the store. This process is of no use then and should
  // end, so that it is started again.
  std::function<void()> on_deposed = [] {};
};

// Use it on the executor thread only; all arguments must outlive it. Start must succeed first.
class Relations {
 public:
  Relations(Env& env, RelationStore& store, RelationPeers& peers,
            const policy::PolicyBook& policies, RelationOptions options = {})
      : env_(env), store_(store), peers_(peers), policies_(policies), options_(options) {}

  // Takes over the store; must succeed before the first call.
  Task<absl::Status> Start() { return store_.TakeOver(); }

  // Does each command once, however often it is asked for; returns one result per request, in their
  // order. Commands are independent of each other. Refusals are those of relation.proto; a final
  // one is stored like a success.
  Task<Each<Written>> Write(Caller caller, std::vector<WriteRequest> requests, absl::Time deadline);

  // NOT_FOUND NETWORK_UNKNOWN.
  ReadOf<NetworkView> GetNetwork(std::string network_id);

  // Active networks of the person, as organiser or member, with ids after `after_id`, at most
  // `limit`, by id.
  ReadOf<std::vector<NetworkView>> ListNetworks(std::string psn_no, std::string after_id,
                                                int limit);

  // One per id: NOT_FOUND RELATION_UNKNOWN.
  ReadOf<Each<Relation>> GetRelations(std::vector<std::string> relation_ids);

  // One answer per question, all at one revision.
  ReadOf<Each<Payers>> Resolve(std::vector<ResolveQuestion> questions);
  ReadOf<Each<TransferPermission>> ResolveTransfer(std::vector<TransferQuestion> questions);

  ReadOf<Each<std::vector<Kinship>>> FindKinships(std::vector<KinshipQuestion> questions);

  Task<absl::StatusOr<ChangePage>> ListChanges(int64_t after_revision, int max_revisions);

 private:
  struct Pending;
  struct Round;

  RuleContext Now();
  // References are to the caller's frame, which awaits these and so outlives them.
  Task<absl::Status> RunRound(Round& round);
  void Judge(Round& round, const Snapshot& snapshot, Pending& pending);
  static CommitUnit UnitOf(const Round& round, Pending& pending, const Reads& reads,
                           absl::StatusOr<Changes> decision);
  Task<void> AskWallet(Pending& pending, absl::Time deadline);
  // Runs `read` on one snapshot that holds everything it asks for.
  template <class T>
  ReadOf<T> ReadAll(std::function<T(Reads& reads)> read);

  Env& env_;
  RelationStore& store_;
  RelationPeers& peers_;
  const policy::PolicyBook& policies_;
  const RelationOptions options_;
};

}  // namespace gongji::relation

#endif  // GONGJI_SERVICES_RELATION_RELATION_H_
