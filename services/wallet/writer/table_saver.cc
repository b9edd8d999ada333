// A save goes through the changed rows of the book once, in order of key. Each slice of it is one
// commit of the store:
//
//   take up to n changed rows and ids -> wait until the book is durable -> write -> note or put
//   back
//
// Meanwhile the writer goes on. Rows that it changes after their slice was taken wait for the next
// save; only the last slice says that the tables are complete up to the entry at which it began.
#include "services/wallet/writer/table_saver.h"

#include <algorithm>
#include <memory>

#include "services/common/errors/reasons.h"
#include "services/common/errors/status.h"
#include "services/common/log.h"

namespace gongji::wallet {

TableSaver::TableSaver(Env& env, TaskScope& scope, WalletStore& store, Book& book, SavedBook writer,
                       TableSaverOptions options, Metrics& metrics)
    : scope_(scope),
      store_(store),
      book_(book),
      writer_(std::move(writer)),
      options_(options),
      save_ended_(env),
      saves_total_(metrics.counter("gongji_wallet_saves_total",
                                   "Times that the tables were brought up to the journal", {})),
      failed_saves_total_(metrics.counter("gongji_wallet_failed_saves_total",
                                          "Saves of the tables that did not end well", {})) {}

void TableSaver::Start(const Head& head) {
  epoch_ = head.epoch;
  saved_number_ = head.saved_number;
  last_number_ = head.saved_number;
  save_at_ = saved_number_ + options_.save_every;
}

void TableSaver::Note(const ledger::Entry& entry) {
  tail_.emplace_back(entry.number, entry.id);
  tail_ids_[entry.id] = entry.number;
  last_number_ = entry.number;
}

void TableSaver::SaveIfDue() {
  if (last_number_ >= save_at_) Begin();
}

int64_t TableSaver::NumberInTail(const std::string& id) const {
  const auto found = tail_ids_.find(id);
  return found == tail_ids_.end() ? 0 : found->second;
}

Task<absl::Status> TableSaver::SaveOnce() {
  Begin();
  if (saving_) co_await save_ended_.Wait();
  co_return saved_;
}

Task<absl::Status> TableSaver::SaveAll() {
  const int64_t all = last_number_;
  while (saved_number_ < all) CO_RETURN_IF_ERROR(co_await SaveOnce());
  co_return absl::OkStatus();
}

void TableSaver::Begin() {
  if (std::exchange(saving_, true)) return;
  scope_.Spawn(Save());
}

Task<void> TableSaver::Save() {
  book_.BeginSaving();
  const int64_t up_to = last_number_;
  absl::StatusOr<bool> all = false;
  while (all.ok() && !*all) all = co_await SaveSlice(up_to);
  const absl::Status before = std::exchange(saved_, all.status());
  if (saved_.ok()) {
    saves_total_.Add(1);
    save_at_ = up_to + options_.save_every;
  } else {
    failed_saves_total_.Add(1);
    // Does not try again at once, because what prevents a save lasts for some time.
    save_at_ = last_number_ + std::max<int64_t>(1, options_.save_every / 10);
    if (before.ok()) {
      Log(LogLevel::kWarning, "the tables cannot be saved", {{"status", saved_.ToString()}});
    }
  }
  saving_ = false;
  save_ended_.Notify();
  if (ReasonOf(saved_) == reason::kNotWriter.name) writer_.on_not_writer();
}

// One slice for each batch is not enough if batches change more rows than a slice has. Therefore
// slices grow as the tail comes closer to max_tail, where writes wait.
size_t TableSaver::RowsInSlice() const {
  const int64_t overdue = tail() - options_.save_every;
  const int64_t room = std::max<int64_t>(1, options_.max_tail - options_.save_every);
  return options_.slice_rows *
         static_cast<size_t>(std::clamp<int64_t>(1 + 8 * overdue / room, 1, 8));
}

// A slice may contain changes newer than `up_to`, but none that the journal lacks: it is written
// once everything that was in the book is durable.
Task<absl::StatusOr<bool>> TableSaver::SaveSlice(int64_t up_to) {
  if (stopped_) co_return Refuse(reason::kNotWriter);
  const size_t limit = RowsInSlice();
  auto slice = std::make_shared<Slice>();
  slice->newest = writer_.newest();
  slice->rows = book_.TakeChanged(limit);
  for (const auto& [number, id] : tail_) {
    if (number > up_to || slice->ids.size() == limit) break;
    slice->ids.emplace_back(id, number);
  }
  const bool last = slice->rows.size() < limit && slice->ids.size() < limit;
  if (last) slice->up_to = up_to;
  if (!co_await writer_.durable()) {
    book_.EndSaving(slice->rows, 0, false);
    co_return false;
  }
  const absl::Status status = co_await store_.Save(epoch_, slice);
  book_.EndSaving(slice->rows, slice->newest.number, status.ok());
  if (!status.ok()) co_return status;
  for (const auto& [id, number] : slice->ids) {
    tail_ids_.erase(id);
    tail_.pop_front();
  }
  if (last) saved_number_ = up_to;
  co_return last;
}

}  // namespace gongji::wallet
