// Judge: checks what must be true of a shard whatever happened to its disk. It starts two processes
// on the disk, one after the other. Both must start and have what the journal leads to; the first
// must also have what callers were answered, and write an entry that the second finds.
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/common/errors/check.h"
#include "services/common/sql/sqlite/sqlite_database.h"
#include "services/ledger/accounts.h"
#include "services/wallet/history/verify.h"
#include "services/wallet/writer/writer.h"
#include "tests/faults/shard.h"

namespace gongji::faults {
namespace {

using ledger::Entry;
using wallet::Keys;

constexpr int kPage = 100;

class Judgement {
 public:
  Judgement(const DiskState& state, Told told) : disk_(state), told_(std::move(told)) {}

  std::vector<std::string> Findings() {
    findings_ = told_.wrong;
    Incarnation([this](wallet::WalletStore& store, wallet::Writer& writer) {
      ReadJournal(store);
      CheckTold();
      CheckTables(store);
      CheckBook(writer);
      CheckIds(writer);
      GoOn(writer);
    });
    // Once more, on what the first one left.
    Incarnation([this](wallet::WalletStore& store, wallet::Writer& writer) {
      const size_t before = journal_.size();
      ReadJournal(store);
      Expect(journal_.size() == before + 1, "an entry written afterwards is lost");
      CheckTables(store);
      CheckBook(writer);
    });
    for (const char* file : {kJournalFile, kTablesFile}) CheckFile(file);
    return findings_;
  }

 private:
  void Expect(bool holds, const std::string& what) {
    if (!holds) findings_.push_back(what);
  }

  template <class Use>
  void Incarnation(Use use) {
    auto store = OpenStore(env_, worker_, disk_);
    if (!store.ok()) return Expect(false, absl::StrCat("not opened: ", store.status().ToString()));
    TaskScope scope;
    wallet::Writer writer(env_, scope, **store,
                          {.saves = {.save_every = 4, .max_tail = 40, .slice_rows = 3}},
                          NullMetrics());
    const absl::Status started = env_.Wait(writer.Start());
    if (!started.ok()) return Expect(false, absl::StrCat("not started: ", started.ToString()));
    use(**store, writer);
    env_.RunToEnd();
  }

  void ReadJournal(wallet::WalletStore& store) {
    journal_.clear();
    numbers_.clear();
    for (bool more = true; more;) {
      const auto page = env_.Wait(store.Tail(std::ssize(journal_), kPage));
      if (!page.ok()) return Expect(false, absl::StrCat("journal: ", page.status().ToString()));
      more = !page->empty();
      journal_.insert(journal_.end(), page->begin(), page->end());
    }
    for (const Entry& entry : journal_) numbers_[entry.id] = entry.number;
  }

  // P10: acknowledged entries are there as they were answered, refused ones are not, and batches
  // are whole.
  void CheckTold() {
    std::set<std::string> may_be;
    for (const Told::Batch& batch : told_.batches) {
      size_t there = 0;
      for (const std::string& id : batch.ids) there += numbers_.contains(id) ? 1 : 0;
      for (const Entry& entry : batch.entries) {
        const bool same = entry.number <= std::ssize(journal_) &&
                          journal_[static_cast<size_t>(entry.number - 1)] == entry;
        Expect(same, absl::StrCat("acknowledged and lost: ", entry.id, " as ", entry.number));
      }
      if (batch.end == Told::End::kRefused) continue;
      Expect(there == 0 || there == batch.ids.size(),
             absl::StrCat("in halves: the batch ", absl::StrJoin(batch.ids, " ")));
      may_be.insert(batch.ids.begin(), batch.ids.end());
    }
    for (const auto& [id, number] : numbers_) {
      Expect(may_be.contains(id), absl::StrCat("there though refused or never sent: ", id));
    }
  }

  // P1 to P5, P14: the checks of `gongji verify`.
  void CheckTables(wallet::WalletStore& store) {
    for (std::string& finding : Verify(env_, store)) findings_.push_back(std::move(finding));
  }

  wallet::Book Fold() const {
    wallet::Book book;
    for (const Entry& entry : journal_) {
      Keys keys;
      AddKeysOf(entry, keys);
      book.LearnMissing(keys);
      book.Redo(entry);
    }
    return book;
  }

  // P5: a writer has for every key the value that the journal leads to.
  void CheckBook(wallet::Writer& writer) {
    Keys keys;
    for (const Entry& entry : journal_) AddKeysOf(entry, keys);
    auto fold = Fold();
    const auto look = [&](const wallet::BookView& view) {
      const auto same = [this](auto& has, auto& should, const std::vector<std::string>& wanted) {
        for (const std::string& key : wanted) {
          Expect(has.value(key) == should.value(key),
                 absl::StrCat(key, " is not what the journal gives"));
        }
      };
      same(view.book.accounts(), fold.accounts(), keys.accounts);
      same(view.book.persons(), fold.persons(), keys.persons);
      same(view.book.claims(), fold.claims(), keys.claims);
      same(view.book.counters(), fold.counters(), keys.counters);
    };
    const absl::Status looked = env_.Wait(writer.LookAt(keys, {}, look));
    Expect(looked.ok(), absl::StrCat("not looked at: ", looked.ToString()));
  }

  // P6: every id is known.
  void CheckIds(wallet::Writer& writer) {
    std::vector<std::string> ids;
    ids.reserve(journal_.size());
    for (const Entry& entry : journal_) ids.push_back(entry.id);
    const auto answers = env_.Wait(writer.Decide(ids));
    for (size_t i = 0; i < ids.size(); ++i) {
      Expect(answers[i].ok() && answers[i]->entry == journal_[i],
             absl::StrCat(ids[i], " is not known again"));
    }
  }

  void GoOn(wallet::Writer& writer) {
    std::vector<ledger::Transaction> one = {
        {.id = "afterwards",
         .kind = ledger::Kind::kDirect,
         .groups = {{7, 7, {{.from = ledger::OutsideAccount("x"), .to = "provider/h"}}}}}};
    const auto answers = env_.Wait(writer.Apply(std::move(one)));
    Expect(answers.front().ok() && answers.front()->applied(), "does not go on");
  }

  void CheckFile(const char* file) {
    const auto database =
        *sql::Database::OpenSqlite({.path = file, .vfs = disk_.vfs(), .copy_beside_writer = false});
    const absl::Status status =
        database->Prepared("PRAGMA integrity_check").ForEach([&](const sql::Statement& row) {
          Expect(row.Text(0) == "ok", absl::StrCat(file, ": ", row.Text(0)));
        });
    Expect(status.ok(), absl::StrCat(file, ": ", status.ToString()));
  }

  Disk disk_;
  const Told told_;
  ManualEnv env_;
  InlineWorker worker_;
  std::vector<Entry> journal_;
  std::map<std::string, int64_t> numbers_;
  std::vector<std::string> findings_;
};

}  // namespace

std::vector<std::string> Verify(ManualEnv& env, wallet::WalletStore& store) {
  constexpr int kAll = 1'000'000;
  const auto sealed = env.Wait(store.Sealed(0, kAll));
  const auto saved = env.Wait(store.Stored(wallet::kTables[0], "", 1));
  if (!sealed.ok()) return {sealed.status().ToString()};
  if (!saved.ok()) return {saved.status().ToString()};
  wallet::Verifier verifier("shard", sealed->hash);
  auto next = sealed->entries.begin();
  const auto end = sealed->entries.end();
  for (; next != end && next->number <= saved->saved_number; ++next) verifier.AddEntry(*next);
  verifier.BeginTables();
  for (const wallet::Table table : wallet::kTables) {
    const auto page = env.Wait(store.Stored(table, "", kAll));
    if (!page.ok()) return {page.status().ToString()};
    for (const wallet::TableRow& row : page->rows) verifier.AddRow(table, row);
  }
  for (; next != end; ++next) verifier.AddEntry(*next);
  std::vector<std::string> findings = verifier.Findings();
  if (verifier.last_number() != sealed->last_number) findings.emplace_back("entries are missing");
  return findings;
}

std::vector<std::string> Judge(const DiskState& state, Told told) {
  return Judgement(state, std::move(told)).Findings();
}

}  // namespace gongji::faults
