// Judge sorts an answer by request and kind; each JudgeRefusal is a table of the reasons that this
// request may be refused with and of what must have been so for them. A reason that is not in the
// table is wrong.
#include "tests/simulation/referee.h"

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/common/business_day.h"
#include "services/ledger/accounts.h"
#include "services/settlement/operation.h"
#include "tests/simulation/families.h"

namespace gongji::simulation {
namespace fact {

std::string Balance(const std::string& account) { return "balance/" + account; }
std::string WalletOpen(const std::string& psn_no) { return "wallet/" + psn_no; }
std::string Places(const std::string& psn_day) { return "places/" + psn_day; }
std::string PlaceOf(const std::string& operation) { return "place of/" + operation; }
std::string RelationActive(const std::string& relation_id) { return "relation/" + relation_id; }
std::string Bound(const std::string& giver, const std::string& receiver, relation::Scope scope) {
  return absl::StrCat("bound/", giver, "/", receiver, "/",
                      scope == relation::Scope::kWallet ? "wallet" : "in province");
}
std::string BillOf(const std::string& key, const std::string& operation) {
  return absl::StrCat("bill/", key, "/", operation);
}
std::string Refunded(const std::string& settlement) { return "refunded/" + settlement; }
std::string Charged(const std::string& operation) { return "charged/" + operation; }
std::string Quota(const std::string& psn_no) { return "quota/" + psn_no; }
std::string SetAsides(const std::string& psn_no) { return "set asides/" + psn_no; }

}  // namespace fact

namespace {

using relation::Scope;
using settlement::Bill;
using settlement::CancelRequest;
using settlement::EndQuotaRequest;
using settlement::TransferRequest;

bool IsZero(int64_t value) { return value == 0; }
bool IsSet(int64_t value) { return value != 0; }

std::string Unless(bool holds, const std::string& wrong) { return holds ? "" : wrong; }

std::string NeverSo(const std::string& reason) {
  return absl::StrCat(reason, ", which was so at no moment");
}

// The answers that there may be, each with what must have been so for it.
template <class Key>
using Table = std::map<Key, std::function<bool()>>;

template <class Key>
bool CouldBe(const Table<Key>& table, const Key& answer) {
  const auto found = table.find(answer);
  return found != table.end() && found->second();
}

}  // namespace

const AreaRules& Referee::RulesOf(const std::string& psn_no) const {
  return rules_->Of(AreaOf(psn_no));
}

bool Referee::EverInHours(const Case& on, const AreaRules& rules, bool inside) const {
  const absl::Time from = cluster_.start() + on.request.span.from - on.clocks_differed;
  const absl::Time to = cluster_.start() + on.request.span.to + on.clocks_differed;
  // A span is short against the hours, so its ends and the borders between them decide.
  std::vector<absl::Time> moments = {from, to};
  for (const BusinessDay day : {BusinessDayOf(from), BusinessDayOf(to)}) {
    for (const absl::Duration border : {rules.opens, rules.closes}) {
      const absl::Time at = StartOf(day) + border;
      if (from <= at && at <= to) moments.insert(moments.end(), {at, at - absl::Nanoseconds(1)});
    }
  }
  for (const absl::Time at : moments) {
    if (at < from) continue;
    const absl::Duration since_midnight = at - StartOf(BusinessDayOf(at));
    const bool open = since_midnight >= rules.opens && since_midnight < rules.closes;
    if (open == inside) return true;
  }
  return false;
}

bool Referee::EverBound(const Case& on, const std::string& giver, const std::string& receiver,
                        Scope scope, bool bound) const {
  return past_.Ever(fact::Bound(giver, receiver, scope), on.request.span, bound ? IsSet : IsZero);
}

bool Referee::EverClosed(const Case& on, const std::string& psn_no) const {
  return past_.Ever(fact::WalletOpen(psn_no), on.request.span, IsZero);
}

// R16. What the operation itself holds does not use its own place up.
bool Referee::EverOutOfPlaces(const Case& on, const std::string& psn_no, int most) const {
  for (const std::string& places : past_.FactsUnder(fact::Places(psn_no + "/"))) {
    if (past_.Ever({places, fact::PlaceOf(on.operation)}, on.request.span,
                   [&](const Past::Values& held) { return held[0] - held[1] >= most; })) {
      return true;
    }
  }
  return false;
}

bool Referee::EverGrantable(const Case& on, const std::string& giver,
                            absl::FunctionRef<bool(int64_t)> holds) const {
  const AreaRules& rules = RulesOf(giver);
  return past_.Ever(
      {fact::Balance(ledger::PriorAccount(giver)), fact::Balance(ledger::CurrentAccount(giver))},
      on.request.span, [&](const Past::Values& own) {
        const int64_t shared_fen = own[0] + (rules.whole_account ? own[1] : 0);
        const int64_t above_fen = own[0] + own[1] - rules.min_retained_fen;
        return holds(std::max<int64_t>(0, std::min(shared_fen, above_fen)));
      });
}

bool Referee::EverTooPoor(const Case& on, const TransferRequest& wish) const {
  int64_t told_fen = 0;
  const auto told = on.metadata.find("available_fen");
  if (told == on.metadata.end() || !absl::SimpleAtoi(told->second, &told_fen)) return false;
  return EverGrantable(on, wish.giver_psn_no,
                       [&](int64_t fen) { return fen < wish.amount_fen && fen == told_fen; });
}

std::string Referee::JudgeRefusal(const Case& on, const TransferRequest& wish) const {
  const AreaRules& rules = RulesOf(wish.giver_psn_no);
  const auto unbound = [&] {
    return EverBound(on, wish.giver_psn_no, wish.receiver_psn_no, Scope::kWallet, false);
  };
  const Table<std::string> reasons = {
      {"TRANSFER_ABOVE_LIMIT", [&] { return wish.amount_fen > rules.max_transfer_fen; }},
      {"OUTSIDE_TRANSFER_HOURS", [&] { return EverInHours(on, rules, false); }},
      {"DAILY_TRANSFERS_USED_UP",
       [&] { return EverOutOfPlaces(on, wish.giver_psn_no, rules.max_transfers_a_day); }},
      {"INSUFFICIENT_FUNDS", [&] { return EverTooPoor(on, wish); }},
      {"WALLET_NOT_OPENED",
       [&] { return EverClosed(on, wish.giver_psn_no) || EverClosed(on, wish.receiver_psn_no); }},
      {"NO_WALLET_RELATION", unbound},
      {"RELATION_ENDED", unbound},
      // The clock of relation is ahead of that of settlement, or the relation is new.
      {"RELATION_BOUND_LATER",
       [&] { return on.clocks_differed > absl::ZeroDuration() || unbound(); }},
  };
  return Unless(CouldBe(reasons, on.reason), NeverSo(on.reason));
}

std::string Referee::JudgeRefusal(const Case& on, const Bill& wish) const {
  const std::string key = ledger::BillKey(wish.institution_code, wish.visit_id, wish.batch_id);
  const auto holder = on.metadata.find("holder");
  const bool settled = on.reason == "BILL_ALREADY_SETTLED" && holder != on.metadata.end() &&
                       holder->second != on.operation &&
                       past_.Ever(fact::BillOf(key, holder->second), on.request.span, IsSet);
  return Unless(settled, NeverSo(on.reason));
}

std::string Referee::JudgeRefusal(const Case& on, const EndQuotaRequest& wish) const {
  const auto& relations = cluster_.relation_disk().relations;
  const auto relation = relations.find(wish.relation_id);
  const Table<std::string> reasons = {
      {"RELATION_UNKNOWN", [&] { return relation == relations.end(); }},
      {"NO_WALLET_RELATION",
       [&] { return relation != relations.end() && relation->second.scope != Scope::kWallet; }},
      {"RELATION_ENDED",
       [&] { return past_.Ever(fact::RelationActive(wish.relation_id), on.request.span, IsZero); }},
  };
  return Unless(CouldBe(reasons, on.reason), NeverSo(on.reason));
}

std::string Referee::JudgeRefusal(const Case& on, const CancelRequest& wish) const {
  const std::string& target = wish.settlement_id;
  const auto plan = cluster_.PlanOf(target);
  const Table<std::string> reasons = {
      // What was never charged, or is no settlement: a settlement alone claims a bill.
      {"OPERATION_UNKNOWN",
       [&] {
         return !plan.has_value() || !std::holds_alternative<settlement::SettlePlan>(*plan) ||
                past_.Ever(fact::Charged(target), on.request.span, IsZero);
       }},
      {"ALREADY_REFUNDED",
       [&] { return past_.Ever(fact::Refunded(target), on.request.span, IsSet); }},
  };
  return Unless(CouldBe(reasons, on.reason), NeverSo(on.reason));
}

std::string Referee::JudgeYes(const Case& on, const TransferRequest& wish) const {
  const AreaRules& rules = RulesOf(wish.giver_psn_no);
  if (wish.amount_fen > rules.max_transfer_fen) return "is above the limit";
  if (!EverInHours(on, rules, true)) return "was made outside the hours";
  const auto ever_open = [&](const std::string& psn_no) {
    return past_.Ever(fact::WalletOpen(psn_no), on.request.span, IsSet);
  };
  if (!ever_open(wish.giver_psn_no) || !ever_open(wish.receiver_psn_no)) {
    return "was made without a wallet";
  }
  if (!EverGrantable(on, wish.giver_psn_no, [&](int64_t fen) { return fen >= wish.amount_fen; })) {
    return "gives what was not there to be shared";
  }
  return Unless(EverBound(on, wish.giver_psn_no, wish.receiver_psn_no, Scope::kWallet, true),
                "was made without a relation");
}

std::string Referee::JudgeYes(const Case& on, const EndQuotaRequest& wish) const {
  const auto& relations = cluster_.relation_disk().relations;
  const auto relation = relations.find(wish.relation_id);
  if (relation == relations.end() || relation->second.scope != Scope::kWallet) {
    return "ended the quota of what is no wallet relation";
  }
  return Unless(past_.Ever(fact::RelationActive(wish.relation_id), on.request.span, IsSet),
                "ended the quota of a relation that was active at no moment");
}

std::string Referee::JudgeYes(const Case& on, const CancelRequest& wish) const {
  return Unless(past_.Ever({fact::Charged(wish.settlement_id), fact::Refunded(wish.settlement_id)},
                           on.request.span,
                           [](const Past::Values& was) { return IsSet(was[0]) && IsZero(was[1]); }),
                "takes back what was charged, and not taken back already, at no moment");
}

// Persons here stay where they are, and money that comes in is always taken.
std::string Referee::Judge(const DirectWrite& write) const {
  using Kind = DirectWrite::Kind;
  const std::string& psn_no = write.psn_no;
  const auto ever_below = [&](int64_t fen) {
    return past_.Ever({fact::Balance(ledger::PriorAccount(psn_no)),
                       fact::Balance(ledger::CurrentAccount(psn_no))},
                      write.span, [fen](const Past::Values& own) { return own[0] + own[1] < fen; });
  };
  const int64_t keeps_fen = ResidentRules().fund.sub_account_above_fen;
  const Table<std::pair<Kind, std::string>> answers = {
      {{Kind::kContribution, ""}, [] { return true; }},
      {{Kind::kOpen, ""}, [] { return true; }},
      {{Kind::kPayOut, ""}, [&] { return !write.wrong_fee; }},
      {{Kind::kPayOut, "FEE_CHANGED"}, [&] { return write.wrong_fee; }},
      {{Kind::kPayOut, "INSUFFICIENT_FUNDS"}, [&] { return ever_below(write.needed_fen); }},
      {{Kind::kSetAside, ""},
       [&] { return past_.Ever(fact::SetAsides(psn_no), write.span, IsZero); }},
      {{Kind::kSetAside, "SUB_ACCOUNT_MOVED_ALREADY"},
       [&] { return past_.Ever(fact::SetAsides(psn_no), write.span, IsSet); }},
      {{Kind::kSetAside, "INSUFFICIENT_FUNDS"}, [&] { return ever_below(keeps_fen + 1); }},
      {{Kind::kClose, ""}, [&] { return past_.Ever(fact::Quota(psn_no), write.span, IsZero); }},
      {{Kind::kClose, "WALLET_NOT_OPENED"},
       [&] { return past_.Ever(fact::WalletOpen(psn_no), write.span, IsZero); }},
      {{Kind::kClose, "QUOTA_UNSPENT"},
       [&] { return past_.Ever(fact::Quota(psn_no), write.span, IsSet); }},
  };
  if (CouldBe(answers, {write.kind, write.refusal})) return "";
  return absl::StrCat(write.id, " of ", psn_no, " was answered \"", write.refusal,
                      "\", which could not be");
}

std::string Referee::Judge(const Request& request, const std::vector<Bond>& bonds,
                           absl::Duration clocks_differed) const {
  Case on{.request = request,
          .bonds = bonds,
          .operation = cluster_.OperationOf(kPlatform.identity, request.id),
          .clocks_differed = clocks_differed};
  std::string wrong;
  if (request.told == "never") {
    // Only who asks for the outcome of a lost call makes an id impossible (P11).
    wrong = Unless(request.asked_outcome, "never, though nobody asked for the outcome");
  } else if (absl::StartsWith(request.told, "refused ")) {
    const std::vector<std::string> words = absl::StrSplit(request.told, ' ');
    on.reason = words[1];
    for (size_t at = 2; at < words.size(); ++at) {
      const std::pair<std::string, std::string> pair =
          absl::StrSplit(words[at], absl::MaxSplits('=', 1));
      on.metadata.insert(pair);
    }
    wrong = std::visit([&](const auto& wish) { return JudgeRefusal(on, wish); }, request.wish);
  } else {
    wrong = std::visit([&](const auto& wish) { return JudgeYes(on, wish); }, request.wish);
  }
  return wrong.empty() ? "" : absl::StrCat(request.id, " ", wrong);
}

}  // namespace gongji::simulation
