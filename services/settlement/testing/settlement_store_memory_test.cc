#include "services/settlement/testing/settlement_store_memory.h"

#include "services/settlement/testing/settlement_store_contract.h"

namespace gongji::settlement {
namespace {

class MemoryEngine {
 public:
  ManualEnv& env() { return env_; }
  SettlementStore& store() { return *store_; }
  void Reopen() { store_ = NewMemorySettlementStore(env_, disk_); }

 private:
  ManualEnv env_;
  SettlementDisk disk_;
  std::unique_ptr<SettlementStore> store_ = NewMemorySettlementStore(env_, disk_);
};

INSTANTIATE_TYPED_TEST_SUITE_P(Memory, SettlementStoreContract, MemoryEngine);

}  // namespace
}  // namespace gongji::settlement
