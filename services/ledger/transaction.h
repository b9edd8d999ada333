// The one primitive of the ledger in domain words. It mirrors
// proto/gongji/wallet/v1/transaction.proto, which describes meaning and bounds of every field.
#ifndef GONGJI_SERVICES_LEDGER_TRANSACTION_H_
#define GONGJI_SERVICES_LEDGER_TRANSACTION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/common/business_day.h"

namespace gongji::ledger {

enum class Kind {
  kFreeze = 1,
  kPivot = 2,
  kComplete = 3,
  kRelease = 4,
  // Writes of the shard's own callers (contribution, opening): they may be refused and have no
  // deadline.
  kDirect = 5,
};

struct Posting {
  std::string from;
  std::string to;

  friend bool operator==(const Posting&, const Posting&) = default;
};

struct Keep {
  int64_t fen = 0;
  std::vector<std::string> accounts;

  friend bool operator==(const Keep&, const Keep&) = default;
};

struct Allowance {
  std::string key;
  int64_t ceiling_fen = 0;

  friend bool operator==(const Allowance&, const Allowance&) = default;
};

struct Move {
  std::string from;
  std::string to;
  std::optional<Posting> also;
  std::optional<int64_t> at_most_fen;
  std::vector<Keep> keeps;
  std::vector<Allowance> allowances;
  std::vector<std::string> returned_allowances;
  int year = 0;
  bool skip_if_closed = false;
  bool numbers_lot = false;
  std::string tag;

  friend bool operator==(const Move&, const Move&) = default;
};

struct Group {
  int64_t want_fen = 0;
  int64_t at_least_fen = 0;
  std::vector<Move> moves;

  friend bool operator==(const Group&, const Group&) = default;
};

enum class ClaimSubject {
  kPlace = 1,
  kBill = 2,
  kPeriod = 3,  // of the family sub-account; not on the wire
};

struct Claim {
  std::vector<std::string> keys;
  ClaimSubject subject = ClaimSubject::kPlace;

  friend bool operator==(const Claim&, const Claim&) = default;
};

struct GrantSequence {
  std::string grant;
  int64_t number = 0;

  friend bool operator==(const GrantSequence&, const GrantSequence&) = default;
};

// What happens to a person besides the money.
enum class PersonStep {
  // Steps of a move (R20), also on the wire.
  kLeave = 1,   // a freeze: the person's accounts can no longer be debited
  kStay = 2,    // a release: the accounts can be debited again
  kDepart = 3,  // a pivot that takes all of the person's money: later credits go to `forward_to`
  kArrive = 4,  // a completion: opens the person's accounts at the new place
  // Steps of the shard's own callers.
  kOpenAccount = 5,       // in the current account year; does nothing if the account exists
  kOpenFirstAccount = 6,  // the same, with an opening balance: only if there was no account
  kOpenFamily = 7,        // the sub-account; does nothing if it exists
  kOpenWallet = 8,        // does nothing if the wallet is open
  kCloseWallet = 9,
};

struct PersonChange {
  std::string psn_no;
  PersonStep step = PersonStep::kLeave;
  std::string forward_to;  // kDepart: a control account whose last part is the new home's area

  friend bool operator==(const PersonChange&, const PersonChange&) = default;
};

// Who asked for a write, and how (R12, R14). It is not part of what is written: the same write
// under the same id is the same, regardless of who repeats it.
struct Origin {
  std::string channel;
  std::string operator_id;
  std::string consent_document;
  std::string opened_by_psn_no;  // the person who opened the wallet for this one, or ""

  friend bool operator==(const Origin&, const Origin&) = default;
};

// A person whose account year becomes `year`.
struct ClosedYear {
  std::string psn_no;
  int year = 0;

  friend bool operator==(const ClosedYear&, const ClosedYear&) = default;
};

struct Transaction {
  std::string id;
  Kind kind = Kind::kPivot;
  std::string holder;
  absl::Time not_after = absl::InfiniteFuture();
  std::optional<BusinessDay> business_day;
  std::vector<Group> groups;
  std::vector<Claim> claims;
  std::vector<std::string> unclaims;
  std::vector<std::string> wallet_psn_nos;
  std::vector<std::string> closed_lots;
  std::vector<GrantSequence> grant_sequences;
  std::vector<PersonChange> person_changes;
  // Not on the wire.
  std::optional<Origin> origin;
  // Fingerprint of the request from which this transaction was made; "": there was no request.
  std::string request;
  // Not OK if rules outside of the ledger have refused: the answer, to be stored like any other
  // refusal.
  absl::Status refusal;
  // Made by the shard itself (year_close.h).
  std::vector<ClosedYear> closed_years;

  friend bool operator==(const Transaction&, const Transaction&) = default;
};

enum class Stop {
  kSatisfied = 1,
  kEmpty = 2,
  kCapped = 3,
  kKept = 4,
  kAllowance = 5,
  kClosed = 6,
  kNotNeeded = 7,
};

struct MoveResult {
  std::string tag;
  int64_t amount_fen = 0;
  int64_t balance_seen_fen = 0;
  Stop stop = Stop::kNotNeeded;
  std::string credited;
  int year = 0;
  int64_t lot_number = 0;

  friend bool operator==(const MoveResult&, const MoveResult&) = default;
};

struct ClaimResult {
  std::string key;
  std::vector<std::string> holders;

  friend bool operator==(const ClaimResult&, const ClaimResult&) = default;
};

// A journal row: debits equal credits by construction.
struct Row {
  std::string from;
  std::string to;
  int64_t amount_fen = 0;
  int64_t from_after_fen = 0;
  int64_t to_after_fen = 0;
  // Number of the entry before this one that moved money of `from`; 0: none. With these numbers the
  // journal is its own index by account.
  int64_t from_before = 0;
  // The same for `to`.
  int64_t to_before = 0;

  friend bool operator==(const Row&, const Row&) = default;
};

struct Account {
  int64_t balance_fen = 0;
  bool closed = false;  // for ever for a lot; also a personal account of a person who leaves or has
                        // left
  int64_t last_number = 0;  // number of the last entry that moved money of this account; 0: none

  friend bool operator==(const Account&, const Account&) = default;
};

enum class Residence { kNormal = 0, kLeaving = 1, kLeft = 2 };

struct Person {
  int year = 0;  // account year of `current`; 0: no personal account
  bool wallet_open = false;
  Residence residence = Residence::kNormal;
  std::string forward_to;  // kLeft: the control account to which later credits go
  std::string opened_by;   // the person who opened the wallet for this one, or ""

  friend bool operator==(const Person&, const Person&) = default;
};

// What an entry changed besides the balances in its rows; each value is the one afterwards.
struct Effects {
  std::vector<std::string> opened_accounts;  // empty accounts
  std::vector<std::string> closed_accounts;
  std::vector<std::string> reopened_accounts;
  std::vector<std::pair<std::string, Person>> persons;
  std::vector<std::pair<std::string, std::optional<std::string>>> claims;
  std::vector<std::pair<std::string, int64_t>> counters;

  friend bool operator==(const Effects&, const Effects&) = default;
};

enum class Outcome { kApplied = 1, kRefused = 2, kTombstone = 3 };

// The answer to an id. `status` is OK for kApplied; otherwise it says why the answer is no.
struct Entry {
  int64_t number = 0;
  std::string id;
  absl::Time at = absl::UnixEpoch();
  Outcome outcome = Outcome::kApplied;
  absl::Status status;
  // Fingerprint of the transaction that was answered first; "" for a tombstone.
  std::string fingerprint;
  std::vector<MoveResult> moves;
  std::vector<ClaimResult> claims;
  std::vector<Row> rows;
  Effects effects;
  std::optional<Origin> origin;

  friend bool operator==(const Entry&, const Entry&) = default;
};

// The entry before this one that moved money of `account`: 0 if there is none, nothing if these
// rows do not touch the account.
std::optional<int64_t> EntryBefore(const std::vector<Row>& rows, const std::string& account);

// What a caller gets: the entry, or (number 0) an answer that decided nothing: LATE, EARLY or that
// of a dry run.
struct Answer {
  Entry entry;
  bool replayed = false;

  bool applied() const { return entry.status.ok(); }
  // True if this answer is final for its id.
  bool decided() const { return entry.number > 0; }
};

// The fingerprint of the request; without one, SHA-256 over all fields of `transaction` but its id,
// its origin and the refusal from outside.
std::string FingerprintOf(const Transaction& transaction);

}  // namespace gongji::ledger

#endif  // GONGJI_SERVICES_LEDGER_TRANSACTION_H_
