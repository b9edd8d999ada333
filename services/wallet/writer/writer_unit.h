// One batch of the writer (writer.h).
#ifndef GONGJI_SERVICES_WALLET_WRITER_WRITER_UNIT_H_
#define GONGJI_SERVICES_WALLET_WRITER_WRITER_UNIT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "services/common/errors/reasons.h"
#include "services/common/errors/status.h"
#include "services/ledger/transaction.h"
#include "services/wallet/rules/book.h"
#include "services/wallet/rules/ledger.h"
#include "services/wallet/rules/year_close.h"
#include "services/wallet/writer/writer.h"

namespace gongji::wallet {

// The rules in order, and the answers that wait for the commit.
class Writer::Unit {
 public:
  Unit(Book& book, Moment moment, int64_t first_number, Found found, int64_t rests_on, size_t size)
      : book_(book),
        found_(std::move(found)),
        draft_(book, found_.owned),
        moment_(moment),
        rests_on_(rests_on),
        next_number_(first_number),
        entries_(std::make_shared<std::vector<Entry>>()) {
    entries_->reserve(size + found_.due.size());  // What `here_` refers to stays where it is.
  }

  // `form` is CheckForm's.
  void Apply(const Transaction& transaction, const absl::Status& form) {
    if (const Entry* standing = Find(transaction.id); standing != nullptr) {
      const bool comparable = standing->outcome != Outcome::kTombstone;
      if (comparable && standing->fingerprint != FingerprintOf(transaction)) {
        return Say(Refuse(reason::kRequestIdReused, {{"id", transaction.id}}));
      }
      return SayAgain(transaction.id);
    }
    if (!form.ok()) return Say(form);
    draft_.Begin(next_number_);
    const absl::Status closed =
        CloseYearsBefore(transaction, found_.due, moment_, draft_,
                         [this](Entry close) { AddClose(std::move(close)); });
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
        {psn_no}, found_.due, moment_, draft_, [this](Entry close) { AddClose(std::move(close)); });
    if (!closed.ok()) return Say(closed);
    if (entries_->size() == before) return Say(Answer{});
    said_.push_back({Answer{}, before, false});
  }

  int closes() const { return closes_; }
  Moment moment() const { return moment_; }
  // Writer::taken_back_ when it was read.
  int64_t rests_on() const { return rests_on_; }
  Found& found() { return found_; }

  // An answer that is no entry.
  void Say(Done done) { said_.push_back({std::move(done), std::nullopt, false}); }

  const std::shared_ptr<std::vector<Entry>>& entries() const { return entries_; }

  // The entry that this batch has made for `id`, or null.
  const Entry* Made(const std::string& id) const {
    const auto here = here_.find(id);
    return here == here_.end() ? nullptr : &(*entries_)[here->second];
  }

  // The entries never were: the book is as before.
  void TakeBack() {
    draft_.BackTo({});
    book_.ForgetAccounts(new_accounts_);
  }
  // That is because of `status`.
  void Fail(const absl::Status& status) {
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
    if (const Entry* made = Made(id); made != nullptr) return made;
    const auto known = found_.known.find(id);
    return known == found_.known.end() ? nullptr : &known->second;
  }
  void AddClose(Entry entry) {
    Add(std::move(entry));
    ++closes_;
    draft_.Begin(next_number_);
  }
  void Add(Entry entry) {
    ++next_number_;
    for (std::string& name : book_.NoteAccounts(entry)) new_accounts_.push_back(std::move(name));
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
      Say(Answer{found_.known.at(id), true});
    }
  }

  Book& book_;
  Found found_;
  Draft draft_;
  const Moment moment_;
  const int64_t rests_on_;
  int64_t next_number_;
  int closes_ = 0;
  std::vector<std::string> new_accounts_;
  const std::shared_ptr<std::vector<Entry>> entries_;
  absl::flat_hash_map<std::string_view, size_t> here_;  // id -> index in entries_
  std::vector<Said> said_;
};

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_WRITER_WRITER_UNIT_H_
