#include "services/limits/testing/limits_store_memory.h"

#include "services/limits/testing/limits_store_contract.h"

namespace gongji::limits {
namespace {

class MemoryEngine {
 public:
  ManualEnv& env() { return env_; }
  LimitsStore& store() { return *store_; }
  void Flush() { counters_ = {}; }

 private:
  ManualEnv env_;
  MemoryCounters counters_;
  std::unique_ptr<LimitsStore> store_ = NewMemoryLimitsStore(counters_);
};

INSTANTIATE_TYPED_TEST_SUITE_P(Memory, LimitsStoreContract, MemoryEngine);

}  // namespace
}  // namespace gongji::limits
