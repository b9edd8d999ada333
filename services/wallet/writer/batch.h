// One batch of the writer: the requests that were taken together, what is read for them, and the
// answers that wait until the batch is durable (docs/internals.md, "The life of a batch").
#ifndef GONGJI_SERVICES_WALLET_WRITER_BATCH_H_
#define GONGJI_SERVICES_WALLET_WRITER_BATCH_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/ledger/transaction.h"
#include "services/wallet/rules/book.h"
#include "services/wallet/rules/judge.h"
#include "services/wallet/rules/year_close.h"
#include "services/wallet/store/wallet_store.h"

namespace gongji::wallet {

// What a look may read: the rows of its keys and the names of the accounts in its ranges.
struct BookView {
  Book& book;
  Moment moment;
  const DueYears& due;         // of the look's persons
  const OwnedAccounts& owned;  // of the look's owners
  int64_t last_number;
  // By range, the names in it, in order.
  std::vector<std::vector<std::string>> names;
};

// Reads the book between two batches, when everything in it is durable.
using Look = absl::AnyInvocable<void(const BookView&)>;

// One request of a caller to the writer.
struct WriterRequest {
  enum class Kind { kApply, kDecide, kLook, kCloseYear } kind = Kind::kApply;
  ledger::Transaction transaction;
  absl::Status form;  // kApply: CheckForm of the transaction
  std::string id;     // kDecide: the id; kCloseYear: a psn_no
  Keys keys;          // kLook, as are `ranges` and `look`
  std::vector<Range> ranges;
  Look look;
};

using AnswerOr = absl::StatusOr<ledger::Answer>;
using KnownEntries = absl::flat_hash_map<std::string, ledger::Entry>;
using Names = std::vector<std::string>;  // in order

// What a batch has to read.
struct BatchKeys {
  Keys keys;
  std::vector<Range> ranges;  // of all looks, in order
};

BatchKeys KeysOf(const std::vector<WriterRequest>& requests);

// What was read for the batch, besides the rows that the book now knows.
struct BatchReads {
  std::vector<Names> names;  // by range
  KnownEntries known;
  DueYears due;
  OwnedAccounts owned;
};

// Applies the rules to requests in order. The changes of an entry are in the book as soon as it is
// made, and can be taken back until it is durable.
class Batch {
 public:
  // `takebacks` says how often the writer had taken batches back before `reads` were read; if that
  // count has risen since, what this batch rests on is gone. `size` is the number of requests.
  Batch(Book& book, Moment moment, int64_t first_number, BatchReads reads, int64_t takebacks,
        size_t size);

  // `form` is the result of CheckForm.
  void Apply(const ledger::Transaction& transaction, const absl::Status& form);
  // Makes `id` final: answers with its entry, or with a new tombstone.
  void Decide(const std::string& id);
  void CloseYear(const std::string& psn_no);
  // Answers the next request with rows or an error, without an entry.
  void Reply(AnswerOr answer) { pending_.push_back({std::move(answer), std::nullopt, false}); }

  int closes() const { return closes_; }
  Moment moment() const { return moment_; }
  int64_t takebacks() const { return takebacks_; }
  BatchReads& reads() { return reads_; }
  const std::shared_ptr<std::vector<ledger::Entry>>& entries() const { return entries_; }

  // The entry that this batch has made for `id`, or null.
  const ledger::Entry* Made(const std::string& id) const;

  // Restores the book as it was before this batch, as if its entries had never existed.
  void TakeBack();
  // Makes `status` the answer of every request that made or replays an entry of this batch.
  void Fail(const absl::Status& status);

  // One answer per request, in order. Called once, after the commit.
  std::vector<AnswerOr> TakeAnswers();

 private:
  struct PendingAnswer {
    AnswerOr answer;
    std::optional<size_t> entry;  // index in entries_, used instead of `answer`
    bool replayed = false;
  };

  // The entry that exists for `id`, or null.
  const ledger::Entry* Find(const std::string& id) const;
  void AddClose(ledger::Entry entry);
  void Add(ledger::Entry entry);
  void Store(ledger::Entry entry);
  void Replay(const std::string& id);

  Book& book_;
  BatchReads reads_;
  Draft draft_;
  const Moment moment_;
  const int64_t takebacks_;
  int64_t next_number_;
  int closes_ = 0;
  std::vector<std::string> new_accounts_;
  const std::shared_ptr<std::vector<ledger::Entry>> entries_;
  absl::flat_hash_map<std::string_view, size_t> made_;  // id -> index in entries_
  std::vector<PendingAnswer> pending_;
};

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_WRITER_BATCH_H_
