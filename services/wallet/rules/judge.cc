// TransactionRun makes an entry in the order of checks that judge.h promises: it takes claims,
// persons and grant sequences, checks all accounts, then runs the moves of each group, and ends
// with what closes (lots, persons, years). Everything is written to the draft at once; if a step
// refuses, the draft goes back to where it was and the entry keeps only the refusal.
#include "services/wallet/rules/judge.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/common/errors/check.h"
#include "services/common/errors/reasons.h"
#include "services/common/money.h"
#include "services/ledger/accounts.h"
#include "services/wallet/rules/person_changes.h"

namespace gongji::wallet {
namespace {

// Completions and releases follow from what is decided, so no state of an account refuses them;
// only a sum above int64 does.
bool CannotBeRefused(ledger::Kind kind) {
  return kind == ledger::Kind::kComplete || kind == ledger::Kind::kRelease;
}

// Runs one transaction. If a method fails, the changes it made in `rows` are left for Judge to
// undo.
class TransactionRun {
 public:
  TransactionRun(const ledger::Transaction& transaction, Moment moment, Draft& rows)
      : transaction_(transaction), moment_(moment), rows_(rows) {}

  ledger::Entry Judge() {
    const Draft::Mark before = rows_.Here();
    entry_.number = rows_.number();
    entry_.id = transaction_.id;
    entry_.at = moment_.at;
    entry_.fingerprint = ledger::FingerprintOf(transaction_);
    entry_.origin = transaction_.origin;
    entry_.status = Steps();
    if (entry_.status.ok()) {
      entry_.effects = rows_.Since(before);
    } else {
      rows_.BackTo(before);
      entry_.outcome = ledger::Outcome::kRefused;
      entry_.moves.clear();
      entry_.rows.clear();
      // Nothing was taken, so the keys have the holders that they had before.
      for (size_t i = 0; i < entry_.claims.size(); ++i) {
        entry_.claims[i] = {"", HoldersOf(transaction_.claims[i])};
      }
    }
    return std::move(entry_);
  }

 private:
  absl::Status Steps() {
    RETURN_IF_ERROR(transaction_.refusal);
    RETURN_IF_ERROR(CheckTime());
    for (const std::string& key : transaction_.unclaims) Unclaim(key);
    for (const ledger::Claim& claim : transaction_.claims) RETURN_IF_ERROR(TakeClaim(claim));
    for (const ledger::PersonChange& change : transaction_.person_changes) {
      RETURN_IF_ERROR(Begin(change));
    }
    for (const std::string& psn_no : transaction_.wallet_psn_nos) {
      RETURN_IF_ERROR(CheckWallet(psn_no));
    }
    for (const ledger::GrantSequence& sequence : transaction_.grant_sequences) {
      RETURN_IF_ERROR(TakeSequence(sequence));
    }
    for (const ledger::Group& group : transaction_.groups) RETURN_IF_ERROR(CheckAccounts(group));
    for (const ledger::Group& group : transaction_.groups) RETURN_IF_ERROR(RunGroup(group));
    for (const std::string& lot : transaction_.closed_lots) {
      ledger::Account account = rows_.account(lot).value_or(ledger::Account{});
      account.closed = true;
      rows_.SetAccount(lot, account);
    }
    for (const ledger::PersonChange& change : transaction_.person_changes) {
      RETURN_IF_ERROR(EndChange(change, rows_));
    }
    for (const ledger::ClosedYear& closed : transaction_.closed_years) {
      ledger::Person person = rows_.person(closed.psn_no).value_or(ledger::Person{});
      CHECK(person.year < closed.year);  // A year never goes back.
      person.year = closed.year;
      rows_.SetPerson(closed.psn_no, person);
    }
    return absl::OkStatus();
  }

  absl::Status CheckTime() const {
    if (CannotBeRefused(transaction_.kind)) return absl::OkStatus();
    if (moment_.wall > transaction_.not_after) return Refuse(reason::kLate);
    if (transaction_.kind != ledger::Kind::kFreeze || !transaction_.business_day) {
      return absl::OkStatus();
    }
    const BusinessDay today = BusinessDayOf(moment_.at);
    const BusinessDay day = *transaction_.business_day;
    if (day != today && day != today - 1) {
      return Refuse(reason::kLate, {{"business_day", FormatDay(today)}});
    }
    return absl::OkStatus();
  }

  void Unclaim(const std::string& key) {
    if (rows_.claim(key) == transaction_.holder) rows_.SetClaim(key, std::nullopt);
  }

  std::vector<std::string> HoldersOf(const ledger::Claim& claim) const {
    std::vector<std::string> holders;
    holders.reserve(claim.keys.size());
    for (const std::string& key : claim.keys) holders.push_back(rows_.claim(key).value_or(""));
    return holders;
  }

  absl::Status TakeClaim(const ledger::Claim& claim) {
    ledger::ClaimResult result;
    const auto is_free = [this](const std::string& key) { return !rows_.claim(key).has_value(); };
    const auto free = std::find_if(claim.keys.begin(), claim.keys.end(), is_free);
    if (free != claim.keys.end()) {
      rows_.SetClaim(*free, transaction_.holder);
      result.key = *free;
    }
    result.holders = HoldersOf(claim);
    entry_.claims.push_back(result);
    if (!result.key.empty()) return absl::OkStatus();
    const Metadata holders = {{"holder", absl::StrJoin(result.holders, ",")}};
    switch (claim.subject) {
      case ledger::ClaimSubject::kBill:
        return Refuse(reason::kBillAlreadySettled, holders);
      case ledger::ClaimSubject::kPeriod:
        return Refuse(reason::kSubAccountMovedAlready);
      case ledger::ClaimSubject::kPlace:
        return Refuse(reason::kDailyTransfersUsedUp, holders);
    }
    CHECK(false);
  }

  absl::Status Begin(const ledger::PersonChange& change) {
    const std::string opened_by =
        transaction_.origin.has_value() ? transaction_.origin->opened_by_psn_no : "";
    return BeginChange(change, opened_by, moment_.account_year, rows_);
  }

  absl::Status CheckWallet(const std::string& psn_no) const {
    const ledger::Person person = rows_.person(psn_no).value_or(ledger::Person{});
    // This is asked first, because a person who has left has a new home rather than a wallet.
    if (!CannotBeRefused(transaction_.kind)) RETURN_IF_ERROR(AtHome(psn_no, person));
    return person.wallet_open ? absl::OkStatus()
                              : Refuse(reason::kWalletNotOpened, {{"psn_no", psn_no}});
  }

  absl::Status TakeSequence(const ledger::GrantSequence& sequence) {
    const std::string key = ledger::GrantSequenceKey(sequence.grant);
    if (rows_.counter(key) + 1 != sequence.number) {
      return Refuse(reason::kEarly, {{"grant", sequence.grant}});
    }
    rows_.SetCounter(key, sequence.number);
    return absl::OkStatus();
  }

  enum class Side { kGives, kTakes };

  // OK, or why `name` cannot take part.
  absl::Status CheckAccount(const std::string& name, Side side) const {
    const auto& account = rows_.account(name);
    if (account.has_value()) {
      const bool free = !account->closed || CannotBeRefused(transaction_.kind);
      return free ? absl::OkStatus() : CheckClosed(name, side);
    }
    if (ledger::ParseAccount(name)->account_class != ledger::AccountClass::kPersonal) {
      return absl::OkStatus();
    }
    return CannotBeRefused(transaction_.kind)
               ? Refuse(reason::kEarly, {{"account", name}})
               : Refuse(reason::kAccountMissing, {{"account", name}});
  }

  // The same for an account that is closed: a lot, or a personal account of a person who is leaving
  // or has left.
  absl::Status CheckClosed(const std::string& name, Side side) const {
    const auto parsed = ledger::ParseAccount(name);
    if (parsed->account_class != ledger::AccountClass::kPersonal) {
      return Refuse(reason::kAccountClosed, {{"account", name}});
    }
    const std::string psn_no(parsed->psn_no);
    const ledger::Person& person = *rows_.person(psn_no);
    if (side == Side::kGives) return Departs(psn_no) ? absl::OkStatus() : AtHome(psn_no, person);
    // Returns are accepted for ever; new money has to go to the new home.
    const bool new_money =
        transaction_.kind == ledger::Kind::kDirect && person.residence == ledger::Residence::kLeft;
    return new_money ? AtHome(psn_no, person) : absl::OkStatus();
  }

  // True if this transaction is the departure of `psn_no`.
  bool Departs(const std::string& psn_no) const {
    return std::any_of(transaction_.person_changes.begin(), transaction_.person_changes.end(),
                       [&](const ledger::PersonChange& change) {
                         return change.step == ledger::PersonStep::kDepart &&
                                change.psn_no == psn_no;
                       });
  }

  absl::Status CheckMoveAccounts(const ledger::Move& move) const {
    RETURN_IF_ERROR(CheckAccount(move.from, Side::kGives));
    return CheckAccount(move.to, Side::kTakes);
  }

  absl::Status CheckAccounts(const ledger::Group& group) const {
    for (const ledger::Move& move : group.moves) {
      if (move.skip_if_closed) continue;
      RETURN_IF_ERROR(CheckMoveAccounts(move));
      const int year = YearOf(move.to);
      const bool ahead = move.year > 0 && year > 0 && move.year > year;
      if (ahead && !CannotBeRefused(transaction_.kind)) {
        return Refuse(reason::kYearClosed, {{"year", std::to_string(year)}});
      }
    }
    return absl::OkStatus();
  }

  // Account year of the money in `name`; 0 for anything but a `current` account.
  int YearOf(const std::string& name) const {
    const auto parsed = ledger::ParseAccount(name);
    if (parsed->bucket != "current") return 0;
    const auto& person = rows_.person(std::string(parsed->psn_no));
    return person.has_value() ? person->year : 0;
  }

  absl::Status RunGroup(const ledger::Group& group) {
    int64_t left_fen = group.want_fen;
    for (const ledger::Move& move : group.moves) {
      ledger::MoveResult result;
      RETURN_IF_ERROR(RunMove(move, left_fen, result));
      left_fen -= result.amount_fen;
      entry_.moves.push_back(std::move(result));
    }
    CHECK(left_fen >= 0);
    const int64_t brought_fen = group.want_fen - left_fen;
    if (brought_fen >= group.at_least_fen) return absl::OkStatus();
    if (CannotBeRefused(transaction_.kind)) return Refuse(reason::kEarly);
    return Refuse(reason::kInsufficientFunds, {{"available_fen", std::to_string(brought_fen)},
                                               {"needed_fen", std::to_string(group.at_least_fen)}});
  }

  absl::Status RunMove(const ledger::Move& move, int64_t left_fen, ledger::MoveResult& result) {
    result.tag = move.tag;
    const auto& from = rows_.account(move.from);
    result.balance_seen_fen = from.has_value() ? from->balance_fen : 0;
    if (move.skip_if_closed && !CheckMoveAccounts(move).ok()) {
      result.stop = ledger::Stop::kClosed;
      return absl::OkStatus();
    }
    if (left_fen == 0) {
      result.stop = ledger::Stop::kNotNeeded;
      return absl::OkStatus();
    }
    result.amount_fen = left_fen;
    result.stop = ledger::Stop::kSatisfied;
    Limit(move, result);
    result.year = YearOf(move.from);
    result.credited = move.to;
    if (move.year > 0 && YearOf(move.to) > move.year) {
      result.credited = ledger::PriorBeside(move.to);
    }
    if (result.amount_fen == 0) return absl::OkStatus();
    for (const ledger::Allowance& allowance : move.allowances) {
      const std::string key = ledger::AllowanceKey(allowance.key);
      rows_.SetCounter(key, rows_.counter(key) + result.amount_fen);
    }
    for (const std::string& returned : move.returned_allowances) {
      const std::string key = ledger::AllowanceKey(returned);
      rows_.SetCounter(key, std::max<int64_t>(0, rows_.counter(key) - result.amount_fen));
    }
    if (move.numbers_lot) result.lot_number = NextLotNumber(move);
    RETURN_IF_ERROR(Post(move.from, result.credited, result.amount_fen));
    if (!move.also) return absl::OkStatus();
    std::string also_to = move.also->to;
    return Post(move.also->from, also_to, result.amount_fen);
  }

  // Lowers the amount to what caps, balance, keeps and allowances leave; the last one that lowers
  // it becomes the stop.
  void Limit(const ledger::Move& move, ledger::MoveResult& result) const {
    const auto lower = [&result](int64_t to_fen, ledger::Stop stop) {
      const int64_t at_least_zero_fen = std::max<int64_t>(0, to_fen);
      if (at_least_zero_fen >= result.amount_fen) return;
      result.amount_fen = at_least_zero_fen;
      result.stop = stop;
    };
    if (move.at_most_fen) lower(*move.at_most_fen, ledger::Stop::kCapped);
    if (ledger::IsPersonAccount(move.from)) lower(result.balance_seen_fen, ledger::Stop::kEmpty);
    for (const ledger::Keep& keep : move.keeps) {
      int64_t sum_fen = 0;
      for (const std::string& account : keep.accounts) sum_fen += Balance(account);
      lower(sum_fen - keep.fen, ledger::Stop::kKept);
    }
    for (const ledger::Allowance& allowance : move.allowances) {
      const int64_t used_fen = rows_.counter(ledger::AllowanceKey(allowance.key));
      lower(allowance.ceiling_fen - used_fen, ledger::Stop::kAllowance);
    }
  }

  int64_t Balance(const std::string& name) const {
    const auto& account = rows_.account(name);
    return account.has_value() ? account->balance_fen : 0;
  }

  int64_t NextLotNumber(const ledger::Move& move) {
    const bool from_lot =
        ledger::ParseAccount(move.from)->account_class == ledger::AccountClass::kLot;
    const std::string key = ledger::LotNumberKey(from_lot ? move.from : move.to);
    const int64_t number = rows_.counter(key) + 1;
    rows_.SetCounter(key, number);
    return number;
  }

  // The account to which money for `name` goes if its owner has left; otherwise "".
  std::string ForwardOf(const std::string& name) const {
    const auto parsed = ledger::ParseAccount(name);
    if (parsed->account_class != ledger::AccountClass::kPersonal) return name;
    const ledger::Person& person = *rows_.person(std::string(parsed->psn_no));
    return person.residence == ledger::Residence::kLeft ? person.forward_to : name;
  }

  // Moves the amount; `to` becomes the account that was really credited.
  absl::Status Post(const std::string& from, std::string& to, int64_t amount_fen) {
    CHECK(amount_fen > 0);
    ledger::Account credited = rows_.account(to).value_or(ledger::Account{});
    if (credited.closed) {
      to = ForwardOf(to);
      credited = rows_.account(to).value_or(ledger::Account{});
    }
    if (from == to) {
      // A row from a control account to itself (clearing of an area with itself) moves nothing.
      const int64_t before = NumberBefore(from, credited);
      entry_.rows.push_back(
          {from, to, amount_fen, credited.balance_fen, credited.balance_fen, before, before});
      credited.last_number = entry_.number;
      rows_.SetAccount(from, credited);
      return absl::OkStatus();
    }
    ledger::Account debited = rows_.account(from).value_or(ledger::Account{});
    const auto from_after_fen = SubtractFen(debited.balance_fen, amount_fen);
    const auto to_after_fen = AddFen(credited.balance_fen, amount_fen);
    if (!from_after_fen || !to_after_fen) return Refuse(reason::kAmountOverflow);
    CHECK(*from_after_fen >= 0 ||
          !ledger::IsPersonAccount(from));  // Also a CHECK in 001_tables.sql.
    entry_.rows.push_back({from, to, amount_fen, *from_after_fen, *to_after_fen,
                           NumberBefore(from, debited), NumberBefore(to, credited)});
    debited.balance_fen = *from_after_fen;
    debited.last_number = entry_.number;
    credited.balance_fen = *to_after_fen;
    credited.last_number = entry_.number;
    rows_.SetAccount(from, debited);
    rows_.SetAccount(to, credited);
    return absl::OkStatus();
  }

  // The last entry before this one that moved money of `name`.
  int64_t NumberBefore(const std::string& name, const ledger::Account& account) const {
    if (account.last_number != entry_.number) return account.last_number;
    return ledger::EntryBefore(entry_.rows, name).value_or(0);
  }

  const ledger::Transaction& transaction_;
  const Moment moment_;
  Draft& rows_;
  ledger::Entry entry_;
};

}  // namespace

ledger::Entry Judge(const ledger::Transaction& transaction, Moment moment, Draft& rows) {
  return TransactionRun(transaction, moment, rows).Judge();
}

ledger::Entry Tombstone(const std::string& id, Moment moment) {
  ledger::Entry entry;
  entry.id = id;
  entry.at = moment.at;
  entry.outcome = ledger::Outcome::kTombstone;
  entry.status = Refuse(reason::kStepTombstoned);
  return entry;
}

bool IsStored(const ledger::Entry& entry) { return entry.status.ok() || IsFinal(entry.status); }

}  // namespace gongji::wallet
