// Apply finds an existing entry, closes the years of the persons named, and runs the transaction on
// `state`. Steps checks and changes in the order that transaction.proto describes; if it refuses,
// Run puts back the whole state. Every answer that decides is appended to `journal`.
#include "tests/model/reference.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "services/common/business_day.h"
#include "services/common/errors/reasons.h"

namespace gongji::model {

using ledger::Account;
using ledger::Entry;
using ledger::Group;
using ledger::Kind;
using ledger::Move;
using ledger::PersonChange;
using ledger::PersonStep;
using ledger::Residence;
using ledger::Stop;
using ledger::Transaction;
using Names = std::vector<std::string>;

namespace {

Names PartsOf(const std::string& name) { return absl::StrSplit(name, '/'); }
bool IsPerson(const std::string& name) { return PartsOf(name)[0] == "person"; }
bool IsLot(const std::string& name) { return IsPerson(name) && PartsOf(name)[2] == "lot"; }
bool IsOwn(const std::string& name) { return IsPerson(name) && PartsOf(name).size() == 3; }
std::string OwnAccount(const std::string& psn_no, const std::string& bucket) {
  return absl::StrCat("person/", psn_no, "/", bucket);
}
std::string PriorOf(const std::string& current) {
  return current.substr(0, current.rfind('/')) + "/prior";
}
// True for kinds that cannot be refused, only be EARLY.
bool IsSure(Kind kind) { return kind == Kind::kComplete || kind == Kind::kRelease; }

template <class T>
T Get(const std::map<std::string, T>& map, const std::string& key) {
  const auto found = map.find(key);
  return found == map.end() ? T{} : found->second;
}

bool Departs(const Transaction& transaction, const std::string& psn_no) {
  return std::any_of(transaction.person_changes.begin(), transaction.person_changes.end(),
                     [&](const PersonChange& change) {
                       return change.step == PersonStep::kDepart && change.psn_no == psn_no;
                     });
}

// All persons that a transaction names, in its order.
Names PersonsIn(const Transaction& transaction) {
  Names accounts;
  for (const Group& group : transaction.groups) {
    for (const Move& move : group.moves) {
      accounts.insert(accounts.end(), {move.from, move.to});
      for (const ledger::Keep& keep : move.keeps) {
        accounts.insert(accounts.end(), keep.accounts.begin(), keep.accounts.end());
      }
    }
  }
  const auto add = [&](const Names& psn_nos) {
    for (const auto& psn_no : psn_nos) accounts.push_back(OwnAccount(psn_no, "current"));
  };
  add(transaction.wallet_psn_nos);
  for (const std::string& lot : transaction.closed_lots) accounts.push_back(lot);
  for (const PersonChange& change : transaction.person_changes) add({change.psn_no});
  Names psn_nos;
  for (const auto& name : accounts) {
    if (IsPerson(name)) psn_nos.push_back(PartsOf(name)[1]);
  }
  return psn_nos;
}

}  // namespace

absl::Time Reference::At() const {
  return journal.empty() ? business : std::max(journal.back().at, business);
}

int Reference::AccountYear() const { return static_cast<int>(BusinessDayOf(At()).year()); }

const Entry* Reference::Find(const std::string& id) const {
  const auto same = [&id](const Entry& entry) { return entry.id == id; };
  const auto found = std::find_if(journal.begin(), journal.end(), same);
  return found == journal.end() ? nullptr : &*found;
}

absl::StatusOr<ledger::Answer> Reference::Apply(const Transaction& transaction) {
  if (const Entry* existing = Find(transaction.id); existing != nullptr) {
    const auto first = answered.find(transaction.id);
    const bool tombstone = existing->outcome == ledger::Outcome::kTombstone;
    if (!tombstone && (first == answered.end() || first->second != transaction)) {
      return Refuse(reason::kRequestIdReused, {{"request_id", transaction.id}});
    }
    return ledger::Answer{*existing, true};
  }
  CloseYears(PersonsIn(transaction));
  Entry entry = Run(transaction);
  if (!entry.status.ok() && !IsFinal(entry.status)) {
    entry.number = 0;
    return ledger::Answer{entry, false};
  }
  answered[transaction.id] = transaction;
  journal.push_back(entry);
  return ledger::Answer{entry, false};
}

absl::StatusOr<ledger::Answer> Reference::Decide(const std::string& id) {
  if (const Entry* existing = Find(id); existing != nullptr) return ledger::Answer{*existing, true};
  // These ids belong to entries that only the shard itself makes.
  if (id.starts_with("close/")) return InvalidField("id", "of the shard's own entries");
  journal.push_back({.number = std::ssize(journal) + 1,
                     .id = id,
                     .at = At(),
                     .outcome = ledger::Outcome::kTombstone,
                     .status = Refuse(reason::kStepTombstoned)});
  return ledger::Answer{journal.back(), false};
}

bool Reference::IsOver(const std::string& psn_no) const {
  const int year = Get(state.persons, psn_no).year;
  return year > 0 && year < AccountYear();
}

void Reference::CloseYears(const Names& psn_nos) {
  for (const std::string& psn_no : psn_nos) {
    if (!IsOver(psn_no)) continue;
    Transaction close{.id = absl::StrCat("close/", psn_no, "/", AccountYear()),
                      .kind = Kind::kComplete,
                      .closed_years = {{psn_no, AccountYear()}}};
    // The own account comes first, then the grants.
    std::set<std::pair<bool, std::string>> currents;
    for (const auto& [name, account] : state.accounts) {
      const bool his = IsPerson(name) && PartsOf(name)[1] == psn_no;
      if (his && PartsOf(name).back() == "current") currents.emplace(!IsOwn(name), name);
    }
    for (const auto& [granted, name] : currents) {
      const int64_t fen = Balance(name);
      if (fen == 0) continue;
      close.groups.push_back({fen, fen, {{.from = name, .to = PriorOf(name), .tag = "close"}}});
    }
    journal.push_back(Run(close));
  }
}

bool Reference::HasAtLeast(const std::string& psn_no, int64_t fen, bool prior_only) const {
  const bool current = !prior_only || IsOver(psn_no);
  return Balance(OwnAccount(psn_no, "prior")) +
             (current ? Balance(OwnAccount(psn_no, "current")) : 0) >=
         fen;
}

// Applied wholly or not at all.
Entry Reference::Run(const Transaction& transaction) {
  before_ = state;
  Entry entry{.number = std::ssize(journal) + 1, .id = transaction.id, .at = At()};
  entry.status = Steps(transaction, entry);
  if (entry.status.ok()) return entry;
  state = before_;
  entry.outcome = ledger::Outcome::kRefused;
  entry.moves.clear();
  entry.rows.clear();
  // Nothing was taken, so the keys have the holders that they had before.
  for (size_t i = 0; i < entry.claims.size(); ++i) {
    entry.claims[i] = {"", HoldersOf(transaction.claims[i])};
  }
  return entry;
}

absl::Status Reference::Steps(const Transaction& transaction, Entry& entry) {
  const Kind kind = transaction.kind;
  RETURN_IF_ERROR(CheckTime(transaction));
  for (const std::string& key : transaction.unclaims) {
    if (Get(state.claims, key) == transaction.holder) state.claims.erase(key);
  }
  for (const auto& claim : transaction.claims) RETURN_IF_ERROR(Take(transaction, claim, entry));
  for (const PersonChange& change : transaction.person_changes) RETURN_IF_ERROR(Begin(change));
  for (const std::string& psn_no : transaction.wallet_psn_nos) {
    if (!IsSure(kind)) RETURN_IF_ERROR(AtHome(psn_no));
    const bool open = Get(state.persons, psn_no).wallet_open;
    if (!open) return Refuse(reason::kWalletNotOpened, {{"psn_no", psn_no}});
  }
  for (const ledger::GrantSequence& sequence : transaction.grant_sequences) {
    int64_t& booked = state.counters[absl::StrCat("turn/", sequence.grant)];
    if (sequence.number != booked + 1) return Refuse(reason::kEarly, {{"grant", sequence.grant}});
    booked = sequence.number;
  }
  for (const Group& group : transaction.groups) {
    for (const Move& move : group.moves) {
      if (move.skip_if_closed) continue;
      RETURN_IF_ERROR(CheckState(transaction, move));
      const int year = YearOf(move.to);
      const bool ahead = year > 0 && move.year > year && !IsSure(kind);
      if (ahead) return Refuse(reason::kYearClosed, {{"year", std::to_string(year)}});
    }
  }
  for (const auto& [want_fen, at_least_fen, moves] : transaction.groups) {
    int64_t fen = 0;
    for (const Move& move : moves) {
      entry.moves.push_back(Make(transaction, move, want_fen - fen, entry));
      fen += entry.moves.back().amount_fen;
    }
    if (fen >= at_least_fen) continue;
    if (IsSure(kind)) return Refuse(reason::kEarly);
    return Refuse(reason::kInsufficientFunds, {{"available_fen", std::to_string(fen)},
                                               {"needed_fen", std::to_string(at_least_fen)}});
  }
  for (const std::string& lot : transaction.closed_lots) state.accounts[lot].closed = true;
  for (const PersonChange& change : transaction.person_changes) {
    if (change.step == PersonStep::kDepart) RETURN_IF_ERROR(Depart(change));
  }
  for (const auto& [psn_no, year] : transaction.closed_years) state.persons[psn_no].year = year;
  return absl::OkStatus();
}

absl::Status Reference::CheckTime(const Transaction& transaction) const {
  if (IsSure(transaction.kind)) return absl::OkStatus();
  if (wall > transaction.not_after) return Refuse(reason::kLate);
  const bool has_day = transaction.kind == Kind::kFreeze && transaction.business_day.has_value();
  const BusinessDay today = BusinessDayOf(At());
  const auto age_days = has_day ? today - *transaction.business_day : 0;
  if (age_days == 0 || age_days == 1) return absl::OkStatus();
  return Refuse(reason::kLate, {{"business_day", FormatDay(today)}});
}

Names Reference::HoldersOf(const ledger::Claim& claim) const {
  Names holders;
  for (const std::string& key : claim.keys) holders.push_back(Get(state.claims, key));
  return holders;
}

absl::Status Reference::Take(const Transaction& transaction, const ledger::Claim& claim,
                             Entry& entry) {
  const auto is_free = [this](const std::string& key) { return !state.claims.contains(key); };
  const auto free = std::find_if(claim.keys.begin(), claim.keys.end(), is_free);
  if (free != claim.keys.end()) state.claims[*free] = transaction.holder;
  entry.claims.push_back({free == claim.keys.end() ? "" : *free, HoldersOf(claim)});
  if (free != claim.keys.end()) return absl::OkStatus();
  const bool bill = claim.subject == ledger::ClaimSubject::kBill;
  return Refuse(bill ? reason::kBillAlreadySettled : reason::kDailyTransfersUsedUp,
                {{"holder", absl::StrJoin(HoldersOf(claim), ",")}});
}

// OK, or why `move` cannot be made between these accounts. Lots and grants need not exist; the move
// creates them.
absl::Status Reference::CheckState(const Transaction& transaction, const Move& move) const {
  const bool sure = IsSure(transaction.kind);
  for (const std::string& name : {move.from, move.to}) {
    if (IsOwn(name) && !state.accounts.contains(name)) {
      return Refuse(sure ? reason::kEarly : reason::kAccountMissing, {{"account", name}});
    }
    if (sure || !Get(state.accounts, name).closed) continue;
    if (!IsOwn(name)) return Refuse(reason::kAccountClosed, {{"account", name}});
    // An account of a person who is leaving or has left. It accepts every credit except new money
    // that has a new home.
    const std::string psn_no = PartsOf(name)[1];
    const bool left = Get(state.persons, psn_no).residence == Residence::kLeft;
    const bool goes = name == move.from && !Departs(transaction, psn_no);
    const bool new_money = name == move.to && left && transaction.kind == Kind::kDirect;
    if (goes || new_money) RETURN_IF_ERROR(AtHome(psn_no));
  }
  return absl::OkStatus();
}

ledger::MoveResult Reference::Make(const Transaction& transaction, const Move& move,
                                   int64_t wanted_fen, Entry& entry) {
  ledger::MoveResult result{.tag = move.tag, .balance_seen_fen = Balance(move.from)};
  result.stop = Stop::kClosed;
  if (move.skip_if_closed && !CheckState(transaction, move).ok()) return result;
  result.stop = Stop::kNotNeeded;
  if (wanted_fen == 0) return result;
  std::tie(result.amount_fen, result.stop) = Room(move, wanted_fen);
  result.year = YearOf(move.from);
  result.credited = move.year > 0 && YearOf(move.to) > move.year ? PriorOf(move.to) : move.to;
  const int64_t fen = result.amount_fen;
  if (fen == 0) return result;
  if (IsOwn(move.to)) {
    const ledger::Person credited = Get(state.persons, PartsOf(move.to)[1]);
    if (credited.residence == Residence::kLeft) result.credited = credited.forward_to;
  }
  for (const auto& [key, ceiling] : move.allowances) state.counters["allowance/" + key] += fen;
  for (const std::string& key : move.returned_allowances) {
    int64_t& used_fen = state.counters["allowance/" + key];
    used_fen = std::max<int64_t>(0, used_fen - fen);
  }
  const std::string& lot = IsLot(move.from) ? move.from : move.to;
  if (move.numbers_lot) result.lot_number = ++state.counters["number/" + lot];
  Book(move.from, result.credited, fen, entry);
  if (move.also) Book(move.also->from, move.also->to, fen, entry);
  return result;
}

// The smallest of all limits; of equal ones the first.
std::pair<int64_t, Stop> Reference::Room(const Move& move, int64_t wanted_fen) const {
  std::vector<std::pair<int64_t, Stop>> limits = {{wanted_fen, Stop::kSatisfied}};
  if (move.at_most_fen) limits.emplace_back(*move.at_most_fen, Stop::kCapped);
  if (IsPerson(move.from)) limits.emplace_back(Balance(move.from), Stop::kEmpty);
  for (const ledger::Keep& keep : move.keeps) {
    int64_t free_fen = -keep.fen;
    for (const std::string& account : keep.accounts) free_fen += Balance(account);
    limits.emplace_back(std::max<int64_t>(0, free_fen), Stop::kKept);
  }
  for (const auto& [key, ceiling_fen] : move.allowances) {
    const int64_t free_fen = ceiling_fen - Get(state.counters, "allowance/" + key);
    limits.emplace_back(std::max<int64_t>(0, free_fen), Stop::kAllowance);
  }
  const auto less = [](const auto& one, const auto& other) { return one.first < other.first; };
  return *std::min_element(limits.begin(), limits.end(), less);
}

void Reference::Book(const std::string& from, const std::string& to, int64_t fen, Entry& entry) {
  Account& debited = state.accounts[from];
  Account& credited = state.accounts[to];
  debited.balance_fen -= fen;
  credited.balance_fen += fen;
  debited.last_number = credited.last_number = entry.number;
  entry.rows.push_back({from, to, fen, debited.balance_fen, credited.balance_fen,
                        Get(before_.accounts, from).last_number,
                        Get(before_.accounts, to).last_number});
}

int64_t Reference::Balance(const std::string& name) const {
  return Get(state.accounts, name).balance_fen;
}

int Reference::YearOf(const std::string& name) const {
  const bool current = IsPerson(name) && PartsOf(name).back() == "current";
  return current ? Get(state.persons, PartsOf(name)[1]).year : 0;
}

}  // namespace gongji::model
