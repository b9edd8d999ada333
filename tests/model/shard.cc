// Each method calls the real shard and the reference with the same input and compares the answers.
// Follow then reads the new entries from the store, compares them with the reference's journal, and
// folds them into a state that must equal the reference's.
#include "tests/model/shard.h"

#include <rapidcheck.h>

#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/business_day.h"
#include "services/common/errors/reasons.h"
#include "services/ledger/accounts.h"
#include "services/ledger/transaction_form.h"
#include "tests/faults/shard.h"

namespace gongji::model {

using ledger::Answer;
using ledger::Entry;
using ledger::Transaction;
using wallet::AccountRow;
using wallet::Table;

namespace {

constexpr int kAll = 1'000'000;
constexpr char kStart[] = "2026-12-30T09:00:00+08:00";
const std::vector<std::string> kPersons = {"a", "b", "c"};

void Expect(bool good, const std::string& what) {
  if (!good) RC_FAIL(what);
}

std::string Text(const Entry& entry) {
  std::string text =
      absl::StrCat(entry.number, " ", entry.id, " ", gongji::FormatTime(entry.at), " ",
                   static_cast<int>(entry.outcome), " ", entry.status.ToString());
  for (const ledger::MoveResult& move : entry.moves) {
    absl::StrAppend(&text, "\n  move ", move.tag, " ", move.amount_fen, " of ",
                    move.balance_seen_fen, " stop ", static_cast<int>(move.stop), " to ",
                    move.credited, " year ", move.year, " lot ", move.lot_number);
  }
  for (const ledger::Row& row : entry.rows) {
    absl::StrAppend(&text, "\n  row ", row.from, " ", row.to, " ", row.amount_fen, " ",
                    row.from_after_fen, " ", row.to_after_fen, " ", row.from_before, " ",
                    row.to_before);
  }
  for (const ledger::ClaimResult& claim : entry.claims) {
    absl::StrAppend(&text, "\n  claim ", claim.key);
    for (const std::string& holder : claim.holders) absl::StrAppend(&text, " '", holder, "'");
  }
  return text;
}

// The part of an entry that the reference has too.
Entry Comparable(Entry entry) {
  entry.fingerprint.clear();
  entry.effects = {};
  return entry;
}

void Same(const Entry& is, const Entry& should) {
  if (Comparable(is) != should)
    RC_FAIL(absl::StrCat("is ", Text(is), "\nshould be ", Text(should)));
}

// Applies an entry to `state` from its rows and effects alone, which must say everything that it
// did.
void Fold(const Entry& entry, State& state) {
  for (const std::string& name : entry.effects.opened_accounts) state.accounts[name];
  for (const ledger::Row& row : entry.rows) {
    state.accounts[row.from].balance_fen = row.from_after_fen;
    state.accounts[row.to].balance_fen = row.to_after_fen;
    for (const auto& name : {row.from, row.to}) state.accounts[name].last_number = entry.number;
  }
  for (const auto& name : entry.effects.closed_accounts) state.accounts[name].closed = true;
  for (const auto& name : entry.effects.reopened_accounts) state.accounts[name].closed = false;
  for (const auto& [psn_no, person] : entry.effects.persons) state.persons[psn_no] = person;
  for (const auto& [key, value] : entry.effects.counters) state.counters[key] = value;
  for (const auto& [key, holder] : entry.effects.claims) {
    state.claims.erase(key);
    if (holder.has_value()) state.claims[key] = *holder;
  }
}

// The lines of `account`, newest first.
std::vector<wallet::StatementLine> LinesOf(const std::string& account,
                                           const std::vector<Entry>& journal) {
  std::vector<wallet::StatementLine> lines;
  for (const Entry& entry : journal) {
    int ordinal = 0;
    for (const ledger::Row& row : entry.rows) {
      ++ordinal;
      const int sign = (row.to == account ? 1 : 0) - (row.from == account ? 1 : 0);
      if (row.to != account && row.from != account) continue;
      const bool came = row.to == account;
      lines.insert(lines.begin(), {.number = entry.number,
                                   .ordinal = ordinal,
                                   .id = entry.id,
                                   .at = entry.at,
                                   .other_account = came ? row.from : row.to,
                                   .change_fen = sign * row.amount_fen,
                                   .balance_fen = came ? row.to_after_fen : row.from_after_fen});
    }
  }
  return lines;
}

bool SameLine(const wallet::StatementLine& one, const wallet::StatementLine& other) {
  const auto fields = [](const wallet::StatementLine& line) {
    return std::tie(line.number, line.ordinal, line.id, line.at, line.other_account,
                    line.change_fen, line.balance_fen);
  };
  return fields(one) == fields(other);
}

Transaction Opening(const std::string& psn_no) {
  const auto bring = [](int64_t fen, const std::string& to) -> ledger::Group {
    return {fen, fen, {{.from = "outside/employer", .to = to}}};
  };
  return {.id = "open-" + psn_no,
          .kind = ledger::Kind::kDirect,
          .groups = {bring(300, ledger::CurrentAccount(psn_no)),
                     bring(500, ledger::PriorAccount(psn_no))},
          .person_changes = {{.psn_no = psn_no, .step = ledger::PersonStep::kOpenAccount},
                             {.psn_no = psn_no, .step = ledger::PersonStep::kOpenWallet}}};
}

Reference AtStart() {
  Reference reference;
  reference.wall = reference.business = *ParseTime(kStart);
  return reference;
}

const std::vector<Transaction>& Openings() {
  static const auto& openings = *new std::vector<Transaction>{Opening("a"), Opening("b")};
  return openings;
}

}  // namespace

Reference Beginning() {
  Reference reference = AtStart();
  for (const Transaction& opening : Openings()) reference.Apply(opening).IgnoreError();
  return reference;
}

Shard::Shard(const NewMedium& new_medium) : medium_(new_medium()), reference_(AtStart()) {
  Start();
  Apply(Openings());
}

void Shard::Start() {
  process_ = std::make_unique<Process>(reference_.wall, reference_.business);
  process_->store = medium_->Open(process_->env, process_->worker);
  // The limits are so small that rows are evicted and saved all the time, in several slices.
  const wallet::WriterOptions options{.max_cached_rows = 6,
                                      .saves = {.save_every = 4, .max_tail = 30, .slice_rows = 3}};
  process_->wallet = std::make_unique<wallet::Wallet>(process_->env, process_->scope,
                                                      *process_->store, options, NullMetrics());
  const absl::Status started = Wait(process_->wallet->Start());
  Expect(started.ok(), started.ToString());
}

void Shard::Follow() {
  const auto entries = Wait(process_->wallet->ListEntries(std::ssize(journal_), kAll));
  Expect(entries.ok(), entries.status().ToString());
  for (const Entry& entry : *entries) {
    Expect(journal_.size() < reference_.journal.size(), "unexpected: " + Text(entry));
    Same(entry, reference_.journal[journal_.size()]);
    const bool has_fingerprint = entry.outcome != ledger::Outcome::kTombstone;
    Expect(entry.fingerprint.empty() != has_fingerprint, "fingerprint of " + Text(entry));
    Fold(entry, folded_);
    journal_.push_back(entry);
  }
  Expect(journal_.size() == reference_.journal.size(), "entries are missing");
  Expect(folded_ == reference_.state, "the journal does not say what it did");
  Expect(process_->env.Now() == reference_.wall, "time passed");
}

void Shard::Compare(const absl::StatusOr<Answer>& is, const absl::StatusOr<Answer>& should,
                    const std::string& id) {
  if (!is.ok() || !should.ok()) {
    return Expect(is.status() == should.status(),
                  absl::StrCat(id, " is ", is.status().ToString(), ", should be ",
                               should.status().ToString()));
  }
  Same(is->entry, should->entry);
  Expect(is->replayed == should->replayed, absl::StrCat("replayed: ", Text(is->entry)));
  if (!is->decided()) return;
  const auto index = static_cast<size_t>(is->entry.number) - 1;
  Expect(is->entry == journal_[index], "said otherwise: " + Text(is->entry));
}

void Shard::Apply(const std::vector<Transaction>& transactions) {
  const auto answers = Wait(process_->wallet->Apply(transactions));
  Expect(answers.size() == transactions.size(), "not one answer for each");
  std::vector<absl::StatusOr<Answer>> should;
  for (const Transaction& transaction : transactions) {
    const bool known = reference_.Knows(transaction.id);
    const absl::Status form = known ? absl::OkStatus() : ledger::CheckForm(transaction);
    should.push_back(form.ok() ? reference_.Apply(transaction) : form);
  }
  Follow();
  for (size_t i = 0; i < answers.size(); ++i) Compare(answers[i], should[i], transactions[i].id);
}

void Shard::DryRun(const std::vector<Transaction>& transactions) {
  const auto entries = Wait(process_->wallet->DryRun(transactions));
  Expect(entries.ok() && entries->size() == transactions.size(), entries.status().ToString());
  for (size_t i = 0; i < transactions.size(); ++i) {
    Transaction fresh = transactions[i];
    fresh.id = "dry run";  // A dry run ignores whether the id is known.
    Reference copy = reference_;
    const absl::Status form = ledger::CheckForm(transactions[i]);
    Entry should;
    should.status = form;
    if (form.ok()) {
      should = copy.Apply(fresh)->entry;
      should.id = transactions[i].id;
      should.number = 0;
    }
    Same((*entries)[i], should);
  }
  Follow();
}

void Shard::Decide(const std::vector<std::string>& ids) {
  const auto answers = Wait(process_->wallet->Decide(ids));
  std::vector<absl::StatusOr<Answer>> should;
  should.reserve(ids.size());
  for (const std::string& id : ids) should.push_back(reference_.Decide(id));
  Follow();
  for (size_t i = 0; i < ids.size(); ++i) Compare(answers[i], should[i], ids[i]);
}

void Shard::SweepYears() {
  const absl::Status swept = Wait(process_->wallet->SweepYears());
  Expect(swept.ok(), swept.ToString());
  reference_.CloseYears(kPersons);
  Follow();
}

void Shard::Advance(absl::Duration by) {
  process_->env.Advance(by);
  reference_.wall += by;
  reference_.business += by;
}

void Shard::JumpBusinessTime(absl::Duration by) {
  reference_.business += by;
  process_->env.SetBusinessTime(reference_.business);
}

void Shard::ReadPersons() {
  const auto read = Wait(process_->wallet->GetBalances(kPersons));
  Expect(read.ok(), read.status().ToString());
  Expect(read->number == std::ssize(journal_), "persons are not of now");
  for (const wallet::PersonView& view : read->value) {
    std::vector<AccountRow> rows;
    for (const auto& [name, account] : reference_.state.accounts) {
      if (name.starts_with("person/" + view.psn_no + "/")) rows.push_back({name, account});
    }
    Expect(view.accounts == rows, "accounts of " + view.psn_no);
    const auto person = reference_.state.persons.find(view.psn_no);
    const bool known = person != reference_.state.persons.end();
    Expect(view.person == (known ? person->second : ledger::Person{}), "person " + view.psn_no);
  }
}

void Shard::ReadAccounts(int page) {
  std::vector<AccountRow> rows;
  size_t size = 0;
  do {
    size = rows.size();
    const std::string after = rows.empty() ? "" : rows.back().name;
    const auto read = Wait(process_->wallet->ListAccounts(after, page));
    Expect(read.ok(), read.status().ToString());
    rows.insert(rows.end(), read->value.begin(), read->value.end());
  } while (rows.size() > size);
  std::vector<AccountRow> should;
  should.reserve(reference_.state.accounts.size());
  for (const auto& [name, account] : reference_.state.accounts) should.push_back({name, account});
  Expect(rows == should, "accounts");
}

void Shard::ExpectLines(wallet::StatementQuestion question,
                        const std::vector<wallet::StatementLine>& should) {
  std::vector<wallet::StatementLine> lines;
  do {
    const auto read = Wait(process_->wallet->GetStatement(question));
    Expect(read.ok(), read.status().ToString());
    const auto& found = read->value.lines;
    question.from = read->value.next_number;
    Expect(question.from == 0 || std::ssize(found) >= question.limit,
           "a short page of " + question.account);
    lines.insert(lines.end(), found.begin(), found.end());
  } while (question.from > 0);
  Expect(std::equal(lines.begin(), lines.end(), should.begin(), should.end(), SameLine),
         "statement of " + question.account);
}

void Shard::ReadStatement(const std::string& account, int page) {
  const std::vector<Entry>& journal = reference_.journal;
  const std::vector<wallet::StatementLine> lines = LinesOf(account, journal);
  ExpectLines({.account = account, .limit = page}, lines);
  if (!journal.empty()) {
    const Entry& then = journal[journal.size() / 2];
    auto until = lines;
    std::erase_if(until, [&](const auto& line) { return line.number > then.number; });
    ExpectLines({.account = account, .up_to_number = then.number, .limit = page}, until);
    until = lines;
    std::erase_if(until, [&](const auto& line) { return line.at > then.at; });
    ExpectLines({.account = account, .up_to_time = then.at, .limit = page}, until);
  }
  int64_t sum_fen = 0;
  for (const wallet::StatementLine& line : lines) sum_fen += line.change_fen;
  const auto found = reference_.state.accounts.find(account);
  const bool known = found != reference_.state.accounts.end();
  Expect(sum_fen == (known ? found->second.balance_fen : 0), "statement and balance of " + account);
}

void Shard::ReadPlaces(const std::string& psn_no, const std::string& day) {
  const auto read = Wait(process_->wallet->GetPlaces({{psn_no, day}}));
  std::vector<std::string> should;
  for (const auto& [key, holder] : reference_.state.claims) {
    if (key.starts_with(absl::StrCat(psn_no, "/", day, "/"))) should.push_back(holder);
  }
  Expect(read.ok() && read->front() == should, "places of " + psn_no);
}

void Shard::ReadHasAtLeast(const std::string& psn_no, int64_t fen) {
  const auto read = Wait(process_->wallet->HasAtLeast(
      {{.psn_no = psn_no, .fen = fen}, {.psn_no = psn_no, .fen = fen, .prior_only = true}}));
  const std::vector<bool> should = {reference_.HasAtLeast(psn_no, fen, false),
                                    reference_.HasAtLeast(psn_no, fen, true)};
  Expect(read.ok() && *read == should, "has at least, of " + psn_no);
}

void Shard::HandOver() {
  const absl::Status closed = Wait(process_->wallet->Close());
  Expect(closed.ok(), closed.ToString());
  process_ = nullptr;
  Start();
  Follow();
}

void Shard::Crash(uint64_t seed) {
  medium_->End(seed);
  process_ = nullptr;
  Start();
  const std::vector<Entry> before = std::exchange(journal_, {});
  folded_ = {};
  Follow();
  Expect(journal_ == before, "after a crash the journal says something else");
}

std::vector<wallet::TableRow> Shard::Stored(Table table) {
  const auto page = Wait(process_->store->Stored(table, "", kAll));
  Expect(page.ok(), page.status().ToString());
  return page->rows;
}

void Shard::CheckEverything() {
  Crash(0);
  const absl::Status saved = Wait(process_->wallet->Save());
  Expect(saved.ok(), saved.ToString());
  const auto same = [this](Table table, const auto& map, const std::string& what) {
    std::vector<wallet::TableRow> rows;
    rows.reserve(map.size());
    for (const auto& [key, value] : map) rows.push_back({.key = key, .value = value});
    Expect(Stored(table) == rows, "stored " + what);
  };
  same(Table::kAccounts, reference_.state.accounts, "accounts");
  same(Table::kPersons, reference_.state.persons, "persons");
  same(Table::kClaims, reference_.state.claims, "claims");
  same(Table::kCounters, reference_.state.counters, "counters");
  std::map<std::string, int64_t> ids;
  for (const Entry& entry : journal_) ids[entry.id] = entry.number;
  same(Table::kIds, ids, "ids");
  for (const auto& [name, account] : reference_.state.accounts) ReadStatement(name, 7);
  ReadPersons();
  for (const std::string& finding : faults::Verify(process_->env, *process_->store)) {
    RC_FAIL(finding);
  }
}

}  // namespace gongji::model
