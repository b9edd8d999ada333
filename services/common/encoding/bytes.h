// A small canonical encoding for values that are kept or compared as bytes: an integer is a zigzag
// varint, a string is its length and its bytes. The same values have the same bytes in every build,
// which protobuf does not promise.
#ifndef GONGJI_SERVICES_COMMON_ENCODING_BYTES_H_
#define GONGJI_SERVICES_COMMON_ENCODING_BYTES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace gongji {

class BytesWriter {
 public:
  void Integer(int64_t value);
  void String(std::string_view value);
  // Everything that is written between Begin and End becomes one String.
  size_t Begin() const { return bytes_.size(); }
  void End(size_t begin);
  std::string Finish() && { return std::move(bytes_); }

 private:
  std::string bytes_;
};

// Reads in the order written. After bytes that do not fit, ok() is false and values are 0 or "".
// `bytes` must outlive the reader.
class BytesReader {
 public:
  explicit BytesReader(std::string_view bytes) : bytes_(bytes) {}

  int64_t Integer();
  std::string String() { return std::string(View()); }
  // Like String, but without a copy.
  std::string_view View();
  bool ok() const { return ok_; }
  // True if everything was read and nothing was wrong.
  bool AtEnd() const { return ok_ && at_ == bytes_.size(); }

 private:
  std::string_view bytes_;
  size_t at_ = 0;
  bool ok_ = true;
};

}  // namespace gongji

#endif  // GONGJI_SERVICES_COMMON_ENCODING_BYTES_H_
