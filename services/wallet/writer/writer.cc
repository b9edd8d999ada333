// The life of a batch (docs/internals.md explains it):
//
//   waiting -> read -> judged: in the book -> appended: durable -> answered
//      ^                          |                 |
//      '------ taken back --------'<--- append failed, nothing was written
//
// Two locks order the stages: `judging_` lets one batch at a time be read and judged, `appending_`
// lets one be appended. A batch is judged on the book as the batches before it left it, durable or
// not; if one of those is taken back, so is everything that rests on it, and it begins again.
#include "services/wallet/writer/writer.h"

#include <algorithm>
#include <iterator>
#include <limits>

#include "services/common/errors/reasons.h"
#include "services/common/errors/status.h"
#include "services/ledger/transaction_form.h"

namespace gongji::wallet {
namespace {

using Kind = WriterRequest::Kind;

// True if the store is as it was before this failed append.
bool NothingWritten(const absl::Status& appended) {
  const std::string reason = ReasonOf(appended);
  return reason == reason::kDiskFull.name || reason == reason::kPeerUnavailable.name ||
         reason == reason::kConflict.name || reason == reason::kRowDamaged.name;
}

// True for an error in reading the rows of one person, which must not harm the others.
bool OfOnePerson(const absl::Status& status) {
  const std::string reason = ReasonOf(status);
  return reason == reason::kRowDamaged.name || reason == reason::kTooManyAccounts.name;
}

}  // namespace

Writer::Writer(Env& env, TaskScope& scope, WalletStore& store, WriterOptions options,
               Metrics& metrics)
    : env_(env),
      store_(store),
      options_(std::move(options)),
      judging_(env),
      appending_(env),
      commit_ended_(env),
      saver_(env, scope, store, book_,
             {.newest = [this] { return judged_; },
              .durable = [this] { return BookIsDurable(); },
              .on_not_writer = [this] { Deposed(); }},
             options_.saves, metrics),
      watch_(env),
      entries_total_(metrics.counter("gongji_wallet_entries_total",
                                     "Journal entries appended by this process", {})),
      closes_total_(metrics.counter("gongji_wallet_years_closed_total",
                                    "Account years of persons closed by this process", {})),
      redone_total_(metrics.counter("gongji_wallet_redone_total",
                                    "Journal entries that were redone at start", {})),
      writing_gauge_(metrics.gauge("gongji_wallet_writing",
                                   "1 while this process is the writer of its shard", {})),
      batcher_(
          env, scope, options_.batches,
          [this](std::vector<WriterRequest> requests) { return RunBatch(std::move(requests)); },
          BatcherMetrics::Of(metrics, "gongji_wallet_writer")) {}

Task<std::vector<AnswerOr>> Writer::Submit(std::vector<WriterRequest> requests, Lane lane) {
  std::vector<absl::StatusOr<AnswerOr>> done = co_await batcher_.CallAll(std::move(requests), lane);
  std::vector<AnswerOr> answers;
  answers.reserve(done.size());
  for (auto& one : done) answers.push_back(one.ok() ? *std::move(one) : AnswerOr(one.status()));
  co_return answers;
}

Task<std::vector<AnswerOr>> Writer::Apply(std::vector<ledger::Transaction> transactions,
                                          Lane lane) {
  std::vector<WriterRequest> requests(transactions.size());
  for (size_t i = 0; i < requests.size(); ++i) {
    requests[i].form = ledger::CheckForm(transactions[i]);
    requests[i].transaction = std::move(transactions[i]);
  }
  return Submit(std::move(requests), lane);
}

Task<std::vector<AnswerOr>> Writer::Decide(std::vector<std::string> ids) {
  std::vector<WriterRequest> requests(ids.size());
  for (size_t i = 0; i < requests.size(); ++i) {
    requests[i].kind = Kind::kDecide;
    requests[i].id = std::move(ids[i]);
  }
  return Submit(std::move(requests));
}

Task<absl::Status> Writer::LookAt(Keys keys, std::vector<Range> ranges, Look look) {
  WriterRequest request;
  request.kind = Kind::kLook;
  request.keys = std::move(keys);
  request.ranges = std::move(ranges);
  request.look = std::move(look);
  ASSIGN_OR_CO_RETURN(const AnswerOr done, co_await batcher_.Call(std::move(request)));
  co_return done.status();
}

// Waits for the batch under way, which may still be of the year before.
Task<absl::StatusOr<int>> Writer::AccountYear() {
  int year = 0;
  CO_RETURN_IF_ERROR(
      co_await LookAt({}, {}, [&year](const BookView& view) { year = view.moment.account_year; }));
  co_return year;
}

Task<absl::Status> Writer::CloseYears(std::vector<std::string> psn_nos) {
  std::vector<WriterRequest> requests(psn_nos.size());
  for (size_t i = 0; i < requests.size(); ++i) {
    requests[i].kind = Kind::kCloseYear;
    requests[i].id = std::move(psn_nos[i]);
  }
  for (const AnswerOr& answer : co_await Submit(std::move(requests), Lane::kBackground)) {
    // A person whose rows are damaged is passed over until they are repaired.
    if (!answer.ok() && !OfOnePerson(answer.status())) co_return answer.status();
  }
  co_return absl::OkStatus();
}

Task<std::vector<AnswerOr>> Writer::RunHalves(std::vector<WriterRequest> requests) {
  const auto middle = requests.begin() + std::ssize(requests) / 2;
  std::vector<WriterRequest> second{std::move_iterator(middle), std::move_iterator(requests.end())};
  requests.erase(middle, requests.end());
  std::vector<AnswerOr> answers = co_await RunBatch(std::move(requests));
  for (AnswerOr& one : co_await RunBatch(std::move(second))) answers.push_back(std::move(one));
  co_return answers;
}

Task<std::vector<AnswerOr>> Writer::RunBatch(std::vector<WriterRequest> requests) {
  const auto fail_all = [&requests](const absl::Status& status) {
    return std::vector<AnswerOr>(requests.size(), AnswerOr(status));
  };
  const bool looks =
      std::any_of(requests.begin(), requests.end(),
                  [](const WriterRequest& request) { return request.kind == Kind::kLook; });
  while (true) {
    co_await judging_.Lock();
    const auto batch = co_await JudgeAll(requests);
    // Nothing may be judged before the looks have run at the end.
    if (!looks || !batch.ok()) judging_.Unlock();
    if (!batch.ok()) {
      if (!OfOnePerson(batch.status()) || requests.size() == 1) co_return fail_all(batch.status());
      co_return co_await RunHalves(std::move(requests));
    }
    const absl::StatusOr<BatchEnd> end = co_await MakeDurable(**batch);
    std::vector<AnswerOr> answers;
    if (end.ok() && *end != BatchEnd::kAgain) {
      answers = (*batch)->TakeAnswers();
      AnswerLooks(requests, **batch, answers);
    }
    if (looks) judging_.Unlock();
    if (!end.ok()) co_return fail_all(end.status());
    if (*end != BatchEnd::kAgain) co_return answers;
  }
}

// `requests` are those of RunBatch, which outlives this call.
Task<absl::StatusOr<std::unique_ptr<Batch>>> Writer::JudgeAll(
    const std::vector<WriterRequest>& requests) {
  const bool writes =
      std::any_of(requests.begin(), requests.end(),
                  [](const WriterRequest& request) { return request.kind != Kind::kLook; });
  const absl::Status room = writes ? co_await WaitForRoomInTail() : absl::OkStatus();
  std::unique_ptr<Batch> batch;
  while (batch == nullptr) {
    CO_RETURN_IF_ERROR(CheckServing());
    const int64_t takebacks = takebacks_;
    book_.Evict(options_.max_cached_rows);
    // The time is in whole milliseconds, as it is stored. It is taken before anything is read,
    // because it decides which years are over.
    const absl::Time now = absl::FromUnixMillis(absl::ToUnixMillis(env_.BusinessNow()));
    Moment moment{.wall = {}, .at = std::max(judged_at_, now)};
    moment.account_year = options_.account_year(moment.at);
    ASSIGN_OR_CO_RETURN(BatchReads reads, co_await FetchAll(KeysOf(requests), moment.account_year));
    if (takebacks != takebacks_) continue;
    moment.wall = env_.Now();
    batch = std::make_unique<Batch>(book_, moment, judged_.number + 1, std::move(reads), takebacks,
                                    requests.size());
  }
  if (!writing_) co_return Refuse(reason::kNotWriter);  // The writer was closed meanwhile.
  for (const WriterRequest& request : requests) {
    if (request.kind == Kind::kLook) {
      batch->Reply(ledger::Answer{});  // Looks come after the commit.
    } else if (!room.ok()) {
      batch->Reply(room);
    } else if (request.kind == Kind::kApply) {
      batch->Apply(request.transaction, request.form);
    } else if (request.kind == Kind::kCloseYear) {
      batch->CloseYear(request.id);
    } else {
      batch->Decide(request.id);
    }
  }
  if (!batch->entries()->empty()) {
    const ledger::Entry& last = batch->entries()->back();
    judged_ = {last.number, last.id};
    judged_at_ = last.at;
    undurable_.push_back(batch.get());
  }
  co_return std::move(batch);
}

Task<absl::StatusOr<Writer::BatchEnd>> Writer::MakeDurable(Batch& batch) {
  co_await appending_.Lock();
  absl::StatusOr<BatchEnd> end = BatchEnd::kDurable;
  if (batch.takebacks() != takebacks_) {
    end = BatchEnd::kAgain;
  } else if (!batch.entries()->empty()) {
    const absl::Status appended =
        co_await store_.Append(head_.epoch, durable_.number + 1, batch.entries());
    if (appended.ok()) {
      std::erase(undurable_, &batch);
      Committed(*batch.entries());
      closes_total_.Add(static_cast<double>(batch.closes()));
    } else if (NothingWritten(appended)) {
      TakeBack();
      batch.Fail(appended);
      end = BatchEnd::kFailed;
    } else {
      // The store belongs to another writer, or nobody knows whether the entries are in it: the
      // book may be outdated.
      Deposed();
      end = appended;
    }
    commit_ended_.Notify();
  }
  appending_.Unlock();
  co_return end;
}

void Writer::TakeBack() {
  for (; !undurable_.empty(); undurable_.pop_back()) undurable_.back()->TakeBack();
  judged_ = durable_;
  ++takebacks_;
}

absl::Status Writer::CheckServing() const {
  RETURN_IF_ERROR(options_.check_serving());
  return writing_ ? absl::OkStatus() : Refuse(reason::kNotWriter);
}

void Writer::AnswerLooks(std::vector<WriterRequest>& requests, Batch& batch,
                         std::vector<AnswerOr>& answers) {
  // This process may have been frozen since the batch began. What was appended is in the journal
  // all the same, but the book may be outdated.
  const absl::Status serving = options_.check_serving();
  BatchReads& reads = batch.reads();
  auto next = reads.names.begin();
  // Once more, for accounts that this batch has opened.
  for (auto& [psn_no, names] : reads.owned) {
    AddNewNames(AccountsOf(psn_no, std::numeric_limits<int>::max()), names);
  }
  for (size_t i = 0; i < requests.size(); ++i) {
    WriterRequest& request = requests[i];
    if (request.kind != Kind::kLook) continue;
    if (!serving.ok()) {
      answers[i] = serving;
      continue;
    }
    BookView view{book_, batch.moment(), reads.due, reads.owned, head_.last_number, {}};
    for (const Range& range : request.ranges) {
      AddNewNames(range, *next);
      view.names.push_back(std::move(*next++));
    }
    request.look(view);
  }
}

void Writer::Committed(const std::vector<ledger::Entry>& entries) {
  for (const ledger::Entry& entry : entries) Note(entry);
  head_.last_number = durable_.number;
  entries_total_.Add(static_cast<double>(entries.size()));
  saver_.SaveIfDue();
  watch_.Advance(head_.last_number);
}

void Writer::Note(const ledger::Entry& entry) {
  saver_.Note(entry);
  durable_ = {entry.number, entry.id};
}

void Writer::Deposed() {
  writing_gauge_.Set(0);
  saver_.Stop();
  undurable_.clear();
  // Batches that were judged on the undurable ones are judged again, and then find that this
  // process is not the writer.
  ++takebacks_;
  commit_ended_.Notify();
  watch_.Stop();
  if (std::exchange(writing_, false)) options_.on_deposed();
}

Task<bool> Writer::BookIsDurable() {
  const int64_t number = judged_.number;
  const int64_t takebacks = takebacks_;
  while (durable_.number < number && takebacks == takebacks_) co_await commit_ended_.Wait();
  co_return takebacks == takebacks_;
}

Task<absl::Status> Writer::WaitForRoomInTail() {
  while (judged_.number - saver_.saved_number() >= options_.saves.max_tail) {
    CO_RETURN_IF_ERROR(co_await saver_.SaveOnce());
  }
  co_return absl::OkStatus();
}

Task<absl::Status> Writer::Close() {
  if (!std::exchange(writing_, false)) co_return Refuse(reason::kNotWriter);
  writing_gauge_.Set(0);
  watch_.Stop();
  while (!undurable_.empty()) co_await commit_ended_.Wait();
  co_return co_await saver_.SaveAll();
}

}  // namespace gongji::wallet
