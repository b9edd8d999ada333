// A shard on a disk that breaks: the process that writes it, what its callers were told, and what
// must then be true of what the disk has left.
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

// One process. It saves and checkpoints every few entries, so that faults strike there too.
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

// What callers were told, a batch at a time.
struct Told {
  enum class End { kInFlight, kAnswered, kRefused };
  struct Batch {
    std::vector<std::string> ids;  // that get an entry by it, in order
    End end = End::kInFlight;
    std::vector<ledger::Entry> entries;  // answers that were decided, old ones too
  };

  std::vector<Batch> batches;
  std::set<std::string> answered;  // ids
  std::vector<std::string> wrong;  // what no fault excuses
};

std::string ToBytes(const Told& told);
Told ToldFromBytes(const std::string& bytes);

// Sends batches to a process and notes what it says. DISK_FULL is sent again once, as its callers
// do; reads are never refused.
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

// What `gongji verify` would find, a line each.
std::vector<std::string> Verify(ManualEnv& env, wallet::WalletStore& store);

// Everything that is wrong with what is on a disk, a line each: a shard starts on it, works, and
//   - nothing acknowledged is lost or different, nothing refused is there, no batch in halves;
//   - the tables and what is redone give for every key what the journal gives from its beginning;
//   - sums, chain, checksums and SQLite's own structures are whole.
std::vector<std::string> Judge(const DiskState& state, Told told);

}  // namespace gongji::faults

#endif  // GONGJI_TESTS_FAULTS_SHARD_H_
