#include "services/wallet/journal_wire.h"

#include <string>
#include <utility>
#include <variant>

#include "services/common/rpc/mirror.h"

namespace gongji::wallet {

static_assert(rpc::Mirrors<Table, v1::ListTableRowsRequest::Table>(
    {{Table::kAccounts, v1::ListTableRowsRequest::TABLE_ACCOUNTS},
     {Table::kPersons, v1::ListTableRowsRequest::TABLE_PERSONS},
     {Table::kClaims, v1::ListTableRowsRequest::TABLE_CLAIMS},
     {Table::kCounters, v1::ListTableRowsRequest::TABLE_COUNTERS},
     {Table::kIds, v1::ListTableRowsRequest::TABLE_IDS}},
    v1::ListTableRowsRequest::Table_ARRAYSIZE));

v1::JournalHash ToMessage(HashKind hash) {
  return hash == HashKind::kSm3 ? v1::JOURNAL_HASH_SM3 : v1::JOURNAL_HASH_SHA256;
}

std::optional<HashKind> FromMessage(v1::JournalHash hash) {
  if (hash == v1::JOURNAL_HASH_SM3) return HashKind::kSm3;
  if (hash == v1::JOURNAL_HASH_SHA256) return HashKind::kSha256;
  return std::nullopt;
}

v1::SealedEntry ToMessage(SealedEntry entry) {
  v1::SealedEntry message;
  message.set_number(entry.number);
  message.set_body(std::move(entry.body));
  message.set_chain(std::move(entry.chain));
  message.set_damaged(!entry.whole);
  return message;
}

SealedEntry FromMessage(v1::SealedEntry message) {
  return {.number = message.number(),
          .body = std::move(*message.mutable_body()),
          .chain = std::move(*message.mutable_chain()),
          .whole = !message.damaged()};
}

v1::ListTableRowsRequest::Table ToMessage(Table table) {
  return static_cast<v1::ListTableRowsRequest::Table>(table);
}

std::optional<Table> FromMessage(v1::ListTableRowsRequest::Table table) {
  if (table < v1::ListTableRowsRequest::TABLE_ACCOUNTS ||
      table > v1::ListTableRowsRequest::TABLE_IDS) {
    return std::nullopt;
  }
  return static_cast<Table>(table);
}

v1::TableRow ToMessage(Table table, TableRow row) {
  v1::TableRow message;
  message.set_key(std::move(row.key));
  message.set_damaged(!row.whole);
  if (table == Table::kAccounts) {
    const auto& account = std::get<ledger::Account>(row.value);
    message.mutable_account()->set_balance_fen(account.balance_fen);
    message.mutable_account()->set_closed(account.closed);
    message.mutable_account()->set_last_number(account.last_number);
  } else if (table == Table::kPersons) {
    const auto& person = std::get<ledger::Person>(row.value);
    v1::StoredPerson* out = message.mutable_person();
    out->set_year(person.year);
    out->set_wallet_open(person.wallet_open);
    out->set_residence(static_cast<v1::Residence>(person.residence));
    out->set_forward_to(person.forward_to);
    out->set_opened_by_psn_no(person.opened_by);
  } else if (table == Table::kClaims) {
    message.set_holder(std::get<std::string>(std::move(row.value)));
  } else {
    message.set_number(std::get<int64_t>(row.value));
  }
  return message;
}

std::optional<TableRow> FromMessage(Table table, v1::TableRow message) {
  TableRow row{.key = std::move(*message.mutable_key()), .value = {}, .whole = !message.damaged()};
  switch (table) {
    case Table::kAccounts:
      if (!message.has_account()) return std::nullopt;
      row.value = ledger::Account{message.account().balance_fen(), message.account().closed(),
                                  message.account().last_number()};
      return row;
    case Table::kPersons:
      if (!message.has_person()) return std::nullopt;
      row.value =
          ledger::Person{message.person().year(), message.person().wallet_open(),
                         static_cast<ledger::Residence>(message.person().residence()),
                         message.person().forward_to(), message.person().opened_by_psn_no()};
      return row;
    case Table::kClaims:
      if (message.value_case() != v1::TableRow::kHolder) return std::nullopt;
      row.value = std::move(*message.mutable_holder());
      return row;
    case Table::kCounters:
    case Table::kIds:
      if (message.value_case() != v1::TableRow::kNumber) return std::nullopt;
      row.value = message.number();
      return row;
  }
  return std::nullopt;
}

v1::GetProofResponse ToMessage(Proof proof) {
  v1::GetProofResponse message;
  message.set_hash(ToMessage(proof.hash));
  message.set_number(proof.number);
  message.set_body(std::move(proof.body));
  message.set_chain_before(std::move(proof.before));
  message.set_first_number(proof.first_number);
  message.set_last_number(proof.last_number);
  for (Digest& digest : proof.path) message.add_path(std::move(digest));
  message.set_root(std::move(proof.root));
  return message;
}

}  // namespace gongji::wallet
