#include "services/wallet/entry_codec.h"

#include "services/wallet/transaction_fields.h"

namespace gongji::wallet {

std::string EncodeAnswer(const Entry& entry) {
  ArchiveWriter writer;
  writer(entry.status, entry.moves, entry.claims);
  return std::move(writer).Finish();
}

bool DecodeAnswer(const std::string& bytes, Entry& entry) {
  ArchiveReader reader(bytes);
  reader(entry.status, entry.moves, entry.claims);
  return reader.intact();
}

}  // namespace gongji::wallet
