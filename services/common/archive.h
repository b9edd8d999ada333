// Writes and reads plain structs as bytes (bytes.h) from one list of their members, so that both
// directions cannot drift apart:
//
//   template <class Archive>
//   void Fields(Archive& archive, Bill& bill) { archive(bill.psn_no, bill.amount_fen); }
//
// Members are only ever appended to a list; members that old bytes lack get their default. This is
// how protobuf evolves, without field numbers: the position in the list is the number, so none may
// be removed or exchanged either.
#ifndef GONGJI_SERVICES_COMMON_ARCHIVE_H_
#define GONGJI_SERVICES_COMMON_ARCHIVE_H_

#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/common/business_day.h"
#include "services/common/encoding/bytes.h"
#include "services/common/errors/status.h"

namespace gongji {

class ArchiveWriter {
 public:
  template <class... T>
  void operator()(const T&... values) {
    (Put(values), ...);
  }
  std::string Finish() && { return std::move(out_).Finish(); }

 private:
  template <std::integral T>
  void Put(T value) {
    out_.Integer(static_cast<int64_t>(value));
  }
  template <class T>
    requires std::is_enum_v<T>
  void Put(T value) {
    out_.Integer(static_cast<int64_t>(value));
  }
  void Put(const std::string& value) { out_.String(value); }
  void Put(absl::Time value) { out_.Integer(absl::ToUnixMillis(value)); }
  void Put(BusinessDay value) { out_.String(FormatDay(value)); }
  void Put(const absl::Status& status) {
    const ErrorDetail detail = DetailOf(status).value_or(ErrorDetail{});
    (*this)(static_cast<int64_t>(status.code()), std::string(status.message()), detail.reason,
            detail.final, detail.text_zh, detail.metadata);
  }
  template <class A, class B>
  void Put(const std::pair<A, B>& value) {
    (*this)(value.first, value.second);
  }
  template <class T>
  void Put(const std::optional<T>& value) {
    Put(value.has_value());
    if (value.has_value()) Put(*value);
  }
  template <class T>
  void Put(const std::vector<T>& values) {
    out_.Integer(static_cast<int64_t>(values.size()));
    for (const T& value : values) Put(value);
  }
  template <class T>
    requires std::is_class_v<T>
  void Put(const T& value) {
    // A struct is length-prefixed, so that a reader with fewer or more members stays in step.
    const size_t begin = out_.Begin();
    Fields(*this, const_cast<T&>(value));
    out_.End(begin);
  }

  BytesWriter out_;
};

class ArchiveReader {
 public:
  // `bytes` must outlive the reader.
  explicit ArchiveReader(std::string_view bytes) : in_(bytes) {}

  template <class... T>
  void operator()(T&... values) {
    (GetUnlessAtEnd(values), ...);
  }
  // True if nothing that was read was damaged.
  bool intact() const { return in_.ok() && inner_intact_; }

 private:
  template <class T>
  void GetUnlessAtEnd(T& value) {
    if (!in_.AtEnd()) Get(value);
  }
  template <std::integral T>
  void Get(T& value) {
    value = static_cast<T>(in_.Integer());
  }
  template <class T>
    requires std::is_enum_v<T>
  void Get(T& value) {
    value = static_cast<T>(in_.Integer());
  }
  void Get(std::string& value) { value = in_.String(); }
  void Get(absl::Time& value) {
    const int64_t millis = in_.Integer();
    // The values that ToUnixMillis returns for the infinite times.
    value = millis == std::numeric_limits<int64_t>::max()   ? absl::InfiniteFuture()
            : millis == std::numeric_limits<int64_t>::min() ? absl::InfinitePast()
                                                            : absl::FromUnixMillis(millis);
  }
  void Get(BusinessDay& value) { value = ParseDay(in_.String()).value_or(BusinessDay()); }
  void Get(absl::Status& status) {
    int64_t code = 0;
    std::string text;
    ErrorDetail detail;
    (*this)(code, text, detail.reason, detail.final, detail.text_zh, detail.metadata);
    if (code == 0) {
      status = absl::OkStatus();
    } else if (detail.reason.empty()) {
      status = absl::Status(static_cast<absl::StatusCode>(code), text);
    } else {
      status = StatusWith(static_cast<absl::StatusCode>(code), text, std::move(detail));
    }
  }
  template <class A, class B>
  void Get(std::pair<A, B>& value) {
    (*this)(value.first, value.second);
  }
  template <class T>
  void Get(std::optional<T>& value) {
    bool present = false;
    Get(present);
    if (present) Get(value.emplace());
  }
  template <class T>
  void Get(std::vector<T>& values) {
    values.clear();
    for (int64_t left = in_.Integer(); left > 0 && in_.ok(); --left) Get(values.emplace_back());
  }
  template <class T>
    requires std::is_class_v<T>
  void Get(T& value) {
    ArchiveReader inner(in_.View());
    Fields(inner, value);
    inner_intact_ = inner_intact_ && inner.intact();
  }

  BytesReader in_;
  bool inner_intact_ = true;
};

// A struct with a Fields list as bytes, and back; FromBytes returns false if the bytes are damaged.
template <class T>
std::string ToBytes(const T& value) {
  ArchiveWriter writer;
  writer(value);
  return std::move(writer).Finish();
}

template <class T>
bool FromBytes(const std::string& bytes, T& value) {
  ArchiveReader reader(bytes);
  reader(value);
  return reader.intact();
}

}  // namespace gongji

#endif  // GONGJI_SERVICES_COMMON_ARCHIVE_H_
