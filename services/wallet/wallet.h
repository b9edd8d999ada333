// The use cases of a shard, whose one writer answers every id from the journal.
#ifndef GONGJI_SERVICES_WALLET_WALLET_H_
#define GONGJI_SERVICES_WALLET_WALLET_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/common/caller.h"
#include "services/common/env.h"
#include "services/common/metrics.h"
#include "services/common/task.h"
#include "services/ledger/transaction.h"
#include "services/wallet/history/holdings.h"
#include "services/wallet/history/proof.h"
#include "services/wallet/history/statement.h"
#include "services/wallet/rules/direct_writes.h"
#include "services/wallet/store/wallet_store.h"
#include "services/wallet/writer/writer.h"
#include "services/wallet/writer/year_sweep.h"

namespace gongji::wallet {

// What a payout would cost, and the refusal that it would meet, or OK.
struct PayOutQuote {
  int64_t fee_fen = 0;
  absl::Status refusal;
};

struct HasAtLeastQuestion {
  std::string psn_no;
  int64_t fen = 0;
  bool prior_only = false;
};

// A person with all their accounts.
struct PersonView {
  std::string psn_no;
  ledger::Person person;
  std::vector<AccountRow> accounts;  // in order of name
};

// A value that was read; it includes everything up to entry `number`.
template <class T>
struct AsOf {
  T value;
  int64_t number = 0;
};

// Start must succeed before anything else is called. All on the executor thread; `env`, `scope` and
// `store` must outlive it.
//
// Answers, also to reads, come after the commit of everything they rest on. Errors of a whole call:
// NOT_WRITER (another process took over; this one never writes again), QUEUE_FULL, DISK_FULL,
// ROW_DAMAGED, TOO_MANY_ACCOUNTS, INVALID_FIELD.
class Wallet {
 public:
  Wallet(Env& env, TaskScope& scope, WalletStore& store, WriterOptions options, Metrics& metrics);

  Task<absl::Status> Start();

  // Brings the tables up to what is in the journal now.
  Task<absl::Status> Save() { return writer_.SaveAll(); }

  // From now on WatchJournal answers at once.
  void StopWaiting() { writer_.StopWaiting(); }

  // Refuses everything from now on and brings the tables up to the journal, so that the next start
  // has nothing to redo.
  Task<absl::Status> Close() { return writer_.Close(); }

  // Applies each transaction by itself; returns one answer per transaction, in order.
  Task<std::vector<absl::StatusOr<ledger::Answer>>> Apply(
      std::vector<ledger::Transaction> transactions) {
    return writer_.Apply(std::move(transactions));
  }

  // What the answer to each transaction alone would be on the present state; nothing is kept. A
  // malformed one has an entry with INVALID_FIELD.
  Task<absl::StatusOr<std::vector<ledger::Entry>>> DryRun(
      std::vector<ledger::Transaction> transactions);

  // The answer that exists for each id, or that of a tombstone written now.
  Task<std::vector<absl::StatusOr<ledger::Answer>>> Decide(std::vector<std::string> ids) {
    return writer_.Decide(std::move(ids));
  }

  // Books contribution lines, each by itself (R13).
  Task<std::vector<absl::StatusOr<ledger::Answer>>> Contribute(Caller caller,
                                                               std::vector<Contribution> lines);

  // Opens and closes wallets, each by itself (R14).
  Task<std::vector<absl::StatusOr<ledger::Answer>>> OpenWallets(Caller caller,
                                                                std::vector<OpenWallet> wallets);
  Task<std::vector<absl::StatusOr<ledger::Answer>>> CloseWallets(Caller caller,
                                                                 std::vector<CloseWallet> wallets);

  // Pays own money out, each by itself, under the rules of today (R20, R35).
  Task<std::vector<absl::StatusOr<ledger::Answer>>> PayOuts(Caller caller,
                                                            std::vector<PayOut> pay_outs);

  // What the answer to `pay_out` would be now, whatever its request id and fee.
  Task<absl::StatusOr<PayOutQuote>> QuotePayOut(PayOut pay_out);

  // Moves own money into the family's sub-account, each by itself, under the rules of today (R18).
  Task<std::vector<absl::StatusOr<ledger::Answer>>> SetAsides(Caller caller,
                                                              std::vector<SetAside> set_asides);

  // Whether each person holds at least so much (R05), in the order asked.
  Task<absl::StatusOr<std::vector<bool>>> HasAtLeast(std::vector<HasAtLeastQuestion> questions);

  // The holders of the places of each (psn_no, day); free places are left out.
  Task<absl::StatusOr<std::vector<std::vector<std::string>>>> GetPlaces(
      std::vector<std::pair<std::string, std::string>> wallet_days);

  // Persons with all their accounts, in the order asked. TOO_MANY_ACCOUNTS: more than 10,000.
  Task<absl::StatusOr<AsOf<std::vector<PersonView>>>> GetBalances(std::vector<std::string> psn_nos);

  // What a person has; the page of their quota begins after the key `after` and holds at most
  // `limit`.
  Task<absl::StatusOr<AsOf<Holdings>>> GetHoldings(std::string psn_no, std::string after,
                                                   int limit);

  // All accounts with names after `after`, in order, at most `limit`.
  Task<absl::StatusOr<AsOf<std::vector<AccountRow>>>> ListAccounts(std::string after, int limit);

  // What came into an account and left it.
  Task<absl::StatusOr<AsOf<StatementPage>>> GetStatement(StatementQuestion question);

  // Entries with greater numbers, in order, at most `limit`.
  Task<absl::StatusOr<std::vector<ledger::Entry>>> ListEntries(int64_t after, int limit);

  // The same, but if there are none it waits for some until `until` (wall clock), and returns none
  // then.
  Task<absl::StatusOr<std::vector<ledger::Entry>>> WatchJournal(int64_t after, int limit,
                                                                absl::Time until);

  // The journal and the tables as they are stored; nothing is checked.
  Task<absl::StatusOr<SealedPage>> ListSealedEntries(int64_t after, int limit) {
    return store_.Sealed(after, limit);
  }
  Task<absl::StatusOr<TablePage>> ListTableRows(Table table, std::string after, int limit) {
    return store_.Stored(table, std::move(after), limit);
  }

  // Roots of complete intervals that end after `after`, in order, at most `limit`.
  Task<absl::StatusOr<RootPage>> ListRoots(int64_t after, int limit);

  // Proves that entry `number` is in the tree over its interval up to entry `up_to` (0: the
  // interval's last one, or the newest).
  Task<absl::StatusOr<Proof>> GetProof(int64_t number, int64_t up_to);

  // Goes through all persons once and closes the years that are over and still open.
  Task<absl::Status> SweepYears() { return year_sweep_.Sweep(); }

  // Number of the newest entry.
  int64_t last_number() const { return writer_.last_number(); }

 private:
  Task<std::vector<absl::StatusOr<ledger::Answer>>> SubmitWrites(
      std::vector<absl::StatusOr<ledger::Transaction>> transactions, Lane lane = Lane::kFirst);
  template <class Write>
  std::vector<absl::StatusOr<ledger::Transaction>> UnderRules(
      const Caller& caller, const std::vector<Write>& writes) const;

  Env& env_;
  TaskScope& scope_;
  WalletStore& store_;
  const bool sweep_years_;
  const int max_listed_accounts_;
  const RulesOf rules_;
  const std::string province_;
  const WriterSizes sizes_;
  Writer writer_;
  YearSweep year_sweep_;
};

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_WALLET_H_
