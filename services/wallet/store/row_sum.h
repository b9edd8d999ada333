// Checksums of the rows of a shard, and the error for a row whose checksum does not fit.
#ifndef GONGJI_SERVICES_WALLET_STORE_ROW_SUM_H_
#define GONGJI_SERVICES_WALLET_STORE_ROW_SUM_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "services/common/encoding/bytes.h"
#include "services/common/encoding/checksum.h"
#include "services/common/errors/reasons.h"

namespace gongji::wallet {

inline absl::Status Damaged(const std::string& table, const std::string& key) {
  return Refuse(reason::kRowDamaged, {{"table", table}, {"key", key}});
}

// Checksum of a row: its key and contents, in order of the columns.
template <class... Values>
int64_t RowSum(const std::string& key, const Values&... values) {
  BytesWriter row;
  row.String(key);
  const auto put = [&row](const auto& value) {
    if constexpr (std::is_convertible_v<decltype(value), std::string_view>) {
      row.String(value);
    } else {
      row.Integer(value);
    }
  };
  (put(values), ...);
  return Checksum(std::move(row).Finish());
}

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_STORE_ROW_SUM_H_
