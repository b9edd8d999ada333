#include "services/wallet/wallet.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/ids.h"
#include "services/common/money.h"
#include "services/reasons/reasons.h"
#include "services/wallet/accounts.h"
#include "services/wallet/ledger.h"
#include "services/wallet/year_close.h"

namespace gongji::wallet {
namespace {

// Places of a wallet's day that any policy may allow (R16 says 3).
constexpr int kMaxPlaces = 8;
// Two buckets, and a lot and two grants for each relation there ever was: far above any family.
constexpr int kMaxPersonAccounts = 10'000;

// The accounts in a range of a look.
std::vector<AccountRow> RowsOf(const Writer::View& view, size_t range) {
  std::vector<AccountRow> rows;
  for (const std::string& name : view.names[range]) {
    rows.push_back({name, view.book.accounts().value(name).value_or(Account{})});
  }
  return rows;
}

// What `entry` did to `account`, the last posting first.
void AddLines(const Entry& entry, const std::string& account, std::vector<StatementLine>& lines) {
  for (size_t i = entry.rows.size(); i-- > 0;) {
    const Row& row = entry.rows[i];
    StatementLine line{
        .number = entry.number, .ordinal = static_cast<int>(i) + 1, .id = entry.id, .at = entry.at};
    const bool came = row.to == account;
    const bool left = row.from == account;
    if (!came && !left) continue;
    line.other_account = came ? row.from : row.to;
    line.change_fen = (came ? row.amount_fen : 0) - (left ? row.amount_fen : 0);
    line.balance_fen = came ? row.to_after_fen : row.from_after_fen;
    lines.push_back(std::move(line));
  }
}

std::string WriteId(const Caller& caller, const std::string& request_id) {
  return absl::StrCat("caller/", caller.identity, "/", request_id);
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
  transaction.new_persons.push_back(line.psn_no);
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

Wallet::Wallet(Env& env, TaskScope& scope, WalletStore& store, WriterOptions options,
               Metrics& metrics)
    : scope_(scope),
      store_(store),
      sweep_years_(options.sweep_years),
      writer_(env, scope, store, std::move(options), metrics),
      year_sweep_(env, store, writer_, metrics) {}

Task<absl::Status> Wallet::Start() {
  CO_RETURN_IF_ERROR(co_await writer_.Start());
  if (sweep_years_) scope_.Spawn(year_sweep_.Run());
  co_return absl::OkStatus();
}

Task<absl::StatusOr<std::vector<Entry>>> Wallet::DryRun(std::vector<Transaction> transactions) {
  Keys keys;
  for (const Transaction& transaction : transactions) AddKeysOf(transaction, keys);
  keys.ids.clear();
  std::vector<Entry> entries;
  const auto look = [&](const Writer::View& view) {
    // Each by itself: dry runs of different callers travel together and must not see each other.
    for (const Transaction& transaction : transactions) {
      Entry& entry = entries.emplace_back();
      entry.status = CheckForm(transaction);
      if (!entry.status.ok()) continue;
      Draft draft(view.book);
      draft.Begin(view.last_number + 1);
      entry.status = CloseYearsBefore(transaction, view.due, view.moment, draft,
                                      [&](const Entry&) { draft.Begin(draft.number() + 1); });
      if (entry.status.ok()) entry = gongji::wallet::Decide(transaction, view.moment, draft);
      entry.number = 0;
      draft.BackTo({});
    }
  };
  CO_RETURN_IF_ERROR(co_await writer_.Look(std::move(keys), {}, look));
  co_return entries;
}

Task<std::vector<absl::StatusOr<Answer>>> Wallet::SubmitWrites(
    std::vector<absl::StatusOr<Transaction>> transactions) {
  std::vector<Transaction> good;
  for (auto& transaction : transactions) {
    if (transaction.ok()) good.push_back(*std::move(transaction));
  }
  auto applied = co_await writer_.Apply(std::move(good));
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
    keys.persons.push_back(question.psn_no);
  }
  std::vector<bool> answers;
  const auto look = [&](const Writer::View& view) {
    const auto balance = [&](const std::string& name) {
      const auto& account = view.book.accounts().value(name);
      return account.has_value() ? account->balance_fen : 0;
    };
    for (const HasAtLeast& question : questions) {
      int64_t held_fen = balance(PriorAccount(question.psn_no));
      // Of a year that is over, though nobody has closed it yet.
      const bool over = IsDue(view.book.persons().value(question.psn_no), view.moment.account_year);
      if (over || !question.prior_only) held_fen += balance(CurrentAccount(question.psn_no));
      answers.push_back(held_fen >= question.fen);
    }
  };
  CO_RETURN_IF_ERROR(co_await writer_.Look(std::move(keys), {}, look));
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
  std::vector<std::vector<std::string>> holders(wallet_days.size());
  const auto look = [&](const Writer::View& view) {
    for (size_t i = 0; i < asked.size(); ++i) {
      const auto& holder = view.book.claims().value(asked[i]);
      if (holder.has_value()) holders[i / kMaxPlaces].push_back(*holder);
    }
  };
  CO_RETURN_IF_ERROR(co_await writer_.Look(std::move(keys), {}, look));
  co_return holders;
}

Task<absl::StatusOr<AsOf<std::vector<PersonView>>>> Wallet::Persons(
    std::vector<std::string> psn_nos) {
  Keys keys;
  keys.persons = psn_nos;
  std::vector<Range> ranges;
  ranges.reserve(psn_nos.size());
  for (const std::string& psn_no : psn_nos) {
    // '0' follows '/': the range is the person's own accounts.
    ranges.push_back({absl::StrCat("person/", psn_no, "/"), absl::StrCat("person/", psn_no, "0"),
                      kMaxPersonAccounts});
  }
  AsOf<std::vector<PersonView>> read;
  const auto look = [&](const Writer::View& view) {
    read.number = view.last_number;
    for (size_t i = 0; i < psn_nos.size(); ++i) {
      const auto& person = view.book.persons().value(psn_nos[i]);
      read.value.push_back({psn_nos[i], person.value_or(Person{}), RowsOf(view, i)});
    }
  };
  CO_RETURN_IF_ERROR(co_await writer_.Look(std::move(keys), std::move(ranges), look));
  co_return read;
}

Task<absl::StatusOr<AsOf<std::vector<AccountRow>>>> Wallet::Accounts(std::string after, int limit) {
  AsOf<std::vector<AccountRow>> read;
  const auto look = [&](const Writer::View& view) { read = {RowsOf(view, 0), view.last_number}; };
  CO_RETURN_IF_ERROR(co_await writer_.Look({}, {{std::move(after), "", limit}}, look));
  co_return read;
}

Task<absl::StatusOr<AsOf<StatementPage>>> Wallet::Statement(StatementQuestion question) {
  if (!ParseAccount(question.account)) co_return InvalidField("account", "not an account name");
  AsOf<StatementPage> read;
  int64_t number = 0;
  const auto look = [&](const Writer::View& view) {
    const auto& account = view.book.accounts().value(question.account);
    number = account.value_or(Account{}).last_number;
    read.number = view.last_number;
  };
  Keys keys;
  keys.accounts = {question.account};
  CO_RETURN_IF_ERROR(co_await writer_.Look(std::move(keys), {}, look));
  if (question.from > 0) number = question.from;
  StatementPage& page = read.value;
  while (number > 0 && std::ssize(page.lines) < question.limit) {
    ASSIGN_OR_CO_RETURN(const std::vector<Entry> entries,
                        co_await store_.Walk(question.account, number, question.limit));
    if (entries.empty()) co_return InvalidField("page_token", "not of this account");
    for (const Entry& entry : entries) {
      if (std::ssize(page.lines) >= question.limit) break;
      number = *EntryBefore(entry.rows, question.account);
      const bool asked_for = question.up_to_number == 0 || entry.number <= question.up_to_number;
      if (asked_for && entry.at <= question.up_to_time) {
        AddLines(entry, question.account, page.lines);
      }
    }
  }
  page.next_number = number;
  co_return read;
}

Task<absl::StatusOr<std::vector<Entry>>> Wallet::Entries(int64_t after, int limit) {
  return store_.Tail(after, limit);
}

Task<absl::StatusOr<std::vector<Entry>>> Wallet::Watch(int64_t after, int limit, absl::Time until) {
  co_await writer_.WaitBehind(after, until);
  co_return co_await store_.Tail(after, limit);
}

Task<absl::StatusOr<RootPage>> Wallet::Roots(int64_t after, int limit) {
  return ReadRoots(store_, after, limit);
}

Task<absl::StatusOr<Proof>> Wallet::Prove(int64_t number, int64_t up_to) {
  return gongji::wallet::Prove(store_, number, up_to);
}

}  // namespace gongji::wallet
