// What relation remembers. Implementations: SQLite (relation_store_sqlite.h), memory for tests and
// the simulator (testing/relation_store_memory.h); both pass testing/relation_store_contract.h.
//
// A rule reads dossiers, decides, and commits its changes together with the versions it read. Every
// check of a version and every change of one unit happen at one moment; a unit with an outdated
// version changes nothing and is decided again on the current state.
#ifndef GONGJI_SERVICES_RELATION_RELATION_STORE_H_
#define GONGJI_SERVICES_RELATION_RELATION_STORE_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "services/common/task.h"
#include "services/relation/changes.h"
#include "services/relation/snapshot.h"

namespace gongji::relation {

struct ChangePage {
  std::vector<ChangeEvent> changes;
  int64_t last_revision = 0;
};

class RelationStore {
 public:
  virtual ~RelationStore() = default;

  // Makes this store the only writer, durably: from now on commits of any other store over the same
  // data are refused. Call it before the first Commit.
  virtual Task<absl::Status> TakeOver() = 0;

  // Loads all of `keys` as of one revision, which contains every commit answered before the call.
  //   RESOURCE_EXHAUSTED  QUEUE_FULL
  virtual Task<absl::StatusOr<Snapshot>> Load(Keys keys) = 0;

  // Applies units in order, each wholly or not at all; returns one result per unit once it is
  // durable. A unit with changes makes the next revision and raises the version of every dossier it
  // touches by one; that revision is its result, and the revision of its answer. The result of a
  // unit without changes is the current revision.
  //   ABORTED             a version is outdated or the request is stored already: decide again
  //   RESOURCE_EXHAUSTED  QUEUE_FULL, DISK_FULL; nothing was stored
  //   UNAVAILABLE         NOT_WRITER: another store has taken over; nothing was stored
  virtual Task<std::vector<absl::StatusOr<int64_t>>> Commit(std::vector<CommitUnit> units) = 0;

  // Changes with revisions after `after_revision`, of at most `max_revisions` revisions, in order.
  virtual Task<absl::StatusOr<ChangePage>> ListChanges(int64_t after_revision,
                                                       int max_revisions) = 0;
};

}  // namespace gongji::relation

#endif  // GONGJI_SERVICES_RELATION_RELATION_STORE_H_
