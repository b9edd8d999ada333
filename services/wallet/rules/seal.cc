#include "services/wallet/rules/seal.h"

#include <openssl/evp.h>

#include <bit>

#include "services/common/errors/check.h"

namespace gongji::wallet {
namespace {

constexpr size_t kDigestBytes = 32;

// Fetched once, because OpenSSL would never free what a fetch for each journal takes.
const EVP_MD* Fetch(HashKind kind) {
  static const EVP_MD* const sm3 = EVP_MD_fetch(nullptr, "SM3", nullptr);
  static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  const EVP_MD* const algorithm = kind == HashKind::kSm3 ? sm3 : sha256;
  CHECK(algorithm != nullptr);
  return algorithm;
}

// The size of the left part of a tree with `size` leaves: the greatest power of two below it.
size_t LeftSize(size_t size) { return std::bit_floor(size - 1); }

}  // namespace

std::string NameOf(HashKind kind) { return kind == HashKind::kSm3 ? "sm3" : "sha256"; }

std::optional<HashKind> ParseHashKind(const std::string& name) {
  if (name == NameOf(HashKind::kSm3)) return HashKind::kSm3;
  if (name == NameOf(HashKind::kSha256)) return HashKind::kSha256;
  return std::nullopt;
}

int64_t FirstOfInterval(int64_t number) {
  return (number - 1) / kEntriesPerRoot * kEntriesPerRoot + 1;
}

void Hasher::Free::operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }

Hasher::Hasher(HashKind kind) : algorithm_(Fetch(kind)), context_(EVP_MD_CTX_new()) {
  CHECK(EVP_DigestInit_ex2(context_.get(), algorithm_, nullptr) == 1);
}

Digest Hasher::Genesis() { return Digest(kDigestBytes, '\0'); }

Digest Hasher::Chain(const Digest& before, int64_t number, std::string_view body) {
  CHECK(before.size() == kDigestBytes);
  std::string head = std::string(1, '\0') + before;
  for (int shift = 56; shift >= 0; shift -= 8) head.push_back(static_cast<char>(number >> shift));
  return Hash(head, body);
}

Digest Hasher::Node(const Digest& left, const Digest& right) { return Hash('\x01' + left, right); }

Digest Hasher::Hash(std::string_view head, std::string_view rest) {
  Digest digest(kDigestBytes, '\0');
  auto* const out = reinterpret_cast<unsigned char*>(digest.data());
  // Without an algorithm the context keeps the one it has, which is cheaper than setting it again.
  CHECK(EVP_DigestInit_ex2(context_.get(), nullptr, nullptr) == 1);
  CHECK(EVP_DigestUpdate(context_.get(), head.data(), head.size()) == 1);
  CHECK(EVP_DigestUpdate(context_.get(), rest.data(), rest.size()) == 1);
  CHECK(EVP_DigestFinal_ex(context_.get(), out, nullptr) == 1);
  return digest;
}

Digest Hasher::Root(std::span<const Digest> chains) {
  CHECK(!chains.empty());
  if (chains.size() == 1) return chains.front();
  const size_t left = LeftSize(chains.size());
  return Node(Root(chains.first(left)), Root(chains.subspan(left)));
}

std::vector<Digest> Hasher::Path(std::span<const Digest> chains, size_t index) {
  CHECK(index < chains.size());
  if (chains.size() == 1) return {};
  const size_t left = LeftSize(chains.size());
  const bool is_left = index < left;
  std::vector<Digest> path =
      is_left ? Path(chains.first(left), index) : Path(chains.subspan(left), index - left);
  path.push_back(Root(is_left ? chains.subspan(left) : chains.first(left)));
  return path;
}

}  // namespace gongji::wallet
