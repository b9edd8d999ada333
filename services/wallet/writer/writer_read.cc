// What the writer reads: at its start the entries that the tables lack; before each batch the rows,
// the entries of known ids, the names of accounts and the years that are over. It looks into three
// places, in this order, because each hides what the next ones have: batches that are in the book
// and not durable yet, the tail that the tables lack, and the tables. Rows that are read stay in
// the book.
#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "services/ledger/accounts.h"
#include "services/wallet/store/row_sum.h"
#include "services/wallet/writer/writer.h"

namespace gongji::wallet {
namespace {

// `names` were read up to one more than there may be.
absl::Status CheckAll(const std::vector<std::string>& names, int most) {
  if (std::ssize(names) <= most) return absl::OkStatus();
  return Refuse(reason::kTooManyAccounts, {{"most", std::to_string(most)}});
}

// The first names of two lists together, each of which is in order and has the first ones of its
// kind.
std::vector<std::string> FirstOf(const std::vector<std::string>& one,
                                 const std::vector<std::string>& other, size_t limit) {
  std::vector<std::string> all;
  std::set_union(one.begin(), one.end(), other.begin(), other.end(), std::back_inserter(all));
  all.resize(std::min(all.size(), limit));
  return all;
}

}  // namespace

Task<absl::Status> Writer::Start() {
  ASSIGN_OR_CO_RETURN(head_, co_await store_.TakeOver());
  CO_RETURN_IF_ERROR(co_await CheckTables());
  saver_.Start(head_);
  durable_.number = head_.saved_number;
  judged_at_ = head_.last_at;
  CO_RETURN_IF_ERROR(co_await Redo());
  watch_.Advance(head_.last_number);
  writing_ = true;
  writing_gauge_.Set(1);
  co_return absl::OkStatus();
}

Task<absl::Status> Writer::Redo() {
  while (durable_.number < head_.last_number) {
    ASSIGN_OR_CO_RETURN(const std::vector<ledger::Entry> entries,
                        co_await store_.Tail(durable_.number, options_.sizes.redo_page));
    Keys keys;
    for (const ledger::Entry& entry : entries) AddKeysOf(entry, keys);
    CO_RETURN_IF_ERROR((co_await Fetch(std::move(keys))).status());
    for (const ledger::Entry& entry : entries) {
      book_.Redo(entry);
      book_.NoteAccounts(entry);
      Note(entry);
    }
    judged_ = durable_;
    redone_total_.Add(static_cast<double>(entries.size()));
    // Tables that are rebuilt from the whole journal are saved on the way.
    if (saver_.tail() < options_.saves.save_every) continue;
    const absl::Status saved = co_await saver_.SaveOnce();
    // A full disk is tolerated, as it may have room again later, but the tail must not grow without
    // bound.
    const bool too_long = saver_.tail() >= options_.saves.max_tail;
    if (!saved.ok() && (too_long || ReasonOf(saved) == reason::kNotWriter.name)) co_return saved;
    book_.Evict(options_.max_cached_rows);
  }
  judged_ = durable_;
  co_return absl::OkStatus();
}

// Tables made from another journal, or from a longer one that was replaced by a backup, contain
// changes that never happened.
Task<absl::Status> Writer::CheckTables() const {
  const Anchor newest = head_.newest;
  if (newest.number == 0) co_return absl::OkStatus();
  bool ours = newest.number <= head_.last_number;
  if (ours) {
    ASSIGN_OR_CO_RETURN(const std::vector<ledger::Entry> entries,
                        co_await store_.Entries({newest.number}));
    ours = entries.front().id == newest.id;
  }
  if (ours) co_return absl::OkStatus();
  co_return absl::FailedPreconditionError(
      "the tables do not belong to this journal; without them they are made again from it");
}

Task<absl::StatusOr<BatchReads>> Writer::FetchAll(BatchKeys needed, int account_year) {
  BatchReads reads;
  std::vector<std::string> persons = needed.keys.persons;
  std::vector<std::string> owners = needed.keys.owners;
  ASSIGN_OR_CO_RETURN(reads.names, co_await NamesIn(std::move(needed.ranges)));
  ASSIGN_OR_CO_RETURN(reads.known, co_await Fetch(std::move(needed.keys)));
  if (Keys forwards = ForwardsOf(persons); !forwards.empty()) {
    CO_RETURN_IF_ERROR((co_await Fetch(std::move(forwards))).status());
  }
  ASSIGN_OR_CO_RETURN(reads.owned, co_await FetchOwned(std::move(owners)));
  ASSIGN_OR_CO_RETURN(reads.due, co_await FetchDue(std::move(persons), account_year));
  co_return reads;
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
  for (const std::string& psn_no : psn_nos) {
    ranges.push_back(AccountsOf(psn_no, options_.max_accounts + 1));
  }
  ASSIGN_OR_CO_RETURN(std::vector<Names> names, co_await NamesIn(std::move(ranges)));
  for (size_t i = 0; i < psn_nos.size(); ++i) {
    CO_RETURN_IF_ERROR(CheckAll(names[i], options_.max_accounts));
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
    ranges.push_back(AccountsUnder(ledger::GrantsPrefix(psn_no), options_.max_accounts + 1));
  }
  ASSIGN_OR_CO_RETURN(const std::vector<Names> names, co_await NamesIn(std::move(ranges)));
  Keys keys;
  for (size_t i = 0; i < psn_nos.size(); ++i) {
    CO_RETURN_IF_ERROR(CheckAll(names[i], options_.max_accounts));
    std::vector<std::string>& granted = due[psn_nos[i]];
    std::copy_if(names[i].begin(), names[i].end(), std::back_inserter(granted),
                 ledger::IsCurrentAccount);
    AddKeysOfClose(psn_nos[i], granted, keys);
  }
  CO_RETURN_IF_ERROR((co_await Fetch(std::move(keys))).status());
  co_return due;
}

Task<absl::StatusOr<KnownEntries>> Writer::Fetch(Keys keys) {
  book_.DropKnown(keys);
  KnownEntries known;
  for (const Batch* batch : undurable_) {
    std::erase_if(keys.ids, [&](const std::string& id) {
      const ledger::Entry* made = batch->Made(id);
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
    const int64_t number = saver_.NumberInTail(id);
    if (number == 0) return false;
    note(id, number);
    return true;
  });
  if (!keys.empty()) {
    ASSIGN_OR_CO_RETURN(const Loaded loaded, co_await store_.Load(std::move(keys)));
    book_.Learn(loaded.rows);
    for (const auto& [id, number] : loaded.numbers) note(id, number);
  }
  if (numbers.empty()) co_return known;
  ASSIGN_OR_CO_RETURN(std::vector<ledger::Entry> entries,
                      co_await store_.Entries(std::move(numbers)));
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

Task<absl::StatusOr<std::vector<Names>>> Writer::NamesIn(std::vector<Range> ranges) {
  std::vector<Names> names(ranges.size());
  if (ranges.empty()) co_return names;
  // Taken before the tables are read, because accounts that are saved meanwhile leave the book's
  // list.
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
