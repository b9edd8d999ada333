// Load for one shard of the ledger, without the services before it.
#ifndef GONGJI_TOOLS_LOADGEN_LEDGER_H_
#define GONGJI_TOOLS_LOADGEN_LEDGER_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/common/rpc/channel.h"
#include "services/common/task.h"
#include "tools/loadgen/drive.h"

namespace gongji::load {

// Whose money moves.
enum class Spread {
  kUniform,  // from any account to any other
  kZipf,     // the same, the n-th account n times as seldom as the first
  kHot,      // from any account to one control account
};

struct LedgerTarget {
  Env& env;
  rpc::Channel& channel;  // of the shard
  int64_t accounts = 0;
  int per_call = 1;  // 1..256
  Spread spread = Spread::kUniform;
  // Makes ids of this run different from those of any other; at most 20 characters.
  std::string tag;
};

// Gives each of the accounts first..last-1 an opening balance that outlasts every measurement. Can
// be repeated.
Task<absl::Status> OpenAccounts(LedgerTarget target, TaskScope& scope, int64_t first, int64_t last);

// Transactions of one move each, `per_call` of them in a BatchApply.
Work LedgerWork(LedgerTarget target);

// Updates two rows of one SQLite table in place for each transaction, `per_commit` of them in one
// durable commit, for `seconds`: what the store could do with nothing around it. Transactions a
// second.
absl::StatusOr<double> RawSqlite(const std::string& path, int64_t accounts, int per_commit,
                                 double seconds);

}  // namespace gongji::load

#endif  // GONGJI_TOOLS_LOADGEN_LEDGER_H_
