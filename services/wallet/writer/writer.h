// The one writer of a shard: judges batches on the book, makes their entries durable, then answers.
// While one batch is made durable the next one is read and judged on it. The tables follow the
// journal later (table_saver.h).
#ifndef GONGJI_SERVICES_WALLET_WRITER_WRITER_H_
#define GONGJI_SERVICES_WALLET_WRITER_WRITER_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "policy/policy.h"
#include "services/common/batcher.h"
#include "services/common/business_day.h"
#include "services/common/env.h"
#include "services/common/event.h"
#include "services/common/metrics.h"
#include "services/common/mutex.h"
#include "services/common/task.h"
#include "services/ledger/transaction.h"
#include "services/wallet/rules/book.h"
#include "services/wallet/store/wallet_store.h"
#include "services/wallet/writer/batch.h"
#include "services/wallet/writer/journal_watch.h"
#include "services/wallet/writer/table_saver.h"

namespace gongji::wallet {

// The rules that apply in an area on a day.
using RulesOf = std::function<const policy::AreaPolicy&(const std::string& area, BusinessDay day)>;

// How much is read and done at once. Other sizes change nothing but speed and memory; tests make
// them small enough to be crossed.
struct WriterSizes {
  // Entries that are redone at a time.
  int redo_page = 1000;
  // Persons whose years the sweep reads at once.
  int sweep_page = 128;
  // Persons whose years the sweep closes in one batch; other writes wait for that long.
  int sweep_batch = 16;
};

struct WriterOptions {
  // While one batch becomes durable, a second one that is full is judged already.
  BatcherOptions batches = {.max_in_flight_if_full = 2};
  // The most rows kept in memory besides those that the tables lack; about 250 bytes each.
  size_t max_cached_rows = 4'000'000;
  TableSaverOptions saves;
  WriterSizes sizes;
  // The most accounts of one person. One with more is refused (TOO_MANY_ACCOUNTS) rather than read
  // in part; it is far more than anybody ever has.
  int max_accounts = 100'000;
  // The most accounts in one answer, which is then about a megabyte.
  int max_listed_accounts = 10'000;
  // Whether this process may serve at this moment (leadership.h). Asked before a batch and before
  // an answer from the book is returned.
  std::function<absl::Status()> check_serving = [] { return absl::OkStatus(); };
  // Account year of a business time: the calendar year in which it began.
  std::function<int(absl::Time)> account_year = [](absl::Time at) {
    return static_cast<int>(BusinessDayOf(at).year());
  };
  // The rules of payouts and sub-accounts. The default allows nothing.
  RulesOf rules = [](const std::string&, BusinessDay) -> const policy::AreaPolicy& {
    static const policy::AreaPolicy kNothing;
    return kNothing;
  };
  // Two digits. Payouts and sub-accounts may only name an area of this province, whose rules they
  // follow; others are refused. Empty: they may name any area.
  std::string province;
  // Also closes the years of persons for whom nothing is written after the turn of the year
  // (year_sweep.h).
  bool sweep_years = false;
  // Called when this process cannot write any more, because another one took over or the store is
  // away. The process is of no use then and should end, so that it is started again.
  std::function<void()> on_deposed = [] {};
};

// All on the executor thread; the constructor's references must outlive the writer. Errors of
// Apply, Decide and LookAt: NOT_WRITER, QUEUE_FULL, DISK_FULL, ROW_DAMAGED; after them nothing was
// done, or nobody knows whether it was.
class Writer {
 public:
  Writer(Env& env, TaskScope& scope, WalletStore& store, WriterOptions options, Metrics& metrics);

  // Takes over the store and redoes what its tables lack.
  Task<absl::Status> Start();

  // Applies transactions; returns one answer for each, in order, after the commit of everything
  // they rest on.
  Task<std::vector<AnswerOr>> Apply(std::vector<ledger::Transaction> transactions,
                                    Lane lane = Lane::kFirst);

  // The entry that exists for each id, or a tombstone written now.
  Task<std::vector<AnswerOr>> Decide(std::vector<std::string> ids);

  // Closes the years of those of the persons whose year is over (R13). Returns the first error that
  // concerns more than a single person.
  Task<absl::Status> CloseYears(std::vector<std::string> psn_nos);

  // Brings the tables up to everything that is durable now. DISK_FULL, NOT_WRITER.
  Task<absl::Status> SaveAll() { return saver_.SaveAll(); }

  // The present account year; no batch that begins later is in an earlier one.
  Task<absl::StatusOr<int>> AccountYear();

  // Calls `look` between two batches, when everything in the book is durable and before another
  // batch is judged.
  Task<absl::Status> LookAt(Keys keys, std::vector<Range> ranges, Look look);

  // As in JournalWatch.
  Task<void> WaitForEntryAfter(int64_t number, absl::Time until) {
    return watch_.WaitForEntryAfter(number, until);
  }
  void StopWaiting() { watch_.Stop(); }

  // Refuses everything from now on and saves what the tables lack, for the next writer.
  Task<absl::Status> Close();

  int64_t last_number() const { return head_.last_number; }

 private:
  // How a judged batch ended. kAgain: what it rested on was taken back, and it must be judged
  // again.
  enum class BatchEnd { kDurable, kFailed, kAgain };

  Task<std::vector<AnswerOr>> Submit(std::vector<WriterRequest> requests, Lane lane = Lane::kFirst);
  Task<std::vector<AnswerOr>> RunBatch(std::vector<WriterRequest> requests);
  // Runs the halves of a batch that met a damaged row one by one, so that the row harms no other
  // requests.
  Task<std::vector<AnswerOr>> RunHalves(std::vector<WriterRequest> requests);
  // Reads what the batch needs and applies the rules to it; `requests` outlives the call.
  Task<absl::StatusOr<std::unique_ptr<Batch>>> JudgeAll(const std::vector<WriterRequest>& requests);
  // Makes the batch durable, after everything it rests on.
  Task<absl::StatusOr<BatchEnd>> MakeDurable(Batch& batch);
  void AnswerLooks(std::vector<WriterRequest>& requests, Batch& batch,
                   std::vector<AnswerOr>& answers);
  absl::Status CheckServing() const;
  // Takes back all batches that are not durable, the newest first.
  void TakeBack();
  void Committed(const std::vector<ledger::Entry>& entries);
  // `entry` is durable, and the tables may lack it.
  void Note(const ledger::Entry& entry);
  void Deposed();
  // Waits until all changes that are in the book now are durable; false: some were taken back.
  Task<bool> BookIsDurable();
  Task<absl::Status> WaitForRoomInTail();

  // The following read, and are in writer_read.cc.
  //
  // Reads rows that the book does not know into it; returns the entries of those ids that have one.
  Task<absl::StatusOr<KnownEntries>> Fetch(Keys keys);
  Task<absl::StatusOr<BatchReads>> FetchAll(BatchKeys needed, int account_year);
  // The forwarding accounts of those of `psn_nos` that have left; the book must know all of
  // `psn_nos`.
  Keys ForwardsOf(const std::vector<std::string>& psn_nos);
  Task<absl::StatusOr<OwnedAccounts>> FetchOwned(std::vector<std::string> psn_nos);
  // Those of `psn_nos` whose year is over; the book must know all of them.
  Task<absl::StatusOr<DueYears>> FetchDue(std::vector<std::string> psn_nos, int account_year);
  // By range, the names of the accounts that exist in it.
  Task<absl::StatusOr<std::vector<Names>>> NamesIn(std::vector<Range> ranges);
  // Adds to `names` the accounts in `range` that the tables may lack.
  void AddNewNames(const Range& range, Names& names) const;
  Task<absl::Status> CheckTables() const;
  // Redoes in the book every entry of the journal that the tables lack.
  Task<absl::Status> Redo();

  Env& env_;
  WalletStore& store_;
  const WriterOptions options_;
  Head head_;
  bool writing_ = false;
  Book book_;
  // The last entry in the book, and its time.
  Anchor judged_;
  absl::Time judged_at_ = absl::UnixEpoch();
  // The last entry that is durable and in the book: the journal's last, but during a start.
  Anchor durable_;
  // Batches that are in the book and not durable yet, the oldest first; each rests on those before
  // it.
  std::deque<Batch*> undurable_;
  // How often such batches were taken back; a batch that rests on them is then judged again.
  int64_t takebacks_ = 0;
  // One batch at a time is read and judged.
  Mutex judging_;
  // One batch at a time is appended.
  Mutex appending_;
  Event commit_ended_;  // notified of each commit, whether it succeeded or not
  TableSaver saver_;
  JournalWatch watch_;
  Counter& entries_total_;
  Counter& closes_total_;
  Counter& redone_total_;
  Gauge& writing_gauge_;
  Batcher<WriterRequest, AnswerOr> batcher_;
};

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_WRITER_WRITER_H_
