// The one writer of a shard: decides batches on the book, makes their entries durable, then
// answers; saves to the tables what they lack, a slice at a time, and redoes it after a restart.
// While a batch is made durable the next one is read and decided on it.
#ifndef GONGJI_SERVICES_WALLET_WRITER_WRITER_H_
#define GONGJI_SERVICES_WALLET_WRITER_WRITER_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "policy/policy.h"
#include "services/common/batcher.h"
#include "services/common/business_day.h"
#include "services/common/env.h"
#include "services/common/metrics.h"
#include "services/common/task.h"
#include "services/common/turns.h"
#include "services/ledger/transaction.h"
#include "services/wallet/rules/book.h"
#include "services/wallet/rules/ledger.h"
#include "services/wallet/rules/year_close.h"
#include "services/wallet/store/wallet_store.h"

namespace gongji::wallet {

// What holds in an area on a day.
using RulesOf = std::function<const policy::AreaPolicy&(const std::string& area, BusinessDay day)>;

struct WriterOptions {
  // A whole batch that waits is decided while another one becomes durable.
  BatcherOptions batches = {.max_in_flight_if_full = 2};
  // Rows kept in memory at most, besides those that the tables lack; about 250 bytes each.
  size_t max_cached_rows = 4'000'000;
  // Entries that the tables lack when they are saved, and at most: then writes wait. A restart
  // redoes that many.
  int64_t save_every = 100'000;
  int64_t max_tail = 300'000;
  // Rows in one slice of a save; a slice is a commit of some milliseconds.
  size_t slice_rows = 512;
  // Whether this process may serve at this moment (leadership.h): asked before a batch and before
  // anybody is told what stands in the book.
  std::function<absl::Status()> standing = [] { return absl::OkStatus(); };
  // Account year of a business time: the calendar year in which it began.
  std::function<int(absl::Time)> account_year = [](absl::Time at) {
    return static_cast<int>(BusinessDayOf(at).year());
  };
  // Of payouts and sub-accounts. The strictest, unless given: nothing is allowed.
  RulesOf rules = [](const std::string&, BusinessDay) -> const policy::AreaPolicy& {
    static const policy::AreaPolicy kNothing;
    return kNothing;
  };
  // Two digits: payouts and sub-accounts follow the rules of an area of this province, and are
  // refused with another one. Empty: of any.
  std::string province;
  // Closes the years of those who do nothing after the turn of the year too (year_sweep.h).
  bool sweep_years = false;
  // Called when this process can write no more, because another one took over or the store is away.
  // It is of no use then and should end, so that it is started again.
  std::function<void()> on_deposed = [] {};
};

// All on the executor thread; what is given must outlive the writer. Errors of Apply, Decide and
// Look: NOT_WRITER, QUEUE_FULL, DISK_FULL, ROW_DAMAGED; nothing was done then, or nobody knows.
class Writer {
 public:
  Writer(Env& env, TaskScope& scope, WalletStore& store, WriterOptions options, Metrics& metrics);

  // Takes over the store and redoes what its tables lack.
  Task<absl::Status> Start();

  // One answer per transaction, in order, after the commit of everything they rest on.
  Task<std::vector<absl::StatusOr<Answer>>> Apply(std::vector<Transaction> transactions,
                                                  Lane lane = Lane::kFirst);

  // The entry that stands for each id, or a tombstone written now.
  Task<std::vector<absl::StatusOr<Answer>>> Decide(std::vector<std::string> ids);

  // Closes the years of those persons that are over (R13); nothing for the others. The first error
  // that is none of a single person.
  Task<absl::Status> CloseYears(std::vector<std::string> psn_nos);

  // The tables have everything that is durable now when it returns OK; DISK_FULL.
  Task<absl::Status> SaveAll();

  // The account year of now; no batch that begins later is in an earlier one.
  Task<absl::StatusOr<int>> AccountYear();

  // What a look may read: the rows of its keys, and the accounts in its ranges.
  struct View {
    Book& book;
    Moment moment;
    const DueYears& due;         // of the persons asked for
    const OwnedAccounts& owned;  // of the owners asked for
    int64_t last_number;
    // By range: the names in it, in order.
    std::vector<std::vector<std::string>> names;
  };
  using LookAt = absl::AnyInvocable<void(const View&)>;

  // Calls `look` between two batches, when everything in the book is durable; no other batch is
  // decided before.
  Task<absl::Status> Look(Keys keys, std::vector<Range> ranges, LookAt look);

  // Returns once there are entries behind `number`, or at the time `until` of the wall clock; at
  // once after StopWaiting.
  Task<void> WaitBehind(int64_t number, absl::Time until);
  void StopWaiting();

  // Refuses everything from now on and saves what the tables lack, for who comes next.
  Task<absl::Status> Close();

  int64_t last_number() const { return head_.last_number; }

 private:
  struct Work {
    enum class Kind { kApply, kDecide, kLook, kCloseYear } kind = Kind::kApply;
    Transaction transaction;
    absl::Status form;  // CheckForm of it
    std::string id;     // of a decision; kCloseYear: psn_no
    Keys keys;          // of a look, with `ranges` and `look`
    std::vector<Range> ranges;
    LookAt look;
  };
  using Done = absl::StatusOr<Answer>;
  using Known = absl::flat_hash_map<std::string, Entry>;
  using Names = std::vector<std::string>;  // in order
  // What a batch reads.
  struct Needs {
    Keys keys;
    std::vector<Range> ranges;  // of all looks, in order
  };
  // What came of it, besides the rows that the book now knows.
  struct Found {
    std::vector<Names> names;  // by range
    Known known;
    DueYears due;
    OwnedAccounts owned;
  };
  class Unit;
  // How a decided batch ended.
  enum class End { kDurable, kFailed, kAgain };

  static Needs NeedsOf(const std::vector<Work>& work);
  Task<std::vector<Done>> RunBatch(std::vector<Work> work);
  Task<std::vector<Done>> Submit(std::vector<Work> work, Lane lane = Lane::kFirst);
  // Reads what the batch needs and applies the rules to it; `work` must outlive it.
  Task<absl::StatusOr<std::unique_ptr<Unit>>> DecideAll(const std::vector<Work>* work);
  // Makes it durable, after what it rests on. kAgain: that was taken back, and so was this.
  Task<absl::StatusOr<End>> MakeDurable(Unit& unit);
  // All that is not durable, the newest first.
  void TakeBack();
  // Reads what the batch needs and memory does not hold; gives the entries of ids that have one.
  Task<absl::StatusOr<Known>> Fetch(Keys keys);
  Task<absl::StatusOr<Found>> FetchAll(Needs needs, int account_year);
  // Accounts that money goes to of those who have left; the book knows all of `psn_nos`.
  Keys ForwardsOf(const std::vector<std::string>& psn_nos);
  Task<absl::StatusOr<OwnedAccounts>> FetchOwned(std::vector<std::string> psn_nos);
  // Of persons that the book knows, those whose year is over.
  Task<absl::StatusOr<DueYears>> FetchDue(std::vector<std::string> psn_nos, int account_year);
  // The same for two halves of a batch that meets a damaged row: it must not harm the other one.
  Task<std::vector<Done>> RunHalves(std::vector<Work> work);
  // By range, the accounts that are there.
  Task<absl::StatusOr<std::vector<Names>>> NamesIn(std::vector<Range> ranges);
  // Adds to `names` those in `range` that the tables may lack.
  void AddNewNames(const Range& range, Names& names) const;
  void AnswerLooks(std::vector<Work>& work, Unit& unit, std::vector<Done>& answers);
  absl::Status Standing() const;
  void Committed(const std::vector<Entry>& entries);
  // This entry is durable, and the tables may lack it.
  void Note(const Entry& entry);
  void Deposed();
  void EndWatches();

  static void Resolve(std::vector<Promise<bool>>& waiting);
  // Waits until the next commit has ended, well or not.
  Task<void> NextCommit();
  // Waits until everything that the book has now is durable; false: it was taken back.
  Task<bool> BookIsDurable();
  Task<absl::Status> RoomInTail();
  Task<absl::Status> SaveOnce();
  void BeginSave();
  Task<void> Save();
  // Gives true with the last slice.
  Task<absl::StatusOr<bool>> SaveSlice(int64_t up_to);
  Task<absl::Status> CheckTables() const;

  Env& env_;
  TaskScope& scope_;
  WalletStore& store_;
  const WriterOptions options_;
  Head head_;
  bool writer_ = false;
  bool deposed_ = false;
  Book book_;
  // The last entry that the book has, and the last one that is durable (but for the time of a
  // start, the journal's last).
  Anchor decided_;
  absl::Time decided_at_ = absl::UnixEpoch();
  Anchor at_;
  // Durable entries that the tables lack, and their ids.
  std::deque<std::pair<int64_t, std::string>> tail_;
  absl::flat_hash_map<std::string, int64_t> tail_ids_;
  // Batches that are in the book and not durable yet, the oldest first; each rests on the others.
  std::deque<Unit*> undurable_;
  // How often such were taken back: who rests on them begins again.
  int64_t taken_back_ = 0;
  // One batch at a time is read and decided, and one is appended.
  Turns deciding_;
  Turns appending_;
  std::vector<Promise<bool>> waiting_for_commit_;
  bool saving_ = false;
  absl::Status saved_;   // how the last save ended
  int64_t save_at_ = 0;  // the entry after which the next one begins
  std::vector<Promise<bool>> waiting_for_save_;
  std::map<int64_t, Promise<bool>> waiting_for_entries_;
  bool stopped_waiting_ = false;
  int64_t next_watcher_ = 0;
  Counter& entries_total_;
  Counter& closes_total_;
  Counter& saves_total_;
  Counter& failed_saves_total_;
  Counter& redone_total_;
  Gauge& writing_;
  Batcher<Work, Done> batcher_;
};

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_WRITER_WRITER_H_
