#include "services/wallet/wallet_wire.h"

#include <string>

#include "services/common/errors/status.h"
#include "services/common/rpc/mirror.h"
#include "services/common/rpc/origin_wire.h"
#include "services/common/rpc/status_wire.h"
#include "services/common/rpc/time_wire.h"
#include "services/wallet/rules/person_changes.h"

namespace gongji::wallet {

namespace {

static_assert(rpc::Mirrors<ledger::Outcome, v1::Entry::Outcome>(
    {{ledger::Outcome::kApplied, v1::Entry::OUTCOME_APPLIED},
     {ledger::Outcome::kRefused, v1::Entry::OUTCOME_REFUSED},
     {ledger::Outcome::kTombstone, v1::Entry::OUTCOME_TOMBSTONE}},
    v1::Entry::Outcome_ARRAYSIZE));
static_assert(rpc::Mirrors<ledger::Residence, v1::Residence>(
    {{ledger::Residence::kLeaving, v1::RESIDENCE_LEAVING},
     {ledger::Residence::kLeft, v1::RESIDENCE_LEFT}},
    v1::Residence_ARRAYSIZE));

}  // namespace

v1::WriteOutcome ToWriteOutcome(const absl::StatusOr<ledger::Answer>& answer) {
  v1::WriteOutcome outcome;
  const absl::Status& status = answer.ok() ? answer->entry.status : answer.status();
  if (!status.ok()) {
    *outcome.mutable_error() = rpc::ToMessage(status);
    return outcome;
  }
  outcome.mutable_written()->set_journal_number(answer->entry.number);
  *outcome.mutable_written()->mutable_at() = rpc::ToMessage(answer->entry.at);
  outcome.mutable_written()->set_replayed(answer->replayed);
  return outcome;
}

v1::Entry ToMessage(const ledger::Entry& entry) {
  v1::Entry message;
  message.set_number(entry.number);
  message.set_id(entry.id);
  *message.mutable_at() = rpc::ToMessage(entry.at);
  message.set_outcome(static_cast<v1::Entry::Outcome>(entry.outcome));
  message.set_reason(ReasonOf(entry.status));
  for (const ledger::Row& row : entry.rows) {
    v1::Row* out = message.add_rows();
    out->set_from(row.from);
    out->set_to(row.to);
    out->set_amount_fen(row.amount_fen);
    out->set_from_after_fen(row.from_after_fen);
    out->set_to_after_fen(row.to_after_fen);
  }
  if (!entry.origin.has_value()) return message;
  *message.mutable_origin() = rpc::OriginOf({.channel = entry.origin->channel,
                                             .operator_id = entry.origin->operator_id,
                                             .consent_document = entry.origin->consent_document});
  message.set_opened_by_psn_no(entry.origin->opened_by_psn_no);
  return message;
}

v1::GetHoldingsResponse ToMessage(const AsOf<Holdings>& read) {
  const Holdings& holdings = read.value;
  const ledger::Person& person = holdings.person;
  v1::GetHoldingsResponse message;
  message.set_wallet_open(person.wallet_open);
  message.set_opened_by_psn_no(person.opened_by);
  message.set_residence(static_cast<v1::Residence>(person.residence));
  message.set_new_area(NewAreaOf(person));
  message.set_year(person.year);
  message.set_current_fen(holdings.current_fen);
  message.set_prior_fen(holdings.prior_fen);
  message.set_family_fen(holdings.family_fen);
  message.set_granted_fen(holdings.granted_fen);
  message.set_received_fen(holdings.received_fen);
  message.set_offered_fen(holdings.offered_fen);
  for (const Holding& holding : holdings.page) {
    v1::Holding* out = message.add_holdings();
    const bool granted = holding.account_class == ledger::AccountClass::kGranted;
    const bool received = holding.account_class == ledger::AccountClass::kLot;
    out->set_kind(granted    ? v1::Holding::KIND_GRANTED
                  : received ? v1::Holding::KIND_RECEIVED
                             : v1::Holding::KIND_OFFERED);
    out->set_relation_id(holding.relation_id);
    out->set_current_fen(holding.current_fen);
    out->set_prior_fen(holding.prior_fen);
    out->set_quota_fen(holding.quota_fen);
    out->set_transfer_id(holding.transfer_id);
  }
  message.set_journal_number(read.number);
  return message;
}

v1::StatementLine ToMessage(const StatementLine& line) {
  v1::StatementLine message;
  message.set_number(line.number);
  message.set_ordinal(line.ordinal);
  message.set_id(line.id);
  *message.mutable_at() = rpc::ToMessage(line.at);
  message.set_other_account(line.other_account);
  message.set_change_fen(line.change_fen);
  message.set_balance_fen(line.balance_fen);
  return message;
}

v1::Balance ToMessage(const AccountRow& row) {
  v1::Balance message;
  message.set_account(row.name);
  message.set_balance_fen(row.account.balance_fen);
  message.set_closed(row.account.closed);
  return message;
}

}  // namespace gongji::wallet
