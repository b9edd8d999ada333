// A settlement store in memory whose disk outlives the process that writes it, for tests and the
// simulator.
#ifndef GONGJI_SERVICES_SETTLEMENT_TESTING_SETTLEMENT_STORE_MEMORY_H_
#define GONGJI_SERVICES_SETTLEMENT_TESTING_SETTLEMENT_STORE_MEMORY_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>

#include "services/settlement/settlement_store.h"

namespace gongji::settlement {

// What survives a crash of the process. Operations are kept in their stored form.
struct SettlementDisk {
  int64_t epoch = 0;
  std::map<std::string, std::string> operations;                        // id -> bytes
  std::map<std::string, std::string> plans;                             // operation id -> bytes
  std::map<std::string, std::string> drawn;                             // settlement id -> bytes
  std::map<std::string, int64_t> cursors;                               // by stream
  std::map<std::pair<std::string, std::string>, std::string> requests;  // caller, request -> id
  TotalsByKey totals;
  // (province, number, id) -> EncodeStep of a release, else ""
  std::map<std::tuple<std::string, int64_t, std::string>, std::string> steps;
};

// How long the disk takes before a write is durable, and again before its caller knows.
using SettlementDiskDelay = std::function<absl::Duration()>;

// `env` and `disk` must outlive the store.
std::unique_ptr<SettlementStore> NewMemorySettlementStore(
    Env& env, SettlementDisk& disk,
    SettlementDiskDelay delay = [] { return absl::ZeroDuration(); });

}  // namespace gongji::settlement

#endif  // GONGJI_SERVICES_SETTLEMENT_TESTING_SETTLEMENT_STORE_MEMORY_H_
