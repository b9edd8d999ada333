#include "services/wallet/rules/entry_bytes.h"

#include "services/ledger/transaction_fields.h"

namespace gongji::wallet {

std::string EncodeEntry(const ledger::Entry& entry) {
  ArchiveWriter writer;
  writer(entry.id, entry.at, entry.outcome, entry.status, entry.fingerprint, entry.moves,
         entry.claims, entry.rows, entry.effects, entry.origin);
  return std::move(writer).Finish();
}

bool DecodeEntry(const std::string& bytes, ledger::Entry& entry) {
  ArchiveReader reader(bytes);
  reader(entry.id, entry.at, entry.outcome, entry.status, entry.fingerprint, entry.moves,
         entry.claims, entry.rows, entry.effects, entry.origin);
  return reader.intact();
}

}  // namespace gongji::wallet
