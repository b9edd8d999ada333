// The stored form of a journal entry.
#ifndef GONGJI_SERVICES_WALLET_RULES_ENTRY_BYTES_H_
#define GONGJI_SERVICES_WALLET_RULES_ENTRY_BYTES_H_

#include <string>

#include "services/ledger/transaction.h"

namespace gongji::wallet {

// Encodes everything of `entry` but its number.
std::string EncodeEntry(const ledger::Entry& entry);

// Decodes into `entry`, whose number stays; false if the bytes are damaged.
bool DecodeEntry(const std::string& bytes, ledger::Entry& entry);

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_RULES_ENTRY_BYTES_H_
