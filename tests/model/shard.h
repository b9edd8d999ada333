// A shard and its reference, which get the same calls and are compared after every step.
#ifndef GONGJI_TESTS_MODEL_SHARD_H_
#define GONGJI_TESTS_MODEL_SHARD_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "services/common/testing/manual_env.h"
#include "services/common/worker.h"
#include "services/wallet/wallet.h"
#include "tests/model/medium.h"
#include "tests/model/reference.h"

namespace gongji::model {

// The state in which both begin: three persons, of whom two have accounts, money and a wallet.
Reference Beginning();

// Every method does the same on both sides and fails the running property (RC_FAIL) at the first
// difference.
class Shard {
 public:
  explicit Shard(const NewMedium& new_medium);

  // Applies the transactions of one batch, which may be malformed.
  void Apply(const std::vector<ledger::Transaction>& transactions);
  // Runs each transaction by itself on the present state, and changes nothing.
  void DryRun(const std::vector<ledger::Transaction>& transactions);
  void Decide(const std::vector<std::string>& ids);
  void SweepYears();
  void Advance(absl::Duration by);
  void JumpBusinessTime(absl::Duration by);

  void ReadPersons();
  void ReadAccounts(int page);
  // Reads the statement as of now, and as of the middle of the journal.
  void ReadStatement(const std::string& account, int page);
  void ReadPlaces(const std::string& psn_no, const std::string& day);
  void ReadHasAtLeast(const std::string& psn_no, int64_t fen);

  // Ends the shard's process in order, and starts another one.
  void HandOver();
  // Ends the shard's process without a word (Medium::End), and starts another one.
  void Crash(uint64_t seed);

  // Compares everything that is stored, row by row.
  void CheckEverything();

 private:
  void ExpectLines(wallet::StatementQuestion question,
                   const std::vector<wallet::StatementLine>& should);

  struct Process {
    Process(absl::Time wall, absl::Time business) : env(wall) { env.SetBusinessTime(business); }

    ManualEnv env;
    InlineWorker worker;
    TaskScope scope;
    std::unique_ptr<wallet::WalletStore> store;
    std::unique_ptr<wallet::Wallet> wallet;
  };

  template <class T>
  T Wait(Task<T> task) {
    return process_->env.Wait(std::move(task));
  }
  void Start();
  void Compare(const absl::StatusOr<ledger::Answer>& is,
               const absl::StatusOr<ledger::Answer>& should, const std::string& id);
  // Reads new entries and applies them to `folded_`.
  void Follow();
  std::vector<wallet::TableRow> Stored(wallet::Table table);

  const std::unique_ptr<Medium> medium_;
  std::unique_ptr<Process> process_;
  Reference reference_;
  // The journal as it was read.
  std::vector<ledger::Entry> journal_;
  // The state to which the journal leads from an empty one.
  State folded_;
};

}  // namespace gongji::model

#endif  // GONGJI_TESTS_MODEL_SHARD_H_
