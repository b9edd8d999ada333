// What makes a transaction the same one when it is repeated.
#include "services/ledger/transaction.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "services/common/testing/changes.h"
#include "services/ledger/transaction_fields.h"

namespace gongji::ledger {
namespace {

// Every field of a transaction on the wire, each with a value of its own.
Transaction Full() {
  Move move{.from = "person/w/prior",
            .to = "quota/310000",
            .also = Posting{"clearing/1/2", "provider/h"},
            .at_most_fen = 5,
            .keeps = {{6, {"person/w/current", "person/w/family"}}},
            .allowances = {{"a/2026", 7}},
            .returned_allowances = {"b/2026"},
            .year = 2025,
            .skip_if_closed = true,
            .tag = "own"};
  Transaction full{.id = "op/1/pivot",
                   .kind = Kind::kComplete,
                   .holder = "op",
                   .not_after = absl::FromUnixMillis(8),
                   .business_day = BusinessDay(2026, 3, 2),
                   .groups = {{9, 4, {move, {.from = "outside/x", .to = "outside/y"}}}},
                   .claims = {{{"k", "l"}, ClaimSubject::kBill}},
                   .unclaims = {"u"},
                   .wallet_psn_nos = {"p"},
                   .closed_lots = {"person/p/lot/r"},
                   .grant_sequences = {{"g", 3}},
                   .person_changes = {{"q", PersonStep::kArrive, "clearing/3/4"}}};
  return full;
}

Move& First(Transaction& t) { return t.groups[0].moves[0]; }

std::vector<std::function<void(Transaction&)>> ChangesOfMoves() {
  using T = Transaction;
  return {[](T& t) { First(t).from = "x"; },
          [](T& t) { First(t).to = "x"; },
          [](T& t) { First(t).also.reset(); },
          [](T& t) { First(t).also->from = "x"; },
          [](T& t) { First(t).also->to = "x"; },
          [](T& t) { First(t).at_most_fen.reset(); },
          [](T& t) { First(t).at_most_fen = 0; },
          [](T& t) { First(t).keeps[0].fen = 1; },
          [](T& t) { First(t).keeps[0].accounts.pop_back(); },
          [](T& t) { First(t).allowances[0].key = "x"; },
          [](T& t) { First(t).allowances[0].ceiling_fen = 1; },
          [](T& t) { First(t).returned_allowances[0] = "x"; },
          [](T& t) { First(t).year = 2024; },
          [](T& t) { First(t).skip_if_closed = false; },
          [](T& t) { First(t).numbers_lot = true; },
          [](T& t) {
            First(t).skip_if_closed = false;
            First(t).numbers_lot = true;
          },
          [](T& t) { First(t).tag = "x"; }};
}

std::vector<std::function<void(Transaction&)>> ChangesOfTheRest() {
  using T = Transaction;
  return {[](T& t) { t.kind = Kind::kPivot; },
          [](T& t) { t.holder = "x"; },
          [](T& t) { t.not_after = absl::FromUnixMillis(9); },
          [](T& t) { t.not_after = absl::InfiniteFuture(); },
          [](T& t) { t.business_day.reset(); },
          [](T& t) { t.business_day = BusinessDay(2026, 3, 3); },
          [](T& t) { t.groups[0].want_fen = 10; },
          [](T& t) { t.groups[0].at_least_fen = 3; },
          [](T& t) { t.groups[0].moves.pop_back(); },
          [](T& t) { t.groups.push_back({.want_fen = 1}); },
          [](T& t) { t.claims[0].keys[1] = "x"; },
          [](T& t) { t.claims[0].subject = ClaimSubject::kPlace; },
          [](T& t) { t.unclaims[0] = "x"; },
          [](T& t) { t.wallet_psn_nos[0] = "x"; },
          [](T& t) { t.closed_lots[0] = "x"; },
          [](T& t) { t.grant_sequences[0].grant = "x"; },
          [](T& t) { t.grant_sequences[0].number = 4; },
          [](T& t) { t.person_changes[0].psn_no = "x"; },
          [](T& t) { t.person_changes[0].step = PersonStep::kStay; },
          [](T& t) { t.person_changes[0].forward_to = "x"; },
          [](T& t) { t.closed_years = {{"p", 2027}}; },
          [](T& t) { t.closed_years = {{"p", 2028}}; },
          [](T& t) { t.closed_years = {{"q", 2027}}; },
          [](T& t) { t.request = "the fingerprint of a request"; }};
}

TEST(FingerprintOfTransaction, SeesEveryField_P7) {
  std::vector<std::string> fingerprints;
  for (const auto& changes : {ChangesOfMoves(), ChangesOfTheRest()}) {
    for (const Transaction& one : Changed<Transaction>(Full(), changes)) {
      if (fingerprints.empty() || one != Full()) fingerprints.push_back(FingerprintOf(one));
    }
  }
  ExpectAllDiffer(fingerprints);
  // Its id is what it is looked up by, and who asked for it does not matter.
  Transaction same = Full();
  same.id = "x";
  same.origin = Origin{.channel = "WINDOW"};
  EXPECT_EQ(FingerprintOf(same), fingerprints.front());
}

// Both are kept in journals and stores, which an upgrade does not change. A member that is appended
// to a type changes the length and the end of its bytes, and nothing else.
TEST(StoredForms, StayTheSameForEver_P10) {
  EXPECT_EQ(absl::BytesToHexString(FingerprintOf(Full())),
            "26bef43d688deb744109d12bacbc6124a4df7c75bfecb575e718a1e2e305cd73");
  EXPECT_EQ(absl::BytesToHexString(ToBytes(Full())),
            "dc03146f702f312f7069766f7406046f70100214323032362d30332d303202b402120804ee011c70"
            "6572736f6e2f772f7072696f721871756f74612f333130303030023018636c656172696e672f312f"
            "321470726f76696465722f68020a02460c0420706572736f6e2f772f63757272656e741e70657273"
            "6f6e2f772f66616d696c7902100c612f323032360ed21f0200066f776e020c622f323032363a126f"
            "7574736964652f78126f7574736964652f79000000000000000000020c04026b026c040202750202"
            "70021c706572736f6e2f702f6c6f742f720206026706022002710818636c656172696e672f332f34");
  const Effects effects{.opened_accounts = {"o"},
                        .closed_accounts = {"c"},
                        .reopened_accounts = {"r"},
                        .persons = {{"p", {2026, true, Residence::kLeft, "f", "b"}}},
                        .claims = {{"k", "h"}, {"l", std::nullopt}},
                        .counters = {{"n", 7}}};
  EXPECT_EQ(absl::BytesToHexString(ToBytes(effects)),
            "4402026f02026302027010d41f02040266026204026b020268026c0002026e0e020272");
  EXPECT_EQ(absl::BytesToHexString(ToBytes(MoveResult{"t", 1, 2, Stop::kKept, "c", 2026, 3})),
            "1402740204080263d41f06");
  EXPECT_EQ(absl::BytesToHexString(ToBytes(Row{"f", "t", 1, 2, 3, 4, 5})), "1202660274020406080a");
  EXPECT_EQ(absl::BytesToHexString(ToBytes(ClaimResult{"k", {"h", ""}})), "0c026b04026800");
  EXPECT_EQ(absl::BytesToHexString(ToBytes(Origin{"c", "o", "d", "p"})), "100263026f02640270");
}

TEST(EntryBefore, IsThatOfTheSideTheAccountIsOn_R19) {
  const std::vector<Row> rows = {{"a", "b", 1, 0, 0, 4, 5}, {"b", "c", 1, 0, 0, 9, 6}};
  EXPECT_EQ(EntryBefore(rows, "a"), 4);
  EXPECT_EQ(EntryBefore(rows, "b"), 5);  // Its first row in the entry.
  EXPECT_EQ(EntryBefore(rows, "c"), 6);
  EXPECT_EQ(EntryBefore(rows, "d"), std::nullopt);
}

}  // namespace
}  // namespace gongji::ledger
