// The SQL of the store: blocking, on its worker's thread.
#ifndef GONGJI_SERVICES_RELATION_RELATION_TABLES_SQLITE_H_
#define GONGJI_SERVICES_RELATION_RELATION_TABLES_SQLITE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/common/sql/sqlite/sqlite_database.h"
#include "services/relation/relation_store.h"

namespace gongji::relation {

using DossierPtr = std::shared_ptr<const Dossier>;

// The result of a unit, and the dossiers that it leaves for readers from memory.
struct Committed {
  absl::StatusOr<int64_t> revision = absl::AbortedError("decided on what has passed");
  std::vector<std::pair<std::string, DossierPtr>> dossiers;  // as they are after the unit
};

class Tables {
 public:
  // `database` has the schema and outlives the tables.
  explicit Tables(sql::Database& database) : database_(database) {}

  // These keep the promises of RelationStore.
  absl::Status TakeOver();
  absl::StatusOr<Snapshot> Read(const Keys& keys);
  // Commits all units in one transaction; if it fails, all fail.
  std::vector<Committed> Commit(const std::vector<CommitUnit>& units);
  absl::StatusOr<ChangePage> ListChanges(int64_t after_revision, int max_revisions);

 private:
  absl::Status ReadHead(absl::FunctionRef<void(int64_t epoch, int64_t revision)> take);
  // Returns null for a person who is not registered.
  absl::StatusOr<DossierPtr> ReadDossier(const std::string& psn_no);
  absl::Status ReadNetwork(const std::string& id, std::map<std::string, Network>& found);
  absl::Status ReadRelation(const std::string& id, std::map<std::string, Relation>& found);
  absl::Status ReadFact(const std::string& id, std::map<std::string, Fact>& found);
  absl::Status ReadRequest(const RequestKey& key, std::map<RequestKey, RequestRecord>& found);
  absl::StatusOr<bool> StillStands(const CommitUnit& unit);
  // `revision` is the current one. If the unit was decided on outdated versions, result.revision
  // stays an error.
  absl::Status Apply(const CommitUnit& unit, int64_t revision, Committed& result);
  absl::Status WriteDossier(const Dossier& dossier);
  absl::Status WriteRows(const Changes& changes);
  absl::Status WriteFact(const Fact& fact);
  absl::Status WriteNetwork(const Network& network);
  absl::Status WriteRelation(const Relation& relation);
  absl::Status WriteChanges(const CommitUnit& unit, int64_t revision);
  absl::Status WriteRequest(const RequestRecord& record, int64_t revision);

  sql::Database& database_;
  int64_t epoch_ = 0;
};

}  // namespace gongji::relation

#endif  // GONGJI_SERVICES_RELATION_RELATION_TABLES_SQLITE_H_
