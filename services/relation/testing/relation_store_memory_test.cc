#include "services/relation/testing/relation_store_memory.h"

#include "services/relation/testing/relation_store_contract.h"

namespace gongji::relation {
namespace {

class MemoryDisk final : public StoreDisk {
 public:
  explicit MemoryDisk(ManualEnv& env) : env_(env) {}
  std::unique_ptr<RelationStore> Open() override { return NewMemoryRelationStore(env_, disk_); }

 private:
  ManualEnv& env_;
  RelationDisk disk_;
};

INSTANTIATE_TEST_SUITE_P(Memory, RelationStoreContract,
                         testing::Values(Engine{
                             "Memory",
                             [](ManualEnv& env) { return std::make_unique<MemoryDisk>(env); }}),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace gongji::relation
