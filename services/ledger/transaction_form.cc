// CheckForm goes through a transaction from its lists down to single moves, postings, amounts and
// keys, and returns the first violated bound as INVALID_FIELD.
#include "services/ledger/transaction_form.h"

#include <algorithm>

#include "services/common/errors/reasons.h"
#include "services/common/ids.h"
#include "services/common/money.h"
#include "services/ledger/accounts.h"

namespace gongji::ledger {
namespace {

// Bounds of transaction.proto.
// An id on the wire has at most 96; the rest is for prefixes of direct writes.
constexpr size_t kMaxIdLength = 128;
constexpr size_t kMaxTagLength = 64;
// Bound of claims, allowances, persons and grants, and also of accounts. Stores index these keys.
constexpr size_t kMaxKeyLength = 512;
constexpr size_t kMaxGroups = 16;
constexpr size_t kMaxMoves = 64;
constexpr size_t kMaxClaimKeys = 8;
constexpr size_t kMaxSmallList = 8;

absl::Status CheckAmount(const std::string& field, int64_t fen) {
  if (fen < 0 || fen > kMaxAmountFen) return InvalidField(field, "out of range");
  return absl::OkStatus();
}

absl::Status CheckKey(const std::string& field, const std::string& key) {
  if (key.empty() || key.size() > kMaxKeyLength) return InvalidField(field, "1..512 bytes");
  return absl::OkStatus();
}

absl::Status CheckKeys(const std::string& field, const std::vector<std::string>& keys) {
  for (const std::string& key : keys) RETURN_IF_ERROR(CheckKey(field, key));
  return absl::OkStatus();
}

absl::Status CheckPosting(const std::string& from, const std::string& to) {
  if (!ParseAccount(from).has_value()) return InvalidField("from", "not an account name");
  if (!ParseAccount(to).has_value()) return InvalidField("to", "not an account name");
  if (from == to && IsPersonAccount(from)) return InvalidField("to", "the same as from");
  return absl::OkStatus();
}

// Offered quota can only be accepted or given back, and it only comes from quota.
absl::Status CheckOffered(const Move& move) {
  const AccountName from = *ParseAccount(move.from);
  const AccountName to = *ParseAccount(move.to);
  if (from.account_class == AccountClass::kOffered) {
    const bool accepted = to.account_class == AccountClass::kLot && to.psn_no == from.psn_no &&
                          to.relation_id == from.relation_id;
    const bool returned = move.to.starts_with("quota/");
    if (!(accepted || returned) || move.also) {
      return InvalidField("to", "offered quota is not spent");
    }
  }
  if (to.account_class == AccountClass::kOffered && !move.from.starts_with("quota/")) {
    return InvalidField("from", "only quota is offered");
  }
  return absl::OkStatus();
}

absl::Status CheckMove(const Move& move) {
  if (move.tag.size() > kMaxTagLength) return InvalidField("tag", "longer than 64 characters");
  RETURN_IF_ERROR(CheckPosting(move.from, move.to));
  if (move.also) {
    RETURN_IF_ERROR(CheckPosting(move.also->from, move.also->to));
    if (IsPersonAccount(move.also->from) || IsPersonAccount(move.also->to)) {
      return InvalidField("also", "not between control accounts");
    }
  }
  RETURN_IF_ERROR(CheckOffered(move));
  if (move.at_most_fen) RETURN_IF_ERROR(CheckAmount("at_most_fen", *move.at_most_fen));
  if (move.keeps.size() > kMaxSmallList || move.allowances.size() > kMaxSmallList) {
    return InvalidField("keeps", "too many");
  }
  for (const Keep& keep : move.keeps) {
    RETURN_IF_ERROR(CheckAmount("keeps.fen", keep.fen));
    if (keep.accounts.size() > kMaxSmallList) return InvalidField("keeps.accounts", "too many");
    for (const std::string& account : keep.accounts) {
      if (!ParseAccount(account)) return InvalidField("keeps.accounts", "not an account name");
    }
  }
  for (const Allowance& allowance : move.allowances) {
    RETURN_IF_ERROR(CheckAmount("allowances.ceiling_fen", allowance.ceiling_fen));
    RETURN_IF_ERROR(CheckKey("allowances.key", allowance.key));
  }
  if (move.returned_allowances.size() > kMaxSmallList) {
    return InvalidField("returned_allowances", "too many");
  }
  RETURN_IF_ERROR(CheckKeys("returned_allowances", move.returned_allowances));
  const bool current = IsCurrentAccount(move.to);
  if (move.year > 0 && current && move.from == PriorBeside(move.to)) {
    return InvalidField("year", "the money may come back to where it is");
  }
  const bool has_lot = ParseAccount(move.from)->account_class == AccountClass::kLot ||
                       ParseAccount(move.to)->account_class == AccountClass::kLot;
  if (move.numbers_lot && !has_lot) return InvalidField("numbers_lot", "no lot is moved");
  return absl::OkStatus();
}

absl::Status CheckGroup(const Group& group) {
  RETURN_IF_ERROR(CheckAmount("want_fen", group.want_fen));
  RETURN_IF_ERROR(CheckAmount("at_least_fen", group.at_least_fen));
  if (group.at_least_fen > group.want_fen) return InvalidField("at_least_fen", "above want_fen");
  if (group.moves.size() > kMaxMoves) return InvalidField("moves", "too many");
  for (const Move& move : group.moves) RETURN_IF_ERROR(CheckMove(move));
  return absl::OkStatus();
}

// Says which kind of transaction each change of a person belongs to; all other steps are the
// shard's own writes.
absl::Status CheckChange(const PersonChange& change, Kind kind) {
  if (!IsPsnNo(change.psn_no)) return InvalidField("person_changes.psn_no", "not a person number");
  static constexpr std::pair<PersonStep, Kind> kSteps[] = {{PersonStep::kLeave, Kind::kFreeze},
                                                           {PersonStep::kStay, Kind::kRelease},
                                                           {PersonStep::kDepart, Kind::kPivot},
                                                           {PersonStep::kArrive, Kind::kComplete}};
  Kind needed = Kind::kDirect;
  for (const auto& [step, step_kind] : kSteps) {
    if (change.step == step) needed = step_kind;
  }
  if (kind != needed) return InvalidField("person_changes.step", "belongs to another kind of step");
  if (change.step != PersonStep::kDepart) return absl::OkStatus();
  const bool known =
      change.forward_to.starts_with("clearing/") || change.forward_to.starts_with("outside/");
  if (!known || !ParseAccount(change.forward_to)) {
    return InvalidField("person_changes.forward_to", "neither clearing/ nor outside/");
  }
  return absl::OkStatus();
}

absl::Status CheckLists(const Transaction& transaction) {
  if (transaction.groups.size() > kMaxGroups) return InvalidField("groups", "too many");
  if (transaction.claims.size() > kMaxSmallList || transaction.unclaims.size() > kMaxSmallList ||
      transaction.wallet_psn_nos.size() > kMaxSmallList ||
      transaction.closed_lots.size() > kMaxSmallList ||
      transaction.person_changes.size() > kMaxSmallList ||
      transaction.grant_sequences.size() > kMaxGroups) {
    return InvalidField("claims", "too many");
  }
  for (const Claim& claim : transaction.claims) {
    if (claim.keys.empty() || claim.keys.size() > kMaxClaimKeys) {
      return InvalidField("claims.keys", "empty or too many");
    }
    RETURN_IF_ERROR(CheckKeys("claims.keys", claim.keys));
  }
  RETURN_IF_ERROR(CheckKeys("unclaims", transaction.unclaims));
  RETURN_IF_ERROR(CheckKeys("wallet_psn_nos", transaction.wallet_psn_nos));
  for (const PersonChange& change : transaction.person_changes) {
    RETURN_IF_ERROR(CheckChange(change, transaction.kind));
  }
  for (const GrantSequence& sequence : transaction.grant_sequences) {
    RETURN_IF_ERROR(CheckKey("grant_sequences.grant", sequence.grant));
  }
  for (const std::string& lot : transaction.closed_lots) {
    const auto account = ParseAccount(lot);
    if (!account || account->account_class != AccountClass::kLot) {
      return InvalidField("closed_lots", "not a lot");
    }
  }
  if (!transaction.grant_sequences.empty() && transaction.kind != Kind::kComplete) {
    return InvalidField("grant_sequences", "only completions have them");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckForm(const Transaction& transaction) {
  if (transaction.id.empty() || transaction.id.size() > kMaxIdLength) {
    return InvalidField("id", "empty or too long");
  }
  if (IsCloseId(transaction.id)) return InvalidField("id", "of the shard's own entries");
  const bool holds = !transaction.claims.empty() || !transaction.unclaims.empty();
  if (holds && !IsRequestId(transaction.holder)) return InvalidField("holder", "missing");
  RETURN_IF_ERROR(CheckLists(transaction));
  for (const Group& group : transaction.groups) RETURN_IF_ERROR(CheckGroup(group));
  return absl::OkStatus();
}

}  // namespace gongji::ledger
