// The stored form of an entry's answer.
#ifndef GONGJI_SERVICES_WALLET_ENTRY_CODEC_H_
#define GONGJI_SERVICES_WALLET_ENTRY_CODEC_H_

#include <string>

#include "services/wallet/transaction.h"

namespace gongji::wallet {

// Status, moves and claims of `entry`; everything else has columns of its own.
std::string EncodeAnswer(const Entry& entry);

// Reads into `entry`; false if the bytes are damaged.
bool DecodeAnswer(const std::string& bytes, Entry& entry);

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_ENTRY_CODEC_H_
