// The disk of a wallet's host with the real SQLite store, which every tenth seed uses. Jobs of the
// store run inline but take virtual time. When the process ends, the power may be cut too.
#ifndef GONGJI_TESTS_SIMULATION_SQLITE_DISK_H_
#define GONGJI_TESTS_SIMULATION_SQLITE_DISK_H_

#include <functional>
#include <memory>

#include "services/common/testing/manual_env.h"
#include "services/common/worker.h"
#include "services/wallet/store/wallet_store.h"
#include "services/wallet/testing/wallet_store_memory.h"
#include "tests/faults/disk.h"

namespace gongji::simulation {

class SqliteDisk {
 public:
  // Keeps the contents of the files in `mirror`, for code that reads disks. `behaviour` is that of
  // the memory store, as far as it applies to this one.
  SqliteDisk(wallet::WalletDisk& mirror, wallet::MemoryDiskBehaviour behaviour);

  // The store of one incarnation; `env` must be that of the incarnation and stop with it.
  std::unique_ptr<wallet::WalletStore> Open(Env& env);

  // To be called when all incarnations have stopped but their files are not closed yet. Also cuts
  // the power unless `seed` is 0. CHECKs that nothing committed is lost.
  void EndProcesses(uint64_t seed);

 private:
  class Store;

  // Updates the mirror from the files.
  void Look();
  void OpenObserver();

  wallet::WalletDisk& mirror_;
  const wallet::MemoryDiskBehaviour behaviour_;
  faults::Disk disk_;
  ManualEnv observer_env_;
  InlineWorker observer_worker_;
  std::unique_ptr<wallet::WalletStore> observer_;
};

}  // namespace gongji::simulation

#endif  // GONGJI_TESTS_SIMULATION_SQLITE_DISK_H_
