#include "services/wallet/testing/wallet_store_memory.h"

#include "services/wallet/testing/wallet_store_contract.h"

namespace gongji::wallet {
namespace {

class MemoryEngine {
 public:
  ManualEnv& env() { return env_; }
  WalletStore& store() { return *store_; }
  void Reopen() { store_ = NewMemoryWalletStore(env_, disk_); }

 private:
  ManualEnv env_;
  WalletDisk disk_;
  std::unique_ptr<WalletStore> store_ = NewMemoryWalletStore(env_, disk_);
};

INSTANTIATE_TYPED_TEST_SUITE_P(Memory, WalletStoreContract, MemoryEngine);

}  // namespace
}  // namespace gongji::wallet
