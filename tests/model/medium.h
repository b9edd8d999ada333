// The media that outlive the process of a shard, one for each kind of store.
#ifndef GONGJI_TESTS_MODEL_MEDIUM_H_
#define GONGJI_TESTS_MODEL_MEDIUM_H_

#include <cstdint>
#include <functional>
#include <memory>

#include "services/common/env.h"
#include "services/common/testing/postgres_server.h"
#include "services/common/worker.h"
#include "services/wallet/store/wallet_store.h"

namespace gongji::model {

class Medium {
 public:
  virtual ~Medium() = default;
  // The store of a new process; `env` and `worker` must outlive it.
  virtual std::unique_ptr<wallet::WalletStore> Open(Env& env, Worker& worker) = 0;
  // Called when the process ends without a word, just before its store is destroyed. If `seed` is
  // not 0, the power is cut too, and of what was not synced a choice by `seed` survives.
  virtual void End(uint64_t /*seed*/) {}
};

// Returns a medium with nothing on it.
using NewMedium = std::function<std::unique_ptr<Medium>()>;

std::unique_ptr<Medium> NewMemory();
// SQLite on a disk in memory (tests/faults/disk.h).
std::unique_ptr<Medium> NewSqlite();
// A database of `server`, emptied by every call.
NewMedium NewPostgres(sql::PostgresServer& server);

}  // namespace gongji::model

#endif  // GONGJI_TESTS_MODEL_MEDIUM_H_
