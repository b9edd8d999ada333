#include "tests/faults/pages.h"

#include <algorithm>
#include <utility>

#include "services/common/errors/check.h"

namespace gongji::faults {
namespace {

enum : uint8_t {
  kIndexInterior = 0x02,
  kTableInterior = 0x05,
  kIndexLeaf = 0x0a,
  kTableLeaf = 0x0d,
};

class Reader {
 public:
  explicit Reader(const std::string& file) : file_(file) {
    page_bytes_ = Number(16, 2) == 1 ? 65536 : Number(16, 2);
    usable_bytes_ = page_bytes_ - Byte(20);
  }

  void Walk(const std::string& table, size_t page, std::vector<StoredRow>& rows) const {
    const size_t begin = (page - 1) * page_bytes_;
    const size_t header = begin + (page == 1 ? 100 : 0);
    const uint8_t kind = Byte(header);
    const bool leaf = kind == kIndexLeaf || kind == kTableLeaf;
    const size_t cells = Number(header + 3, 2);
    for (size_t i = 0; i < cells; ++i) {
      size_t at = begin + Number(header + (leaf ? 8 : 12) + 2 * i, 2);
      if (!leaf) {
        Walk(table, Number(at, 4), rows);
        at += 4;
      }
      if (kind == kTableInterior) continue;
      rows.push_back(ReadRow(table, kind, at));
    }
    if (!leaf) Walk(table, Number(header + 8, 4), rows);
  }

 private:
  uint8_t Byte(size_t at) const { return static_cast<uint8_t>(file_.at(at)); }
  size_t Number(size_t at, int bytes) const {
    size_t number = 0;
    for (int i = 0; i < bytes; ++i) number = number << 8 | Byte(at + static_cast<size_t>(i));
    return number;
  }
  // Reads a varint at `at` and moves `at` to its end.
  size_t Varint(size_t& at) const {
    size_t number = 0;
    for (int i = 0; i < 8; ++i) {
      const uint8_t byte = Byte(at++);
      number = number << 7 | (byte & 0x7f);
      if (byte < 0x80) return number;
    }
    return number << 8 | Byte(at++);
  }

  // How many of `payload` bytes are not on overflow pages.
  size_t LocalBytes(uint8_t kind, size_t payload) const {
    const size_t most =
        kind == kTableLeaf ? usable_bytes_ - 35 : (usable_bytes_ - 12) * 64 / 255 - 23;
    if (payload <= most) return payload;
    const size_t least = (usable_bytes_ - 12) * 32 / 255 - 23;
    const size_t wanted = least + (payload - least) % (usable_bytes_ - 4);
    return wanted <= most ? wanted : least;
  }

  StoredRow ReadRow(const std::string& table, uint8_t kind, size_t at) const {
    StoredRow row{.table = table};
    const auto take = [&row](size_t from, size_t bytes) {
      for (size_t i = 0; i < bytes; ++i) row.offsets.push_back(from + i);
    };
    const size_t begin = at;
    const size_t payload = Varint(at);
    if (kind == kTableLeaf) row.number = static_cast<int64_t>(Varint(at));
    take(begin, at - begin);
    const size_t local = LocalBytes(kind, payload);
    const size_t contents = row.offsets.size();
    take(at, local);
    size_t left = payload - local;
    size_t pointer = at + local;
    while (left > 0) {
      take(pointer, 4);
      pointer = (Number(pointer, 4) - 1) * page_bytes_;
      const size_t here = std::min(left, usable_bytes_ - 4);
      take(pointer + 4, here);
      left -= here;
    }
    if (kind != kTableLeaf) row.key = FirstText(row.offsets[contents]);
    return row;
  }

  // The first column of the record that begins here. It must be text that is not on an overflow
  // page.
  std::string FirstText(size_t at) const {
    const size_t begin = at;
    const size_t header = Varint(at);
    const size_t type = Varint(at);
    CHECK(type >= 13 && type % 2 == 1);
    return file_.substr(begin + header, (type - 13) / 2);
  }

  const std::string& file_;
  size_t page_bytes_ = 0;
  size_t usable_bytes_ = 0;
};

}  // namespace

std::vector<StoredRow> RowsIn(const std::string& file, const std::vector<Root>& roots) {
  std::vector<StoredRow> rows;
  const Reader reader(file);
  for (const Root& root : roots) reader.Walk(root.table, static_cast<size_t>(root.page), rows);
  return rows;
}

}  // namespace gongji::faults
