#include "services/wallet/history/statement.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <ranges>
#include <utility>

#include "services/common/errors/reasons.h"
#include "services/common/errors/status.h"

namespace gongji::wallet {
namespace {

// Entries read at a time in a search.
constexpr int kStep = 256;
// The most reads of one search in each of its two ways.
constexpr int kMostSteps = 16;

absl::Status NotOfAccount() { return InvalidField("page_token", "not of this account"); }

// Adds what `entry` did to `account`, the last posting first.
void AddLines(const ledger::Entry& entry, const std::string& account,
              std::vector<StatementLine>& lines) {
  for (size_t i = entry.rows.size(); i-- > 0;) {
    const ledger::Row& row = entry.rows[i];
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

// The last entry up to `number` that is dated at `time` or before; times never decrease from entry
// to entry. In most cases it is entry `number` itself, which is therefore tried first.
Task<absl::StatusOr<int64_t>> LastAt(WalletStore& store, absl::Time time, int64_t number) {
  int64_t first = 0;
  int64_t last = number;
  for (int64_t probe = last; first < last; probe = last - (last - first) / 2) {
    ASSIGN_OR_CO_RETURN(const std::vector<ledger::Entry> entries,
                        co_await store.Tail(probe - 1, 1));
    if (entries.empty()) co_return NotOfAccount();
    if (entries.front().at <= time) {
      first = probe;
    } else {
      last = probe - 1;
    }
  }
  co_return first;
}

// Goes back from entry `number` of `account` to its first one that is not after `up_to`, or as far
// as one read goes. Returns 0 if there is none.
Task<absl::StatusOr<int64_t>> Back(WalletStore& store, std::string account, int64_t number,
                                   int64_t up_to) {
  ASSIGN_OR_CO_RETURN(const std::vector<ledger::Entry> entries,
                      co_await store.Walk(account, number, kStep));
  if (entries.empty()) co_return NotOfAccount();
  for (const ledger::Entry& entry : entries) {
    number = *ledger::EntryBefore(entry.rows, account);
    if (number <= up_to) break;
  }
  co_return number;
}

// The last entry of `account` after `first` and up to `last`, if there is one.
Task<absl::StatusOr<std::optional<int64_t>>> Within(WalletStore& store, std::string account,
                                                    int64_t first, int64_t last) {
  ASSIGN_OR_CO_RETURN(const std::vector<ledger::Entry> entries,
                      co_await store.Tail(first, static_cast<int>(last - first)));
  for (const ledger::Entry& entry : std::views::reverse(entries)) {
    if (ledger::EntryBefore(entry.rows, account).has_value()) co_return entry.number;
  }
  co_return std::nullopt;
}

// The last entry of `account` up to `up_to` (0: none), searched backwards from its entry `number`;
// or one after `up_to`, from which to go on. There are two ways to search. Going from entry to
// entry of the account is short if it seldom moves, and reading the journal before `up_to` is short
// if it moves all the time. The search alternates between both, so that the shorter one ends it.
Task<absl::StatusOr<int64_t>> Find(WalletStore& store, std::string account, int64_t number,
                                   int64_t up_to) {
  int64_t last = up_to;
  for (int steps = 0; steps < kMostSteps && number > up_to; ++steps) {
    ASSIGN_OR_CO_RETURN(number, co_await Back(store, account, number, up_to));
    if (number <= up_to) break;
    const int64_t first = std::max<int64_t>(0, last - kStep);
    ASSIGN_OR_CO_RETURN(const auto found, co_await Within(store, account, first, last));
    if (found.has_value() || first == 0) co_return found.value_or(0);
    last = first;
  }
  co_return number;
}

}  // namespace

Task<absl::StatusOr<StatementPage>> ReadStatement(WalletStore& store, StatementQuestion question,
                                                  int64_t newest) {
  StatementPage page;
  page.next_number = question.from > 0 ? question.from : newest;
  int64_t up_to =
      question.up_to_number > 0 ? question.up_to_number : std::numeric_limits<int64_t>::max();
  if (question.up_to_time != absl::InfiniteFuture()) {
    ASSIGN_OR_CO_RETURN(const int64_t last,
                        co_await LastAt(store, question.up_to_time, page.next_number));
    up_to = std::min(up_to, last);
  }
  if (page.next_number > up_to) {
    ASSIGN_OR_CO_RETURN(page.next_number,
                        co_await Find(store, question.account, page.next_number, up_to));
    if (page.next_number > up_to) co_return page;
  }
  while (page.next_number > 0 && std::ssize(page.lines) < question.limit) {
    ASSIGN_OR_CO_RETURN(const std::vector<ledger::Entry> entries,
                        co_await store.Walk(question.account, page.next_number, question.limit));
    if (entries.empty()) co_return NotOfAccount();
    for (const ledger::Entry& entry : entries) {
      if (std::ssize(page.lines) >= question.limit) break;
      page.next_number = *ledger::EntryBefore(entry.rows, question.account);
      AddLines(entry, question.account, page.lines);
    }
  }
  co_return page;
}

}  // namespace gongji::wallet
