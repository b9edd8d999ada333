// Converts journal, tables and proofs to messages, and back for programs that check them.
#ifndef GONGJI_SERVICES_WALLET_JOURNAL_WIRE_H_
#define GONGJI_SERVICES_WALLET_JOURNAL_WIRE_H_

#include <optional>

#include "absl/status/statusor.h"
#include "gongji/wallet/v1/proof.pb.h"
#include "services/wallet/history/proof.h"
#include "services/wallet/rules/seal.h"
#include "services/wallet/store/wallet_store.h"

namespace gongji::wallet {

v1::JournalHash ToMessage(HashKind hash);
// Returns nothing for a hash that this program does not know.
std::optional<HashKind> FromMessage(v1::JournalHash hash);

v1::SealedEntry ToMessage(SealedEntry entry);
SealedEntry FromMessage(v1::SealedEntry message);

v1::ListTableRowsRequest::Table ToMessage(Table table);
std::optional<Table> FromMessage(v1::ListTableRowsRequest::Table table);

v1::TableRow ToMessage(Table table, TableRow row);
// Returns nothing if the row is not one of `table`.
std::optional<TableRow> FromMessage(Table table, v1::TableRow message);

v1::GetProofResponse ToMessage(Proof proof);

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_JOURNAL_WIRE_H_
