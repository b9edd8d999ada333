// What a shard shows of its journal, tables and backups: pages, their bounds and their ends. Proofs
// have tests of their own.
#include "services/wallet/journal_service.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "gongji/wallet/v1/backup.pb.h"
#include "gongji/wallet/v1/proof.pb.h"
#include "services/common/errors/reasons.h"
#include "services/common/testing/messages.h"
#include "services/wallet/testing/wallet_service_fixture.h"

namespace gongji::wallet {
namespace {

class JournalServiceTest : public WalletServiceTest {
 protected:
  // Entries 2 to `last`, whose bodies have about `bytes` bytes each.
  void Grow(int64_t last, size_t bytes = 0) {
    for (int64_t number = 2; number <= last; ++number) {
      ledger::Entry entry{.number = number, .id = "e" + std::to_string(number)};
      entry.rows = {{std::string(bytes, 'x'), "to", 1, 2, 3, 4, 5}};
      disk_.journal.push_back(std::move(entry));
    }
    disk_.head.last_number = last;
  }
};

TEST_F(JournalServiceTest, PagesHaveAsManyEntriesAsWereAskedFor_R19) {
  Grow(5);
  v1::ListEntriesRequest list;
  list.set_after_number(1);
  list.set_page_size(2);
  const auto entries = Call<v1::ListEntriesResponse>("ListEntries", list);
  ASSERT_EQ(entries->entries_size(), 2);
  EXPECT_EQ(entries->entries(0).number(), 2);
  v1::ListSealedEntriesRequest sealed;
  sealed.set_after_number(2);
  sealed.set_page_size(2);
  const auto page = Call<v1::ListSealedEntriesResponse>("ListSealedEntries", sealed);
  ASSERT_EQ(page->entries_size(), 2);
  EXPECT_EQ(page->entries(0).number(), 3);
  EXPECT_EQ(page->last_number(), 5);
}

// A page ends before the entry that would make it too long for a message, but never empty.
TEST_F(JournalServiceTest, LongEntriesMakeShortPages) {
  const auto sizes = [&] {
    v1::ListEntriesRequest list;
    list.set_after_number(1);
    v1::ListSealedEntriesRequest sealed;
    sealed.set_after_number(1);
    return std::pair(
        Call<v1::ListEntriesResponse>("ListEntries", list)->entries_size(),
        Call<v1::ListSealedEntriesResponse>("ListSealedEntries", sealed)->entries_size());
  };
  Grow(9, size_t{300} << 10);
  EXPECT_EQ(sizes(), std::pair(3, 3));
  disk_.journal.resize(1);
  Grow(3, size_t{3} << 19);
  EXPECT_EQ(sizes(), std::pair(1, 1));
}

TEST_F(JournalServiceTest, AccountsArePagedByName_R19) {
  v1::ListAccountsRequest list;
  list.set_page_size(1);
  auto page = Call<v1::ListAccountsResponse>("ListAccounts", list);
  ASSERT_EQ(page->accounts_size(), 1);
  EXPECT_EQ(page->accounts(0).account(), "outside/employer");
  EXPECT_EQ(page->accounts(0).balance_fen(), -800);
  EXPECT_EQ(page->journal_number(), 1);
  list.set_after_account("person/p/current");
  list.set_page_size(9);
  page = Call<v1::ListAccountsResponse>("ListAccounts", list);
  ASSERT_EQ(page->accounts_size(), 1);
  EXPECT_EQ(page->accounts(0).account(), "person/p/prior");
}

TEST_F(JournalServiceTest, TablesSayHowFarTheyHaveCome_P5) {
  Grow(3);
  ASSERT_TRUE(loopback_.Wait(wallet_.Save()).ok());
  disk_.head.newest.number = 2;
  v1::ListTableRowsRequest rows;
  rows.set_table(v1::ListTableRowsRequest::TABLE_ACCOUNTS);
  rows.set_page_size(1);
  rows.set_after_key("outside/employer");
  const auto page = Call<v1::ListTableRowsResponse>("ListTableRows", rows);
  ASSERT_TRUE(page.ok()) << page.status();
  ExpectMessage(*page,
                "rows { key: 'person/p/current' account { balance_fen: 300 last_number: 1 } } "
                "saved_number: 1 newest_number: 2");
}

TEST_F(JournalServiceTest, RootsOfWholeIntervalsAreListed_P4) {
  Grow(2 * kEntriesPerRoot + 5);
  const auto roots = [&](int64_t after, int size) {
    v1::ListRootsRequest list;
    list.set_after_number(after);
    list.set_page_size(size);
    const auto page = Call<v1::ListRootsResponse>("ListRoots", list);
    EXPECT_EQ(page->hash(), v1::JOURNAL_HASH_SM3);
    std::vector<int64_t> numbers;
    for (const v1::Root& root : page->roots()) {
      v1::GetProofRequest ask;
      ask.set_number(root.number());
      EXPECT_EQ(Call<v1::GetProofResponse>("GetProof", ask)->root(), root.root());
      numbers.push_back(root.number());
    }
    return numbers;
  };
  using Numbers = std::vector<int64_t>;
  EXPECT_EQ(roots(0, 0), (Numbers{kEntriesPerRoot, 2 * kEntriesPerRoot}));
  EXPECT_EQ(roots(0, 1), (Numbers{kEntriesPerRoot}));
  EXPECT_EQ(roots(kEntriesPerRoot, 9), (Numbers{2 * kEntriesPerRoot}));
  EXPECT_EQ(roots(2 * kEntriesPerRoot, 9), (Numbers{}));
}

TEST_F(JournalServiceTest, AProofGoesUpToTheEntryThatWasAskedFor_P4) {
  Grow(9);
  v1::GetProofRequest ask;
  ask.set_number(3);
  ask.set_up_to_number(5);
  const auto proof = Call<v1::GetProofResponse>("GetProof", ask);
  ASSERT_TRUE(proof.ok()) << proof.status();
  EXPECT_EQ(proof->number(), 3);
  EXPECT_EQ(proof->first_number(), 1);
  EXPECT_EQ(proof->last_number(), 5);
}

// A call that names no deadline of its own is answered within the server's.
TEST_F(JournalServiceTest, ALongBackupIsToldWhenItIsDone) {
  const auto before = Call<v1::WaitForBackupResponse>("WaitForBackup", v1::WaitForBackupRequest());
  ASSERT_TRUE(before.ok()) << before.status();
  ExpectMessage(*before, "");
  const auto begun = loopback_.Call<v1::BackUpResponse>(
      "gongji.wallet.v1.WalletService/BackUp", v1::BackUpRequest(), absl::InfiniteDuration());
  ASSERT_TRUE(begun.ok()) << begun.status();
  ExpectMessage(*begun, "running: true");
  backup_store_.end->Set(
      Backup{.path = "/b/1.db", .last_number = 7, .hash = HashKind::kSha256, .chain = "c"});
  const auto done = Call<v1::WaitForBackupResponse>("WaitForBackup", v1::WaitForBackupRequest());
  ASSERT_TRUE(done.ok()) << done.status();
  ExpectMessage(*done,
                "backup { path: '/b/1.db' last_number: 7 hash: JOURNAL_HASH_SHA256 chain: 'c' }");
}

TEST_F(JournalServiceTest, ABackupThatFailedSaysWhy) {
  backup_store_.fails = Refuse(reason::kDiskFull);
  EXPECT_EQ(ReasonOf(Call<v1::BackUpResponse>("BackUp", v1::BackUpRequest()).status()),
            "DISK_FULL");
}

TEST_F(JournalServiceTest, ShowsJournalAndTablesAsTheyAreStored) {
  const auto sealed =
      Call<v1::ListSealedEntriesResponse>("ListSealedEntries", v1::ListSealedEntriesRequest());
  ASSERT_EQ(sealed->entries_size(), 1);
  EXPECT_EQ(sealed->hash(), v1::JOURNAL_HASH_SM3);
  EXPECT_EQ(sealed->last_number(), 1);
  v1::GetProofRequest number;
  number.set_number(1);
  EXPECT_EQ(Call<v1::GetProofResponse>("GetProof", number)->root(), sealed->entries(0).chain());
  EXPECT_EQ(Call<v1::ListRootsResponse>("ListRoots", v1::ListRootsRequest())->roots_size(), 0);
  v1::ListTableRowsRequest rows;
  EXPECT_EQ(ReasonOf(Call<v1::ListTableRowsResponse>("ListTableRows", rows).status()),
            "INVALID_FIELD");
  rows.set_table(v1::ListTableRowsRequest::TABLE_PERSONS);
  EXPECT_EQ(Call<v1::ListTableRowsResponse>("ListTableRows", rows)->saved_number(), 0);
}

// The largest numbers of a caller must not overflow.
TEST_F(JournalServiceTest, NumbersNoJournalHasAreRefused) {
  for (const int64_t number : {int64_t{-1}, std::numeric_limits<int64_t>::max()}) {
    const auto refused = [&]<class Response>(const char* method, auto request, const Response&) {
      request.set_after_number(number);
      EXPECT_EQ(ReasonOf(Call<Response>(method, request).status()), "INVALID_FIELD") << method;
    };
    refused("ListEntries", v1::ListEntriesRequest(), v1::ListEntriesResponse());
    refused("WatchJournal", v1::WatchJournalRequest(), v1::WatchJournalResponse());
    refused("ListSealedEntries", v1::ListSealedEntriesRequest(), v1::ListSealedEntriesResponse());
    refused("ListRoots", v1::ListRootsRequest(), v1::ListRootsResponse());
    v1::GetProofRequest proof;
    proof.set_number(number);
    EXPECT_EQ(ReasonOf(Call<v1::GetProofResponse>("GetProof", proof).status()), "INVALID_FIELD");
  }
  v1::ListEntriesRequest far;
  far.set_after_number(int64_t{1} << 62);
  EXPECT_EQ(Call<v1::ListEntriesResponse>("ListEntries", far)->entries_size(), 0);
}

TEST_F(JournalServiceTest, WatchGivesWhatIsThereAtOnce_R19) {
  v1::WatchJournalRequest watch;
  const auto first = Call<v1::WatchJournalResponse>("WatchJournal", watch);
  EXPECT_EQ(first->entries_size(), 1);
  EXPECT_EQ(first->last_number(), 1);
  watch.set_after_number(-1);
  EXPECT_EQ(ReasonOf(Call<v1::WatchJournalResponse>("WatchJournal", watch).status()),
            "INVALID_FIELD");
}

}  // namespace
}  // namespace gongji::wallet
