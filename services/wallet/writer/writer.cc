#include "services/wallet/writer/writer.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <optional>
#include <string_view>

#include "services/common/errors/reasons.h"
#include "services/wallet/writer/writer_unit.h"

namespace gongji::wallet {
namespace {

BatcherMetrics MetricsOf(Metrics& metrics) {
  return {
      .batch_size = &metrics.histogram("gongji_wallet_batch_size",
                                       "Requests in one unit of the writer", {}, SizeBounds()),
      .queue_wait_seconds =
          &metrics.histogram("gongji_wallet_queue_wait_seconds",
                             "Wait of the oldest request before its unit", {}, SecondsBounds()),
      .run_seconds = &metrics.histogram("gongji_wallet_commit_seconds",
                                        "Time of one unit, commit included", {}, SecondsBounds())};
}

template <class T>
void Append(const std::vector<T>& from, std::vector<T>& to) {
  to.insert(to.end(), from.begin(), from.end());
}

// A failed append after which the store is as it was before.
bool NothingWritten(const absl::Status& appended) {
  const std::string reason = ReasonOf(appended);
  return reason == reason::kDiskFull.name || reason == reason::kPeerUnavailable.name ||
         reason == reason::kConflict.name || reason == reason::kRowDamaged.name;
}

// What is read for one person fails, and must not harm the others.
bool OfOnePerson(const absl::Status& status) {
  const std::string reason = ReasonOf(status);
  return reason == reason::kRowDamaged.name || reason == reason::kTooManyAccounts.name;
}

}  // namespace

Writer::Writer(Env& env, TaskScope& scope, WalletStore& store, WriterOptions options,
               Metrics& metrics)
    : env_(env),
      scope_(scope),
      store_(store),
      options_(std::move(options)),
      deciding_(env),
      appending_(env),
      entries_total_(metrics.counter("gongji_wallet_entries_total",
                                     "Journal entries appended by this process", {})),
      closes_total_(metrics.counter("gongji_wallet_years_closed_total",
                                    "Account years of persons closed by this process", {})),
      saves_total_(metrics.counter("gongji_wallet_saves_total",
                                   "Times that the tables were brought up to the journal", {})),
      failed_saves_total_(metrics.counter("gongji_wallet_failed_saves_total",
                                          "Saves of the tables that did not end well", {})),
      redone_total_(metrics.counter("gongji_wallet_redone_total",
                                    "Journal entries that were redone at start", {})),
      writing_(metrics.gauge("gongji_wallet_writing",
                             "1 while this process is the writer of its shard", {})),
      batcher_(
          env, scope, options_.batches,
          [this](std::vector<Work> work) { return RunBatch(std::move(work)); },
          MetricsOf(metrics)) {}

Task<std::vector<Writer::Done>> Writer::Submit(std::vector<Work> work, Lane lane) {
  std::vector<absl::StatusOr<Done>> done = co_await batcher_.CallAll(std::move(work), lane);
  std::vector<Done> answers;
  answers.reserve(done.size());
  for (auto& one : done) answers.push_back(one.ok() ? *std::move(one) : Done(one.status()));
  co_return answers;
}

Task<std::vector<absl::StatusOr<Answer>>> Writer::Apply(std::vector<Transaction> transactions,
                                                        Lane lane) {
  std::vector<Work> work(transactions.size());
  for (size_t i = 0; i < work.size(); ++i) {
    work[i].form = CheckForm(transactions[i]);
    work[i].transaction = std::move(transactions[i]);
  }
  return Submit(std::move(work), lane);
}

Task<std::vector<absl::StatusOr<Answer>>> Writer::Decide(std::vector<std::string> ids) {
  std::vector<Work> work(ids.size());
  for (size_t i = 0; i < work.size(); ++i) {
    work[i].kind = Work::Kind::kDecide;
    work[i].id = std::move(ids[i]);
  }
  return Submit(std::move(work));
}

Task<absl::Status> Writer::Look(Keys keys, std::vector<Range> ranges, LookAt look) {
  Work work;
  work.kind = Work::Kind::kLook;
  work.keys = std::move(keys);
  work.ranges = std::move(ranges);
  work.look = std::move(look);
  ASSIGN_OR_CO_RETURN(const Done done, co_await batcher_.Call(std::move(work)));
  co_return done.status();
}

Task<void> Writer::WaitBehind(int64_t number, absl::Time until) {
  const absl::Duration wait = until - env_.Now();
  const bool waits = head_.last_number <= number && wait > absl::ZeroDuration();
  if (!waits || stopped_waiting_) co_return;
  const Promise<bool> ended(env_);
  const int64_t key = next_watcher_++;
  waiting_for_entries_.emplace(key, ended);
  env_.After(wait, [ended] { ended.Set(true); });
  co_await ended.future();
  waiting_for_entries_.erase(key);
}

void Writer::StopWaiting() {
  stopped_waiting_ = true;
  EndWatches();
}

void Writer::EndWatches() {
  for (const auto& [key, promise] : waiting_for_entries_) promise.Set(true);
}

// Waits for the batch under way: it may be of the year before.
Task<absl::StatusOr<int>> Writer::AccountYear() {
  int year = 0;
  CO_RETURN_IF_ERROR(
      co_await Look({}, {}, [&year](const View& view) { year = view.moment.account_year; }));
  co_return year;
}

Task<absl::Status> Writer::CloseYears(std::vector<std::string> psn_nos) {
  std::vector<Work> work(psn_nos.size());
  for (size_t i = 0; i < work.size(); ++i) {
    work[i].kind = Work::Kind::kCloseYear;
    work[i].id = std::move(psn_nos[i]);
  }
  for (const Done& done : co_await Submit(std::move(work), Lane::kBackground)) {
    // Whose rows are damaged waits for them to be mended.
    if (!done.ok() && !OfOnePerson(done.status())) co_return done.status();
  }
  co_return absl::OkStatus();
}

Writer::Needs Writer::NeedsOf(const std::vector<Work>& work) {
  Needs needs;
  Keys& keys = needs.keys;
  for (const Work& one : work) {
    if (one.kind == Work::Kind::kApply && one.form.ok()) {
      AddKeysOf(one.transaction, keys);
    } else if (one.kind == Work::Kind::kApply) {
      keys.ids.push_back(one.transaction.id);  // What else it names is without bound.
    } else if (one.kind == Work::Kind::kDecide) {
      keys.ids.push_back(one.id);
    } else if (one.kind == Work::Kind::kCloseYear) {
      keys.persons.push_back(one.id);
    } else {
      Append(one.keys.accounts, keys.accounts);
      Append(one.keys.persons, keys.persons);
      Append(one.keys.claims, keys.claims);
      Append(one.keys.counters, keys.counters);
      Append(one.keys.owners, keys.owners);
      Append(one.ranges, needs.ranges);
    }
  }
  return needs;
}

Task<std::vector<Writer::Done>> Writer::RunHalves(std::vector<Work> work) {
  const auto middle = work.begin() + std::ssize(work) / 2;
  std::vector<Work> second{std::move_iterator(middle), std::move_iterator(work.end())};
  work.erase(middle, work.end());
  std::vector<Done> done = co_await RunBatch(std::move(work));
  for (Done& one : co_await RunBatch(std::move(second))) done.push_back(std::move(one));
  co_return done;
}

Task<std::vector<Writer::Done>> Writer::RunBatch(std::vector<Work> work) {
  const auto fail_all = [&work](const absl::Status& status) {
    return std::vector<Done>(work.size(), Done(status));
  };
  const bool looks = std::any_of(work.begin(), work.end(),
                                 [](const Work& one) { return one.kind == Work::Kind::kLook; });
  while (true) {
    co_await deciding_.Take();
    const auto unit = co_await DecideAll(&work);
    // Nothing may be decided before the looks at the end.
    if (!looks || !unit.ok()) deciding_.Give();
    if (!unit.ok()) {
      if (!OfOnePerson(unit.status()) || work.size() == 1) co_return fail_all(unit.status());
      co_return co_await RunHalves(std::move(work));
    }
    const absl::StatusOr<End> end = co_await MakeDurable(**unit);
    std::vector<Done> answers;
    if (end.ok() && *end != End::kAgain) {
      answers = (*unit)->Answers();
      AnswerLooks(work, **unit, answers);
    }
    if (looks) deciding_.Give();
    if (!end.ok()) co_return fail_all(end.status());
    if (*end != End::kAgain) co_return answers;
  }
}

Task<absl::StatusOr<std::unique_ptr<Writer::Unit>>> Writer::DecideAll(
    const std::vector<Work>* work) {
  const bool writes = std::any_of(work->begin(), work->end(),
                                  [](const Work& one) { return one.kind != Work::Kind::kLook; });
  const absl::Status room = writes ? co_await RoomInTail() : absl::OkStatus();
  std::unique_ptr<Unit> unit;
  while (unit == nullptr) {
    CO_RETURN_IF_ERROR(Standing());
    const int64_t rests_on = taken_back_;
    book_.Evict(options_.max_cached_rows);
    // In whole milliseconds, as stored. Before anything is read: it decides which years are over.
    const absl::Time now = absl::FromUnixMillis(absl::ToUnixMillis(env_.BusinessNow()));
    Moment moment{.wall = {}, .at = std::max(decided_at_, now)};
    moment.account_year = options_.account_year(moment.at);
    ASSIGN_OR_CO_RETURN(Found found, co_await FetchAll(NeedsOf(*work), moment.account_year));
    if (rests_on != taken_back_) continue;
    moment.wall = env_.Now();
    unit = std::make_unique<Unit>(book_, moment, decided_.number + 1, std::move(found), rests_on,
                                  work->size());
  }
  if (!writer_) co_return Refuse(reason::kNotWriter);  // Closed meanwhile.
  for (const Work& one : *work) {
    if (one.kind == Work::Kind::kLook) {
      unit->Say(Answer{});  // Looks come after the commit.
    } else if (!room.ok()) {
      unit->Say(room);
    } else if (one.kind == Work::Kind::kApply) {
      unit->Apply(one.transaction, one.form);
    } else if (one.kind == Work::Kind::kCloseYear) {
      unit->CloseYear(one.id);
    } else {
      unit->Decide(one.id);
    }
  }
  if (!unit->entries()->empty()) {
    const Entry& last = unit->entries()->back();
    decided_ = {last.number, last.id};
    decided_at_ = last.at;
    undurable_.push_back(unit.get());
  }
  co_return std::move(unit);
}

Task<absl::StatusOr<Writer::End>> Writer::MakeDurable(Unit& unit) {
  co_await appending_.Take();
  absl::StatusOr<End> end = End::kDurable;
  if (unit.rests_on() != taken_back_) {
    end = End::kAgain;
  } else if (!unit.entries()->empty()) {
    const absl::Status appended =
        co_await store_.Append(head_.epoch, at_.number + 1, unit.entries());
    if (appended.ok()) {
      std::erase(undurable_, &unit);
      Committed(*unit.entries());
      closes_total_.Add(static_cast<double>(unit.closes()));
    } else if (NothingWritten(appended)) {
      TakeBack();
      unit.Fail(appended);
      end = End::kFailed;
    } else {
      // Another writer's, or nobody knows whether it is there: what is in memory may be old.
      Deposed();
      end = appended;
    }
    Resolve(waiting_for_commit_);
  }
  appending_.Give();
  co_return end;
}

void Writer::TakeBack() {
  for (; !undurable_.empty(); undurable_.pop_back()) undurable_.back()->TakeBack();
  decided_ = at_;
  ++taken_back_;
}

absl::Status Writer::Standing() const {
  absl::Status standing = options_.standing();
  if (standing.ok() && !writer_) standing = Refuse(reason::kNotWriter);
  return standing;
}

void Writer::AnswerLooks(std::vector<Work>& work, Unit& unit, std::vector<Done>& answers) {
  // This process may have stood still since the batch began. What was appended is in the journal
  // all the same, but what is in memory may be old.
  const absl::Status standing = options_.standing();
  Found& found = unit.found();
  auto next = found.names.begin();
  // Again, for what this batch has opened.
  for (auto& [psn_no, names] : found.owned) {
    AddNewNames(AccountsOf(psn_no, std::numeric_limits<int>::max()), names);
  }
  for (size_t i = 0; i < work.size(); ++i) {
    Work& one = work[i];
    if (one.kind != Work::Kind::kLook) continue;
    if (!standing.ok()) {
      answers[i] = standing;
      continue;
    }
    View view{book_, unit.moment(), found.due, found.owned, head_.last_number, {}};
    for (const Range& range : one.ranges) {
      AddNewNames(range, *next);
      view.names.push_back(std::move(*next++));
    }
    one.look(view);
  }
}

void Writer::Committed(const std::vector<Entry>& entries) {
  for (const Entry& entry : entries) Note(entry);
  head_.last_number = at_.number;
  entries_total_.Add(static_cast<double>(entries.size()));
  if (at_.number >= save_at_) BeginSave();
  EndWatches();
}

void Writer::Note(const Entry& entry) {
  tail_.emplace_back(entry.number, entry.id);
  tail_ids_[entry.id] = entry.number;
  at_ = {entry.number, entry.id};
}

void Writer::Deposed() {
  writing_.Set(0);
  deposed_ = true;
  undurable_.clear();
  ++taken_back_;  // Who rests on it begins again, and is told that this is no writer.
  Resolve(waiting_for_commit_);
  EndWatches();
  if (std::exchange(writer_, false)) options_.on_deposed();
}

}  // namespace gongji::wallet
