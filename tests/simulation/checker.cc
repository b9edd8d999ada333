// AfterEvent reads the entries that were appended since the last call, folds their rows into each
// shard's balances, and checks what one entry can break; it also follows relation's changes. What
// holds at the end is checked in checker_end.cc.
#include "tests/simulation/checker.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/ledger/accounts.h"
#include "services/settlement/steps.h"

namespace gongji::simulation {
namespace {

using ledger::AccountClass;
using ledger::Entry;
using ledger::Outcome;
using ledger::ParseAccount;

// P26: from the end of a relation to the last decision that may still rest on it. A commit takes
// a moment after the clock was looked at.
const absl::Duration kLongestUse = settlement::kLongestDecision + absl::Milliseconds(500);

// "<operation>/<attempt>/<step>", as settlement names its steps.
struct StepName {
  std::string attempt;  // with the operation
  std::string operation;
  std::string step;
};

StepName NameOf(const std::string& id) {
  const std::vector<std::string> parts = absl::StrSplit(id, '/');
  if (parts.size() < 3) return {};
  return {absl::StrCat(parts[0], "/", parts[1]), parts[0], parts[2]};
}

}  // namespace

void Checker::Expect(bool holds, const std::string& promise, const std::string& what) {
  if (!holds) violations_.push_back(absl::StrCat(promise, ": ", what));
}

void Checker::AfterEvent() {
  FollowRelations();
  for (auto& [host, disk] : cluster_.wallets()) {
    Shard& shard = shards_[host];
    if (shard.saved_number != disk.head.saved_number) {
      shard.saved_number = disk.head.saved_number;
      CheckTables(host, shard);
    }
    if (shard.seen == disk.journal.size()) continue;
    while (shard.seen < disk.journal.size()) CheckEntry(host, shard, disk.journal[shard.seen++]);
    CheckSums(host, shard);
  }
}

void Checker::CheckEntry(const std::string& host, Shard& shard, const Entry& entry) {
  Expect(entry.number == shard.last_number + 1, "P21", absl::StrCat(host, " skips a number"));
  Expect(entry.at >= shard.last_at, "P27", absl::StrCat(host, " goes back in time"));
  shard.last_number = entry.number;
  shard.last_at = entry.at;
  Expect(shard.outcomes.emplace(entry.id, entry.outcome).second, "P22",
         absl::StrCat(entry.id, " is answered twice"));
  Expect(entry.outcome == Outcome::kApplied || entry.rows.empty(), "P8",
         absl::StrCat(entry.id, " moves money though refused"));
  CheckRows(host, shard, entry);
  CheckYears(host, shard, entry);
  CheckPersons(host, shard, entry);
  CheckSetAside(shard, entry);
  CheckStep(shard, entry);
  NoteTogether();
}

void Checker::NoteTogether() {
  past_.Note(noted_);
  noted_.clear();
}

// R18: own money becomes the family's once in a period.
void Checker::CheckSetAside(const Shard& shard, const Entry& entry) {
  if (entry.outcome != Outcome::kApplied) return;
  for (const ledger::ClaimResult& claim : entry.claims) {
    const std::vector<std::string> parts = absl::StrSplit(claim.key, '/');
    if (parts.front() != "family") continue;
    Expect(set_asides_.insert(claim.key).second, "R18", absl::StrCat(claim.key, " is used twice"));
    noted_[fact::SetAsides(parts[1])] = 1;
    const int64_t left_fen = shard.balances.at(ledger::PriorAccount(parts[1])) +
                             shard.balances.at(ledger::CurrentAccount(parts[1]));
    Expect(left_fen == ResidentRules().fund.sub_account_above_fen, "R18",
           absl::StrCat(entry.id, " leaves ", left_fen));
  }
}

// Balances, quota and set asides of persons, for the referee.
void Checker::NoteBalance(const Shard& shard, const std::string& name) {
  noted_[fact::Balance(name)] = shard.balances.at(name);
  if (!ledger::IsPersonAccount(name)) return;
  const std::string psn_no(ParseAccount(name)->psn_no);
  noted_[fact::Quota(psn_no)] = QuotaOf(shard, psn_no);
}

void Checker::CheckRows(const std::string& host, Shard& shard, const Entry& entry) {
  for (const ledger::Row& row : entry.rows) {
    Expect(row.amount_fen > 0, "P1", absl::StrCat(entry.id, " moves nothing"));
    shard.balances[row.from] -= row.amount_fen;
    shard.balances[row.to] += row.amount_fen;
    Expect(shard.balances[row.from] == row.from_after_fen &&
               shard.balances[row.to] == row.to_after_fen,
           "P5", absl::StrCat(host, " entry ", entry.number, " does not fold"));
    for (const std::string& name : {row.from, row.to}) {
      shard.history[name][entry.number] = shard.balances[name];
      NoteBalance(shard, name);
      Expect(shard.balances[name] >= 0 || !ledger::IsPersonAccount(name), "P3",
             absl::StrCat(name, " below zero"));
    }
  }
}

// R13: before money of a person moves in a year, the previous year was closed; years never go back.
void Checker::CheckYears(const std::string& host, Shard& shard, const Entry& entry) {
  std::map<std::string, int> years;
  for (const auto& [psn_no, person] : entry.effects.persons) {
    const int before = shard.persons[psn_no].year;
    Expect(person.year >= before, "R13", absl::StrCat(entry.id, " opens a year again"));
    years[psn_no] = person.year;
  }
  for (const ledger::Row& row : entry.rows) {
    for (const std::string& name : {row.from, row.to}) {
      const auto account = ledger::ParseAccount(name);
      if (account->bucket.empty()) continue;
      const std::string psn_no(account->psn_no);
      const int year = years.contains(psn_no) ? years[psn_no] : shard.persons[psn_no].year;
      Expect(year >= cluster_.AccountYear(host, entry.at), "R13",
             absl::StrCat(entry.id, " comes before the close of ", name));
    }
  }
}

int64_t Checker::QuotaOf(const Shard& shard, const std::string& psn_no) {
  int64_t fen = 0;
  const std::string prefix = absl::StrCat("person/", psn_no, "/");
  for (auto at = shard.balances.lower_bound(prefix);
       at != shard.balances.end() && at->first.starts_with(prefix); ++at) {
    const AccountClass account_class = ParseAccount(at->first)->account_class;
    if (account_class != AccountClass::kPersonal) fen += at->second;
  }
  return fen;
}

// R14: a wallet closes without quota. R20: a person who has left has nothing, and receives nothing.
void Checker::CheckPersons(const std::string& host, Shard& shard, const Entry& entry) {
  for (const auto& [psn_no, person] : entry.effects.persons) {
    ledger::Person& before = shard.persons[psn_no];
    Expect(!before.wallet_open || person.wallet_open || QuotaOf(shard, psn_no) == 0, "R14",
           absl::StrCat(entry.id, " closes a wallet with quota"));
    const bool from_leaving = before.residence == ledger::Residence::kLeaving;
    Expect(person.residence != ledger::Residence::kLeft ||
               before.residence == ledger::Residence::kLeft || from_leaving,
           "R20", absl::StrCat(entry.id, " departs without leaving"));
    before = person;
    noted_[fact::WalletOpen(psn_no)] = person.wallet_open ? 1 : 0;
    if (person.residence != ledger::Residence::kLeft) continue;
    for (const std::string& own : ledger::OwnAccounts(psn_no)) {
      Expect(shard.balances[own] == 0, "R20", absl::StrCat(own, " is left behind"));
    }
  }
  for (const ledger::Row& row : entry.rows) {
    const auto to = ParseAccount(row.to);
    if (to->account_class != AccountClass::kPersonal) continue;
    Expect(shard.persons[std::string(to->psn_no)].residence != ledger::Residence::kLeft, "R20",
           absl::StrCat(host, " entry ", entry.number, " credits who has left"));
  }
}

// P15, P21, P22: places and the steps of an attempt.
void Checker::CheckStep(Shard& shard, const Entry& entry) {
  if (entry.outcome != Outcome::kApplied) return;
  const StepName name = NameOf(entry.id);
  if (name.step.empty()) return;
  std::set<std::string>& steps = applied_[name.attempt];
  steps.insert(name.step);
  Expect(!(steps.contains("pivot") && steps.contains("release")), "P21",
         absl::StrCat(name.attempt, " is both charged and undone"));
  if (name.step == "pivot") {
    CheckPivot(name.operation, shard, entry);
  } else if (name.step == "freeze") {
    Expect(entry.claims.size() == 1 && !entry.claims.front().key.empty(), "P15",
           absl::StrCat(entry.id, " froze without a place"));
    if (entry.claims.empty()) return;
    const std::string& key = entry.claims.front().key;
    const std::string day = key.substr(0, key.rfind('/'));
    place_of_[name.attempt] = day;
    shard.held[day].insert(name.operation);
    NotePlace(shard, day, name.operation);
    const std::string psn_no = day.substr(0, day.find('/'));
    const int most = rules_ == nullptr ? AreaRules().max_transfers_a_day
                                       : rules_->Of(AreaOf(psn_no)).max_transfers_a_day;
    Expect(std::ssize(shard.held[day]) <= most, "P15",
           absl::StrCat(day, " has a transfer too many"));
  } else if (name.step == "release") {
    Expect(steps.contains("freeze"), "P22", absl::StrCat(name.attempt, " releases nothing"));
    const std::string& day = place_of_[name.attempt];
    shard.held[day].erase(name.operation);
    NotePlace(shard, day, name.operation);
  }
}

void Checker::NotePlace(const Shard& shard, const std::string& day, const std::string& operation) {
  const std::set<std::string>& held = shard.held.at(day);
  noted_[fact::Places(day)] = static_cast<int64_t>(held.size());
  noted_[fact::PlaceOf(operation)] = held.contains(operation) ? 1 : 0;
}

void Checker::CheckPivot(const std::string& operation, const Shard& shard, const Entry& entry) {
  noted_[fact::Charged(operation)] = 1;
  std::string& told = charged_[operation];
  told = absl::StrCat("charged ", operation);
  for (const ledger::MoveResult& move : entry.moves) absl::StrAppend(&told, " ", move.amount_fen);
  for (const ledger::ClaimResult& claim : entry.claims) {
    if (!claim.key.starts_with("bill/")) continue;
    noted_[fact::BillOf(claim.key, operation)] = 1;
    const auto [first, fresh] = settled_bills_.emplace(claim.key, operation);
    Expect(fresh, "R26",
           absl::StrCat(claim.key, " is settled by ", first->second, " and ", operation));
  }
  const auto plan = cluster_.PlanOf(operation);
  Expect(plan.has_value(), "P21", absl::StrCat(operation, " has a pivot and no intent"));
  if (!plan.has_value()) return;
  if (const auto* settle = std::get_if<settlement::SettlePlan>(&*plan)) {
    CheckWaterfall(operation, *settle, shard, entry);
    const std::string wrong = draws_.Take(operation, *settle, entry, shard.balances);
    Expect(wrong.empty(), "R18", absl::StrCat(operation, " ", wrong));
    NoteSettlement(operation, *settle, entry);
  } else if (const auto* refund = std::get_if<settlement::RefundPlan>(&*plan)) {
    NoteRefund(*refund, entry);
    draws_.Return(*refund, entry);
  } else if (const auto* transfer = std::get_if<settlement::TransferPlan>(&*plan)) {
    CheckRelationStood(transfer->relation_id, operation);
  }
}

// R21: a source pays only when those before it are used up, and nothing is left to cash while one
// has money. What a giver must keep or may give at most is held against the rules by Draws.
void Checker::CheckWaterfall(const std::string& operation, const settlement::SettlePlan& plan,
                             const Shard& shard, const Entry& entry) {
  const ledger::Group& group = plan.pivot.groups.front();
  int64_t left_fen = group.want_fen;
  for (size_t part = 0; part < group.moves.size(); ++part) {
    left_fen -= entry.moves[part].amount_fen;
    const ledger::Move& move = group.moves[part];
    if (left_fen == 0 || !move.keeps.empty() || !move.allowances.empty()) continue;
    const auto balance = shard.balances.find(move.from);
    Expect(balance == shard.balances.end() || balance->second == 0, "R21",
           absl::StrCat(operation, " leaves ", left_fen, " to others while ", move.from,
                        " has money"));
  }
  Expect(left_fen >= 0, "R21", absl::StrCat(operation, " takes too much"));
}

void Checker::NoteSettlement(const std::string& operation, const settlement::SettlePlan& plan,
                             const Entry& entry) {
  for (size_t part = 0; part < plan.parts.size(); ++part) {
    const int64_t amount_fen = entry.moves[part].amount_fen;
    taken_fen_[operation] += amount_fen;
    if (amount_fen == 0 || plan.parts[part].source == settlement::Source::kOwn) continue;
    totals_fen_[{plan.parts[part].giver_area, plan.patient_area}] += amount_fen;
    if (plan.parts[part].source == settlement::Source::kLive) {
      CheckRelationStood(plan.parts[part].relation_id, operation);
    }
  }
}

void Checker::NoteRefund(const settlement::RefundPlan& plan, const Entry& entry) {
  int64_t& left_fen = taken_fen_[plan.settlement_id];
  for (size_t part = 0; part < plan.parts.size(); ++part) {
    const int64_t amount_fen = entry.moves[part].amount_fen;
    left_fen -= amount_fen;
    if (plan.parts[part].planned.source == settlement::Source::kOwn) continue;
    refunds_fen_[{plan.parts[part].planned.giver_area, plan.patient_area}] += amount_fen;
  }
  noted_[fact::Refunded(plan.settlement_id)] = 1;
  Expect(left_fen >= 0, "P23",
         absl::StrCat(plan.settlement_id, " is refunded beyond what it took"));
  std::erase_if(settled_bills_, [&](const auto& bill) {
    if (bill.second != plan.settlement_id) return false;
    noted_[fact::BillOf(bill.first, bill.second)] = 0;
    return true;
  });
}

// P26. Where clocks were set, nothing can be said about a span of time.
void Checker::CheckRelationStood(const std::string& relation_id, const std::string& operation) {
  const auto ended = ended_at_.find(relation_id);
  if (ended == ended_at_.end() || clocks_were_set_) return;
  Expect(cluster_.world().now() - ended->second <= kLongestUse, "P26",
         absl::StrCat(operation, " rests on ", relation_id, ", which had ended"));
}

void Checker::FollowRelations() {
  const auto& changes = cluster_.relation_disk().changes;
  for (; seen_changes_ < changes.size(); ++seen_changes_) {
    if (changes[seen_changes_].kind != relation::ChangeKind::kRelation) continue;
    const std::string& id = changes[seen_changes_].id;
    const relation::Relation& relation = cluster_.relation_disk().relations.at(id);
    noted_[fact::RelationActive(id)] = relation.active() ? 1 : 0;
    noted_[fact::Bound(relation.giver, relation.receiver, relation.scope)] =
        relation.active() ? 1 : 0;
    NoteTogether();
    if (!relation.active()) {
      ended_at_.emplace(id, cluster_.world().now());
    }
  }
}

void Checker::CheckSums(const std::string& host, const Shard& shard) {
  int64_t sum_fen = 0;
  int64_t lots_and_quota_fen = 0;
  for (const auto& [name, balance_fen] : shard.balances) {
    sum_fen += balance_fen;
    const bool received = ledger::IsReceived(ParseAccount(name)->account_class);
    if (received || name.starts_with("quota/")) lots_and_quota_fen += balance_fen;
  }
  Expect(sum_fen == 0, "P1", absl::StrCat(host, " sums to ", sum_fen));
  Expect(lots_and_quota_fen == 0, "P2", absl::StrCat(host, " has quota without lots"));
}

// P5: a row of the tables is what the journal said after some entry, not an older one than the
// tables are said to be complete up to.
void Checker::CheckTables(const std::string& host, const Shard& shard) {
  const auto& tables = cluster_.wallets().at(host).accounts;
  for (const auto& [name, history] : shard.history) {
    const auto newer = history.upper_bound(shard.saved_number);
    const int64_t at_least = newer == history.begin() ? 0 : std::prev(newer)->first;
    const auto row = tables.find(name);
    if (row == tables.end()) {
      Expect(at_least == 0, "P5", absl::StrCat(name, " is missing in the tables of ", host));
      continue;
    }
    const ledger::Account& account = row->second;
    const auto then = history.find(account.last_number);
    const int64_t balance_fen = then == history.end() ? 0 : then->second;
    Expect(account.last_number >= at_least && account.balance_fen == balance_fen, "P5",
           absl::StrCat(name, " is not in the tables of ", host, " as its rows give it"));
  }
}

}  // namespace gongji::simulation
