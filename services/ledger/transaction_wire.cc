// One Fill, ToMessage or FromMessage per type, in both directions. Enums are cast, because the
// static_asserts below make sure that their numbers are the contract's.
#include "services/ledger/transaction_wire.h"

#include <string>
#include <utility>
#include <vector>

#include "services/common/errors/reasons.h"
#include "services/common/errors/status.h"
#include "services/common/ids.h"
#include "services/common/rpc/mirror.h"
#include "services/common/rpc/status_wire.h"
#include "services/common/rpc/time_wire.h"

namespace gongji::ledger {
namespace {

static_assert(rpc::Mirrors<Kind, wallet::v1::Transaction::Kind>(
    {{Kind::kFreeze, wallet::v1::Transaction::KIND_FREEZE},
     {Kind::kPivot, wallet::v1::Transaction::KIND_PIVOT},
     {Kind::kComplete, wallet::v1::Transaction::KIND_COMPLETE},
     {Kind::kRelease, wallet::v1::Transaction::KIND_RELEASE}},
    wallet::v1::Transaction::Kind_ARRAYSIZE));
static_assert(rpc::Mirrors<ClaimSubject, wallet::v1::Claim::Subject>(
    {{ClaimSubject::kPlace, wallet::v1::Claim::SUBJECT_PLACE},
     {ClaimSubject::kBill, wallet::v1::Claim::SUBJECT_BILL}},
    wallet::v1::Claim::Subject_ARRAYSIZE));
static_assert(rpc::Mirrors<PersonStep, wallet::v1::PersonChange::Step>(
    {{PersonStep::kLeave, wallet::v1::PersonChange::STEP_LEAVE},
     {PersonStep::kStay, wallet::v1::PersonChange::STEP_STAY},
     {PersonStep::kDepart, wallet::v1::PersonChange::STEP_DEPART},
     {PersonStep::kArrive, wallet::v1::PersonChange::STEP_ARRIVE}},
    wallet::v1::PersonChange::Step_ARRAYSIZE));
static_assert(rpc::Mirrors<Stop, wallet::v1::MoveResult::Stop>(
    {{Stop::kSatisfied, wallet::v1::MoveResult::STOP_SATISFIED},
     {Stop::kEmpty, wallet::v1::MoveResult::STOP_EMPTY},
     {Stop::kCapped, wallet::v1::MoveResult::STOP_CAPPED},
     {Stop::kKept, wallet::v1::MoveResult::STOP_KEPT},
     {Stop::kAllowance, wallet::v1::MoveResult::STOP_ALLOWANCE},
     {Stop::kClosed, wallet::v1::MoveResult::STOP_CLOSED},
     {Stop::kNotNeeded, wallet::v1::MoveResult::STOP_NOT_NEEDED}},
    wallet::v1::MoveResult::Stop_ARRAYSIZE));

constexpr char kStepPrefix[] = "step/";
// A bound of transaction.proto.
constexpr size_t kMaxIdLength = 96;

std::vector<std::string> Strings(const google::protobuf::RepeatedPtrField<std::string>& field) {
  return {field.begin(), field.end()};
}

void Fill(const Move& move, wallet::v1::Move& message) {
  message.set_from(move.from);
  message.set_to(move.to);
  if (move.also) {
    message.mutable_also()->set_from(move.also->from);
    message.mutable_also()->set_to(move.also->to);
  }
  if (move.at_most_fen) message.set_at_most_fen(*move.at_most_fen);
  for (const Keep& keep : move.keeps) {
    wallet::v1::Keep* out = message.add_keeps();
    out->set_fen(keep.fen);
    for (const std::string& account : keep.accounts) out->add_accounts(account);
  }
  for (const Allowance& allowance : move.allowances) {
    wallet::v1::Allowance* out = message.add_allowances();
    out->set_key(allowance.key);
    out->set_ceiling_fen(allowance.ceiling_fen);
  }
  for (const std::string& key : move.returned_allowances) message.add_returned_allowances(key);
  message.set_year(move.year);
  message.set_skip_if_closed(move.skip_if_closed);
  message.set_numbers_lot(move.numbers_lot);
  message.set_tag(move.tag);
}

Move MoveFrom(const wallet::v1::Move& message) {
  Move move{.from = message.from(), .to = message.to()};
  if (message.has_also()) move.also = {message.also().from(), message.also().to()};
  if (message.has_at_most_fen()) move.at_most_fen = message.at_most_fen();
  for (const wallet::v1::Keep& keep : message.keeps()) {
    move.keeps.push_back({keep.fen(), Strings(keep.accounts())});
  }
  for (const wallet::v1::Allowance& allowance : message.allowances()) {
    move.allowances.push_back({allowance.key(), allowance.ceiling_fen()});
  }
  move.returned_allowances = {message.returned_allowances().begin(),
                              message.returned_allowances().end()};
  move.year = message.year();
  move.skip_if_closed = message.skip_if_closed();
  move.numbers_lot = message.numbers_lot();
  move.tag = message.tag();
  return move;
}

wallet::v1::ClaimResult ToMessage(const ClaimResult& claim) {
  wallet::v1::ClaimResult message;
  message.set_key(claim.key);
  for (const std::string& holder : claim.holders) message.add_holders(holder);
  return message;
}

ClaimResult ClaimResultFrom(const wallet::v1::ClaimResult& message) {
  return {message.key(), Strings(message.holders())};
}

void Fill(const MoveResult& move, wallet::v1::MoveResult& message) {
  message.set_tag(move.tag);
  message.set_amount_fen(move.amount_fen);
  message.set_balance_seen_fen(move.balance_seen_fen);
  message.set_stop(static_cast<wallet::v1::MoveResult::Stop>(move.stop));
  message.set_credited(move.credited);
  message.set_year(move.year);
  message.set_lot_number(move.lot_number);
}

MoveResult MoveResultFrom(const wallet::v1::MoveResult& message) {
  return {.tag = message.tag(),
          .amount_fen = message.amount_fen(),
          .balance_seen_fen = message.balance_seen_fen(),
          .stop = static_cast<Stop>(message.stop()),
          .credited = message.credited(),
          .year = message.year(),
          .lot_number = message.lot_number()};
}

wallet::v1::TransactionResult ResultOf(const Answer& answer) {
  const Entry& entry = answer.entry;
  wallet::v1::TransactionResult message;
  message.set_id(entry.id.starts_with(kStepPrefix) ? entry.id.substr(sizeof(kStepPrefix) - 1)
                                                   : entry.id);
  message.set_journal_number(entry.number);
  *message.mutable_at() = rpc::ToMessage(entry.at);
  for (const MoveResult& move : entry.moves) Fill(move, *message.add_moves());
  for (const ClaimResult& claim : entry.claims) *message.add_claims() = ToMessage(claim);
  message.set_replayed(answer.replayed);
  return message;
}

}  // namespace

absl::StatusOr<std::string> StepKey(const char* field, const std::string& transaction_id) {
  if (!IsPrintable(transaction_id, kMaxIdLength)) {
    return InvalidField(field, "not 1..96 printable characters");
  }
  return kStepPrefix + transaction_id;
}

void Fill(const Transaction& transaction, wallet::v1::Transaction& message) {
  message.set_id(transaction.id);
  message.set_kind(static_cast<wallet::v1::Transaction::Kind>(transaction.kind));
  message.set_holder(transaction.holder);
  if (transaction.not_after != absl::InfiniteFuture()) {
    *message.mutable_not_after() = rpc::ToMessage(transaction.not_after);
  }
  if (transaction.business_day) message.set_business_day(FormatDay(*transaction.business_day));
  for (const Group& group : transaction.groups) {
    wallet::v1::Group* out = message.add_groups();
    out->set_want_fen(group.want_fen);
    out->set_at_least_fen(group.at_least_fen);
    for (const Move& move : group.moves) Fill(move, *out->add_moves());
  }
  for (const Claim& claim : transaction.claims) {
    wallet::v1::Claim* out = message.add_claims();
    for (const std::string& key : claim.keys) out->add_keys(key);
    out->set_subject(static_cast<wallet::v1::Claim::Subject>(claim.subject));
  }
  for (const std::string& key : transaction.unclaims) message.add_unclaims(key);
  for (const std::string& psn_no : transaction.wallet_psn_nos) message.add_wallet_psn_nos(psn_no);
  for (const std::string& lot : transaction.closed_lots) message.add_closed_lots(lot);
  for (const GrantSequence& sequence : transaction.grant_sequences) {
    wallet::v1::GrantSequence* out = message.add_grant_sequences();
    out->set_grant(sequence.grant);
    out->set_number(sequence.number);
  }
  for (const PersonChange& change : transaction.person_changes) {
    wallet::v1::PersonChange* out = message.add_person_changes();
    out->set_psn_no(change.psn_no);
    out->set_step(static_cast<wallet::v1::PersonChange::Step>(change.step));
    out->set_forward_to(change.forward_to);
  }
}

absl::StatusOr<Transaction> FromMessage(const wallet::v1::Transaction& message) {
  Transaction transaction;
  ASSIGN_OR_RETURN(transaction.id, StepKey("id", message.id()));
  if (message.kind() < wallet::v1::Transaction::KIND_FREEZE ||
      message.kind() > wallet::v1::Transaction::KIND_RELEASE) {
    return InvalidField("kind", "unknown");
  }
  transaction.kind = static_cast<Kind>(message.kind());
  transaction.holder = message.holder();
  if (message.has_not_after()) transaction.not_after = rpc::FromMessage(message.not_after());
  if (!message.business_day().empty()) {
    transaction.business_day = ParseDay(message.business_day());
    if (!transaction.business_day) return InvalidField("business_day", "not a day");
  }
  for (const wallet::v1::Group& group : message.groups()) {
    Group& out = transaction.groups.emplace_back();
    out.want_fen = group.want_fen();
    out.at_least_fen = group.at_least_fen();
    for (const wallet::v1::Move& move : group.moves()) out.moves.push_back(MoveFrom(move));
  }
  for (const wallet::v1::Claim& claim : message.claims()) {
    if (claim.subject() != wallet::v1::Claim::SUBJECT_PLACE &&
        claim.subject() != wallet::v1::Claim::SUBJECT_BILL) {
      return InvalidField("claims.subject", "unknown");
    }
    transaction.claims.push_back(
        {Strings(claim.keys()), static_cast<ClaimSubject>(claim.subject())});
  }
  transaction.unclaims = Strings(message.unclaims());
  transaction.wallet_psn_nos = Strings(message.wallet_psn_nos());
  transaction.closed_lots = Strings(message.closed_lots());
  for (const wallet::v1::GrantSequence& sequence : message.grant_sequences()) {
    transaction.grant_sequences.push_back({sequence.grant(), sequence.number()});
  }
  for (const wallet::v1::PersonChange& change : message.person_changes()) {
    if (change.step() < wallet::v1::PersonChange::STEP_LEAVE ||
        change.step() > wallet::v1::PersonChange::STEP_ARRIVE) {
      return InvalidField("person_changes.step", "unknown");
    }
    transaction.person_changes.push_back(
        {change.psn_no(), static_cast<PersonStep>(change.step()), change.forward_to()});
  }
  return transaction;
}

wallet::v1::ApplyOutcome ToMessage(const absl::StatusOr<Answer>& answer) {
  wallet::v1::ApplyOutcome outcome;
  if (!answer.ok()) {
    *outcome.mutable_error() = rpc::ToMessage(answer.status());
    return outcome;
  }
  const Entry& entry = answer->entry;
  if (entry.status.ok()) {
    *outcome.mutable_applied() = ResultOf(*answer);
  } else {
    *outcome.mutable_error() = rpc::ToMessage(entry.status);
    for (const ClaimResult& claim : entry.claims) *outcome.add_claims() = ToMessage(claim);
  }
  outcome.set_journal_number(entry.number);
  return outcome;
}

absl::StatusOr<Answer> FromMessage(const wallet::v1::ApplyOutcome& outcome) {
  Answer answer;
  Entry& entry = answer.entry;
  entry.number = outcome.journal_number();
  if (outcome.has_applied()) {
    const wallet::v1::TransactionResult& result = outcome.applied();
    entry.id = result.id();
    entry.at = rpc::FromMessage(result.at());
    for (const wallet::v1::MoveResult& move : result.moves()) {
      entry.moves.push_back(MoveResultFrom(move));
    }
    for (const wallet::v1::ClaimResult& claim : result.claims()) {
      entry.claims.push_back(ClaimResultFrom(claim));
    }
    answer.replayed = result.replayed();
    return answer;
  }
  entry.status = rpc::FromMessage(outcome.error());
  if (entry.status.ok()) return absl::InternalError("a shard answered neither yes nor no");
  const std::string reason = ReasonOf(entry.status);
  const bool of_the_step = entry.number > 0 || reason == reason::kLate.name ||
                           reason == reason::kEarly.name || IsFinal(entry.status);
  // Any other error, such as a full queue, decides nothing about the step.
  if (!of_the_step) return entry.status;
  entry.outcome = reason == reason::kStepTombstoned.name ? Outcome::kTombstone : Outcome::kRefused;
  for (const wallet::v1::ClaimResult& claim : outcome.claims()) {
    entry.claims.push_back(ClaimResultFrom(claim));
  }
  return answer;
}

}  // namespace gongji::ledger
