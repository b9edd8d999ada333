#include "services/common/encoding/bytes.h"

namespace gongji {

namespace {

// A varint of at most 64 bits.
struct Varint {
  explicit Varint(int64_t value) {
    auto left = (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
    while (left >= 0x80) {
      bytes[size++] = static_cast<char>(left | 0x80);
      left >>= 7;
    }
    bytes[size++] = static_cast<char>(left);
  }

  char bytes[10];
  size_t size = 0;
};

}  // namespace

void BytesWriter::Integer(int64_t value) {
  const Varint varint(value);
  bytes_.append(varint.bytes, varint.size);
}

void BytesWriter::String(std::string_view value) {
  Integer(static_cast<int64_t>(value.size()));
  bytes_.append(value);
}

void BytesWriter::End(size_t begin) {
  const Varint size(static_cast<int64_t>(bytes_.size() - begin));
  bytes_.insert(begin, size.bytes, size.size);
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

std::string_view BytesReader::View() {
  const int64_t size = Integer();
  // A negative size becomes a large one.
  if (static_cast<uint64_t>(size) > bytes_.size() - at_) {
    ok_ = false;
    return {};
  }
  const std::string_view value = bytes_.substr(at_, static_cast<size_t>(size));
  at_ += static_cast<size_t>(size);
  return value;
}

}  // namespace gongji
