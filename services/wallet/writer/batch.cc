// Each request adds one pending answer: an answer that is ready, or the index of the entry of this
// batch that it made or replays. New entries go into `entries_`, which is what the writer appends;
// years that are over are closed in entries before those that need it. Once the entries are durable
// TakeAnswers turns indexes into answers.
#include "services/wallet/writer/batch.h"

#include <utility>

#include "services/common/errors/reasons.h"
#include "services/common/errors/status.h"
#include "services/ledger/accounts.h"

namespace gongji::wallet {
namespace {

template <class T>
void Append(const std::vector<T>& from, std::vector<T>& to) {
  to.insert(to.end(), from.begin(), from.end());
}

}  // namespace

BatchKeys KeysOf(const std::vector<WriterRequest>& requests) {
  using Kind = WriterRequest::Kind;
  BatchKeys needed;
  Keys& keys = needed.keys;
  for (const WriterRequest& request : requests) {
    if (request.kind == Kind::kApply && request.form.ok()) {
      AddKeysOf(request.transaction, keys);
    } else if (request.kind == Kind::kApply) {
      keys.ids.push_back(request.transaction.id);  // Nothing bounds what else it names.
    } else if (request.kind == Kind::kDecide) {
      keys.ids.push_back(request.id);
    } else if (request.kind == Kind::kCloseYear) {
      keys.persons.push_back(request.id);
    } else {
      Append(request.keys.accounts, keys.accounts);
      Append(request.keys.persons, keys.persons);
      Append(request.keys.claims, keys.claims);
      Append(request.keys.counters, keys.counters);
      Append(request.keys.owners, keys.owners);
      Append(request.ranges, needed.ranges);
    }
  }
  return needed;
}

Batch::Batch(Book& book, Moment moment, int64_t first_number, BatchReads reads, int64_t takebacks,
             size_t size)
    : book_(book),
      reads_(std::move(reads)),
      draft_(book, reads_.owned),
      moment_(moment),
      takebacks_(takebacks),
      next_number_(first_number),
      entries_(std::make_shared<std::vector<ledger::Entry>>()) {
  entries_->reserve(size + reads_.due.size());  // `made_` refers to the ids, which must not move.
}

void Batch::Apply(const ledger::Transaction& transaction, const absl::Status& form) {
  if (const ledger::Entry* existing = Find(transaction.id); existing != nullptr) {
    const bool comparable = existing->outcome != ledger::Outcome::kTombstone;
    if (comparable && existing->fingerprint != ledger::FingerprintOf(transaction)) {
      return Reply(Refuse(reason::kRequestIdReused, {{"request_id", transaction.id}}));
    }
    return Replay(transaction.id);
  }
  if (!form.ok()) return Reply(form);
  draft_.Begin(next_number_);
  const absl::Status closed =
      CloseYearsBefore(transaction, reads_.due, moment_, draft_,
                       [this](ledger::Entry close) { AddClose(std::move(close)); });
  if (!closed.ok()) return Reply(closed);
  ledger::Entry entry = Judge(transaction, moment_, draft_);
  if (IsStored(entry)) return Store(std::move(entry));
  entry.number = 0;
  Reply(ledger::Answer{std::move(entry), false});
}

void Batch::Decide(const std::string& id) {
  if (Find(id) != nullptr) return Replay(id);
  if (ledger::IsCloseId(id)) return Reply(InvalidField("id", "of the shard's own entries"));
  ledger::Entry tombstone = Tombstone(id, moment_);
  tombstone.number = next_number_;
  Store(std::move(tombstone));
}

void Batch::CloseYear(const std::string& psn_no) {
  const size_t before = entries_->size();
  draft_.Begin(next_number_);
  const absl::Status closed =
      CloseYears({psn_no}, reads_.due, moment_, draft_,
                 [this](ledger::Entry close) { AddClose(std::move(close)); });
  if (!closed.ok()) return Reply(closed);
  if (entries_->size() == before) return Reply(ledger::Answer{});
  pending_.push_back({ledger::Answer{}, before, false});
}

const ledger::Entry* Batch::Made(const std::string& id) const {
  const auto made = made_.find(id);
  return made == made_.end() ? nullptr : &(*entries_)[made->second];
}

void Batch::TakeBack() {
  draft_.BackTo({});
  book_.ForgetAccounts(new_accounts_);
}

void Batch::Fail(const absl::Status& status) {
  for (PendingAnswer& pending : pending_) {
    if (pending.entry.has_value()) pending = {status, std::nullopt, false};
  }
}

std::vector<AnswerOr> Batch::TakeAnswers() {
  std::vector<AnswerOr> answers(pending_.size(), AnswerOr(ledger::Answer{}));
  // Goes from the end, because replays copy an entry that its first answer then takes.
  for (size_t i = pending_.size(); i-- > 0;) {
    PendingAnswer& pending = pending_[i];
    if (!pending.entry.has_value()) {
      answers[i] = std::move(pending.answer);
    } else if (pending.replayed) {
      answers[i] = ledger::Answer{(*entries_)[*pending.entry], true};
    } else {
      answers[i] = ledger::Answer{std::move((*entries_)[*pending.entry]), false};
    }
  }
  return answers;
}

const ledger::Entry* Batch::Find(const std::string& id) const {
  if (const ledger::Entry* made = Made(id); made != nullptr) return made;
  const auto known = reads_.known.find(id);
  return known == reads_.known.end() ? nullptr : &known->second;
}

void Batch::AddClose(ledger::Entry entry) {
  Add(std::move(entry));
  ++closes_;
  draft_.Begin(next_number_);
}

void Batch::Add(ledger::Entry entry) {
  ++next_number_;
  for (std::string& name : book_.NoteAccounts(entry)) new_accounts_.push_back(std::move(name));
  entries_->push_back(std::move(entry));
  made_[entries_->back().id] = entries_->size() - 1;
}

void Batch::Store(ledger::Entry entry) {
  Add(std::move(entry));
  pending_.push_back({ledger::Answer{}, entries_->size() - 1, false});
}

void Batch::Replay(const std::string& id) {
  if (const auto made = made_.find(id); made != made_.end()) {
    pending_.push_back({ledger::Answer{}, made->second, true});
  } else {
    Reply(ledger::Answer{reads_.known.at(id), true});
  }
}

}  // namespace gongji::wallet
