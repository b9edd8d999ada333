// Counters in memory, for tests and the simulator, which can make them lose anything.
#ifndef GONGJI_SERVICES_LIMITS_TESTING_LIMITS_STORE_MEMORY_H_
#define GONGJI_SERVICES_LIMITS_TESTING_LIMITS_STORE_MEMORY_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "services/limits/limits_store.h"

namespace gongji::limits {

// What Redis holds. Assigning {} is FLUSHALL, assigning an older copy is a stale replica.
struct MemoryCounters {
  struct Day {
    // When the ledger was last asked.
    std::optional<absl::Time> complete;
    // Transfer id -> when it lapses; nothing: confirmed.
    std::map<std::string, std::optional<absl::Time>> entries;
  };
  std::map<std::pair<std::string, std::string>, Day> days;
  bool away = false;
};

// `counters` must outlive the store.
std::unique_ptr<LimitsStore> NewMemoryLimitsStore(MemoryCounters& counters);

}  // namespace gongji::limits

#endif  // GONGJI_SERVICES_LIMITS_TESTING_LIMITS_STORE_MEMORY_H_
