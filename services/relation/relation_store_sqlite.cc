#include "services/relation/relation_store_sqlite.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <string>
#include <utility>

#include "gen/relation_schema.h"
#include "services/common/batcher.h"
#include "services/common/errors/reasons.h"
#include "services/common/sql/migrations.h"
#include "services/relation/dossier_cache.h"
#include "services/relation/relation_tables_sqlite.h"

namespace gongji::relation {
namespace {

using Units = std::vector<CommitUnit>;
using UnitResults = std::vector<absl::StatusOr<int64_t>>;

// Dossiers are read from memory if they are held; all other reads, and all commits, gather in
// batches that run on the worker in the order in which they were sent. What a batch has read or
// written enters the memory in that same order, so that the memory always shows one revision.
class SqliteRelationStore final : public RelationStore {
 public:
  SqliteRelationStore(Env& env, TaskScope& scope, Worker& worker, sql::Database& database,
                      SqliteStoreOptions options, Metrics& metrics)
      : env_(env),
        worker_(worker),
        tables_(database),
        cache_(options.max_cached_dossiers),
        reads_(
            env, scope, {}, [this](auto keys) { return RunReads(std::move(keys)); },
            BatcherMetrics::Of(metrics, "gongji_relation_store", {{"work", "read"}})),
        commits_(
            env, scope, {}, [this](auto units) { return RunCommits(std::move(units)); },
            BatcherMetrics::Of(metrics, "gongji_relation_store", {{"work", "commit"}})) {}

  Task<absl::Status> TakeOver() override {
    return RunOn<absl::Status>(env_, worker_, [this] { return tables_.TakeOver(); });
  }

  Task<absl::StatusOr<Snapshot>> Load(Keys keys) override {
    Snapshot snapshot;
    TakeHeld(keys.persons, snapshot);
    Keys missing = keys;
    std::erase_if(missing.persons,
                  [&](const std::string& psn_no) { return snapshot.persons.contains(psn_no); });
    if (!missing.empty()) {
      ASSIGN_OR_CO_RETURN(auto read, co_await reads_.Call(std::move(missing)));
      if (!read.ok()) co_return read.status();
      read->persons.merge(snapshot.persons);
      snapshot = *std::move(read);
      // Once more, so that all dossiers are of this moment.
      TakeHeld(keys.persons, snapshot);
    }
    snapshot.revision = std::max(snapshot.revision, revision_);
    co_return snapshot;
  }

  Task<UnitResults> Commit(Units units) override {
    if (units.empty()) co_return UnitResults();
    const size_t count = units.size();
    absl::StatusOr<UnitResults> results = co_await commits_.Call(std::move(units));
    if (!results.ok()) co_return UnitResults(count, results.status());
    co_return *std::move(results);
  }

  Task<absl::StatusOr<ChangePage>> ListChanges(int64_t after_revision, int max_revisions) override {
    return RunOn<absl::StatusOr<ChangePage>>(env_, worker_, [this, after_revision, max_revisions] {
      return tables_.ListChanges(after_revision, max_revisions);
    });
  }

 private:
  void TakeHeld(const std::set<std::string>& psn_nos, Snapshot& snapshot) {
    for (const std::string& psn_no : psn_nos) {
      DossierPtr held = cache_.Find(psn_no);
      if (held != nullptr) snapshot.persons[psn_no] = std::move(held);
    }
  }

  Task<std::vector<absl::StatusOr<Snapshot>>> RunReads(std::vector<Keys> batch) {
    using Read = std::vector<absl::StatusOr<Snapshot>>;
    Read read = co_await RunOn<Read>(env_, worker_, [this, batch = std::move(batch)] {
      Read results;
      for (const Keys& keys : batch) results.push_back(tables_.Read(keys));
      return results;
    });
    for (const absl::StatusOr<Snapshot>& one : read) {
      if (!one.ok()) continue;
      revision_ = std::max(revision_, one->revision);
      for (const auto& [psn_no, dossier] : one->persons) cache_.Put(psn_no, dossier);
    }
    co_return read;
  }

  // Many callers' units share one transaction.
  Task<std::vector<UnitResults>> RunCommits(std::vector<Units> batch) {
    Units all;
    std::vector<size_t> sizes;
    for (Units& units : batch) {
      sizes.push_back(units.size());
      std::move(units.begin(), units.end(), std::back_inserter(all));
    }
    const auto committed = co_await RunOn<std::vector<Committed>>(
        env_, worker_, [this, all = std::move(all)] { return tables_.Commit(all); });
    std::vector<UnitResults> results;
    auto next = committed.begin();
    for (const size_t size : sizes) {
      UnitResults& own = results.emplace_back();
      for (size_t i = 0; i < size; ++i, ++next) {
        own.push_back(next->revision);
        if (next->revision.ok()) revision_ = std::max(revision_, *next->revision);
        for (const auto& [psn_no, dossier] : next->dossiers) cache_.Put(psn_no, dossier);
      }
    }
    co_return results;
  }

  Env& env_;
  Worker& worker_;
  Tables tables_;
  DossierCache cache_;
  int64_t revision_ = 0;  // the newest that has been read or written
  Batcher<Keys, absl::StatusOr<Snapshot>> reads_;
  Batcher<Units, UnitResults> commits_;
};

}  // namespace

absl::StatusOr<sql::Migrated> MigrateRelationStore(sql::Database& database) {
  return sql::Migrate(database, {.name = "relation", .steps = {kSchema001Init}});
}

absl::StatusOr<std::unique_ptr<RelationStore>> NewSqliteRelationStore(Env& env, TaskScope& scope,
                                                                      Worker& worker,
                                                                      sql::Database& database,
                                                                      SqliteStoreOptions options,
                                                                      Metrics& metrics) {
  RETURN_IF_ERROR(MigrateRelationStore(database).status());
  return std::make_unique<SqliteRelationStore>(env, scope, worker, database, options, metrics);
}

}  // namespace gongji::relation
