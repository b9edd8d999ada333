#include "services/wallet/writer.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <optional>
#include <string_view>

#include "services/reasons/reasons.h"

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

// One batch: the rules in order, and the answers that wait for its commit.
class Writer::Unit {
 public:
  // `found` must outlive it.
  Unit(Book& book, Moment moment, int64_t first_number, const Found& found, size_t size)
      : draft_(book, found.owned),
        moment_(moment),
        next_number_(first_number),
        known_(found.known),
        due_(found.due),
        entries_(std::make_shared<std::vector<Entry>>()) {
    entries_->reserve(size + due_.size());  // What `here_` refers to stays where it is.
  }

  void Apply(const Transaction& transaction) {
    if (const Entry* standing = Find(transaction.id); standing != nullptr) {
      const bool comparable = standing->outcome != Outcome::kTombstone;
      if (comparable && standing->fingerprint != FingerprintOf(transaction)) {
        return Say(Refuse(reason::kRequestIdReused, {{"id", transaction.id}}));
      }
      return SayAgain(transaction.id);
    }
    const absl::Status form = CheckForm(transaction);
    if (!form.ok()) return Say(form);
    draft_.Begin(next_number_);
    const absl::Status closed = CloseYearsBefore(
        transaction, due_, moment_, draft_, [this](Entry close) { AddClose(std::move(close)); });
    if (!closed.ok()) return Say(closed);
    Entry entry = gongji::wallet::Decide(transaction, moment_, draft_);
    if (IsStored(entry)) return Store(std::move(entry));
    entry.number = 0;
    Say(Answer{std::move(entry), false});
  }

  void Decide(const std::string& id) {
    if (Find(id) != nullptr) return SayAgain(id);
    if (IsIdOfClose(id)) return Say(InvalidField("id", "of the shard's own entries"));
    Entry tombstone = Tombstone(id, moment_);
    tombstone.number = next_number_;
    Store(std::move(tombstone));
  }

  void CloseYear(const std::string& psn_no) {
    const size_t before = entries_->size();
    draft_.Begin(next_number_);
    const absl::Status closed = gongji::wallet::CloseYears(
        {psn_no}, due_, moment_, draft_, [this](Entry close) { AddClose(std::move(close)); });
    if (!closed.ok()) return Say(closed);
    if (entries_->size() == before) return Say(Answer{});
    said_.push_back({Answer{}, before, false});
  }

  int closes() const { return closes_; }

  // An answer that is no entry.
  void Say(Done done) { said_.push_back({std::move(done), std::nullopt, false}); }

  const std::shared_ptr<std::vector<Entry>>& entries() const { return entries_; }

  // The entries are not durable, because of `status`: they never were.
  void TakeBack(const absl::Status& status) {
    draft_.BackTo({});
    for (Said& said : said_) {
      if (said.entry.has_value()) said = {status, std::nullopt, false};
    }
  }

  // After the commit.
  std::vector<Done> Answers() {
    std::vector<Done> answers(said_.size(), Done(Answer{}));
    // From the end: repetitions copy an entry that its first answer then takes.
    for (size_t i = said_.size(); i-- > 0;) {
      Said& said = said_[i];
      if (!said.entry.has_value()) {
        answers[i] = std::move(said.done);
      } else if (said.again) {
        answers[i] = Answer{(*entries_)[*said.entry], true};
      } else {
        answers[i] = Answer{std::move((*entries_)[*said.entry]), false};
      }
    }
    return answers;
  }

 private:
  struct Said {
    Done done;
    std::optional<size_t> entry;  // of this batch, instead of `done`
    bool again = false;
  };

  // The entry that stands for `id`, or null.
  const Entry* Find(const std::string& id) const {
    if (const auto here = here_.find(id); here != here_.end()) return &(*entries_)[here->second];
    const auto known = known_.find(id);
    return known == known_.end() ? nullptr : &known->second;
  }
  void AddClose(Entry entry) {
    Add(std::move(entry));
    ++closes_;
    draft_.Begin(next_number_);
  }
  void Add(Entry entry) {
    ++next_number_;
    entries_->push_back(std::move(entry));
    here_[entries_->back().id] = entries_->size() - 1;
  }
  void Store(Entry entry) {
    Add(std::move(entry));
    said_.push_back({Answer{}, entries_->size() - 1, false});
  }
  void SayAgain(const std::string& id) {
    if (const auto here = here_.find(id); here != here_.end()) {
      said_.push_back({Answer{}, here->second, true});
    } else {
      Say(Answer{known_.at(id), true});
    }
  }

  Draft draft_;
  const Moment moment_;
  int64_t next_number_;
  const Known& known_;
  const DueYears& due_;
  int closes_ = 0;
  const std::shared_ptr<std::vector<Entry>> entries_;
  absl::flat_hash_map<std::string_view, size_t> here_;  // id -> index in entries_
  std::vector<Said> said_;
};

Writer::Writer(Env& env, TaskScope& scope, WalletStore& store, WriterOptions options,
               Metrics& metrics)
    : env_(env),
      scope_(scope),
      store_(store),
      options_(std::move(options)),
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
      batcher_(
          env, scope, options_.batches,
          [this](std::vector<Work> work) { return RunBatch(std::move(work)); },
          MetricsOf(metrics)) {}

Task<std::vector<Writer::Done>> Writer::Submit(std::vector<Work> work) {
  std::vector<absl::StatusOr<Done>> done = co_await batcher_.CallAll(std::move(work));
  std::vector<Done> answers;
  answers.reserve(done.size());
  for (auto& one : done) answers.push_back(one.ok() ? *std::move(one) : Done(one.status()));
  co_return answers;
}

Task<std::vector<absl::StatusOr<Answer>>> Writer::Apply(std::vector<Transaction> transactions) {
  std::vector<Work> work(transactions.size());
  for (size_t i = 0; i < work.size(); ++i) work[i].transaction = std::move(transactions[i]);
  return Submit(std::move(work));
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
  if (head_.last_number > number || wait <= absl::ZeroDuration()) co_return;
  const Promise<bool> ended(env_);
  const int64_t key = next_watcher_++;
  waiting_for_entries_.emplace(key, ended);
  env_.After(wait, [ended] { ended.Set(true); });
  co_await ended.future();
  waiting_for_entries_.erase(key);
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
  for (const Done& done : co_await Submit(std::move(work))) {
    // Whose rows are damaged waits for them to be mended.
    if (!done.ok() && !OfOnePerson(done.status())) co_return done.status();
  }
  co_return absl::OkStatus();
}

Writer::Needs Writer::NeedsOf(const std::vector<Work>& work) {
  Needs needs;
  Keys& keys = needs.keys;
  for (const Work& one : work) {
    if (one.kind == Work::Kind::kApply) {
      AddKeysOf(one.transaction, keys);
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
  const bool writes = std::any_of(work.begin(), work.end(),
                                  [](const Work& one) { return one.kind != Work::Kind::kLook; });
  const absl::Status room = writes ? co_await RoomInTail() : absl::OkStatus();
  if (const absl::Status standing = Standing(); !standing.ok()) co_return fail_all(standing);
  book_.Evict(options_.max_cached_rows);
  // In whole milliseconds, as stored. Before anything is read: it decides which years are over.
  const absl::Time now = absl::FromUnixMillis(absl::ToUnixMillis(env_.BusinessNow()));
  Moment moment{.wall = {}, .at = std::max(head_.last_at, now)};
  moment.account_year = options_.account_year(moment.at);
  auto found = co_await FetchAll(NeedsOf(work), moment.account_year);
  if (!found.ok()) {
    if (OfOnePerson(found.status()) && work.size() > 1)
      co_return co_await RunHalves(std::move(work));
    co_return fail_all(found.status());
  }
  if (!writer_) co_return fail_all(Standing());  // Closed meanwhile.

  moment.wall = env_.Now();
  Unit unit(book_, moment, head_.last_number + 1, *found, work.size());
  for (const Work& one : work) {
    if (one.kind == Work::Kind::kLook) {
      unit.Say(Answer{});  // Looks come after the commit.
    } else if (!room.ok()) {
      unit.Say(room);
    } else if (one.kind == Work::Kind::kApply) {
      unit.Apply(one.transaction);
    } else if (one.kind == Work::Kind::kCloseYear) {
      unit.CloseYear(one.id);
    } else {
      unit.Decide(one.id);
    }
  }
  if (!unit.entries()->empty()) {
    undurable_ = true;
    const absl::Status appended =
        co_await store_.Append(head_.epoch, head_.last_number + 1, unit.entries());
    if (!appended.ok()) unit.TakeBack(appended);
    undurable_ = false;
    Resolve(waiting_for_quiet_);
    if (appended.ok()) {
      Committed(*unit.entries());
      closes_total_.Add(static_cast<double>(unit.closes()));
    } else if (!NothingWritten(appended)) {
      // Another writer's, or nobody knows whether it is there: what is in memory may be old.
      Deposed();
      co_return fail_all(appended);
    }
  }
  std::vector<Done> answers = unit.Answers();
  AnswerLooks(work, moment, *std::move(found), answers);
  co_return answers;
}

absl::Status Writer::Standing() const {
  absl::Status standing = options_.standing();
  if (standing.ok() && !writer_) standing = Refuse(reason::kNotWriter);
  return standing;
}

void Writer::AnswerLooks(std::vector<Work>& work, Moment moment, Found found,
                         std::vector<Done>& answers) {
  // This process may have stood still since the batch began. What was appended is in the journal
  // all the same, but what is in memory may be old.
  const absl::Status standing = options_.standing();
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
    View view{book_, moment, found.due, found.owned, head_.last_number, {}};
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
  head_.last_at = entries.back().at;
  entries_total_.Add(static_cast<double>(entries.size()));
  if (at_.number >= save_at_) BeginSave();
  EndWatches();
}

void Writer::Note(const Entry& entry) {
  book_.NoteAccounts(entry);
  tail_.emplace_back(entry.number, entry.id);
  tail_ids_[entry.id] = entry.number;
  at_ = {entry.number, entry.id};
}

void Writer::Deposed() {
  EndWatches();
  if (std::exchange(writer_, false)) options_.on_deposed();
}

}  // namespace gongji::wallet
