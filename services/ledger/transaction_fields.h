// Member lists of the ledger's types, for their stored form (services/common/archive.h).
#ifndef GONGJI_SERVICES_LEDGER_TRANSACTION_FIELDS_H_
#define GONGJI_SERVICES_LEDGER_TRANSACTION_FIELDS_H_

#include "services/common/archive.h"
#include "services/ledger/transaction.h"

namespace gongji::ledger {

template <class Archive>
void Fields(Archive& archive, Posting& posting) {
  archive(posting.from, posting.to);
}

template <class Archive>
void Fields(Archive& archive, Keep& keep) {
  archive(keep.fen, keep.accounts);
}

template <class Archive>
void Fields(Archive& archive, Allowance& allowance) {
  archive(allowance.key, allowance.ceiling_fen);
}

template <class Archive>
void Fields(Archive& archive, Move& move) {
  archive(move.from, move.to, move.also, move.at_most_fen, move.keeps, move.allowances, move.year,
          move.skip_if_closed, move.numbers_lot, move.tag, move.returned_allowances);
}

template <class Archive>
void Fields(Archive& archive, Group& group) {
  archive(group.want_fen, group.at_least_fen, group.moves);
}

template <class Archive>
void Fields(Archive& archive, Claim& claim) {
  archive(claim.keys, claim.subject);
}

template <class Archive>
void Fields(Archive& archive, GrantSequence& sequence) {
  archive(sequence.grant, sequence.number);
}

template <class Archive>
void Fields(Archive& archive, PersonChange& change) {
  archive(change.psn_no, change.step, change.forward_to);
}

template <class Archive>
void Fields(Archive& archive, Origin& origin) {
  archive(origin.channel, origin.operator_id, origin.consent_document, origin.opened_by_psn_no);
}

// Only the fields that are on the wire: a plan contains no others.
template <class Archive>
void Fields(Archive& archive, Transaction& transaction) {
  archive(transaction.id, transaction.kind, transaction.holder, transaction.not_after,
          transaction.business_day, transaction.groups, transaction.claims, transaction.unclaims,
          transaction.wallet_psn_nos, transaction.closed_lots, transaction.grant_sequences,
          transaction.person_changes);
}

template <class Archive>
void Fields(Archive& archive, MoveResult& move) {
  archive(move.tag, move.amount_fen, move.balance_seen_fen, move.stop, move.credited, move.year,
          move.lot_number);
}

template <class Archive>
void Fields(Archive& archive, ClaimResult& claim) {
  archive(claim.key, claim.holders);
}

template <class Archive>
void Fields(Archive& archive, Row& row) {
  archive(row.from, row.to, row.amount_fen, row.from_after_fen, row.to_after_fen, row.from_before,
          row.to_before);
}

template <class Archive>
void Fields(Archive& archive, Person& person) {
  archive(person.year, person.wallet_open, person.residence, person.forward_to, person.opened_by);
}

template <class Archive>
void Fields(Archive& archive, Effects& effects) {
  archive(effects.opened_accounts, effects.closed_accounts, effects.persons, effects.claims,
          effects.counters, effects.reopened_accounts);
}

}  // namespace gongji::ledger

#endif  // GONGJI_SERVICES_LEDGER_TRANSACTION_FIELDS_H_
