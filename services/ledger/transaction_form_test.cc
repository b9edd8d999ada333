#include "services/ledger/transaction_form.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "services/common/errors/status.h"

namespace gongji::ledger {
namespace {

Move FromTo(const std::string& from, const std::string& to) { return {.from = from, .to = to}; }

// Quota of 100 fen for a child, from both buckets.
Transaction Freeze() {
  return {.id = "t",
          .kind = Kind::kFreeze,
          .holder = "operation",
          .groups = {{100,
                      100,
                      {FromTo("person/w/prior", "person/w/granted/r/prior"),
                       FromTo("person/w/current", "person/w/granted/r/current")}}},
          .claims = {{{"w/2026-03-02/1"}, ClaimSubject::kPlace}}};
}

struct Malformed {
  const char* name;
  std::function<void(Transaction&)> spoil;
};

class Form : public testing::TestWithParam<Malformed> {};

TEST_P(Form, IsRefused) {
  Transaction freeze = Freeze();
  ASSERT_TRUE(CheckForm(freeze).ok());
  GetParam().spoil(freeze);
  EXPECT_EQ(ReasonOf(CheckForm(freeze)), "INVALID_FIELD");
}

INSTANTIATE_TEST_SUITE_P(
    Transactions, Form,
    testing::Values(
        Malformed{"NoId", [](Transaction& t) { t.id = ""; }},
        Malformed{"LongId", [](Transaction& t) { t.id = std::string(129, 'x'); }},
        Malformed{"NoHolder", [](Transaction& t) { t.holder = ""; }},
        Malformed{"NoAccount", [](Transaction& t) { t.groups[0].moves[0].from = "person/w"; }},
        Malformed{"SameAccount",
                  [](Transaction& t) { t.groups[0].moves[0].to = t.groups[0].moves[0].from; }},
        Malformed{"Negative", [](Transaction& t) { t.groups[0].want_fen = -1; }},
        Malformed{"TooMuch", [](Transaction& t) { t.groups[0].want_fen = 1'000'000'001; }},
        Malformed{"AtLeastAboveWant", [](Transaction& t) { t.groups[0].at_least_fen = 101; }},
        Malformed{"AlsoOfAPerson",
                  [](Transaction& t) { t.groups[0].moves[0].also = {{"person/w/prior", "a"}}; }},
        Malformed{"LongTag",
                  [](Transaction& t) { t.groups[0].moves[0].tag = std::string(65, 'x'); }},
        Malformed{"ManyKept",
                  [](Transaction& t) {
                    const std::vector<std::string> nine(9, "person/w/prior");
                    t.groups[0].moves[0].keeps = {{1, nine}};
                  }},
        Malformed{"NumberWithoutLot",
                  [](Transaction& t) { t.groups[0].moves[0].numbers_lot = true; }},
        Malformed{"PriorIntoItself",
                  [](Transaction& t) {
                    Move& move = t.groups[0].moves[0];
                    move.to = "person/w/current";
                    move.year = 2025;
                  }},
        Malformed{"SequencesOfAFreeze",
                  [](Transaction& t) { t.grant_sequences.emplace_back(GrantSequence{"g", 1}); }},
        Malformed{"ClosesNoLot",
                  [](Transaction& t) { t.closed_lots.emplace_back("person/w/prior"); }},
        Malformed{"SpendsAnOffer",
                  [](Transaction& t) { t.groups[0].moves[0].from = "person/c/offered/r/t"; }},
        Malformed{"AcceptsForAnotherRelation",
                  [](Transaction& t) {
                    t.groups[0].moves[0] = FromTo("person/c/offered/r/t", "person/c/lot/s");
                  }},
        Malformed{"PaysWithAnOffer",
                  [](Transaction& t) {
                    t.groups[0].moves[0] = FromTo("person/c/offered/r/t", "quota/310000");
                    t.groups[0].moves[0].also = {{"clearing/1/2", "provider/h"}};
                  }},
        Malformed{"OffersOwnMoney",
                  [](Transaction& t) { t.groups[0].moves[0].to = "person/c/offered/r/t"; }},
        Malformed{"EmptyClaim", [](Transaction& t) { t.claims.emplace_back(); }}),
    [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace gongji::ledger
