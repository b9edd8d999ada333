// AfterEvent reads the entries that were appended since the last call, folds their rows into each
// shard's balances, and checks what one entry can break; it also follows relation's changes. AtEnd
// compares the shards with each other, with settlement's operations and totals, and with what
// callers were answered.
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

// P15: never a fourth one.
constexpr size_t kPlacesPerDay = 3;

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
  CheckStep(shard, entry);
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
    CheckPivot(name.operation, entry);
  } else if (name.step == "freeze") {
    Expect(entry.claims.size() == 1 && !entry.claims.front().key.empty(), "P15",
           absl::StrCat(entry.id, " froze without a place"));
    if (entry.claims.empty()) return;
    const std::string& key = entry.claims.front().key;
    const std::string day = key.substr(0, key.rfind('/'));
    place_of_[name.attempt] = day;
    shard.held[day].insert(name.operation);
    Expect(shard.held[day].size() <= kPlacesPerDay, "P15",
           absl::StrCat(day, " has a fourth transfer"));
  } else if (name.step == "release") {
    Expect(steps.contains("freeze"), "P22", absl::StrCat(name.attempt, " releases nothing"));
    shard.held[place_of_[name.attempt]].erase(name.operation);
  }
}

void Checker::CheckPivot(const std::string& operation, const Entry& entry) {
  std::string& told = charged_[operation];
  told = absl::StrCat("charged ", operation);
  for (const ledger::MoveResult& move : entry.moves) absl::StrAppend(&told, " ", move.amount_fen);
  for (const ledger::ClaimResult& claim : entry.claims) {
    if (!claim.key.starts_with("bill/")) continue;
    const auto [first, fresh] = settled_bills_.emplace(claim.key, operation);
    Expect(fresh, "R26",
           absl::StrCat(claim.key, " is settled by ", first->second, " and ", operation));
  }
  const auto plan = PlanOf(operation);
  Expect(plan.has_value(), "P21", absl::StrCat(operation, " has a pivot and no intent"));
  if (!plan.has_value()) return;
  if (const auto* settle = std::get_if<settlement::SettlePlan>(&*plan)) {
    NoteSettlement(operation, *settle, entry);
  } else if (const auto* refund = std::get_if<settlement::RefundPlan>(&*plan)) {
    NoteRefund(*refund, entry);
  } else if (const auto* transfer = std::get_if<settlement::TransferPlan>(&*plan)) {
    CheckRelationStood(transfer->relation_id, operation);
  }
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
  Expect(left_fen >= 0, "P23",
         absl::StrCat(plan.settlement_id, " is refunded beyond what it took"));
  std::erase_if(settled_bills_,
                [&](const auto& bill) { return bill.second == plan.settlement_id; });
}

// P26. Where clocks were set, nothing can be said about a span of time.
void Checker::CheckRelationStood(const std::string& relation_id, const std::string& operation) {
  const auto ended = ended_at_.find(relation_id);
  if (ended == ended_at_.end() || clocks_were_set_) return;
  Expect(cluster_.world().now() - ended->second <= kLongestUse, "P26",
         absl::StrCat(operation, " rests on ", relation_id, ", which had ended"));
}

std::optional<settlement::Plan> Checker::PlanOf(const std::string& operation) const {
  const auto& plans = cluster_.settlement_disk().plans;
  const auto bytes = plans.find(operation);
  if (bytes == plans.end()) return std::nullopt;
  settlement::Plan plan;
  if (!settlement::DecodePlan(bytes->second, plan)) return std::nullopt;
  return plan;
}

void Checker::FollowRelations() {
  const auto& changes = cluster_.relation_disk().changes;
  for (; seen_changes_ < changes.size(); ++seen_changes_) {
    if (changes[seen_changes_].kind != relation::ChangeKind::kRelation) continue;
    const std::string& id = changes[seen_changes_].id;
    if (!cluster_.relation_disk().relations.at(id).active()) {
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

void Checker::AtEnd() {
  AfterEvent();
  for (const auto& [host, disk] : cluster_.wallets()) {
    accounts_[host] = wallet::AccountsOf(disk);
    for (const auto& [name, account] : accounts_[host]) {
      Expect(account.balance_fen == shards_[host].balances[name], "P5",
             absl::StrCat(name, " differs from its rows"));
    }
  }
  CheckGrants();
  CheckEndedRelations();
  CheckClearing();
  CheckOperations();
  CheckTold();
  CheckTotals();
  for (const std::string& violation : workload_.violations()) violations_.push_back(violation);
}

// P24: per relation, what is granted is what can be spent.
void Checker::CheckGrants() {
  std::map<std::string, int64_t> difference_fen;
  for (const auto& [host, accounts] : accounts_) {
    for (const auto& [name, account] : accounts) {
      const auto parsed = ParseAccount(name);
      if (parsed->account_class == AccountClass::kGranted) {
        difference_fen[std::string(parsed->relation_id)] += account.balance_fen;
      } else if (ledger::IsReceived(parsed->account_class)) {
        difference_fen[std::string(parsed->relation_id)] -= account.balance_fen;
      }
    }
  }
  for (const auto& [relation, fen] : difference_fen) {
    Expect(fen == 0, "P24", absl::StrCat("relation ", relation, " grants ", fen, " too much"));
  }
}

// P24: an ended relation has neither grant nor quota, and can get none.
void Checker::CheckEndedRelations() {
  for (const auto& [id, relation] : cluster_.relation_disk().relations) {
    if (relation.active() || relation.scope != relation::Scope::kWallet) continue;
    const std::string lot = ledger::LotAccount(relation.receiver, id);
    const auto& accounts = AccountsOf(relation.receiver_area);
    const auto found = accounts.find(lot);
    Expect(found != accounts.end() && found->second.closed && found->second.balance_fen == 0, "P24",
           absl::StrCat(lot, " is not closed and empty"));
    for (const std::string& grant :
         {ledger::GrantedCurrent(relation.giver, id), ledger::GrantedPrior(relation.giver, id)}) {
      const auto& giver = AccountsOf(relation.giver_area);
      const auto granted = giver.find(grant);
      Expect(granted == giver.end() || granted->second.balance_fen == 0, "P24",
             absl::StrCat(grant, " outlives its relation"));
    }
  }
}

const std::map<std::string, ledger::Account>& Checker::AccountsOf(const std::string& area) {
  return accounts_.at(absl::StrCat("wallet", policy::ProvinceOf(area)));
}

// P2, P19: what one area owes, the other is owed; nothing stays in transit.
void Checker::CheckClearing() {
  std::map<std::pair<std::string, std::string>, int64_t> sums_fen;
  for (const auto& [host, accounts] : accounts_) {
    for (const auto& [name, account] : accounts) {
      if (!name.starts_with("clearing/")) continue;
      const std::vector<std::string> parts = absl::StrSplit(name, '/');
      sums_fen[std::minmax(parts[1], parts[2])] += account.balance_fen;
    }
  }
  for (const auto& [areas, fen] : sums_fen) {
    Expect(fen == 0, "P2",
           absl::StrCat("clearing of ", areas.first, " and ", areas.second, " differs by ", fen));
  }
}

// P20: every operation is at an end.
void Checker::CheckOperations() {
  for (const auto& [id, bytes] : cluster_.settlement_disk().operations) {
    settlement::Operation operation;
    Expect(settlement::DecodeOperation(bytes, operation), "P14", id);
    const bool open = operation.state == settlement::State::kDeciding ||
                      operation.state == settlement::State::kCompleting;
    Expect(!open, "P20", absl::StrCat(id, " is still open"));
    if (const auto plan = PlanOf(id); plan && operation.state == settlement::State::kDone) {
      // R27: a refund finds by position what each completion answered.
      operation.plan = std::make_shared<const settlement::Plan>(*plan);
      Expect(operation.As<settlement::SettlePlan>() == nullptr ||
                 operation.completion_moves.size() ==
                     settlement::CompletionsOf(operation, nullptr).size(),
             "R27", absl::StrCat(id, " does not know what its completions answered"));
    }
    // P24: an undone attempt keeps neither freeze nor place.
    for (int attempt = 1; attempt <= operation.attempt; ++attempt) {
      const auto steps = applied_.find(absl::StrCat(id, "/", attempt));
      if (steps == applied_.end() || !steps->second.contains("freeze")) continue;
      Expect(steps->second.contains("pivot") || steps->second.contains("release"), "P24",
             absl::StrCat(steps->first, " stays frozen"));
    }
  }
}

// P10, P19: callers were answered what the ledger says.
void Checker::CheckTold() {
  for (const auto& [id, request] : workload_.requests()) {
    Expect(!request.told.empty(), "P11", absl::StrCat(id, " was never answered"));
    const auto found = cluster_.settlement_disk().requests.find({"platform", id});
    if (found == cluster_.settlement_disk().requests.end()) {
      Expect(!request.told.starts_with("charged"), "P10", absl::StrCat(id, " is forgotten"));
      continue;
    }
    int pivots = 0;
    for (const auto& [attempt, steps] : applied_) {
      if (NameOf(attempt + "/").operation == found->second && steps.contains("pivot")) ++pivots;
    }
    Expect(pivots == 0 || request.told == charged_[found->second], "P19",
           absl::StrCat(id, " was told \"", request.told, "\", the ledger says \"",
                        charged_[found->second], "\""));
    const int expected = request.told.starts_with("charged") ? 1 : 0;
    Expect(pivots == expected, "P19",
           absl::StrCat(id, " was told \"", request.told, "\" but is charged ", pivots, " times"));
  }
}

// R31: the totals are the shared parts of all settlements, and of all refunds.
void Checker::CheckTotals() {
  for (const auto& [key, total] : cluster_.settlement_disk().totals) {
    totals_fen_[{total.giver_area, total.receiver_area}] -= total.amount_fen;
    refunds_fen_[{total.giver_area, total.receiver_area}] -= total.refunded_fen;
  }
  for (const auto* sums : {&totals_fen_, &refunds_fen_}) {
    for (const auto& [areas, fen] : *sums) {
      Expect(fen == 0, "R31",
             absl::StrCat("total of ", areas.first, " for ", areas.second, " is off by ", fen));
    }
  }
}

}  // namespace gongji::simulation
