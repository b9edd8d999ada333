// AtEnd compares the shards with each other, with settlement's operations and totals, and with what
// callers were answered.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/ledger/accounts.h"
#include "services/settlement/steps.h"
#include "tests/simulation/checker.h"
#include "tests/simulation/families.h"

namespace gongji::simulation {
namespace {

using ledger::AccountClass;
using ledger::ParseAccount;

// How far the storm sets the business clock of a host (storm.cc).
constexpr absl::Duration kLongestSkew = absl::Hours(1);

}  // namespace

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
  CheckAnswers();
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
    if (const auto plan = cluster_.PlanOf(id);
        plan && operation.state == settlement::State::kDone) {
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
    const std::string operation = cluster_.OperationOf(kPlatform.identity, id);
    if (operation.empty()) {
      Expect(!request.told.starts_with("charged"), "P10", absl::StrCat(id, " is forgotten"));
      continue;
    }
    int pivots = 0;
    for (const auto& [attempt, steps] : applied_) {
      if (attempt.starts_with(operation + "/") && steps.contains("pivot")) ++pivots;
    }
    Expect(pivots == 0 || request.told == charged_[operation], "P19",
           absl::StrCat(id, " was told \"", request.told, "\", the ledger says \"",
                        charged_[operation], "\""));
    const int expected = request.told.starts_with("charged") ? 1 : 0;
    Expect(pivots == expected, "P19",
           absl::StrCat(id, " was told \"", request.told, "\" but is charged ", pivots, " times"));
  }
}

// R42: no answer says what was so at no moment.
void Checker::CheckAnswers() {
  const absl::Duration differed = clocks_were_set_ ? kLongestSkew : absl::ZeroDuration();
  for (const auto& [id, request] : workload_.requests()) {
    const std::string wrong = referee_.Judge(request, workload_.bonds(), differed);
    Expect(wrong.empty(), "R42", wrong);
  }
  for (const DirectWrite& write : workload_.direct_writes()) {
    const std::string wrong = referee_.Judge(write);
    Expect(wrong.empty(), "R42", wrong);
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
