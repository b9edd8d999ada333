// The threads on which an SQL store of a wallet does its work.
#ifndef GONGJI_SERVICES_WALLET_STORE_WALLET_WORKERS_H_
#define GONGJI_SERVICES_WALLET_STORE_WALLET_WORKERS_H_

#include "services/common/worker.h"

namespace gongji::wallet {

// Separate workers let appends wait only for each other, and the writer's reads before a batch not
// wait for callers that read history.
struct WalletWorkers {
  Worker& append;
  Worker& save;
  Worker& read;     // Load, Accounts, Entries
  Worker& history;  // Walk, Tail, Sealed, Stored
};

inline WalletWorkers AllOn(Worker& worker) { return {worker, worker, worker, worker}; }

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_STORE_WALLET_WORKERS_H_
