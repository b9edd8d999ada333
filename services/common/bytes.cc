#include "services/common/bytes.h"

namespace gongji {

void BytesWriter::Integer(int64_t value) {
  auto left = (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
  while (left >= 0x80) {
    bytes_.push_back(static_cast<char>(left | 0x80));
    left >>= 7;
  }
  bytes_.push_back(static_cast<char>(left));
}

void BytesWriter::String(const std::string& value) {
  Integer(static_cast<int64_t>(value.size()));
  bytes_.append(value);
}

int64_t BytesReader::Integer() {
  uint64_t value = 0;
  for (int shift = 0; shift < 64 && at_ < bytes_.size(); shift += 7) {
    const auto byte = static_cast<uint8_t>(bytes_[at_++]);
    value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return static_cast<int64_t>((value >> 1) ^ (~(value & 1) + 1));
  }
  ok_ = false;
  return 0;
}

std::string BytesReader::String() {
  const int64_t size = Integer();
  if (!ok_ || size < 0 || static_cast<uint64_t>(size) > bytes_.size() - at_) {
    ok_ = false;
    return "";
  }
  std::string value = bytes_.substr(at_, static_cast<size_t>(size));
  at_ += static_cast<size_t>(size);
  return value;
}

}  // namespace gongji
