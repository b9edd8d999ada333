// The writer's tables: brought up to the journal a slice at a time, and what they lack redone at
// start (docs/decisions/0012-journal-first.md).
#include <algorithm>
#include <utility>

#include "services/common/errors/reasons.h"
#include "services/common/log.h"
#include "services/wallet/writer/writer.h"

namespace gongji::wallet {
namespace {

constexpr int kTailPage = 1000;

}  // namespace

Task<absl::Status> Writer::Start() {
  ASSIGN_OR_CO_RETURN(head_, co_await store_.TakeOver());
  CO_RETURN_IF_ERROR(co_await CheckTables());
  at_.number = head_.saved_number;
  decided_at_ = head_.last_at;
  while (at_.number < head_.last_number) {
    ASSIGN_OR_CO_RETURN(const std::vector<Entry> entries,
                        co_await store_.Tail(at_.number, kTailPage));
    Keys keys;
    for (const Entry& entry : entries) AddKeysOf(entry, keys);
    CO_RETURN_IF_ERROR((co_await Fetch(std::move(keys))).status());
    for (const Entry& entry : entries) {
      book_.Redo(entry);
      book_.NoteAccounts(entry);
      Note(entry);
    }
    decided_ = at_;
    redone_total_.Add(static_cast<double>(entries.size()));
    // Tables that are made again from the whole journal are saved on the way.
    if (at_.number - head_.saved_number < options_.save_every) continue;
    saving_ = true;
    co_await Save();
    // Of a full disk it may get back to its feet, unless the tail grows without bound.
    const bool too_long = at_.number - head_.saved_number >= options_.max_tail;
    if (!saved_.ok() && (too_long || ReasonOf(saved_) == reason::kNotWriter.name)) co_return saved_;
    book_.Evict(options_.max_cached_rows);
  }
  decided_ = at_;
  writer_ = true;
  writing_.Set(1);
  save_at_ = head_.saved_number + options_.save_every;
  co_return absl::OkStatus();
}

// Tables made from another journal, or from a longer one that was replaced by a backup, hold what
// never happened.
Task<absl::Status> Writer::CheckTables() const {
  const Anchor newest = head_.newest;
  if (newest.number == 0) co_return absl::OkStatus();
  bool ours = newest.number <= head_.last_number;
  if (ours) {
    ASSIGN_OR_CO_RETURN(const std::vector<Entry> entries, co_await store_.Entries({newest.number}));
    ours = entries.front().id == newest.id;
  }
  if (ours) co_return absl::OkStatus();
  co_return absl::FailedPreconditionError(
      "the tables do not belong to this journal; without them they are made again from it");
}

Task<void> Writer::NextCommit() {
  const Promise<bool> ended(env_);
  waiting_for_commit_.push_back(ended);
  co_await ended.future();
}

Task<bool> Writer::BookIsDurable() {
  const int64_t number = decided_.number;
  const int64_t rests_on = taken_back_;
  while (at_.number < number && rests_on == taken_back_) co_await NextCommit();
  co_return rests_on == taken_back_;
}

Task<absl::Status> Writer::RoomInTail() {
  while (decided_.number - head_.saved_number >= options_.max_tail) {
    CO_RETURN_IF_ERROR(co_await SaveOnce());
  }
  co_return absl::OkStatus();
}

Task<absl::Status> Writer::SaveAll() {
  const int64_t all = head_.last_number;
  while (head_.saved_number < all) CO_RETURN_IF_ERROR(co_await SaveOnce());
  co_return absl::OkStatus();
}

// The save that is under way, or one.
Task<absl::Status> Writer::SaveOnce() {
  BeginSave();
  if (saving_) {
    const Promise<bool> ended(env_);
    waiting_for_save_.push_back(ended);
    co_await ended.future();
  }
  co_return saved_;
}

Task<absl::Status> Writer::Close() {
  if (!std::exchange(writer_, false)) co_return Refuse(reason::kNotWriter);
  writing_.Set(0);
  EndWatches();
  while (!undurable_.empty()) co_await NextCommit();
  co_return co_await SaveAll();
}

void Writer::BeginSave() {
  if (std::exchange(saving_, true)) return;
  scope_.Spawn(Save());
}

Task<void> Writer::Save() {
  book_.BeginSaving();
  const int64_t up_to = at_.number;
  absl::StatusOr<bool> all = false;
  while (all.ok() && !*all) all = co_await SaveSlice(up_to);
  const absl::Status before = std::exchange(saved_, all.status());
  if (saved_.ok()) {
    saves_total_.Add(1);
    save_at_ = up_to + options_.save_every;
  } else {
    failed_saves_total_.Add(1);
    // Not again at once: what hinders it takes its time.
    save_at_ = at_.number + std::max<int64_t>(1, options_.save_every / 10);
    if (before.ok()) {
      Log(LogLevel::kWarning, "the tables cannot be saved", {{"status", saved_.ToString()}});
    }
  }
  saving_ = false;
  Resolve(waiting_for_save_);
  if (ReasonOf(saved_) == reason::kNotWriter.name) Deposed();
}

// What a slice holds may be newer than `up_to`, but is never ahead of the journal: it is written
// once all that was in the book is durable.
Task<absl::StatusOr<bool>> Writer::SaveSlice(int64_t up_to) {
  if (deposed_) co_return Refuse(reason::kNotWriter);
  // A slice a batch is not enough where batches change more than that: the closer the tail comes to
  // its end, where writes wait, the larger the slices.
  const int64_t behind = at_.number - head_.saved_number - options_.save_every;
  const int64_t room = std::max<int64_t>(1, options_.max_tail - options_.save_every);
  const size_t limit =
      options_.slice_rows * static_cast<size_t>(std::clamp<int64_t>(1 + 8 * behind / room, 1, 8));
  auto slice = std::make_shared<Slice>();
  slice->newest = decided_;
  slice->rows = book_.TakeChanged(limit);
  for (const auto& [number, id] : tail_) {
    if (number > up_to || slice->ids.size() == limit) break;
    slice->ids.emplace_back(id, number);
  }
  const bool last = slice->rows.size() < limit && slice->ids.size() < limit;
  if (last) slice->up_to = up_to;
  if (!co_await BookIsDurable()) {
    book_.EndSaving(slice->rows, 0, false);
    co_return false;
  }
  const absl::Status status = co_await store_.Save(head_.epoch, slice);
  book_.EndSaving(slice->rows, slice->newest.number, status.ok());
  if (!status.ok()) co_return status;
  for (const auto& [id, number] : slice->ids) {
    tail_ids_.erase(id);
    tail_.pop_front();
  }
  if (last) head_.saved_number = up_to;
  co_return last;
}

void Writer::Resolve(std::vector<Promise<bool>>& waiting) {
  for (const Promise<bool>& promise : std::exchange(waiting, {})) promise.Set(true);
}

}  // namespace gongji::wallet
