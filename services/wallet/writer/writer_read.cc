// What the writer reads before a batch: rows, entries of known ids, names, years that are over.
#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/ledger/accounts.h"
#include "services/wallet/store/row_sum.h"
#include "services/wallet/writer/writer.h"
#include "services/wallet/writer/writer_unit.h"

namespace gongji::wallet {
namespace {

// Far above what a person ever has; one with more is refused, not looked at in part.
constexpr int kMaxAccounts = 100'000;

absl::Status CheckAll(const std::vector<std::string>& names) {
  if (std::ssize(names) < kMaxAccounts) return absl::OkStatus();
  return Refuse(reason::kTooManyAccounts, {{"most", std::to_string(kMaxAccounts)}});
}

// The first names of both lists, each of which is in order and holds its own first ones.
std::vector<std::string> FirstOf(const std::vector<std::string>& one,
                                 const std::vector<std::string>& other, size_t limit) {
  std::vector<std::string> all;
  std::set_union(one.begin(), one.end(), other.begin(), other.end(), std::back_inserter(all));
  all.resize(std::min(all.size(), limit));
  return all;
}

}  // namespace

Task<absl::StatusOr<Writer::Found>> Writer::FetchAll(Needs needs, int account_year) {
  Found found;
  std::vector<std::string> persons = needs.keys.persons;
  std::vector<std::string> owners = needs.keys.owners;
  ASSIGN_OR_CO_RETURN(found.names, co_await NamesIn(std::move(needs.ranges)));
  ASSIGN_OR_CO_RETURN(found.known, co_await Fetch(std::move(needs.keys)));
  if (Keys forwards = ForwardsOf(persons); !forwards.empty()) {
    CO_RETURN_IF_ERROR((co_await Fetch(std::move(forwards))).status());
  }
  ASSIGN_OR_CO_RETURN(found.owned, co_await FetchOwned(std::move(owners)));
  ASSIGN_OR_CO_RETURN(found.due, co_await FetchDue(std::move(persons), account_year));
  co_return found;
}

Keys Writer::ForwardsOf(const std::vector<std::string>& psn_nos) {
  Keys keys;
  for (const std::string& psn_no : psn_nos) {
    const auto& person = book_.persons().value(psn_no);
    if (!person.has_value() || person->forward_to.empty()) continue;
    keys.accounts.push_back(person->forward_to);
  }
  return keys;
}

Task<absl::StatusOr<OwnedAccounts>> Writer::FetchOwned(std::vector<std::string> psn_nos) {
  OwnedAccounts owned;
  if (psn_nos.empty()) co_return owned;
  std::vector<Range> ranges;
  ranges.reserve(psn_nos.size());
  for (const std::string& psn_no : psn_nos) ranges.push_back(AccountsOf(psn_no, kMaxAccounts));
  ASSIGN_OR_CO_RETURN(std::vector<Names> names, co_await NamesIn(std::move(ranges)));
  for (size_t i = 0; i < psn_nos.size(); ++i) {
    CO_RETURN_IF_ERROR(CheckAll(names[i]));
    owned[psn_nos[i]] = std::move(names[i]);
  }
  co_return owned;
}

Task<absl::StatusOr<DueYears>> Writer::FetchDue(std::vector<std::string> psn_nos,
                                                int account_year) {
  DueYears due;
  std::erase_if(psn_nos, [&](const std::string& psn_no) {
    return !IsDue(book_.persons().value(psn_no), account_year) || !due.try_emplace(psn_no).second;
  });
  if (due.empty()) co_return due;
  std::vector<Range> ranges;
  ranges.reserve(psn_nos.size());
  for (const std::string& psn_no : psn_nos) {
    ranges.push_back(AccountsUnder(absl::StrCat("person/", psn_no, "/granted"), kMaxAccounts));
  }
  ASSIGN_OR_CO_RETURN(const std::vector<Names> names, co_await NamesIn(std::move(ranges)));
  Keys keys;
  for (size_t i = 0; i < psn_nos.size(); ++i) {
    CO_RETURN_IF_ERROR(CheckAll(names[i]));
    std::vector<std::string>& granted = due[psn_nos[i]];
    std::copy_if(names[i].begin(), names[i].end(), std::back_inserter(granted), IsCurrentAccount);
    AddKeysOfClose(psn_nos[i], granted, keys);
  }
  CO_RETURN_IF_ERROR((co_await Fetch(std::move(keys))).status());
  co_return due;
}

Task<absl::StatusOr<Writer::Known>> Writer::Fetch(Keys keys) {
  book_.DropKnown(keys);
  Known known;
  for (const Unit* unit : undurable_) {
    std::erase_if(keys.ids, [&](const std::string& id) {
      const Entry* made = unit->Made(id);
      if (made != nullptr) known[id] = *made;
      return made != nullptr;
    });
  }
  std::vector<std::string> ids;
  std::vector<int64_t> numbers;
  const auto note = [&](const std::string& id, int64_t number) {
    ids.push_back(id);
    numbers.push_back(number);
  };
  std::erase_if(keys.ids, [&](const std::string& id) {
    const auto found = tail_ids_.find(id);
    if (found == tail_ids_.end()) return false;
    note(id, found->second);
    return true;
  });
  if (!keys.empty()) {
    ASSIGN_OR_CO_RETURN(const Loaded loaded, co_await store_.Load(std::move(keys)));
    book_.Learn(loaded.rows);
    for (const auto& [id, number] : loaded.numbers) note(id, number);
  }
  if (numbers.empty()) co_return known;
  ASSIGN_OR_CO_RETURN(std::vector<Entry> entries, co_await store_.Entries(std::move(numbers)));
  for (size_t i = 0; i < ids.size(); ++i) {
    if (entries[i].id != ids[i]) co_return Damaged("ids", ids[i]);
    known[ids[i]] = std::move(entries[i]);
  }
  co_return known;
}

void Writer::AddNewNames(const Range& range, Names& names) const {
  const std::set<std::string>& fresh = book_.new_accounts();
  const auto limit = static_cast<size_t>(range.limit);
  Names found;
  for (auto at = fresh.upper_bound(range.after); at != fresh.end() && found.size() < limit; ++at) {
    if (!range.before.empty() && *at >= range.before) break;
    found.push_back(*at);
  }
  names = FirstOf(names, found, limit);
}

Task<absl::StatusOr<std::vector<Writer::Names>>> Writer::NamesIn(std::vector<Range> ranges) {
  std::vector<Names> names(ranges.size());
  if (ranges.empty()) co_return names;
  // Before the tables are read: what is saved meanwhile leaves the book's list.
  std::vector<Names> fresh(ranges.size());
  for (size_t i = 0; i < ranges.size(); ++i) AddNewNames(ranges[i], fresh[i]);
  ASSIGN_OR_CO_RETURN(const auto rows, co_await store_.Accounts(ranges));
  for (size_t i = 0; i < ranges.size(); ++i) {
    for (const AccountRow& row : rows[i]) {
      book_.accounts().Learn(row.name, row.account);
      names[i].push_back(row.name);
    }
    names[i] = FirstOf(names[i], fresh[i], static_cast<size_t>(ranges[i].limit));
  }
  co_return names;
}

}  // namespace gongji::wallet
