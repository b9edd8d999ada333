#include "services/wallet/testing/lease_store_memory.h"

#include <gtest/gtest.h>

#include <memory>

#include "services/wallet/testing/lease_store_contract.h"

namespace gongji::wallet {
namespace {

class MemoryLeases {
 public:
  ManualEnv& env() { return env_; }
  LeaseStore& one() { return *one_; }
  LeaseStore& other() { return *other_; }
  void Expire() { env_.Advance(absl::Hours(2)); }

 private:
  ManualEnv env_;
  LeaseDisk disk_;
  const std::unique_ptr<LeaseStore> one_ = NewMemoryLeaseStore(env_, disk_);
  const std::unique_ptr<LeaseStore> other_ = NewMemoryLeaseStore(env_, disk_);
};

INSTANTIATE_TYPED_TEST_SUITE_P(Memory, LeaseStoreContract, MemoryLeases);

}  // namespace
}  // namespace gongji::wallet
