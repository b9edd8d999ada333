// The rules on plain rows: the order of checks as a table, then one test for each behaviour. Each
// entry is also redone on the rows before it and must lead to the same rows.
#include "services/wallet/rules/judge.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "services/common/business_day.h"
#include "services/common/errors/status.h"
#include "services/ledger/accounts.h"
#include "services/ledger/transaction_form.h"

namespace gongji::wallet {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1772415000);  // 2026-03-02 09:30 in China
const Moment kMoment{.wall = kNow, .at = kNow, .account_year = 2026};
const BusinessDay kToday(2026, 3, 2);
constexpr int64_t kNumber = 7;

// A shard with one worker (current 300, prior 500, year 2026, wallet open), an open and a closed
// lot of a child, and money granted to it.
Rows Shard() {
  Rows rows;
  rows.persons["w"] = ledger::Person{.year = 2026, .wallet_open = true};
  rows.persons["c"] = ledger::Person{.year = 0, .wallet_open = true};
  rows.persons["nobody"] = std::nullopt;
  const auto account = [&](const std::string& name, int64_t fen, bool closed = false) {
    rows.accounts[name] = ledger::Account{fen, closed};
  };
  account("person/w/current", 300);
  account("person/w/prior", 500);
  account("person/w/granted/r/current", 40);
  account("person/w/granted/r/prior", 60);
  account("person/c/lot/r", 100);
  account("person/c/lot/over", 0, true);
  account("quota/310000", -100);
  return rows;
}

// Does what the wallet does around the rules: changes `rows` if the transaction is applied.
ledger::Entry Answered(const ledger::Transaction& transaction, Rows& rows,
                       Moment moment = kMoment) {
  EXPECT_TRUE(ledger::CheckForm(transaction).ok()) << ledger::CheckForm(transaction);
  Keys keys;
  AddKeysOf(transaction, keys);
  Book book;
  book.Learn(rows);
  book.LearnMissing(keys);
  OwnedAccounts owned;
  for (const std::string& psn_no : keys.owners) {
    for (const auto& [name, account] : rows.accounts) {
      if (account.has_value() && name.starts_with("person/" + psn_no + "/")) {
        owned[psn_no].push_back(name);
      }
    }
  }
  Draft draft(book, owned);
  draft.Begin(kNumber);
  ledger::Entry entry = Judge(transaction, moment, draft);
  Rows after = rows;
  for (const auto& key : keys.accounts) after.accounts[key] = book.accounts().value(key);
  for (const auto& key : keys.persons) after.persons[key] = book.persons().value(key);
  for (const auto& key : keys.claims) after.claims[key] = book.claims().value(key);
  for (const auto& key : keys.counters) after.counters[key] = book.counters().value(key);
  if (!entry.status.ok()) {
    // A refused transaction changes nothing.
    for (const auto& [key, value] : rows.accounts) EXPECT_EQ(after.accounts[key], value) << key;
    for (const auto& [key, value] : rows.claims) EXPECT_EQ(after.claims[key], value) << key;
    for (const auto& [key, value] : rows.counters) EXPECT_EQ(after.counters[key], value) << key;
    EXPECT_TRUE(entry.rows.empty());
    EXPECT_EQ(entry.effects, ledger::Effects());
    return entry;
  }
  // The entry alone leads from the rows before it to the same rows; a restart relies on that.
  Book again;
  again.Learn(rows);
  Keys redone;
  AddKeysOf(entry, redone);
  again.LearnMissing(redone);
  again.Redo(entry);
  const auto expect_same = [](auto& shelf, const auto& known, const auto& expected) {
    for (const auto& [key, value] : expected) {
      const auto before = known.find(key);
      const auto now = shelf.Knows(key)        ? shelf.value(key)
                       : before == known.end() ? std::nullopt
                                               : before->second;
      EXPECT_EQ(now, value) << key;
    }
  };
  expect_same(again.accounts(), rows.accounts, after.accounts);
  expect_same(again.persons(), rows.persons, after.persons);
  expect_same(again.claims(), rows.claims, after.claims);
  expect_same(again.counters(), rows.counters, after.counters);
  rows = after;
  return entry;
}

ledger::Entry Answered(const ledger::Transaction& transaction) {
  Rows rows = Shard();
  return Answered(transaction, rows);
}

ledger::Transaction Step(ledger::Kind kind, std::vector<ledger::Group> groups) {
  return {.id = "step/op/1/x", .kind = kind, .holder = "op", .groups = std::move(groups)};
}

ledger::Move FromTo(const std::string& from, const std::string& to) {
  return {.from = from, .to = to};
}

ledger::Transaction Freeze(int64_t fen) {
  ledger::Transaction freeze =
      Step(ledger::Kind::kFreeze, {{fen,
                                    fen,
                                    {FromTo("person/w/prior", "person/w/granted/r/prior"),
                                     FromTo("person/w/current", "person/w/granted/r/current")}}});
  freeze.not_after = kNow + absl::Seconds(5);
  freeze.business_day = kToday;
  freeze.claims.push_back({{"w/2026-03-02/1", "w/2026-03-02/2", "w/2026-03-02/3"}});
  freeze.wallet_psn_nos.emplace_back("w");
  return freeze;
}

// Each row breaks one rule and every later one, so the table is the order of checks.
struct Refusal {
  const char* name;
  std::function<void(ledger::Transaction&, Rows&)> spoil;
  const char* reason;
};

class OrderOfChecks : public testing::TestWithParam<Refusal> {};

TEST_P(OrderOfChecks, FirstFailedRuleIsTold) {
  Rows rows = Shard();
  ledger::Transaction freeze = Freeze(100);
  GetParam().spoil(freeze, rows);
  EXPECT_EQ(ReasonOf(Answered(freeze, rows).status), GetParam().reason);
}

void FillPlaces(Rows& rows) {
  for (int place = 1; place <= 3; ++place) {
    rows.claims[ledger::PlaceKey("w", "2026-03-02", place)] = "x";
  }
}
void CloseWallet(Rows& rows) { rows.persons["w"]->wallet_open = false; }
void DropCurrent(Rows& rows) { rows.accounts["person/w/current"] = std::nullopt; }
void DrainAll(Rows& rows) { rows.accounts["person/w/prior"]->balance_fen = 0; }

INSTANTIATE_TEST_SUITE_P(Freeze, OrderOfChecks,
                         testing::Values(Refusal{"Late",
                                                 [](ledger::Transaction& t, Rows& rows) {
                                                   t.not_after = kNow - absl::Milliseconds(1);
                                                   FillPlaces(rows);
                                                   CloseWallet(rows);
                                                   DropCurrent(rows);
                                                 },
                                                 "LATE"},
                                         Refusal{"WrongDay",
                                                 [](ledger::Transaction& t, Rows& rows) {
                                                   t.business_day = kToday - 2;
                                                   FillPlaces(rows);
                                                 },
                                                 "LATE"},
                                         Refusal{"Tomorrow",
                                                 [](ledger::Transaction& t, Rows&) {
                                                   t.business_day = kToday + 1;
                                                 },
                                                 "LATE"},
                                         Refusal{"Claims",
                                                 [](ledger::Transaction&, Rows& rows) {
                                                   FillPlaces(rows);
                                                   CloseWallet(rows);
                                                   DropCurrent(rows);
                                                 },
                                                 "DAILY_TRANSFERS_USED_UP"},
                                         Refusal{"Wallet",
                                                 [](ledger::Transaction&, Rows& rows) {
                                                   CloseWallet(rows);
                                                   DropCurrent(rows);
                                                 },
                                                 "WALLET_NOT_OPENED"},
                                         Refusal{"Missing",
                                                 [](ledger::Transaction&, Rows& rows) {
                                                   DropCurrent(rows);
                                                   DrainAll(rows);
                                                 },
                                                 "ACCOUNT_MISSING"},
                                         Refusal{"Balance",
                                                 [](ledger::Transaction& t, Rows&) {
                                                   t.groups[0] = Freeze(801).groups[0];
                                                 },
                                                 "INSUFFICIENT_FUNDS"}),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(Ledger, FreezeTakesPriorYearsFirst_R15) {
  Rows rows = Shard();
  const ledger::Entry entry = Answered(Freeze(600), rows);
  ASSERT_TRUE(entry.status.ok());
  ASSERT_EQ(entry.moves.size(), 2U);
  EXPECT_EQ(entry.moves[0].amount_fen, 500);
  EXPECT_EQ(entry.moves[0].stop, ledger::Stop::kEmpty);
  EXPECT_EQ(entry.moves[1].amount_fen, 100);
  EXPECT_EQ(entry.moves[1].stop, ledger::Stop::kSatisfied);
  EXPECT_EQ(rows.accounts["person/w/current"]->balance_fen, 200);
  EXPECT_EQ(rows.accounts["person/w/granted/r/prior"]->balance_fen, 560);
  EXPECT_EQ(entry.claims[0].key, "w/2026-03-02/1");
  EXPECT_EQ(rows.claims["w/2026-03-02/1"], "op");
}

TEST(Ledger, YesterdayCountsUntilTheDecisionTime_P16) {
  ledger::Transaction freeze = Freeze(1);
  freeze.business_day = kToday - 1;
  EXPECT_TRUE(Answered(freeze).status.ok());
}

// limits corrects itself by the holders in an answer.
TEST(Ledger, ARefusalTellsWhoHoldsThePlacesAfterIt_R16) {
  Rows rows = Shard();
  rows.claims["w/2026-03-02/2"] = "other";
  const ledger::Entry entry = Answered(Freeze(1'000'000), rows);
  EXPECT_EQ(ReasonOf(entry.status), "INSUFFICIENT_FUNDS");
  const std::vector<ledger::ClaimResult> should = {{"", {"", "other", ""}}};
  EXPECT_EQ(entry.claims, should);
}

TEST(Ledger, ReleaseFreesOnlyItsOwnPlace_P22) {
  Rows rows = Shard();
  rows.claims["w/2026-03-02/1"] = "other";
  rows.claims["w/2026-03-02/2"] = "op";
  ledger::Transaction release =
      Step(ledger::Kind::kRelease, {{60,
                                     60,
                                     {FromTo("person/w/granted/r/current", "person/w/current"),
                                      FromTo("person/w/granted/r/prior", "person/w/prior")}}});
  release.unclaims = {"w/2026-03-02/1", "w/2026-03-02/2"};
  const ledger::Entry entry = Answered(release, rows);
  ASSERT_TRUE(entry.status.ok());
  // Current first: the two buckets are one pot.
  EXPECT_EQ(entry.moves[0].amount_fen, 40);
  EXPECT_EQ(entry.moves[1].amount_fen, 20);
  EXPECT_EQ(rows.claims["w/2026-03-02/1"], "other");
  EXPECT_EQ(rows.claims["w/2026-03-02/2"], std::nullopt);
}

TEST(Ledger, CompletionThatFindsTooLittleIsEarly) {
  ledger::Transaction capture =
      Step(ledger::Kind::kComplete,
           {{101,
             101,
             {FromTo("person/w/granted/r/prior", "clearing/310000/510100"),
              FromTo("person/w/granted/r/current", "clearing/310000/510100")}}});
  const ledger::Entry entry = Answered(capture);
  EXPECT_EQ(ReasonOf(entry.status), "EARLY");
  EXPECT_FALSE(IsStored(entry));
}

TEST(Ledger, CompletionsOfAGrantAreBookedInTurn) {
  Rows rows = Shard();
  ledger::Transaction capture = Step(
      ledger::Kind::kComplete, {{10, 10, {FromTo("person/w/granted/r/prior", "clearing/31/51")}}});
  capture.grant_sequences = {{"person/w/granted/r", 2}};
  EXPECT_EQ(ReasonOf(Answered(capture, rows).status), "EARLY");
  capture.grant_sequences = {{"person/w/granted/r", 1}};
  EXPECT_TRUE(Answered(capture, rows).status.ok());
  capture.grant_sequences = {{"person/w/granted/r", 2}};
  EXPECT_TRUE(Answered(capture, rows).status.ok());
}

TEST(Ledger, PivotNumbersALotOnlyWhenItMovesMoney) {
  Rows rows = Shard();
  ledger::Move spend{.from = "person/c/lot/r", .to = "quota/310000", .numbers_lot = true};
  const ledger::Transaction pivot = Step(ledger::Kind::kPivot, {{100, 0, {spend}}});
  EXPECT_EQ(Answered(pivot, rows).moves[0].lot_number, 1);
  // The lot is empty now.
  EXPECT_EQ(Answered(pivot, rows).moves[0].lot_number, 0);
  EXPECT_EQ(rows.counters["number/person/c/lot/r"], 1);
}

TEST(Ledger, WaterfallTellsWhyEachSourceStopped_R26) {
  ledger::Move own{.from = "person/c/current", .to = "provider/h", .skip_if_closed = true};
  ledger::Move quota{.from = "person/c/lot/r", .to = "quota/310000", .numbers_lot = true};
  quota.also = {{"clearing/310000/310000", "provider/h"}};
  ledger::Move closed{.from = "person/c/lot/over", .to = "quota/310000", .skip_if_closed = true};
  ledger::Move capped{.from = "person/w/prior", .to = "provider/h"};
  capped.at_most_fen = 30;
  ledger::Move kept{.from = "person/w/prior", .to = "provider/h"};
  kept.keeps = {{750, {"person/w/current", "person/w/prior"}}};
  ledger::Move limited{.from = "person/w/prior", .to = "provider/h"};
  limited.allowances = {{"r/2026", 5}};
  const ledger::Move enough{.from = "person/w/current", .to = "provider/h"};
  const ledger::Move last{.from = "person/w/current", .to = "provider/h"};
  const ledger::Entry entry = Answered(Step(
      ledger::Kind::kPivot, {{200, 0, {own, quota, closed, capped, kept, limited, enough, last}}}));
  ASSERT_TRUE(entry.status.ok());
  const std::vector<std::pair<int64_t, ledger::Stop>> expected = {
      {0, ledger::Stop::kClosed},     {100, ledger::Stop::kEmpty},  {0, ledger::Stop::kClosed},
      {30, ledger::Stop::kCapped},    {20, ledger::Stop::kKept},    {5, ledger::Stop::kAllowance},
      {45, ledger::Stop::kSatisfied}, {0, ledger::Stop::kNotNeeded}};
  ASSERT_EQ(entry.moves.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(entry.moves[i].amount_fen, expected[i].first) << i;
    EXPECT_EQ(entry.moves[i].stop, expected[i].second) << i;
  }
  // Two rows for the quota, one for each other source that paid.
  EXPECT_EQ(entry.rows.size(), 6U);
}

TEST(Ledger, SumsStayZero_P1) {
  Rows rows = Shard();
  int64_t before_fen = 0;
  for (const auto& [name, account] : rows.accounts) before_fen += account->balance_fen;
  Answered(Freeze(700), rows);
  ledger::Move spend{.from = "person/c/lot/r", .to = "quota/310000", .numbers_lot = true};
  spend.also = {{"clearing/310000/510100", "provider/h"}};
  Answered(Step(ledger::Kind::kPivot, {{70, 0, {spend}}}), rows);
  int64_t after_fen = 0;
  for (const auto& [name, account] : rows.accounts) {
    if (account.has_value()) after_fen += account->balance_fen;
  }
  EXPECT_EQ(after_fen, before_fen);
}

TEST(Ledger, MoneyOfAnEarlierYearGoesToPriorYears_R13) {
  Rows rows = Shard();
  ledger::Move refund{.from = "provider/h", .to = "person/w/current", .year = 2025};
  const ledger::Entry entry = Answered(Step(ledger::Kind::kPivot, {{10, 10, {refund}}}), rows);
  EXPECT_EQ(entry.moves[0].credited, "person/w/prior");
  EXPECT_EQ(rows.accounts["person/w/prior"]->balance_fen, 510);
}

TEST(Ledger, EndClosesALotThatDoesNotExistYet) {
  Rows rows = Shard();
  ledger::Transaction end = Step(ledger::Kind::kPivot, {});
  end.closed_lots = {"person/c/lot/new"};
  ASSERT_TRUE(Answered(end, rows).status.ok());
  const ledger::Transaction grant =
      Step(ledger::Kind::kPivot, {{10, 10, {FromTo("quota/310000", "person/c/lot/new")}}});
  EXPECT_EQ(ReasonOf(Answered(grant, rows).status), "ACCOUNT_CLOSED");
}

TEST(Ledger, CompletionsHonourClosedLots) {
  const ledger::Transaction complete =
      Step(ledger::Kind::kComplete, {{10, 10, {FromTo("quota/310000", "person/c/lot/over")}}});
  EXPECT_TRUE(Answered(complete).status.ok());
}

TEST(Ledger, BillIsSettledOnce_R26) {
  Rows rows = Shard();
  ledger::Transaction pivot = Step(ledger::Kind::kPivot, {});
  pivot.claims.push_back({{"bill/h/v/1"}, ledger::ClaimSubject::kBill});
  ASSERT_TRUE(Answered(pivot, rows).status.ok());
  pivot.holder = "other";
  const ledger::Entry entry = Answered(pivot, rows);
  EXPECT_EQ(ReasonOf(entry.status), "BILL_ALREADY_SETTLED");
  EXPECT_EQ(DetailOf(entry.status)->metadata, (Metadata{{"holder", "op"}}));
}

// Offered quota is on its way to the lot, or back.
TEST(Ledger, OfferedQuotaIsAcceptedOrReturned_R16) {
  Rows rows = Shard();
  const std::string offer = ledger::OfferedAccount("c", "r", "t");
  const auto moved = [&](int64_t fen, const std::string& from, const std::string& to) {
    return ReasonOf(
        Answered(Step(ledger::Kind::kPivot, {{fen, fen, {FromTo(from, to)}}}), rows).status);
  };
  EXPECT_EQ(moved(50, "quota/310000", offer), "");
  EXPECT_EQ(moved(30, offer, "person/c/lot/r"), "");
  EXPECT_EQ(moved(21, offer, "quota/310000"), "INSUFFICIENT_FUNDS");
  EXPECT_EQ(moved(20, offer, "quota/310000"), "");
  EXPECT_EQ(rows.accounts["person/c/lot/r"]->balance_fen, 130);
  EXPECT_EQ(rows.accounts["quota/310000"]->balance_fen, -130);
}

TEST(Ledger, OverflowIsRefused) {
  Rows rows = Shard();
  rows.accounts["provider/h"] = ledger::Account{INT64_MAX - 5, false};
  const ledger::Transaction pay =
      Step(ledger::Kind::kPivot, {{10, 10, {FromTo("person/w/prior", "provider/h")}}});
  EXPECT_EQ(ReasonOf(Answered(pay, rows).status), "AMOUNT_OVERFLOW");
}

}  // namespace
}  // namespace gongji::wallet
