// The hash chain over a journal and Merkle trees over the chain (docs/decisions/0013-proof.md):
// anyone who has kept a root notices any later change of the entries it covers, and can verify a
// proof that an entry is among them. tools/check-proof does so without any of this code.
//
//   chain(0) = 32 zero bytes
//   chain(n) = H(0x00 | chain(n - 1) | n as 8 bytes, highest first | stored bytes of entry n)
//   tree over chain(first) .. chain(last): RFC 9162, 2.1.1, with the chains as hashes of the
//   leaves and H(0x01 | left | right) as nodes
#ifndef GONGJI_SERVICES_WALLET_RULES_SEAL_H_
#define GONGJI_SERVICES_WALLET_RULES_SEAL_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct evp_md_ctx_st;
struct evp_md_st;

namespace gongji::wallet {

// 32 bytes.
using Digest = std::string;

// H, chosen when a journal is created. SM3 is the national standard (GB/T 32905); SHA-256 costs a
// fifth of it.
enum class HashKind { kSm3 = 1, kSha256 = 2 };

// "sm3", "sha256".
std::string NameOf(HashKind kind);
std::optional<HashKind> ParseHashKind(const std::string& name);

// An entry as it is stored.
struct SealedEntry {
  int64_t number = 0;
  std::string body;  // entry_bytes.h
  Digest chain;
  bool whole = true;  // its checksum fits

  friend bool operator==(const SealedEntry&, const SealedEntry&) = default;
};

// A tree is built over the entries of one interval: 1 .. 4096, 4097 .. 8192 and so on. An interval
// that is not complete yet has a tree too, up to the entry asked for.
inline constexpr int64_t kEntriesPerRoot = 4096;
int64_t FirstOfInterval(int64_t number);

// Used by one thread.
class Hasher {
 public:
  explicit Hasher(HashKind kind);

  static Digest Genesis();
  Digest Chain(const Digest& before, int64_t number, std::string_view body);

  // The root of the tree over `chains`, of which there is at least one.
  Digest Root(std::span<const Digest> chains);
  // The hashes that lead from chains[index] to the root, beginning at the leaf.
  std::vector<Digest> Path(std::span<const Digest> chains, size_t index);

 private:
  Digest Node(const Digest& left, const Digest& right);
  Digest Hash(std::string_view head, std::string_view rest);

  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  const evp_md_st* const algorithm_;
  const std::unique_ptr<evp_md_ctx_st, Free> context_;
};

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_RULES_SEAL_H_
