// A relation store in memory whose disk outlives the process that writes it, for tests and the
// simulator.
#ifndef GONGJI_SERVICES_RELATION_TESTING_RELATION_STORE_MEMORY_H_
#define GONGJI_SERVICES_RELATION_TESTING_RELATION_STORE_MEMORY_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "services/relation/relation_store.h"

namespace gongji::relation {

// What survives a crash of the process.
struct RelationDisk {
  int64_t epoch = 0;
  int64_t revision = 0;
  std::map<std::string, std::shared_ptr<const Dossier>> dossiers;
  std::map<std::string, Network> networks;
  std::map<std::string, Relation> relations;
  std::map<std::string, Fact> facts;
  std::map<RequestKey, RequestRecord> requests;
  std::vector<ChangeEvent> changes;
};

// How long the disk takes, and what goes wrong on it; asked once per call.
struct MemoryDiskBehaviour {
  // Passes before a write is durable, and again until the caller knows: a crash between the two
  // keeps a write that was never acknowledged.
  std::function<absl::Duration()> delay = [] { return absl::ZeroDuration(); };
  // True: the write finds no room.
  std::function<bool()> full = [] { return false; };
};

// `env` and `disk` must outlive the store.
std::unique_ptr<RelationStore> NewMemoryRelationStore(Env& env, RelationDisk& disk,
                                                      MemoryDiskBehaviour behaviour = {});

}  // namespace gongji::relation

#endif  // GONGJI_SERVICES_RELATION_TESTING_RELATION_STORE_MEMORY_H_
