// The disk of a wallet's host on which the real SQLite store works: every tenth seed. Its jobs take
// virtual time and run inline; when the process ends, the power may go with it.
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
  // Keeps in `mirror` what the files say, for whoever looks at disks. `behaviour` is that of the
  // memory store, as far as both have it.
  SqliteDisk(wallet::WalletDisk& mirror, wallet::MemoryDiskBehaviour behaviour);

  // The store of one incarnation, which needs `env` (one that stops with it).
  std::unique_ptr<wallet::WalletStore> Open(Env& env);

  // All incarnations have stopped; their files are not closed yet. The power goes too unless `seed`
  // is 0. CHECKs that nothing committed is lost.
  void EndProcesses(uint64_t seed);

 private:
  class Store;

  // Brings the mirror up to the files.
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
