// A shard on a disk that breaks: the process that writes it, the answers that its callers got, and
// what must then be true of the contents of the disk.
#ifndef GONGJI_TESTS_FAULTS_SHARD_H_
#define GONGJI_TESTS_FAULTS_SHARD_H_

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "services/common/testing/manual_env.h"
#include "services/common/worker.h"
#include "services/wallet/store/wallet_store.h"
#include "services/wallet/wallet.h"
#include "tests/faults/disk.h"

namespace gongji::faults {

inline constexpr char kJournalFile[] = "wallet.db";
inline constexpr char kTablesFile[] = "wallet.db-tables";

// The SQLite store on `disk`, everything on one thread.
absl::StatusOr<std::unique_ptr<wallet::WalletStore>> OpenStore(Env& env, Worker& worker,
                                                               const Disk& disk);

// One process. It saves and checkpoints every few entries, so that faults hit these too.
class Process {
 public:
  explicit Process(const Disk& disk) : disk_(disk) {}

  absl::Status Start();
  wallet::Wallet& wallet() { return *wallet_; }
  ManualEnv& env() { return env_; }

 private:
  const Disk& disk_;
  ManualEnv env_;
  InlineWorker worker_;
  TaskScope scope_;
  std::unique_ptr<wallet::WalletStore> store_;
  std::unique_ptr<wallet::Wallet> wallet_;
};

// The answers that callers got, by batch.
struct Told {
  enum class End { kInFlight, kAnswered, kRefused };
  struct Batch {
    std::vector<std::string> ids;  // that get an entry by this batch, in order
    End end = End::kInFlight;
    std::vector<ledger::Entry> entries;  // answers that were decided, including old ones
  };

  std::vector<Batch> batches;
  std::set<std::string> answered;  // ids
  std::vector<std::string> wrong;  // findings that no fault excuses
};

std::string ToBytes(const Told& told);
Told ToldFromBytes(const std::string& bytes);

// Sends batches to a process and notes the answers. After DISK_FULL a batch is sent once more, as
// real callers do; reads are never refused.
class Client {
 public:
  Client(Process& process, Told& told) : process_(process), told_(told) {}

  void Contribute(std::vector<wallet::Contribution> lines);
  void Open(std::vector<std::string> psn_nos);
  void Apply(std::vector<ledger::Transaction> transactions);
  void Decide(std::vector<std::string> ids);
  void Read(const std::string& psn_no);

 private:
  using Answers = std::vector<absl::StatusOr<ledger::Answer>>;

  template <class Send>
  void Twice(std::vector<std::string> ids, Send send);
  void Note(const Answers& answers, Told::Batch& batch);

  Process& process_;
  Told& told_;
};

// What `gongji verify` would find, one line each.
std::vector<std::string> Verify(ManualEnv& env, wallet::WalletStore& store);

// Returns everything that is wrong with the contents of a disk, one line each. A shard must start
// on it, work, and the following must hold:
//   - nothing acknowledged is lost or different, nothing refused is there, no batch is split;
//   - tables and redone tail have for every key the value that the whole journal leads to;
//   - sums, chain, checksums and SQLite's own structures are whole.
std::vector<std::string> Judge(const DiskState& state, Told told);

}  // namespace gongji::faults

#endif  // GONGJI_TESTS_FAULTS_SHARD_H_
