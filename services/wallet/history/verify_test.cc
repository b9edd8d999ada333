// Verifier and proofs on a small shard: what is stored is changed in one place, and the finding
// must name that place.
#include "services/wallet/history/verify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "services/common/testing/manual_env.h"
#include "services/wallet/history/proof.h"
#include "services/wallet/testing/wallet_store_memory.h"
#include "services/wallet/wallet.h"

namespace gongji::wallet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A shard with a contribution, a wallet, a claimed bill and a lot; its tables lack the last entry.
class VerifyTest : public testing::Test {
 protected:
  VerifyTest() {
    TaskScope scope;
    Wallet wallet(env_, scope, *store_, {.saves = {.save_every = 3}}, NullMetrics());
    EXPECT_TRUE(env_.Wait(wallet.Start()).ok());
    const Caller caller{.identity = "platform"};
    const auto good = [&](auto task) {
      for (const auto& answer : env_.Wait(std::move(task))) {
        ASSERT_TRUE(answer.ok() && answer->entry.status.ok());
      }
      env_.RunToEnd();
    };
    good(wallet.Contribute(caller, {{.line_id = "1",
                                     .psn_no = "p",
                                     .current_fen = 70,
                                     .prior_fen = 30,
                                     .year = 2026,
                                     .source = "employer"}}));
    good(wallet.OpenWallets(caller, {{.request_id = "2", .psn_no = "p", .confirmed = true}}));
    ledger::Transaction bill{.id = "bill", .kind = ledger::Kind::kPivot, .holder = "op"};
    bill.claims = {{{"bill/h/v/1"}, ledger::ClaimSubject::kBill}};
    bill.groups = {{50,
                    50,
                    {{.from = "person/p/prior", .to = "provider/h"},
                     {.from = "person/p/current", .to = "provider/h"}}}};
    good(wallet.Apply({bill}));
    ledger::Transaction lot{.id = "lot", .kind = ledger::Kind::kPivot, .holder = "op"};
    lot.groups = {{9, 9, {{.from = "quota/510100", .to = "person/p/lot/r", .numbers_lot = true}}}};
    good(wallet.Apply({lot}));
    EXPECT_EQ(disk_.head.saved_number, 3);
    EXPECT_EQ(disk_.head.last_number, 4);
  }

  // The shard as a reader sees it after the test has changed what is stored.
  struct Seen {
    std::vector<SealedEntry> entries;
    std::vector<std::pair<Table, TableRow>> rows;
  };
  std::vector<std::string> FindingsAfter(const std::function<void(Seen&)>& change,
                                         const KeptRoots& kept = {}) {
    Seen seen{env_.Wait(store_->Sealed(0, 100))->entries, {}};
    for (const Table table : kTables) {
      const auto page = env_.Wait(store_->Stored(table, "", 100));
      for (const TableRow& row : page->rows) seen.rows.emplace_back(table, row);
    }
    change(seen);
    Verifier verifier("31", HashKind::kSm3, kept);
    size_t next = 0;
    for (; next < seen.entries.size() && seen.entries[next].number <= 3; ++next) {
      verifier.AddEntry(seen.entries[next]);
    }
    verifier.BeginTables();
    for (const auto& [table, row] : seen.rows) verifier.AddRow(table, row);
    for (; next < seen.entries.size(); ++next) verifier.AddEntry(seen.entries[next]);
    return verifier.Findings();
  }

  static TableRow& RowOf(Seen& seen, Table table) {
    for (auto& [of, row] : seen.rows) {
      if (of == table) return row;
    }
    ADD_FAILURE() << "no row";
    return seen.rows.front().second;
  }

  ManualEnv env_;
  WalletDisk disk_;
  std::unique_ptr<WalletStore> store_ = NewMemoryWalletStore(env_, disk_);
};

TEST_F(VerifyTest, SoundShardHasNoFindings) {
  EXPECT_THAT(FindingsAfter([](Seen&) {}), IsEmpty());
}

// Changes each entry, and each byte of one: the first bad number is named.
TEST_F(VerifyTest, ChangedEntryIsNamed_P4) {
  for (size_t at = 0; at < 4; ++at) {
    const size_t size = env_.Wait(store_->Sealed(0, 100))->entries[at].body.size();
    for (size_t byte = 0; byte < size; ++byte) {
      const auto findings = FindingsAfter(
          [&](Seen& seen) { seen.entries[at].body[byte] ^= static_cast<char>(1 << (byte % 8)); });
      ASSERT_FALSE(findings.empty());
      EXPECT_EQ(findings.front(),
                "shard 31: entry " + std::to_string(at + 1) + " does not fit the chain");
    }
  }
}

TEST_F(VerifyTest, ChangedChainIsNamed_P4) {
  EXPECT_THAT(FindingsAfter([](Seen& seen) { seen.entries[1].chain[0] ^= 1; }),
              ElementsAre("shard 31: entry 2 does not fit the chain",
                          "shard 31: entry 3 does not fit the chain"));
}

TEST_F(VerifyTest, DamagedChecksumIsNamed_P14) {
  EXPECT_THAT(FindingsAfter([](Seen& seen) { seen.entries[1].whole = false; }),
              ElementsAre("shard 31: entry 2 is damaged"));
}

TEST_F(VerifyTest, RemovedEntryIsNamed_P4) {
  const auto findings =
      FindingsAfter([](Seen& seen) { seen.entries.erase(seen.entries.begin() + 1); });
  EXPECT_EQ(findings.front(), "shard 31: entry 2 is missing");
}

TEST_F(VerifyTest, SwappedEntriesAreNamed_P4) {
  const auto findings = FindingsAfter([](Seen& seen) {
    std::swap(seen.entries[1].body, seen.entries[2].body);
    std::swap(seen.entries[1].chain, seen.entries[2].chain);
  });
  EXPECT_EQ(findings.front(), "shard 31: entry 2 does not fit the chain");
}

// Even a party that can rewrite everything cannot rewrite a root that was kept elsewhere.
TEST_F(VerifyTest, CutJournalIsFoundByTheRootThatWasKept_P4) {
  const auto findings = FindingsAfter([](Seen&) {}, {{kEntriesPerRoot, Digest(32, 'x')}});
  EXPECT_THAT(findings, ElementsAre("shard 31: ends before entry 4096, of which a root was kept"));
}

struct Tampered {
  const char* name;
  Table table;
  std::function<void(TableRow&)> change;
};

class VerifyTables : public VerifyTest, public testing::WithParamInterface<Tampered> {};

TEST_P(VerifyTables, ChangedRowIsNamed_P5) {
  const auto findings =
      FindingsAfter([&](Seen& seen) { GetParam().change(RowOf(seen, GetParam().table)); });
  ASSERT_FALSE(findings.empty());
  EXPECT_THAT(findings.front(), HasSubstr("is not what the journal gives"));
}

INSTANTIATE_TEST_SUITE_P(
    Each, VerifyTables,
    testing::Values(
        Tampered{"Balance", Table::kAccounts,
                 [](TableRow& row) { ++std::get<ledger::Account>(row.value).balance_fen; }},
        Tampered{"Closed", Table::kAccounts,
                 [](TableRow& row) { std::get<ledger::Account>(row.value).closed = true; }},
        Tampered{"LastNumber", Table::kAccounts,
                 [](TableRow& row) { std::get<ledger::Account>(row.value).last_number = 2; }},
        Tampered{"Name", Table::kAccounts, [](TableRow& row) { row.key += "x"; }},
        Tampered{"Year", Table::kPersons,
                 [](TableRow& row) { std::get<ledger::Person>(row.value).year = 2025; }},
        Tampered{"Wallet", Table::kPersons,
                 [](TableRow& row) { std::get<ledger::Person>(row.value).wallet_open = false; }},
        Tampered{"Holder", Table::kClaims, [](TableRow& row) { row.value = std::string("oq"); }},
        Tampered{"Number", Table::kIds, [](TableRow& row) { row.value = int64_t{2}; }},
        Tampered{"Id", Table::kIds, [](TableRow& row) { row.key = "caller/platform/x"; }}),
    [](const auto& param) { return std::string(param.param.name); });

TEST_F(VerifyTest, MissingRowIsNamed_P5) {
  for (const Table table : {Table::kAccounts, Table::kPersons, Table::kClaims, Table::kIds}) {
    const auto findings = FindingsAfter([&](Seen& seen) {
      for (auto at = seen.rows.begin(); at != seen.rows.end(); ++at) {
        if (at->first == table) {
          seen.rows.erase(at);
          break;
        }
      }
    });
    ASSERT_EQ(findings.size(), 1U);
    EXPECT_THAT(findings.front(), HasSubstr("is missing"));
  }
}

// Rows that a save under way has written already are no findings.
TEST_F(VerifyTest, RowsMayBeNewerThanTheSave) {
  EXPECT_THAT(
      FindingsAfter([](Seen& seen) {
        seen.rows.push_back({Table::kAccounts, {"person/p/lot/r", ledger::Account{9, false, 4}}});
        seen.rows.push_back({Table::kCounters, {"number/person/p/lot/r", int64_t{1}}});
        seen.rows.push_back({Table::kIds, {"lot", int64_t{4}}});
      }),
      IsEmpty());
  EXPECT_THAT(
      FindingsAfter([](Seen& seen) {
        seen.rows.push_back({Table::kAccounts, {"person/p/lot/r", ledger::Account{8, false, 4}}});
        seen.rows.push_back({Table::kCounters, {"number/person/p/lot/r", int64_t{2}}});
        seen.rows.push_back({Table::kIds, {"lot", int64_t{5}}});
      }),
      ElementsAre(HasSubstr("person/p/lot/r of accounts is not what"),
                  HasSubstr("number/person/p/lot/r of counters is not what"),
                  HasSubstr("lot of ids is not what")));
}

TEST_F(VerifyTest, ProofLeadsToTheRoot) {
  const auto proof = *env_.Wait(Prove(*store_, 2, 0));
  EXPECT_EQ(proof.first_number, 1);
  EXPECT_EQ(proof.last_number, 4);
  Hasher hasher(proof.hash);
  const Digest leaf = hasher.Chain(proof.before, proof.number, proof.body);
  // Entry 2 of 4: a sibling on its left, then two on the right.
  ASSERT_EQ(proof.path.size(), 2U);
  const Digest left = hasher.Root(std::vector<Digest>{proof.path[0], leaf});
  EXPECT_EQ(hasher.Root(std::vector<Digest>{left, proof.path[1]}), proof.root);
  EXPECT_EQ(env_.Wait(Prove(*store_, 1, 1))->root,
            hasher.Chain(Hasher::Genesis(), 1, env_.Wait(Prove(*store_, 1, 1))->body));
}

TEST_F(VerifyTest, OnlyWhatIsThereIsProven) {
  for (const auto& [number, up_to] :
       std::vector<std::pair<int64_t, int64_t>>{{0, 0}, {5, 0}, {2, 1}, {2, 5}, {2, 4097}}) {
    EXPECT_EQ(ReasonOf(env_.Wait(Prove(*store_, number, up_to)).status()), "INVALID_FIELD")
        << number << " " << up_to;
  }
}

TEST_F(VerifyTest, RootsAreOfCompleteIntervals) {
  EXPECT_THAT(env_.Wait(ReadRoots(*store_, 0, 9))->roots, IsEmpty());
  // Tombstones fill two intervals and one entry more.
  const ledger::Entry last = disk_.journal.back();
  while (disk_.head.last_number < 2 * kEntriesPerRoot + 1) {
    ledger::Entry entry{.number = ++disk_.head.last_number, .at = last.at};
    entry.id = "t" + std::to_string(entry.number);
    disk_.journal.push_back(entry);
  }
  const auto roots = env_.Wait(ReadRoots(*store_, 0, 9))->roots;
  ASSERT_EQ(roots.size(), 2U);
  EXPECT_EQ(roots[1].number, 2 * kEntriesPerRoot);
  EXPECT_EQ(roots[1].root, env_.Wait(Prove(*store_, kEntriesPerRoot + 1, 0))->root);
  EXPECT_EQ(env_.Wait(ReadRoots(*store_, 5, 9))->roots.size(), 2U);
  EXPECT_EQ(env_.Wait(ReadRoots(*store_, kEntriesPerRoot, 9))->roots.front(), roots[1]);
  EXPECT_EQ(env_.Wait(ReadRoots(*store_, 0, 1))->roots.size(), 1U);
}

}  // namespace
}  // namespace gongji::wallet
