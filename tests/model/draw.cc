// DrawTransaction draws a kind and its groups of moves (DrawRows has the rows of real steps), then
// perhaps caps, keeps, claims, changes of persons and conditions, and at times spoils the result.
// The reference `now` is used for values that are likely to matter: existing ids, exact balances.
#include "tests/model/draw.h"

#include <rapidcheck.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/common/business_day.h"
#include "services/ledger/accounts.h"

namespace gongji::model {

using ledger::Group;
using ledger::Kind;
using ledger::Move;
using ledger::Transaction;

namespace {

// `a` shares with `b`, and `b` with `c`.
struct Relation {
  std::string giver;
  std::string receiver;
  std::string id;

  std::string granted(const std::string& bucket) const {
    return absl::StrCat(grant(), "/", bucket);
  }
  std::string grant() const { return ledger::GrantOf(giver, id); }
  std::string lot() const { return ledger::LotAccount(receiver, id); }
  std::string offered() const { return ledger::OfferedAccount(receiver, id, "t1"); }
};

// All values are equally likely, however short the sequence is.
int Below(int limit) { return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0, limit)); }

template <class T>
const T& OneOf(const std::vector<T>& values) {
  return values[static_cast<size_t>(Below(static_cast<int>(values.size())))];
}

Relation DrawRelation() { return Chance(3) ? Relation{"b", "c", "r2"} : Relation{"a", "b", "r1"}; }
std::string DrawBucket() { return Chance(2) ? "prior" : "current"; }
std::string DrawOwn() {
  // `family` is rare, because it belongs to a policy that these persons do not have.
  return absl::StrCat("person/", DrawPerson(), "/", Chance(20) ? "family" : DrawBucket());
}
std::string DrawOperation() { return OneOf<std::string>({"op1", "op2", "op3"}); }

// Draws one of the rows of the design's table of steps (G giver's, P patient's, C care area).
Move DrawRows() {
  const Relation relation = DrawRelation();
  const std::string bucket = DrawBucket();
  switch (Below(17)) {
    case 0:
      return {.from = "outside/employer", .to = DrawOwn()};
    case 1:
      return {.from = ledger::PriorAccount(relation.giver), .to = relation.granted("prior")};
    case 2:
      return {.from = ledger::CurrentAccount(relation.giver), .to = relation.granted("current")};
    case 3:
      return {.from = "quota/G", .to = relation.lot()};
    case 4:
      return {.from = DrawOwn(), .to = "provider/h"};
    case 5:
      return {.from = relation.lot(),
              .to = "quota/G",
              .also = ledger::Posting{"clearing/P/G", "provider/h"}};
    case 6:
      return {.from = relation.granted(bucket), .to = "clearing/G/P"};
    case 7:
      return {.from = "clearing/C/P", .to = "provider/h"};
    case 8:
      return {.from = "provider/h", .to = DrawOwn()};
    case 9:
      return {.from = "clearing/G/P", .to = relation.granted(bucket)};
    case 10:
      return {.from = relation.granted(bucket),
              .to = absl::StrCat("person/", relation.giver, "/", bucket)};
    case 11:
      return {.from = relation.lot(), .to = "quota/G"};
    case 12:
      return {.from = DrawOwn(), .to = "clearing/P/P"};
    case 13:
      return {.from = "quota/G", .to = relation.offered()};
    case 14:
      return {.from = relation.offered(), .to = relation.lot()};
    case 15:
      return {.from = relation.offered(), .to = "quota/G"};
    default:
      return {.from = "clearing/P/P", .to = "clearing/P/P"};
  }
}

void DrawLimits(Move& move) {
  if (Chance(5)) move.at_most_fen = Draw({0, 1, 50, 100});
  for (int left = Draw({0, 0, 0, 0, 0, 1, 2}); left > 0; --left) {
    ledger::Keep keep{.fen = Draw({0, 100, 300, 1000}), .accounts = {move.from}};
    if (Chance(2)) keep.accounts.push_back(DrawOwn());
    move.keeps.push_back(std::move(keep));
  }
  const std::vector<std::string> caps = {"year/b", "bill/1", "day/b"};
  if (Chance(5)) {
    const size_t count = Chance(3) ? 2 : 1;
    for (size_t i = 0; i < count; ++i) {
      move.allowances.push_back({caps[i], Draw({0, 60, 120, 1000})});
    }
  }
  if (Chance(8)) move.returned_allowances.push_back(OneOf(caps));
}

Move DrawMove(const Reference& now) {
  Move move = DrawRows();
  DrawLimits(move);
  const bool back = ledger::ParseAccount(move.to)->bucket == "current" &&
                    move.from == ledger::PriorBeside(move.to);
  if (!back && Chance(4)) move.year = now.AccountYear() + Draw({0, -1, -2, 1});
  move.skip_if_closed = Chance(4);
  const auto is_lot = [](const std::string& name) {
    return ledger::ParseAccount(name)->account_class == ledger::AccountClass::kLot;
  };
  if (is_lot(move.from) || is_lot(move.to)) move.numbers_lot = Chance(2);
  if (Chance(4)) move.tag = OneOf<std::string>({"own", "lot"});
  return move;
}

Group DrawGroup(const Reference& now) {
  Group group;
  for (int left = Draw({1, 1, 2, 3, 0}); left > 0; --left) group.moves.push_back(DrawMove(now));
  group.want_fen = Draw({100, 1, 0, 30, 250, 300, 500, 801});
  // Exactly what there is.
  if (!group.moves.empty() && Chance(6)) {
    const auto found = now.state.accounts.find(group.moves.front().from);
    if (found != now.state.accounts.end() && found->second.balance_fen > 0) {
      group.want_fen = found->second.balance_fen;
    }
  }
  group.at_least_fen = Chance(2) ? 0 : group.want_fen / Draw({1, 1, 2});
  return group;
}

void DrawClaims(Transaction& transaction) {
  transaction.holder = DrawOperation();
  std::vector<std::string> places;
  const std::string psn_no = DrawPerson();
  for (int place = 1; place <= 3; ++place) {
    places.push_back(ledger::PlaceKey(psn_no, kPlaceDay, place));
  }
  if (Chance(3)) {
    transaction.claims.push_back({places, ledger::ClaimSubject::kPlace});
  }
  const std::string bill = ledger::BillKey("h", OneOf<std::string>({"1", "2", "3"}), "b");
  if (Chance(5)) transaction.claims.push_back({{bill}, ledger::ClaimSubject::kBill});
  if (Chance(4)) transaction.unclaims.push_back(Chance(3) ? bill : OneOf(places));
}

// Moves all own money of a person out of the shard.
void TakeAll(const Reference& now, const std::string& psn_no, Transaction& transaction) {
  for (const char* bucket : {"current", "prior", "family"}) {
    const std::string name = absl::StrCat("person/", psn_no, "/", bucket);
    const auto found = now.state.accounts.find(name);
    if (found == now.state.accounts.end() || found->second.balance_fen == 0) continue;
    const int64_t fen = found->second.balance_fen;
    transaction.groups.push_back({fen, fen, {{.from = name, .to = "clearing/P/N"}}});
  }
}

void DrawChanges(const Reference& now, Transaction& transaction) {
  const std::string psn_no = DrawPerson();
  const auto change = [&](ledger::PersonStep what) {
    transaction.person_changes.push_back({.psn_no = psn_no, .step = what});
  };
  const auto person = now.state.persons.find(psn_no);
  const bool leaving =
      person != now.state.persons.end() && person->second.residence == ledger::Residence::kLeaving;
  switch (transaction.kind) {
    case Kind::kFreeze:
      if (Chance(8)) change(ledger::PersonStep::kLeave);
      return;
    case Kind::kPivot:
      if (!Chance(leaving ? 3 : 40)) return;
      change(ledger::PersonStep::kDepart);
      transaction.person_changes.back().forward_to = Chance(2) ? "clearing/P/N" : "outside/N";
      if (Chance(4)) return;
      transaction.groups.clear();
      TakeAll(now, psn_no, transaction);
      return;
    case Kind::kComplete:
      if (Chance(12)) change(ledger::PersonStep::kArrive);
      return;
    case Kind::kRelease:
      if (Chance(12)) change(ledger::PersonStep::kStay);
      return;
    case Kind::kDirect:
      if (Chance(2)) change(ledger::PersonStep::kOpenAccount);
      if (Chance(3)) change(ledger::PersonStep::kOpenWallet);
      if (Chance(12)) change(ledger::PersonStep::kOpenFamily);
      if (Chance(12)) change(ledger::PersonStep::kOpenFirstAccount);
      if (Chance(12)) change(ledger::PersonStep::kCloseWallet);
  }
}

void DrawConditions(const Reference& now, Transaction& transaction) {
  const auto later = [&now](int seconds) { return now.wall + absl::Seconds(seconds); };
  if (Chance(5)) transaction.not_after = later(Draw({5, 0, -1}));
  if (transaction.kind == Kind::kFreeze && Chance(2)) {
    transaction.business_day = BusinessDayOf(now.At()) + Draw({0, -1, -2, 1});
  }
  if (Chance(6)) transaction.wallet_psn_nos.push_back(DrawPerson());
  if (Chance(12)) transaction.closed_lots.push_back(DrawRelation().lot());
  if (transaction.kind == Kind::kComplete && Chance(3)) {
    const std::string grant = DrawRelation().grant();
    const auto booked = now.state.counters.find("turn/" + grant);
    const int64_t next = booked == now.state.counters.end() ? 1 : booked->second + 1;
    transaction.grant_sequences.push_back({grant, next + Draw({0, 0, 0, 1})});
  }
  DrawChanges(now, transaction);
}

void Spoil(Transaction& transaction) {
  switch (Below(5)) {
    case 0:
      transaction.id = "";
      return;
    case 1:
      transaction.groups.push_back({.want_fen = 1, .at_least_fen = 2});
      return;
    case 2:
      transaction.groups.push_back({1, 1, {{.from = "person/a/lot", .to = "quota/G"}}});
      return;
    case 3:
      transaction.groups.push_back(
          {1, 1, {{.from = "quota/G", .to = "quota/P", .numbers_lot = true}}});
      return;
    default:
      transaction.closed_lots.emplace_back("person/a/current");
  }
}

}  // namespace

int Draw(std::initializer_list<int> values) { return OneOf<int>(values); }

bool Chance(int times) { return Below(times) == times - 1; }

std::string DrawPerson() { return OneOf<std::string>({"a", "a", "b", "b", "c"}); }

std::string DrawAccount() {
  const Move move = DrawRows();
  return Chance(2) ? move.from : move.to;
}

std::string DrawId(const Reference& now, int times) {
  if (Chance(times)) {
    return now.journal[static_cast<size_t>(Below(static_cast<int>(now.journal.size())))].id;
  }
  if (Chance(40)) return absl::StrCat("close/", DrawPerson(), "/", now.AccountYear() + 1);
  return absl::StrCat("t", now.journal.size());
}

Transaction DrawTransaction(const Reference& now, const std::vector<Transaction>& before) {
  // A repetition of a transaction that has an answer, or that comes just before in the batch.
  if (!before.empty() && Chance(10)) return before.back();
  if (Chance(10)) {
    const auto found = now.answered.find(DrawId(now, 1));
    if (found != now.answered.end()) return found->second;
  }
  Transaction transaction;
  transaction.id = DrawId(now, 16);
  if (!before.empty() && !Chance(16)) absl::StrAppend(&transaction.id, "/", before.size());
  transaction.kind = OneOf<Kind>(
      {Kind::kPivot, Kind::kPivot, Kind::kFreeze, Kind::kComplete, Kind::kRelease, Kind::kDirect});
  for (int left = Draw({1, 1, 2, 3, 0}); left > 0; --left) {
    transaction.groups.push_back(DrawGroup(now));
  }
  DrawClaims(transaction);
  DrawConditions(now, transaction);
  if (Chance(25)) Spoil(transaction);
  return transaction;
}

std::string TextOf(const Transaction& transaction) {
  std::string text = absl::StrCat(transaction.id, " kind ", static_cast<int>(transaction.kind));
  for (const Group& group : transaction.groups) {
    absl::StrAppend(&text, "; want ", group.want_fen, " at least ", group.at_least_fen);
    for (const Move& move : group.moves) {
      absl::StrAppend(&text, ", ", move.from, " -> ", move.to);
      if (move.also) absl::StrAppend(&text, " also ", move.also->from, " -> ", move.also->to);
      if (move.at_most_fen) absl::StrAppend(&text, " at most ", *move.at_most_fen);
      for (const auto& [fen, accounts] : move.keeps) {
        absl::StrAppend(&text, " keep ", fen, " of ", absl::StrJoin(accounts, "+"));
      }
      for (const auto& [key, fen] : move.allowances) absl::StrAppend(&text, " ", key, "<=", fen);
      for (const std::string& key : move.returned_allowances) absl::StrAppend(&text, " -", key);
      if (move.year > 0) absl::StrAppend(&text, " year ", move.year);
      if (move.skip_if_closed) absl::StrAppend(&text, " skip");
      if (move.numbers_lot) absl::StrAppend(&text, " numbers");
    }
  }
  for (const ledger::Claim& claim : transaction.claims) {
    absl::StrAppend(&text, "; claims ", absl::StrJoin(claim.keys, " or "));
  }
  const auto all = [&text](const std::string& what, const std::vector<std::string>& names) {
    if (!names.empty()) absl::StrAppend(&text, "; ", what, " ", absl::StrJoin(names, ", "));
  };
  all("frees", transaction.unclaims);
  all("held by", {transaction.holder});
  all("wallets", transaction.wallet_psn_nos);
  all("closes", transaction.closed_lots);
  for (const ledger::PersonChange& change : transaction.person_changes) {
    absl::StrAppend(&text, "; change ", static_cast<int>(change.step), " of ", change.psn_no, " ",
                    change.forward_to);
  }
  for (const auto& [grant, number] : transaction.grant_sequences) {
    absl::StrAppend(&text, "; turn ", number, " of ", grant);
  }
  if (transaction.not_after != absl::InfiniteFuture()) {
    absl::StrAppend(&text, "; not after ", gongji::FormatTime(transaction.not_after));
  }
  if (transaction.business_day) {
    absl::StrAppend(&text, "; day ", FormatDay(*transaction.business_day));
  }
  return text;
}

}  // namespace gongji::model
