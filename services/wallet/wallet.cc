// Writes become transactions (direct_writes.h) and go to the writer, which returns one answer for
// each. Reads that need exact balances are looks, run by the writer between two batches: each names
// its keys and ranges, and copies what it needs. Statements, journal pages and proofs come directly
// from the store, whose journal has durable entries only.
#include "services/wallet/wallet.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/errors/reasons.h"
#include "services/common/ids.h"
#include "services/common/money.h"
#include "services/ledger/accounts.h"
#include "services/ledger/transaction_form.h"
#include "services/wallet/rules/judge.h"
#include "services/wallet/rules/year_close.h"

namespace gongji::wallet {
namespace {

// The most places of a wallet and day that any policy may allow (R16 says 3).
constexpr int kMaxPlaces = 8;

// The accounts in a range of a look.
std::vector<AccountRow> RowsOf(const BookView& view, size_t range) {
  std::vector<AccountRow> rows;
  for (const std::string& name : view.names[range]) {
    rows.push_back({name, view.book.accounts().value(name).value_or(ledger::Account{})});
  }
  return rows;
}

template <class Write>
std::vector<absl::StatusOr<ledger::Transaction>> TransactionsOf(const Caller& caller,
                                                                const std::vector<Write>& writes) {
  std::vector<absl::StatusOr<ledger::Transaction>> transactions;
  transactions.reserve(writes.size());
  for (const Write& write : writes) transactions.push_back(TransactionOf(caller, write));
  return transactions;
}

}  // namespace

Wallet::Wallet(Env& env, TaskScope& scope, WalletStore& store, WriterOptions options,
               Metrics& metrics)
    : env_(env),
      scope_(scope),
      store_(store),
      sweep_years_(options.sweep_years),
      max_listed_accounts_(options.max_listed_accounts),
      rules_(options.rules),
      province_(options.province),
      sizes_(options.sizes),
      writer_(env, scope, store, std::move(options), metrics),
      year_sweep_(env, store, writer_, sizes_, metrics) {}

Task<absl::Status> Wallet::Start() {
  CO_RETURN_IF_ERROR(co_await writer_.Start());
  if (sweep_years_) scope_.Spawn(year_sweep_.Run());
  co_return absl::OkStatus();
}

Task<absl::StatusOr<std::vector<ledger::Entry>>> Wallet::DryRun(
    std::vector<ledger::Transaction> transactions) {
  Keys keys;
  std::vector<ledger::Entry> entries(transactions.size());
  for (size_t i = 0; i < entries.size(); ++i) {
    entries[i].status = ledger::CheckForm(transactions[i]);
    if (entries[i].status.ok()) AddKeysOf(transactions[i], keys);
  }
  keys.ids.clear();
  const auto look = [&](const BookView& view) {
    // Each runs by itself: dry runs of different callers share a batch and must not see each other.
    for (size_t i = 0; i < entries.size(); ++i) {
      const ledger::Transaction& transaction = transactions[i];
      ledger::Entry& entry = entries[i];
      if (!entry.status.ok()) continue;
      Draft draft(view.book, view.owned);
      draft.Begin(view.last_number + 1);
      entry.status =
          CloseYearsBefore(transaction, view.due, view.moment, draft,
                           [&](const ledger::Entry&) { draft.Begin(draft.number() + 1); });
      if (entry.status.ok()) entry = Judge(transaction, view.moment, draft);
      entry.number = 0;
      draft.BackTo({});
    }
  };
  CO_RETURN_IF_ERROR(co_await writer_.LookAt(std::move(keys), {}, look));
  co_return entries;
}

Task<std::vector<absl::StatusOr<ledger::Answer>>> Wallet::SubmitWrites(
    std::vector<absl::StatusOr<ledger::Transaction>> transactions, Lane lane) {
  std::vector<ledger::Transaction> good;
  for (auto& transaction : transactions) {
    if (transaction.ok()) good.push_back(*std::move(transaction));
  }
  auto applied = co_await writer_.Apply(std::move(good), lane);
  std::vector<absl::StatusOr<ledger::Answer>> answers;
  answers.reserve(transactions.size());
  auto next = applied.begin();
  for (const auto& transaction : transactions) {
    answers.push_back(transaction.ok() ? std::move(*next++)
                                       : absl::StatusOr<ledger::Answer>(transaction.status()));
  }
  co_return answers;
}

template <class Write>
std::vector<absl::StatusOr<ledger::Transaction>> Wallet::UnderRules(
    const Caller& caller, const std::vector<Write>& writes) const {
  const BusinessDay day = BusinessDayOf(env_.BusinessNow());
  std::vector<absl::StatusOr<ledger::Transaction>> transactions;
  transactions.reserve(writes.size());
  for (const Write& write : writes) {
    // Otherwise the caller could choose whose rules apply.
    if (!write.area.starts_with(province_)) {
      transactions.emplace_back(InvalidField("area", "not of this shard"));
      continue;
    }
    transactions.push_back(TransactionOf(caller, write, rules_(write.area, day), day));
  }
  return transactions;
}

Task<std::vector<absl::StatusOr<ledger::Answer>>> Wallet::Contribute(
    Caller caller, std::vector<Contribution> lines) {
  return SubmitWrites(TransactionsOf(caller, lines), Lane::kBackground);
}

Task<std::vector<absl::StatusOr<ledger::Answer>>> Wallet::OpenWallets(
    Caller caller, std::vector<OpenWallet> wallets) {
  return SubmitWrites(TransactionsOf(caller, wallets));
}

Task<std::vector<absl::StatusOr<ledger::Answer>>> Wallet::CloseWallets(
    Caller caller, std::vector<CloseWallet> wallets) {
  return SubmitWrites(TransactionsOf(caller, wallets));
}

Task<std::vector<absl::StatusOr<ledger::Answer>>> Wallet::PayOuts(Caller caller,
                                                                  std::vector<PayOut> pay_outs) {
  return SubmitWrites(UnderRules(caller, pay_outs));
}

Task<std::vector<absl::StatusOr<ledger::Answer>>> Wallet::SetAsides(
    Caller caller, std::vector<SetAside> set_asides) {
  return SubmitWrites(UnderRules(caller, set_asides));
}

Task<absl::StatusOr<PayOutQuote>> Wallet::QuotePayOut(PayOut pay_out) {
  PayOutQuote quote;
  pay_out.request_id = "quote";
  pay_out.fee_fen = 0;
  // A fee is computed only for a well-formed request.
  CO_RETURN_IF_ERROR(UnderRules<PayOut>(Caller{}, {pay_out}).front().status());
  if (pay_out.ground == PayOutGround::kCash) {
    const BusinessDay day = BusinessDayOf(env_.BusinessNow());
    const policy::CashWithdrawal& rules = rules_(pay_out.area, day).account.cash_withdrawal;
    if (rules.allowed) quote.fee_fen = CashFee(rules, pay_out.person_type, pay_out.amount_fen);
  }
  pay_out.fee_fen = quote.fee_fen;
  ASSIGN_OR_CO_RETURN(ledger::Transaction transaction,
                      UnderRules<PayOut>(Caller{}, {pay_out}).front());
  std::vector<ledger::Transaction> transactions;
  transactions.push_back(std::move(transaction));
  ASSIGN_OR_CO_RETURN(std::vector<ledger::Entry> entries, co_await DryRun(std::move(transactions)));
  quote.refusal = std::move(entries.front().status);
  co_return quote;
}

Task<absl::StatusOr<std::vector<bool>>> Wallet::HasAtLeast(
    std::vector<HasAtLeastQuestion> questions) {
  Keys keys;
  for (const HasAtLeastQuestion& question : questions) {
    keys.accounts.push_back(ledger::CurrentAccount(question.psn_no));
    keys.accounts.push_back(ledger::PriorAccount(question.psn_no));
    keys.persons.push_back(question.psn_no);
  }
  std::vector<bool> answers;
  const auto look = [&](const BookView& view) {
    const auto balance = [&](const std::string& name) {
      const auto& account = view.book.accounts().value(name);
      return account.has_value() ? account->balance_fen : 0;
    };
    for (const HasAtLeastQuestion& question : questions) {
      int64_t held_fen = balance(ledger::PriorAccount(question.psn_no));
      // True if the year is over, though nobody has closed it yet.
      const bool over = IsDue(view.book.persons().value(question.psn_no), view.moment.account_year);
      if (over || !question.prior_only) {
        held_fen += balance(ledger::CurrentAccount(question.psn_no));
      }
      answers.push_back(held_fen >= question.fen);
    }
  };
  CO_RETURN_IF_ERROR(co_await writer_.LookAt(std::move(keys), {}, look));
  co_return answers;
}

Task<absl::StatusOr<std::vector<std::vector<std::string>>>> Wallet::GetPlaces(
    std::vector<std::pair<std::string, std::string>> wallet_days) {
  Keys keys;
  for (const auto& [psn_no, day] : wallet_days) {
    for (int place = 1; place <= kMaxPlaces; ++place) {
      keys.claims.push_back(ledger::PlaceKey(psn_no, day, place));
    }
  }
  const std::vector<std::string> asked = keys.claims;
  std::vector<std::vector<std::string>> holders(wallet_days.size());
  const auto look = [&](const BookView& view) {
    for (size_t i = 0; i < asked.size(); ++i) {
      const auto& holder = view.book.claims().value(asked[i]);
      if (holder.has_value()) holders[i / kMaxPlaces].push_back(*holder);
    }
  };
  CO_RETURN_IF_ERROR(co_await writer_.LookAt(std::move(keys), {}, look));
  co_return holders;
}

Task<absl::StatusOr<AsOf<std::vector<PersonView>>>> Wallet::GetBalances(
    std::vector<std::string> psn_nos) {
  Keys keys;
  keys.persons = psn_nos;
  std::vector<Range> ranges;
  ranges.reserve(psn_nos.size());
  for (const std::string& psn_no : psn_nos) {
    ranges.push_back(AccountsOf(psn_no, max_listed_accounts_ + 1));
  }
  AsOf<std::vector<PersonView>> read;
  int64_t accounts = 0;
  const auto look = [&](const BookView& view) {
    read.number = view.last_number;
    for (size_t i = 0; i < psn_nos.size(); ++i) {
      accounts += std::ssize(view.names[i]);
      if (accounts > max_listed_accounts_) return;
      const auto& person = view.book.persons().value(psn_nos[i]);
      read.value.push_back({psn_nos[i], person.value_or(ledger::Person{}), RowsOf(view, i)});
    }
  };
  CO_RETURN_IF_ERROR(co_await writer_.LookAt(std::move(keys), std::move(ranges), look));
  if (accounts > max_listed_accounts_) {
    co_return Refuse(reason::kTooManyAccounts, {{"most", std::to_string(max_listed_accounts_)}});
  }
  co_return read;
}

Task<absl::StatusOr<AsOf<Holdings>>> Wallet::GetHoldings(std::string psn_no, std::string after,
                                                         int limit) {
  ASSIGN_OR_CO_RETURN(const auto read, co_await GetBalances({std::move(psn_no)}));
  const PersonView& view = read.value.front();
  co_return AsOf<Holdings>{HoldingsOf(view.person, view.accounts, after, limit), read.number};
}

Task<absl::StatusOr<AsOf<std::vector<AccountRow>>>> Wallet::ListAccounts(std::string after,
                                                                         int limit) {
  AsOf<std::vector<AccountRow>> read;
  const auto look = [&](const BookView& view) { read = {RowsOf(view, 0), view.last_number}; };
  CO_RETURN_IF_ERROR(co_await writer_.LookAt({}, {{std::move(after), "", limit}}, look));
  co_return read;
}

Task<absl::StatusOr<AsOf<StatementPage>>> Wallet::GetStatement(StatementQuestion question) {
  if (!ledger::ParseAccount(question.account)) {
    co_return InvalidField("account", "not an account name");
  }
  AsOf<StatementPage> read;
  int64_t newest = 0;
  const auto look = [&](const BookView& view) {
    const auto& account = view.book.accounts().value(question.account);
    newest = account.value_or(ledger::Account{}).last_number;
    read.number = view.last_number;
  };
  Keys keys;
  keys.accounts = {question.account};
  CO_RETURN_IF_ERROR(co_await writer_.LookAt(std::move(keys), {}, look));
  ASSIGN_OR_CO_RETURN(read.value, co_await ReadStatement(store_, std::move(question), newest));
  co_return read;
}

Task<absl::StatusOr<std::vector<ledger::Entry>>> Wallet::ListEntries(int64_t after, int limit) {
  return store_.Tail(after, limit);
}

Task<absl::StatusOr<std::vector<ledger::Entry>>> Wallet::WatchJournal(int64_t after, int limit,
                                                                      absl::Time until) {
  co_await writer_.WaitForEntryAfter(after, until);
  co_return co_await store_.Tail(after, limit);
}

Task<absl::StatusOr<RootPage>> Wallet::ListRoots(int64_t after, int limit) {
  return ReadRoots(store_, after, limit);
}

Task<absl::StatusOr<Proof>> Wallet::GetProof(int64_t number, int64_t up_to) {
  return Prove(store_, number, up_to);
}

}  // namespace gongji::wallet
