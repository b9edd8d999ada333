#include "services/ledger/transaction_form.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "services/common/errors/status.h"
#include "services/ledger/accounts.h"

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

// `status` is INVALID_FIELD, names the field first, and says in words what is wrong.
void ExpectNames(const std::string& field, const absl::Status& status) {
  ASSERT_EQ(ReasonOf(status), "INVALID_FIELD") << field;
  const Metadata metadata = DetailOf(status)->metadata;
  ASSERT_EQ(metadata.size(), 2U);
  EXPECT_EQ(metadata[0].second, field);
  EXPECT_NE(metadata[1].second, field);
}

struct Malformed {
  const char* name;
  const char* field;
  std::function<void(Transaction&)> spoil;
};

class Form : public testing::TestWithParam<Malformed> {};

TEST_P(Form, IsRefused) {
  Transaction freeze = Freeze();
  ASSERT_TRUE(CheckForm(freeze).ok());
  GetParam().spoil(freeze);
  ExpectNames(GetParam().field, CheckForm(freeze));
}

INSTANTIATE_TEST_SUITE_P(
    Transactions, Form,
    testing::Values(
        Malformed{"NoId", "id", [](Transaction& t) { t.id = ""; }},
        Malformed{"LongId", "id", [](Transaction& t) { t.id = std::string(129, 'x'); }},
        Malformed{"IdOfTheShard", "id", [](Transaction& t) { t.id = CloseId("p", 2027); }},
        Malformed{"NoHolderOfAnUnclaim", "holder",
                  [](Transaction& t) {
                    t.claims.clear();
                    t.unclaims = {"k"};
                    t.holder = "";
                  }},
        Malformed{"AcceptsForAnotherPerson", "to",
                  [](Transaction& t) {
                    t.groups[0].moves[0] = FromTo("person/c/offered/r/t", "person/d/lot/r");
                  }},
        Malformed{"AcceptsIntoNoLot", "to",
                  [](Transaction& t) {
                    t.groups[0].moves[0] =
                        FromTo("person/c/offered/r/t", "person/c/granted/r/prior");
                  }},
        Malformed{"NoHolder", "holder", [](Transaction& t) { t.holder = ""; }},
        Malformed{"NoAccount", "from",
                  [](Transaction& t) { t.groups[0].moves[0].from = "person/w"; }},
        Malformed{"SameAccount", "to",
                  [](Transaction& t) { t.groups[0].moves[0].to = t.groups[0].moves[0].from; }},
        Malformed{"Negative", "want_fen", [](Transaction& t) { t.groups[0].want_fen = -1; }},
        Malformed{"TooMuch", "want_fen",
                  [](Transaction& t) { t.groups[0].want_fen = 1'000'000'001; }},
        Malformed{"AtLeastAboveWant", "at_least_fen",
                  [](Transaction& t) { t.groups[0].at_least_fen = 101; }},
        Malformed{
            "AlsoOfAPerson", "also",
            [](Transaction& t) { t.groups[0].moves[0].also = {{"person/w/prior", "provider/h"}}; }},
        Malformed{"LongTag", "tag",
                  [](Transaction& t) { t.groups[0].moves[0].tag = std::string(65, 'x'); }},
        Malformed{"ManyKept", "keeps.accounts",
                  [](Transaction& t) {
                    const std::vector<std::string> nine(9, "person/w/prior");
                    t.groups[0].moves[0].keeps = {{1, nine}};
                  }},
        Malformed{"NumberWithoutLot", "numbers_lot",
                  [](Transaction& t) { t.groups[0].moves[0].numbers_lot = true; }},
        Malformed{"PriorIntoItself", "year",
                  [](Transaction& t) {
                    Move& move = t.groups[0].moves[0];
                    move.to = "person/w/current";
                    move.year = 2025;
                  }},
        Malformed{"SequencesOfAFreeze", "grant_sequences",
                  [](Transaction& t) { t.grant_sequences.emplace_back(GrantSequence{"g", 1}); }},
        Malformed{"ClosesNoLot", "closed_lots",
                  [](Transaction& t) { t.closed_lots.emplace_back("person/w/prior"); }},
        Malformed{"SpendsAnOffer", "to",
                  [](Transaction& t) { t.groups[0].moves[0].from = "person/c/offered/r/t"; }},
        Malformed{"AcceptsForAnotherRelation", "to",
                  [](Transaction& t) {
                    t.groups[0].moves[0] = FromTo("person/c/offered/r/t", "person/c/lot/s");
                  }},
        Malformed{"PaysWithAnOffer", "to",
                  [](Transaction& t) {
                    t.groups[0].moves[0] = FromTo("person/c/offered/r/t", "quota/310000");
                    t.groups[0].moves[0].also = {{"clearing/1/2", "provider/h"}};
                  }},
        Malformed{"OffersOwnMoney", "from",
                  [](Transaction& t) { t.groups[0].moves[0].to = "person/c/offered/r/t"; }},
        Malformed{"EmptyClaim", "claims.keys", [](Transaction& t) { t.claims.emplace_back(); }}),
    [](const auto& row) { return std::string(row.param.name); });

// Every bound of the contract: what is just inside it passes, what is just outside is refused by
// the name of its field.
struct Bound {
  const char* field;
  std::function<void(Transaction&)> inside;
  std::function<void(Transaction&)> outside;
};

// Makes a list as long as `size` by repeating its first element, or `one`.
template <class T>
void Fill(std::vector<T>& list, size_t size, const T& one) {
  list.assign(size, one);
}

Move& First(Transaction& t) { return t.groups[0].moves[0]; }

class Bounds {
 public:
  Bounds() {
    AddLists();
    AddKeys();
    AddAmounts();
    AddAccounts();
  }
  const std::vector<Bound>& all() const { return all_; }

 private:
  using T = Transaction;

  template <class Change, class Value>
  void Add(const char* field, Change change, Value inside, Value outside) {
    all_.push_back({field, [=](T& t) { change(t, inside); }, [=](T& t) { change(t, outside); }});
  }

  void AddLists();
  void AddKeys();
  void AddAmounts();
  void AddAccounts();

  std::vector<Bound> all_;
  const std::string long_key_ = std::string(512, 'k');
  const std::string longer_key_ = std::string(513, 'k');
};

void Bounds::AddLists() {
  Add("id", [](T& t, size_t n) { t.id = std::string(n, 'x'); }, 128U, 129U);
  Add("groups", [](T& t, size_t n) { Fill(t.groups, n, Group(t.groups[0])); }, 16U, 17U);
  Add("moves", [](T& t, size_t n) { Fill(t.groups[0].moves, n, Move(First(t))); }, 64U, 65U);
  Add("claims", [](T& t, size_t n) { Fill(t.claims, n, Claim(t.claims[0])); }, 8U, 9U);
  Add("claims", [](T& t, size_t n) { Fill(t.unclaims, n, std::string("k")); }, 8U, 9U);
  Add("claims", [](T& t, size_t n) { Fill(t.wallet_psn_nos, n, std::string("p")); }, 8U, 9U);
  Add(
      "claims", [](T& t, size_t n) { Fill(t.closed_lots, n, std::string("person/p/lot/r")); }, 8U,
      9U);
  Add(
      "claims",
      [](T& t, size_t n) {
        Fill(t.person_changes, n, PersonChange{.psn_no = "p", .step = PersonStep::kLeave});
      },
      8U, 9U);
  Add(
      "claims",
      [](T& t, size_t n) {
        t.kind = Kind::kComplete;
        Fill(t.grant_sequences, n, GrantSequence{"g", 1});
      },
      16U, 17U);
  Add("claims.keys", [](T& t, size_t n) { Fill(t.claims[0].keys, n, std::string("k")); }, 8U, 9U);
  Add("tag", [](T& t, size_t n) { First(t).tag = std::string(n, 't'); }, 64U, 65U);
  Add(
      "keeps", [](T& t, size_t n) { Fill(First(t).keeps, n, Keep{1, {"person/w/prior"}}); }, 8U,
      9U);
  Add("keeps", [](T& t, size_t n) { Fill(First(t).allowances, n, Allowance{"k", 1}); }, 8U, 9U);
  Add(
      "keeps.accounts",
      [](T& t, size_t n) { First(t).keeps = {{1, std::vector<std::string>(n, "person/w/prior")}}; },
      8U, 9U);
  Add(
      "returned_allowances",
      [](T& t, size_t n) { Fill(First(t).returned_allowances, n, std::string("k")); }, 8U, 9U);
}

void Bounds::AddKeys() {
  Add(
      "claims.keys", [](T& t, const std::string& key) { t.claims[0].keys[0] = key; }, long_key_,
      longer_key_);
  Add(
      "claims.keys", [](T& t, const std::string& key) { t.claims[0].keys[0] = key; },
      std::string("k"), std::string());
  Add("unclaims", [](T& t, const std::string& key) { t.unclaims = {key}; }, long_key_, longer_key_);
  Add(
      "wallet_psn_nos", [](T& t, const std::string& key) { t.wallet_psn_nos = {key}; }, long_key_,
      longer_key_);
  Add(
      "grant_sequences.grant",
      [](T& t, const std::string& key) {
        t.kind = Kind::kComplete;
        t.grant_sequences = {{key, 1}};
      },
      long_key_, longer_key_);
  Add(
      "grant_sequences",
      [](T& t, Kind kind) {
        t.kind = kind;
        t.grant_sequences = {{"g", 1}};
      },
      Kind::kComplete, Kind::kPivot);
  Add(
      "allowances.key", [](T& t, const std::string& key) { First(t).allowances = {{key, 1}}; },
      long_key_, longer_key_);
  Add(
      "returned_allowances",
      [](T& t, const std::string& key) { First(t).returned_allowances = {key}; }, long_key_,
      longer_key_);
}

void Bounds::AddAmounts() {
  Add(
      "want_fen", [](T& t, int64_t fen) { t.groups[0].want_fen = fen; }, int64_t{1'000'000'000},
      int64_t{1'000'000'001});
  Add(
      "at_least_fen", [](T& t, int64_t fen) { t.groups[0].at_least_fen = fen; }, int64_t{0},
      int64_t{-1});
  Add(
      "at_least_fen", [](T& t, int64_t fen) { t.groups[0].at_least_fen = fen; }, int64_t{100},
      int64_t{101});
  Add(
      "at_most_fen", [](T& t, int64_t fen) { First(t).at_most_fen = fen; }, int64_t{0},
      int64_t{-1});
  Add(
      "at_most_fen", [](T& t, int64_t fen) { First(t).at_most_fen = fen; }, int64_t{1'000'000'000},
      int64_t{1'000'000'001});
  Add(
      "keeps.fen", [](T& t, int64_t fen) { First(t).keeps = {{fen, {"person/w/prior"}}}; },
      int64_t{1'000'000'000}, int64_t{1'000'000'001});
  Add(
      "keeps.fen", [](T& t, int64_t fen) { First(t).keeps = {{fen, {"person/w/prior"}}}; },
      int64_t{0}, int64_t{-1});
  Add(
      "allowances.ceiling_fen", [](T& t, int64_t fen) { First(t).allowances = {{"k", fen}}; },
      int64_t{1'000'000'000}, int64_t{1'000'000'001});
  Add(
      "allowances.ceiling_fen", [](T& t, int64_t fen) { First(t).allowances = {{"k", fen}}; },
      int64_t{0}, int64_t{-1});
}

void Bounds::AddAccounts() {
  Add(
      "keeps.accounts", [](T& t, const std::string& name) { First(t).keeps = {{1, {name}}}; },
      std::string("person/w/prior"), std::string("person"));
  Add(
      "also", [](T& t, const std::string& to) { First(t).also = Posting{"quota/510100", to}; },
      std::string("provider/h"), std::string("person/p/current"));
  Add(
      "also", [](T& t, const std::string& from) { First(t).also = Posting{from, "provider/h"}; },
      std::string("quota/510100"), std::string("person/p/current"));
  Add(
      "from", [](T& t, const std::string& from) { First(t).also = Posting{from, "provider/h"}; },
      std::string("quota/510100"), std::string("quota"));
  Add(
      "to", [](T& t, const std::string& to) { First(t).to = to; }, std::string("provider/h"),
      std::string("provider"));
  Add(
      "closed_lots", [](T& t, const std::string& lot) { t.closed_lots = {lot}; },
      std::string("person/p/lot/r"), std::string("person/p/current"));
  Add(
      "person_changes.psn_no",
      [](T& t, const std::string& psn_no) {
        t.person_changes = {{.psn_no = psn_no, .step = PersonStep::kLeave}};
      },
      std::string("p"), std::string("p/q"));
  Add(
      "person_changes.forward_to",
      [](T& t, const std::string& to) {
        t.kind = Kind::kPivot;
        t.person_changes = {{.psn_no = "p", .step = PersonStep::kDepart, .forward_to = to}};
      },
      std::string("clearing/310000/510100"), std::string("provider/h"));
  Add(
      "person_changes.forward_to",
      [](T& t, const std::string& to) {
        t.kind = Kind::kPivot;
        t.person_changes = {{.psn_no = "p", .step = PersonStep::kDepart, .forward_to = to}};
      },
      std::string("outside/x"), std::string("clearing/x"));
}

TEST(FormBounds, AreExactAndNamed_P32) {
  const Bounds bounds;
  for (const Bound& bound : bounds.all()) {
    Transaction good = Freeze();
    bound.inside(good);
    EXPECT_EQ(CheckForm(good), absl::OkStatus()) << bound.field;
    Transaction bad = Freeze();
    bound.outside(bad);
    ExpectNames(bound.field, CheckForm(bad));
  }
}

// Each step of a move belongs to one kind of transaction.
TEST(FormBounds, StepsOfAMoveBelongToTheirKind_R20) {
  const std::pair<PersonStep, Kind> steps[] = {
      {PersonStep::kLeave, Kind::kFreeze},       {PersonStep::kStay, Kind::kRelease},
      {PersonStep::kDepart, Kind::kPivot},       {PersonStep::kArrive, Kind::kComplete},
      {PersonStep::kOpenAccount, Kind::kDirect}, {PersonStep::kCloseWallet, Kind::kDirect}};
  for (const auto& [step, kind] : steps) {
    for (const Kind tried :
         {Kind::kFreeze, Kind::kRelease, Kind::kPivot, Kind::kComplete, Kind::kDirect}) {
      const Transaction transaction{
          .id = "t",
          .kind = tried,
          .person_changes = {{.psn_no = "p", .step = step, .forward_to = "outside/x"}}};
      EXPECT_EQ(CheckForm(transaction).ok(), tried == kind);
    }
  }
}

}  // namespace
}  // namespace gongji::ledger
