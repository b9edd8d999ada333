// Use cases of a shard: one writer that answers every id from the journal.
#ifndef GONGJI_SERVICES_WALLET_WALLET_H_
#define GONGJI_SERVICES_WALLET_WALLET_H_

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/common/batcher.h"
#include "services/common/caller.h"
#include "services/common/env.h"
#include "services/common/metrics.h"
#include "services/common/task.h"
#include "services/wallet/book.h"
#include "services/wallet/transaction.h"
#include "services/wallet/wallet_store.h"

namespace gongji::wallet {

struct WalletOptions {
  BatcherOptions writer;
  // Rows kept in memory at most; above it everything is dropped and read again.
  size_t max_cached_rows = 1'000'000;
  // Called when this process can write no more, because another one took over or the store is away.
  // It is of no use then and should end, so that it is started again.
  std::function<void()> on_deposed = [] {};
};

// One line of a contribution file; fields and bounds of wallet.proto.
struct Contribution {
  std::string line_id;
  std::string psn_no;
  int64_t current_fen = 0;
  int64_t prior_fen = 0;
  int year = 0;
  std::string source;
};

struct OpenWallet {
  std::string request_id;
  std::string psn_no;
  bool confirmed = false;
  std::string opened_by_psn_no;
};

struct HasAtLeast {
  std::string psn_no;
  int64_t fen = 0;
  bool prior_only = false;
};

// A shard's use cases. Start must succeed first. All on the executor thread; `env`, `scope` and
// `store` must outlive it.
//
// Answers come after the commit of everything they rest on. Errors of a whole call: NOT_WRITER
// (another process took over; this one never writes again), QUEUE_FULL, DISK_FULL, INVALID_FIELD.
class Wallet {
 public:
  Wallet(Env& env, TaskScope& scope, WalletStore& store, WalletOptions options, Metrics& metrics);

  // Takes over the store.
  Task<absl::Status> Start();

  // One answer per transaction, in order; each transaction by itself.
  Task<std::vector<absl::StatusOr<Answer>>> Apply(std::vector<Transaction> transactions);

  // What each transaction would be answered on the present state, by itself; nothing is kept. One
  // that is malformed has an INVALID_FIELD entry.
  Task<absl::StatusOr<std::vector<Entry>>> DryRun(std::vector<Transaction> transactions);

  // The entry that stands for each id, or a tombstone written now.
  Task<std::vector<absl::StatusOr<Answer>>> Decide(std::vector<std::string> ids);

  // Books contribution lines, each by itself (R13).
  Task<std::vector<absl::StatusOr<Answer>>> Contribute(Caller caller,
                                                       std::vector<Contribution> lines);

  // Opens wallets, each by itself (R14).
  Task<std::vector<absl::StatusOr<Answer>>> Open(Caller caller, std::vector<OpenWallet> wallets);

  Task<absl::StatusOr<std::vector<bool>>> HoldAtLeast(std::vector<HasAtLeast> questions);

  // Holders of the places of each (psn_no, day), without the free ones.
  Task<absl::StatusOr<std::vector<std::vector<std::string>>>> Places(
      std::vector<std::pair<std::string, std::string>> wallet_days);

  // Plain reads; see WalletStore.
  WalletStore& store() { return store_; }

  // Number of the newest entry.
  int64_t last_number() const { return head_.last_number; }

 private:
  struct Work {
    enum class Kind { kApply, kDryRun, kDecide } kind = Kind::kApply;
    std::vector<Transaction> transactions;  // one, except for a dry run
    std::string id;                         // of a decision
  };
  struct Done {
    absl::StatusOr<Answer> answer;
    std::vector<Entry> entries;  // of a dry run
  };
  class Batch;

  Task<std::vector<Done>> RunBatch(std::vector<Work> work);
  // Reads what the batch needs and memory does not hold; entries come back with it.
  Task<absl::StatusOr<absl::flat_hash_map<std::string, Entry>>> Fetch(Keys keys);
  Task<std::vector<absl::StatusOr<Answer>>> Submit(std::vector<Work> work);
  Task<std::vector<absl::StatusOr<Answer>>> SubmitWrites(
      std::vector<absl::StatusOr<Transaction>> transactions);

  Env& env_;
  WalletStore& store_;
  const WalletOptions options_;
  Head head_;
  bool writer_ = false;
  Rows rows_;
  Counter& entries_total_;
  Batcher<Work, Done> batcher_;
};

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_WALLET_H_
