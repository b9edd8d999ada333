#include "services/wallet/wallet.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "services/common/ids.h"
#include "services/common/money.h"
#include "services/reasons/reasons.h"
#include "services/wallet/accounts.h"
#include "services/wallet/ledger.h"

namespace gongji::wallet {
namespace {

// Places of a wallet's day that any policy may allow (R16 says 3).
constexpr int kMaxPlaces = 8;

size_t SizeOf(const Rows& rows) {
  return rows.accounts.size() + rows.persons.size() + rows.claims.size() + rows.counters.size();
}

template <class T>
void DropKnown(const absl::flat_hash_map<std::string, std::optional<T>>& known,
               std::vector<std::string>& keys) {
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  std::erase_if(keys, [&](const std::string& key) { return known.contains(key); });
}

std::string WriteId(const Caller& caller, const std::string& request_id) {
  return absl::StrCat("caller/", caller.identity, "/", request_id);
}

// Each by itself: dry runs of different callers travel together and must not see each other.
std::vector<Entry> DryRunEach(const std::vector<Transaction>& transactions, const Rows& rows,
                              Moment moment) {
  std::vector<Entry> entries;
  for (const Transaction& transaction : transactions) {
    Overlay dry(rows);
    Entry entry;
    entry.status = CheckForm(transaction);
    entries.push_back(entry.status.ok() ? gongji::wallet::Decide(transaction, moment, dry)
                                        : std::move(entry));
  }
  return entries;
}

absl::Status CheckPsnNo(const std::string& psn_no) {
  if (psn_no.size() > 64 || !ParseAccount(CurrentAccount(psn_no)).has_value()) {
    return InvalidField("psn_no", "not a person number");
  }
  return absl::OkStatus();
}

absl::StatusOr<Transaction> TransactionOf(const Caller& caller, const Contribution& line) {
  if (!IsRequestId(line.line_id)) return InvalidField("line_id", "not 1..64 printable characters");
  RETURN_IF_ERROR(CheckPsnNo(line.psn_no));
  if (line.year < 1998 || line.year > 9999) return InvalidField("year", "out of range");
  if (line.source.empty() || line.source.size() > 32) return InvalidField("source", "1..32 bytes");
  if (line.current_fen < 0 || line.prior_fen < 0 || line.current_fen > kMaxAmountFen ||
      line.prior_fen > kMaxAmountFen) {
    return InvalidField("current_fen", "out of range");
  }
  Transaction transaction{.id = WriteId(caller, line.line_id), .kind = Kind::kDirect};
  transaction.new_persons.push_back({line.psn_no, line.year});
  const std::string outside = OutsideAccount(line.source);
  const auto add = [&](int64_t fen, const std::string& to, int year) {
    Move move{.from = outside, .to = to, .year = year};
    transaction.groups.push_back({fen, fen, {std::move(move)}});
  };
  add(line.prior_fen, PriorAccount(line.psn_no), 0);
  add(line.current_fen, CurrentAccount(line.psn_no), line.year);
  return transaction;
}

absl::StatusOr<Transaction> TransactionOf(const Caller& caller, const OpenWallet& wallet) {
  if (!IsRequestId(wallet.request_id)) {
    return InvalidField("request_id", "not 1..64 printable characters");
  }
  RETURN_IF_ERROR(CheckPsnNo(wallet.psn_no));
  if (!wallet.confirmed) return InvalidField("confirmed", "must be confirmed by the person");
  Transaction transaction{.id = WriteId(caller, wallet.request_id), .kind = Kind::kDirect};
  transaction.new_wallets.push_back(wallet.psn_no);
  return transaction;
}

}  // namespace

// One unit of the writer: the rules in order on an overlay, and the answers that wait for it.
class Wallet::Batch {
 public:
  Batch(const Rows& rows, Moment moment, int64_t first_number,
        absl::flat_hash_map<std::string, Entry> known)
      : overlay_(rows), moment_(moment), next_number_(first_number), known_(std::move(known)) {}

  absl::StatusOr<Answer> Apply(const Transaction& transaction) {
    if (const auto known = known_.find(transaction.id); known != known_.end()) {
      const Entry& entry = known->second;
      const bool comparable = entry.outcome != Outcome::kTombstone;
      if (comparable && entry.fingerprint != FingerprintOf(transaction)) {
        return Refuse(reason::kRequestIdReused, {{"id", transaction.id}});
      }
      return Answer{entry, true};
    }
    RETURN_IF_ERROR(CheckForm(transaction));
    return Store(gongji::wallet::Decide(transaction, moment_, overlay_));
  }

  Answer Decide(const std::string& id) {
    const auto known = known_.find(id);
    if (known != known_.end()) return {known->second, true};
    return Store(Tombstone(id, moment_));
  }

  std::vector<Entry>& entries() { return entries_; }
  const Rows& changes() const { return overlay_.changes(); }

 private:
  Answer Store(Entry entry) {
    if (!IsStored(entry)) return {std::move(entry), false};
    entry.number = next_number_++;
    known_[entry.id] = entry;
    entries_.push_back(entry);
    return {std::move(entry), false};
  }

  Overlay overlay_;
  const Moment moment_;
  int64_t next_number_;
  absl::flat_hash_map<std::string, Entry> known_;
  std::vector<Entry> entries_;
};

Wallet::Wallet(Env& env, TaskScope& scope, WalletStore& store, WalletOptions options,
               Metrics& metrics)
    : env_(env),
      store_(store),
      options_(options),
      entries_total_(metrics.counter("gongji_wallet_entries_total",
                                     "Journal entries appended by this process", {})),
      batcher_(
          env, scope, options.writer,
          [this](std::vector<Work> work) { return RunBatch(std::move(work)); },
          {.batch_size = &metrics.histogram("gongji_wallet_batch_size",
                                            "Requests in one unit of the writer", {}, SizeBounds()),
           .queue_wait_seconds = &metrics.histogram(
               "gongji_wallet_queue_wait_seconds",
               "Wait of the oldest request before its unit starts", {}, SecondsBounds()),
           .run_seconds =
               &metrics.histogram("gongji_wallet_commit_seconds",
                                  "Time of one unit, commit included", {}, SecondsBounds())}) {}

Task<absl::Status> Wallet::Start() {
  ASSIGN_OR_CO_RETURN(head_, co_await store_.TakeOver());
  writer_ = true;
  co_return absl::OkStatus();
}

Task<std::vector<absl::StatusOr<Answer>>> Wallet::Submit(std::vector<Work> work) {
  std::vector<absl::StatusOr<Done>> done = co_await batcher_.CallAll(std::move(work));
  std::vector<absl::StatusOr<Answer>> answers;
  answers.reserve(done.size());
  for (auto& one : done) {
    answers.push_back(one.ok() ? std::move(one->answer) : absl::StatusOr<Answer>(one.status()));
  }
  co_return answers;
}

Task<std::vector<absl::StatusOr<Answer>>> Wallet::Apply(std::vector<Transaction> transactions) {
  std::vector<Work> work(transactions.size());
  for (size_t i = 0; i < work.size(); ++i) {
    work[i].transactions.push_back(std::move(transactions[i]));
  }
  co_return co_await Submit(std::move(work));
}

Task<std::vector<absl::StatusOr<Answer>>> Wallet::Decide(std::vector<std::string> ids) {
  std::vector<Work> work(ids.size());
  for (size_t i = 0; i < work.size(); ++i) {
    work[i].kind = Work::Kind::kDecide;
    work[i].id = std::move(ids[i]);
  }
  co_return co_await Submit(std::move(work));
}

Task<absl::StatusOr<std::vector<Entry>>> Wallet::DryRun(std::vector<Transaction> transactions) {
  Work work;
  work.kind = Work::Kind::kDryRun;
  work.transactions = std::move(transactions);
  ASSIGN_OR_CO_RETURN(Done done, co_await batcher_.Call(std::move(work)));
  CO_RETURN_IF_ERROR(done.answer.status());
  co_return std::move(done.entries);
}

Task<std::vector<absl::StatusOr<Answer>>> Wallet::SubmitWrites(
    std::vector<absl::StatusOr<Transaction>> transactions) {
  std::vector<Transaction> good;
  for (auto& transaction : transactions) {
    if (transaction.ok()) good.push_back(*std::move(transaction));
  }
  auto applied = co_await Apply(std::move(good));
  std::vector<absl::StatusOr<Answer>> answers;
  answers.reserve(transactions.size());
  auto next = applied.begin();
  for (const auto& transaction : transactions) {
    answers.push_back(transaction.ok() ? std::move(*next++)
                                       : absl::StatusOr<Answer>(transaction.status()));
  }
  co_return answers;
}

Task<std::vector<absl::StatusOr<Answer>>> Wallet::Contribute(Caller caller,
                                                             std::vector<Contribution> lines) {
  std::vector<absl::StatusOr<Transaction>> transactions;
  transactions.reserve(lines.size());
  for (const Contribution& line : lines) transactions.push_back(TransactionOf(caller, line));
  co_return co_await SubmitWrites(std::move(transactions));
}

Task<std::vector<absl::StatusOr<Answer>>> Wallet::Open(Caller caller,
                                                       std::vector<OpenWallet> wallets) {
  std::vector<absl::StatusOr<Transaction>> transactions;
  transactions.reserve(wallets.size());
  for (const OpenWallet& wallet : wallets) transactions.push_back(TransactionOf(caller, wallet));
  co_return co_await SubmitWrites(std::move(transactions));
}

Task<absl::StatusOr<std::vector<bool>>> Wallet::HoldAtLeast(std::vector<HasAtLeast> questions) {
  Keys keys;
  for (const HasAtLeast& question : questions) {
    keys.accounts.push_back(CurrentAccount(question.psn_no));
    keys.accounts.push_back(PriorAccount(question.psn_no));
  }
  ASSIGN_OR_CO_RETURN(const Loaded loaded, co_await store_.Load(std::move(keys)));
  const auto balance = [&](const std::string& name) {
    const auto& account = loaded.rows.accounts.at(name);
    return account.has_value() ? account->balance_fen : 0;
  };
  std::vector<bool> answers;
  for (const HasAtLeast& question : questions) {
    int64_t held_fen = balance(PriorAccount(question.psn_no));
    if (!question.prior_only) held_fen += balance(CurrentAccount(question.psn_no));
    answers.push_back(held_fen >= question.fen);
  }
  co_return answers;
}

Task<absl::StatusOr<std::vector<std::vector<std::string>>>> Wallet::Places(
    std::vector<std::pair<std::string, std::string>> wallet_days) {
  Keys keys;
  for (const auto& [psn_no, day] : wallet_days) {
    for (int place = 1; place <= kMaxPlaces; ++place) {
      keys.claims.push_back(PlaceKey(psn_no, day, place));
    }
  }
  const std::vector<std::string> asked = keys.claims;
  ASSIGN_OR_CO_RETURN(const Loaded loaded, co_await store_.Load(std::move(keys)));
  std::vector<std::vector<std::string>> holders(wallet_days.size());
  for (size_t i = 0; i < asked.size(); ++i) {
    const auto& holder = loaded.rows.claims.at(asked[i]);
    if (holder.has_value()) holders[i / kMaxPlaces].push_back(*holder);
  }
  co_return holders;
}

Task<absl::StatusOr<absl::flat_hash_map<std::string, Entry>>> Wallet::Fetch(Keys keys) {
  DropKnown(rows_.accounts, keys.accounts);
  DropKnown(rows_.persons, keys.persons);
  DropKnown(rows_.claims, keys.claims);
  DropKnown(rows_.counters, keys.counters);
  if (keys.empty()) co_return absl::flat_hash_map<std::string, Entry>();
  ASSIGN_OR_CO_RETURN(Loaded loaded, co_await store_.Load(std::move(keys)));
  Merge(loaded.rows, rows_);
  co_return std::move(loaded.entries);
}

Task<std::vector<Wallet::Done>> Wallet::RunBatch(std::vector<Work> work) {
  const auto fail_all = [&work](const absl::Status& status) {
    return std::vector<Done>(work.size(), Done{status, {}});
  };
  if (!writer_) co_return fail_all(Refuse(reason::kNotWriter));
  if (SizeOf(rows_) > options_.max_cached_rows) rows_ = Rows();
  Keys keys;
  for (const Work& one : work) {
    for (const Transaction& transaction : one.transactions) AddKeysOf(transaction, keys);
    if (one.kind == Work::Kind::kDecide) keys.ids.push_back(one.id);
  }
  auto known = co_await Fetch(std::move(keys));
  if (!known.ok()) co_return fail_all(known.status());

  // In whole milliseconds, as stored.
  const absl::Time now = absl::FromUnixMillis(absl::ToUnixMillis(env_.BusinessNow()));
  const Moment moment{.wall = env_.Now(), .at = std::max(head_.last_at, now)};
  std::vector<Done> done;
  Batch batch(rows_, moment, head_.last_number + 1, *std::move(known));
  for (const Work& one : work) {
    if (one.kind == Work::Kind::kApply) {
      done.push_back({batch.Apply(one.transactions.front()), {}});
    } else if (one.kind == Work::Kind::kDecide) {
      done.push_back({batch.Decide(one.id), {}});
    } else {
      done.push_back({Answer{}, DryRunEach(one.transactions, rows_, moment)});
    }
  }
  if (batch.entries().empty()) co_return done;
  const auto count = static_cast<int64_t>(batch.entries().size());
  const absl::Status appended = co_await store_.Append(head_.epoch, head_.last_number + 1,
                                                       std::move(batch.entries()), batch.changes());
  if (!appended.ok()) {
    // Whether an unreachable store took the batch is unknown, so what is in memory may be old.
    if (ReasonOf(appended) != reason::kDiskFull.name) {
      writer_ = false;
      options_.on_deposed();
    }
    co_return fail_all(appended);
  }
  head_.last_number += count;
  head_.last_at = moment.at;
  Merge(batch.changes(), rows_);
  entries_total_.Add(static_cast<double>(count));
  co_return done;
}

}  // namespace gongji::wallet
