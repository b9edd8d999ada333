#include "services/common/ids.h"

#include <openssl/evp.h>

#include <algorithm>

#include "services/common/errors/check.h"

namespace gongji {
namespace {

constexpr char kAlphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

// Appends the lowest `digits` base-32 digits of `value`, highest first.
void AppendBase32(uint64_t value, int digits, std::string& out) {
  for (int shift = 5 * (digits - 1); shift >= 0; shift -= 5) {
    out.push_back(kAlphabet[(value >> shift) & 31]);
  }
}

// Fetched once: a fetch per call costs as much as the digest.
const EVP_MD* Sha256() {
  static const EVP_MD* const digest = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  CHECK(digest != nullptr);
  return digest;
}

}  // namespace

std::string NewId(Env& env) {
  std::string id;
  id.reserve(26);
  AppendBase32(static_cast<uint64_t>(std::max<int64_t>(0, absl::ToUnixMillis(env.Now()))), 10, id);
  AppendBase32(env.Random(), 8, id);
  AppendBase32(env.Random(), 8, id);
  return id;
}

bool IsPrintable(const std::string& text, size_t most) {
  return !text.empty() && text.size() <= most &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

Fingerprint::Fingerprint(std::string_view method) { Field("method", method); }

Fingerprint& Fingerprint::Field(std::string_view name, std::string_view value) {
  if (value.empty()) return *this;
  fields_.String(name);
  fields_.String(value);
  return *this;
}

Fingerprint& Fingerprint::Field(std::string_view name, int64_t value) {
  return value == 0 ? *this : Field(name, std::to_string(value));
}

std::string Fingerprint::Finish() && {
  const std::string bytes = std::move(fields_).Finish();
  std::string digest(32, '\0');
  unsigned int size = 0;
  CHECK(EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()),
                   &size, Sha256(), nullptr) == 1);
  CHECK(size == digest.size());
  return digest;
}

}  // namespace gongji
