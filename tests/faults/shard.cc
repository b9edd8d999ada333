// Client sends a batch through Twice, which notes it as in flight, sends it, sends it once more
// after DISK_FULL, and notes the answers. The bytes of Told let a child report to its parent.
#include "tests/faults/shard.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/encoding/bytes.h"
#include "services/common/errors/check.h"
#include "services/wallet/rules/entry_bytes.h"
#include "services/wallet/store/sqlite/sqlite_store.h"

namespace gongji::faults {
namespace {

using ledger::Entry;
using ledger::Transaction;
using wallet::Contribution;

const Caller kPlatform{.identity = "platform"};

}  // namespace

absl::StatusOr<std::unique_ptr<wallet::WalletStore>> OpenStore(Env& env, Worker& worker,
                                                               const Disk& disk) {
  return wallet::OpenSqliteWalletStore(
      env, wallet::AllOn(worker), kJournalFile, wallet::HashKind::kSha256,
      {.vfs = disk.vfs(), .checkpoint_pages = 12, .copy_beside_writer = false});
}

absl::Status Process::Start() {
  ASSIGN_OR_RETURN(store_, OpenStore(env_, worker_, disk_));
  wallet_ = std::make_unique<wallet::Wallet>(
      env_, scope_, *store_,
      wallet::WriterOptions{.max_cached_rows = 5,
                            .saves = {.save_every = 4, .max_tail = 40, .slice_rows = 3}},
      NullMetrics());
  return env_.Wait(wallet_->Start());
}

template <class Send>
void Client::Twice(std::vector<std::string> ids, Send send) {
  std::erase_if(ids, [this](const std::string& id) { return told_.answered.contains(id); });
  for (int attempt = 0; attempt < 2; ++attempt) {
    told_.batches.push_back({.ids = ids});
    Note(send(), told_.batches.back());
    if (told_.batches.back().end != Told::End::kRefused) return;
  }
}

void Client::Note(const Answers& answers, Told::Batch& batch) {
  for (const auto& answer : answers) {
    if (ReasonOf(answer.status()) == "DISK_FULL") {
      batch.end = Told::End::kRefused;
      return;
    }
    if (!answer.ok()) {
      told_.wrong.push_back(absl::StrCat("answered ", answer.status().ToString()));
    } else if (!answer->decided()) {
      // A step that follows a refused one is EARLY, and its id stays unknown.
      std::erase(batch.ids, answer->entry.id);
      if (ReasonOf(answer->entry.status) != "EARLY") {
        told_.wrong.push_back(absl::StrCat("undecided ", answer->entry.status.ToString()));
      }
    } else {
      batch.entries.push_back(answer->entry);
    }
  }
  batch.end = Told::End::kAnswered;
  told_.answered.insert(batch.ids.begin(), batch.ids.end());
}

void Client::Contribute(std::vector<Contribution> lines) {
  std::vector<std::string> ids;
  ids.reserve(lines.size());
  for (const Contribution& line : lines) {
    ids.push_back(absl::StrCat("caller/", kPlatform.identity, "/", line.line_id));
  }
  Twice(std::move(ids),
        [&] { return process_.env().Wait(process_.wallet().Contribute(kPlatform, lines)); });
}

void Client::Open(std::vector<std::string> psn_nos) {
  std::vector<std::string> ids;
  std::vector<wallet::OpenWallet> wallets;
  for (const std::string& psn_no : psn_nos) {
    wallets.push_back({absl::StrCat("open-", psn_no), psn_no, true, ""});
    ids.push_back(absl::StrCat("caller/", kPlatform.identity, "/open-", psn_no));
  }
  Twice(std::move(ids),
        [&] { return process_.env().Wait(process_.wallet().OpenWallets(kPlatform, wallets)); });
}

void Client::Apply(std::vector<Transaction> transactions) {
  std::vector<std::string> ids;
  ids.reserve(transactions.size());
  for (const Transaction& transaction : transactions) ids.push_back(transaction.id);
  Twice(std::move(ids), [&] { return process_.env().Wait(process_.wallet().Apply(transactions)); });
}

void Client::Decide(std::vector<std::string> ids) {
  Twice(ids, [&] { return process_.env().Wait(process_.wallet().Decide(ids)); });
}

void Client::Read(const std::string& psn_no) {
  const auto expect = [this](const absl::Status& status) {
    if (!status.ok()) told_.wrong.push_back(absl::StrCat("read refused: ", status.ToString()));
  };
  wallet::Wallet& wallet = process_.wallet();
  std::vector<std::string> psn_nos = {psn_no};
  const auto persons = process_.env().Wait(wallet.GetBalances(std::move(psn_nos)));
  expect(persons.status());
  if (!persons.ok()) return;
  for (const wallet::AccountRow& row : persons->value.front().accounts) {
    wallet::StatementQuestion question{.account = row.name};
    const auto page = process_.env().Wait(wallet.GetStatement(std::move(question)));
    expect(page.status());
    if (!page.ok() || page->value.lines.empty()) continue;
    if (page->value.lines.front().balance_fen != row.account.balance_fen) {
      told_.wrong.push_back(absl::StrCat(row.name, " and its statement differ"));
    }
  }
  expect(process_.env().Wait(wallet.ListAccounts("", 100)).status());
}

std::string ToBytes(const Told& told) {
  BytesWriter out;
  const auto strings = [&out](const auto& values) {
    out.Integer(std::ssize(values));
    for (const std::string& value : values) out.String(value);
  };
  out.Integer(std::ssize(told.batches));
  for (const Told::Batch& batch : told.batches) {
    strings(batch.ids);
    out.Integer(static_cast<int64_t>(batch.end));
    out.Integer(std::ssize(batch.entries));
    for (const Entry& entry : batch.entries) {
      out.Integer(entry.number);
      out.String(wallet::EncodeEntry(entry));
    }
  }
  strings(std::vector<std::string>(told.answered.begin(), told.answered.end()));
  strings(told.wrong);
  return std::move(out).Finish();
}

Told ToldFromBytes(const std::string& bytes) {
  BytesReader in(bytes);
  Told told;
  const auto strings = [&in] {
    std::vector<std::string> values;
    for (int64_t left = in.Integer(); left > 0; --left) values.push_back(in.String());
    return values;
  };
  for (int64_t left = in.Integer(); left > 0; --left) {
    Told::Batch& batch = told.batches.emplace_back();
    batch.ids = strings();
    batch.end = static_cast<Told::End>(in.Integer());
    for (int64_t entries = in.Integer(); entries > 0; --entries) {
      Entry& entry = batch.entries.emplace_back();
      entry.number = in.Integer();
      CHECK(wallet::DecodeEntry(in.String(), entry));
    }
  }
  for (std::string& id : strings()) told.answered.insert(std::move(id));
  told.wrong = strings();
  CHECK(in.ok() && in.AtEnd());
  return told;
}

}  // namespace gongji::faults
