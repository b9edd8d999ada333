// An append is one statement: it moves the head if this writer's epoch, last number and attempt are
// still there, and inserts the entries only then. If the answer to it is lost, Resolve locks the
// head, sees whether the append came through, and otherwise raises the attempt, so that it cannot
// come through any more. Then it is sent again.
#include "services/wallet/store/postgres/journal.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "services/common/errors/check.h"
#include "services/common/errors/reasons.h"
#include "services/common/errors/status.h"
#include "services/common/log.h"
#include "services/wallet/store/stored_rows.h"

namespace gongji::wallet {

using sql::Result;
using sql::ResultRow;
using sql::Values;

namespace {

constexpr int kTries = 3;

constexpr char kReadHead[] =
    "SELECT epoch, last_number, last_at_ms, hash, chain, sum FROM head WHERE one = 1";

constexpr char kWriteHead[] =
    "UPDATE head SET epoch = $1, attempt = 0, last_number = $2, last_at_ms = $3, hash = $4, "
    "chain = $5, sum = $6 WHERE one = 1";

constexpr char kReadRows[] =
    "SELECT number, body, chain, sum FROM entries WHERE number BETWEEN $1 AND $2 ORDER BY number";

// One statement, so that the head's compare-and-set, the rows and the commit are one round trip. If
// the head is another writer's, there is no row to join with and nothing is inserted.
constexpr char kAppend[] =
    "WITH moved AS (UPDATE head SET attempt = $3 + 1, last_number = $4, last_at_ms = $5, "
    "chain = $6, sum = $7 WHERE one = 1 AND epoch = $1 AND last_number = $2 AND attempt = $3 "
    "RETURNING one) "
    "INSERT INTO entries (number, body, chain, sum) "
    "SELECT e.number, e.body, e.chain, e.sum FROM moved CROSS JOIN "
    "unnest($8::bigint[], $9::bytea[], $10::bytea[], $11::bigint[]) AS e (number, body, chain, "
    "sum)";

// The lock makes this wait for a COMMIT that is still under way.
constexpr char kLockHead[] =
    "SELECT epoch, last_number, last_at_ms, hash, chain, sum FROM head WHERE one = 1 FOR UPDATE";

// A statement that was sent and has not arrived yet will find another attempt, and change nothing.
constexpr char kFence[] =
    "UPDATE head SET attempt = $2 + 2 WHERE one = 1 AND epoch = $1 AND attempt = $2";

constexpr char kReadChain[] = "SELECT chain FROM entries WHERE number = $1";

void AddRows(const Result& result, std::vector<SealedEntry>& rows) {
  for (int i = 0; i < result.rows(); ++i) rows.push_back(ReadSealed(ResultRow{result, i}));
}

}  // namespace

absl::StatusOr<Head> PostgresJournal::TakeOver() {
  Head head;
  // Taking over twice does no harm.
  RETURN_IF_ERROR(postgres_->RepeatableTransaction([&] { return TryTakeOver(head); }));
  head_ = head;
  attempt_ = 0;
  return head;
}

absl::Status PostgresJournal::TryTakeOver(Head& head) {
  ASSIGN_OR_RETURN(const auto locked, postgres_->Run({{kLockHead}}));
  ASSIGN_OR_RETURN(head, HeadOf(locked.front()));
  if (head.last_number > 0) {
    ASSIGN_OR_RETURN(const auto last,
                     postgres_->Run({{kReadChain, Values().Add(head.last_number)}}));
    const bool fits = last.front().rows() == 1 && last.front().Bytes(0, 0) == head.chain;
    if (!fits) return Damaged("head", "");
  }
  ++head.epoch;
  return postgres_
      ->Run({{kWriteHead, Values()
                              .Add(head.epoch)
                              .Add(head.last_number)
                              .Add(absl::ToUnixMillis(head.last_at))
                              .Add(static_cast<int64_t>(head.hash))
                              .Add(head.chain)
                              .Add(HeadSum(head))}})
      .status();
}

Values PostgresJournal::RowsOf(const std::vector<ledger::Entry>& entries, Head& head) const {
  std::vector<int64_t> numbers;
  std::vector<std::string> bodies;
  std::vector<std::string> chains;
  std::vector<int64_t> sums;
  Hasher hasher(head.hash);
  for (const ledger::Entry& entry : entries) {
    SealedEntry row = Seal(entry, hasher, head);
    numbers.push_back(row.number);
    sums.push_back(EntrySum(row));
    bodies.push_back(std::move(row.body));
    chains.push_back(std::move(row.chain));
  }
  return Values()
      .Add(head.epoch)
      .Add(head_.last_number)
      .Add(attempt_)
      .Add(head.last_number)
      .Add(absl::ToUnixMillis(head.last_at))
      .Add(head.chain)
      .Add(HeadSum(head))
      .Add(numbers)
      .Add(bodies)
      .Add(chains)
      .Add(sums);
}

absl::Status PostgresJournal::Append(int64_t epoch, int64_t first_number,
                                     const std::vector<ledger::Entry>& entries) {
  if (epoch != head_.epoch || first_number != head_.last_number + 1) {
    return Refuse(reason::kNotWriter);
  }
  for (int tries = 1;; ++tries) {
    Head wanted = head_;
    const auto results = postgres_->Run({{kAppend, RowsOf(entries, wanted)}});
    Fate fate = Fate::kWritten;
    if (results.ok()) {
      if (results->front().changed() == 0) fate = Fate::kNotWriter;
    } else if (results.status().code() != absl::StatusCode::kUnknown) {
      return results.status();
    } else {
      Log(LogLevel::kWarning, "the answer to a commit was lost",
          {{"status", results.status().ToString()}});
      const auto resolved = Resolve(wanted);
      if (!resolved.ok()) {
        head_.epoch = 0;  // Nobody knows until the next process takes over.
        return absl::UnavailableError("nobody knows whether the entries were written");
      }
      fate = *resolved;
    }
    if (fate == Fate::kNotWriter) return Refuse(reason::kNotWriter);
    if (fate == Fate::kWritten) {
      ++attempt_;
      head_ = wanted;
      return absl::OkStatus();
    }
    attempt_ += 2;
    if (tries == kTries) return PeerUnavailable("postgresql");
  }
}

absl::StatusOr<PostgresJournal::Fate> PostgresJournal::Resolve(const Head& wanted) {
  absl::Status status;
  for (int tries = 0; tries < kTries; ++tries) {
    const auto results = postgres_->Run({{kLockHead},
                                         {kFence, Values().Add(wanted.epoch).Add(attempt_)},
                                         {kReadChain, Values().Add(wanted.last_number)}});
    status = results.status();
    if (!status.ok()) continue;
    const Result& last = results->back();
    // The chain identifies the number, the entry and all entries before it.
    if (last.rows() == 1 && last.Bytes(0, 0) == wanted.chain) return Fate::kWritten;
    const bool ours = results->front().Integer(0, 0) == wanted.epoch;
    return ours ? Fate::kNotWritten : Fate::kNotWriter;
  }
  return status;
}

absl::StatusOr<std::vector<ledger::Entry>> PostgresJournal::Entries(
    const std::vector<int64_t>& numbers) {
  ASSIGN_OR_RETURN(const auto results,
                   postgres_->Repeatable({{"SELECT number, body, chain, sum FROM entries "
                                           "WHERE number = ANY($1::bigint[])",
                                           Values().Add(numbers)}}));
  std::vector<SealedEntry> rows;
  AddRows(results.front(), rows);
  absl::flat_hash_map<int64_t, SealedEntry> found;
  for (SealedEntry& row : rows) found[row.number] = std::move(row);
  std::vector<ledger::Entry> entries;
  for (const int64_t number : numbers) {
    const auto row = found.find(number);
    if (row == found.end()) return Damaged("entries", std::to_string(number));
    RETURN_IF_ERROR(AddEntries(number, number, {row->second}, entries));
  }
  return entries;
}

absl::StatusOr<std::vector<ledger::Entry>> PostgresJournal::Walk(const std::string& account,
                                                                 int64_t number, int limit) {
  ASSIGN_OR_RETURN(const auto results, postgres_->Repeatable({{kReadHead}}));
  ASSIGN_OR_RETURN(const Head head, HeadOf(results.front()));
  const auto read = [this](int64_t one) -> absl::StatusOr<ledger::Entry> {
    ASSIGN_OR_RETURN(std::vector<ledger::Entry> entries, Entries({one}));
    return std::move(entries.front());
  };
  return WalkBack(account, number, head.last_number, limit, read);
}

absl::StatusOr<std::vector<ledger::Entry>> PostgresJournal::Tail(int64_t after, int limit) {
  ASSIGN_OR_RETURN(const SealedPage page, Sealed(after, limit));
  std::vector<ledger::Entry> entries;
  RETURN_IF_ERROR(
      AddEntries(after + 1, std::min(after + limit, page.last_number), page.entries, entries));
  return entries;
}

absl::StatusOr<SealedPage> PostgresJournal::Sealed(int64_t after, int limit) {
  ASSIGN_OR_RETURN(const auto results,
                   postgres_->Repeatable(
                       {{kReadHead}, {kReadRows, Values().Add(after + 1).Add(after + limit)}}));
  ASSIGN_OR_RETURN(const Head head, HeadOf(results.front()));
  SealedPage page{.hash = head.hash, .last_number = head.last_number, .entries = {}};
  AddRows(results.back(), page.entries);
  // Leaves out entries that were appended between the two statements.
  std::erase_if(page.entries,
                [&](const SealedEntry& entry) { return entry.number > page.last_number; });
  return page;
}

absl::StatusOr<Head> PostgresJournal::HeadOf(const Result& result) const {
  if (result.rows() != 1) return Damaged("head", "");
  return ReadHead(ResultRow{result, 0}, hash_);
}

}  // namespace gongji::wallet
