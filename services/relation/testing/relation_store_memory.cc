#include "services/relation/testing/relation_store_memory.h"

#include <utility>

#include "services/common/errors/check.h"
#include "services/common/errors/reasons.h"
#include "services/relation/dossier.h"

namespace gongji::relation {
namespace {

template <class Row, class Wanted>
void CopyFound(const Wanted& wanted, const std::map<typename Wanted::value_type, Row>& rows,
               std::map<typename Wanted::value_type, Row>& found) {
  for (const auto& key : wanted) {
    if (const auto row = rows.find(key); row != rows.end()) found.insert(*row);
  }
}

class MemoryRelationStore final : public RelationStore {
 public:
  MemoryRelationStore(Env& env, RelationDisk& disk, MemoryDiskBehaviour behaviour)
      : env_(env), disk_(disk), behaviour_(std::move(behaviour)) {}

  Task<absl::Status> TakeOver() override {
    co_await Wait();
    epoch_ = ++disk_.epoch;
    co_await Wait();
    co_return absl::OkStatus();
  }

  Task<absl::StatusOr<Snapshot>> Load(Keys keys) override {
    co_await Wait();
    Snapshot snapshot;
    snapshot.revision = disk_.revision;
    CopyFound(keys.persons, disk_.dossiers, snapshot.persons);
    CopyFound(keys.networks, disk_.networks, snapshot.networks);
    CopyFound(keys.relations, disk_.relations, snapshot.relations);
    CopyFound(keys.facts, disk_.facts, snapshot.facts);
    CopyFound(keys.requests, disk_.requests, snapshot.requests);
    co_return snapshot;
  }

  Task<std::vector<absl::StatusOr<int64_t>>> Commit(std::vector<CommitUnit> units) override {
    co_await Wait();
    std::vector<absl::StatusOr<int64_t>> results;
    results.reserve(units.size());
    const bool full = !units.empty() && behaviour_.full();
    for (const CommitUnit& unit : units) {
      results.push_back(full ? Refuse(reason::kDiskFull) : Apply(unit));
    }
    co_await Wait();
    co_return results;
  }

  Task<absl::StatusOr<ChangePage>> ListChanges(int64_t after_revision, int max_revisions) override {
    co_await Wait();
    ChangePage page{.changes = {}, .last_revision = disk_.revision};
    for (const ChangeEvent& change : disk_.changes) {
      if (change.revision <= after_revision) continue;
      if (change.revision > after_revision + max_revisions) break;
      page.changes.push_back(change);
      if (change.kind == ChangeKind::kRelation) {
        page.changes.back().relation = disk_.relations.at(change.id);
      }
    }
    co_return page;
  }

 private:
  Task<void> Wait() {
    const absl::Duration delay = behaviour_.delay();
    if (delay > absl::ZeroDuration()) co_await Sleep(env_, delay);
  }

  int64_t VersionOf(const std::string& psn_no) const {
    const auto found = disk_.dossiers.find(psn_no);
    return found == disk_.dossiers.end() ? 0 : found->second->version;
  }

  bool StillStands(const CommitUnit& unit) const {
    for (const auto& [psn_no, version] : unit.expected) {
      if (VersionOf(psn_no) != version) return false;
    }
    return !unit.request.has_value() || !disk_.requests.contains(unit.request->key);
  }

  absl::StatusOr<int64_t> Apply(const CommitUnit& unit) {
    if (epoch_ != disk_.epoch) return Refuse(reason::kNotWriter);
    if (!StillStands(unit)) return absl::AbortedError("decided on what has passed");
    if (!unit.changes.empty()) ++disk_.revision;
    for (const std::string& psn_no : unit.changes.Touched()) {
      CHECK(unit.expected.contains(psn_no));
      auto& kept = disk_.dossiers[psn_no];
      auto changed =
          kept == nullptr ? std::make_shared<Dossier>() : std::make_shared<Dossier>(*kept);
      ApplyTo(psn_no, unit.changes, *changed);
      kept = std::move(changed);
    }
    for (const Network& row : unit.changes.networks) disk_.networks[row.network_id] = row;
    for (const Relation& row : unit.changes.relations) disk_.relations[row.relation_id] = row;
    for (const Fact& row : unit.changes.facts) disk_.facts[row.fact_id] = row;
    for (const ChangeEvent& change : ChangesOf(unit)) {
      disk_.changes.push_back(change);
      disk_.changes.back().revision = disk_.revision;
    }
    if (unit.request.has_value()) {
      RequestRecord& stored = disk_.requests[unit.request->key];
      stored = *unit.request;
      stored.answer.revision = disk_.revision;
    }
    return disk_.revision;
  }

  Env& env_;
  RelationDisk& disk_;
  const MemoryDiskBehaviour behaviour_;
  int64_t epoch_ = 0;
};

}  // namespace

std::unique_ptr<RelationStore> NewMemoryRelationStore(Env& env, RelationDisk& disk,
                                                      MemoryDiskBehaviour behaviour) {
  return std::make_unique<MemoryRelationStore>(env, disk, std::move(behaviour));
}

}  // namespace gongji::relation
