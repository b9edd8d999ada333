// Brings the tables of a shard up to its journal, a slice at a time, beside the writer
// (docs/decisions/0012-journal-first.md).
#ifndef GONGJI_SERVICES_WALLET_WRITER_TABLE_SAVER_H_
#define GONGJI_SERVICES_WALLET_WRITER_TABLE_SAVER_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/common/env.h"
#include "services/common/event.h"
#include "services/common/metrics.h"
#include "services/common/task.h"
#include "services/ledger/transaction.h"
#include "services/wallet/rules/book.h"
#include "services/wallet/store/wallet_store.h"

namespace gongji::wallet {

struct TableSaverOptions {
  // Save once this many entries are missing from the tables.
  int64_t save_every = 100'000;
  // Writes wait while this many entries are missing; it also bounds what a restart has to redo.
  int64_t max_tail = 300'000;
  // Rows in one slice of a save; a slice is one commit, which takes some milliseconds.
  size_t slice_rows = 512;
};

// What the saver needs of the writer, whose book it saves.
struct SavedBook {
  // The newest entry whose changes are in the book.
  std::function<Anchor()> newest;
  // Waits until all changes that are in the book now are durable; returns false if some were taken
  // back.
  std::function<Task<bool>()> durable;
  // Called when another process has taken over the tables.
  std::function<void()> on_not_writer;
};

// The tail is what a restart would have to redo: durable entries that the tables lack. All on the
// executor thread; the constructor's references must outlive the saver.
class TableSaver {
 public:
  TableSaver(Env& env, TaskScope& scope, WalletStore& store, Book& book, SavedBook writer,
             TableSaverOptions options, Metrics& metrics);

  // From now on this process may write the tables, which are complete up to `head.saved_number`.
  void Start(const Head& head);

  // Notes that `entry` is durable. Entries come in order of number.
  void Note(const ledger::Entry& entry);
  // Begins a save if it is time for one.
  void SaveIfDue();

  // The number of the entry of `id` in the tail, or 0.
  int64_t NumberInTail(const std::string& id) const;
  // How many durable entries the tables lack.
  int64_t tail() const { return last_number_ - saved_number_; }
  // The tables are complete up to this entry.
  int64_t saved_number() const { return saved_number_; }
  const TableSaverOptions& options() const { return options_; }

  // Waits for the save that is under way, or for a new one, and returns its result.
  Task<absl::Status> SaveOnce();
  // Brings the tables up to everything that is durable now. DISK_FULL, NOT_WRITER.
  Task<absl::Status> SaveAll();

  // Ends all saving: no further slice is written.
  void Stop() { stopped_ = true; }

 private:
  void Begin();
  Task<void> Save();
  // Writes the next slice of a save of everything up to `up_to`; returns true if it was the last
  // one.
  Task<absl::StatusOr<bool>> SaveSlice(int64_t up_to);
  size_t RowsInSlice() const;

  TaskScope& scope_;
  WalletStore& store_;
  Book& book_;
  const SavedBook writer_;
  const TableSaverOptions options_;
  int64_t epoch_ = 0;
  int64_t saved_number_ = 0;
  int64_t last_number_ = 0;
  std::deque<std::pair<int64_t, std::string>> tail_;
  absl::flat_hash_map<std::string, int64_t> tail_ids_;
  bool saving_ = false;
  bool stopped_ = false;
  absl::Status saved_;   // how the last save ended
  int64_t save_at_ = 0;  // the entry after which the next one begins
  Event save_ended_;
  Counter& saves_total_;
  Counter& failed_saves_total_;
};

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_WRITER_TABLE_SAVER_H_
