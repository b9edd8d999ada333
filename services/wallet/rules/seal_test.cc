#include "services/wallet/rules/seal.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/escaping.h"

namespace gongji::wallet {
namespace {

std::vector<Digest> Chains(HashKind kind, int64_t count) {
  Hasher hasher(kind);
  std::vector<Digest> chains = {Hasher::Genesis()};
  for (int64_t number = 1; number <= count; ++number) {
    chains.push_back(hasher.Chain(chains.back(), number, "body " + std::to_string(number)));
  }
  chains.erase(chains.begin());
  return chains;
}

// Computes the root as a verifier does that knows place and size of the tree, but not the tree.
Digest RootBy(Hasher& hasher, Digest digest, const std::vector<Digest>& path, size_t index,
              size_t size) {
  std::vector<bool> sides;  // true: this digest is on the left, from the root down
  while (size > 1) {
    size_t left = 1;
    while (left * 2 < size) left *= 2;
    sides.push_back(index < left);
    if (index < left) {
      size = left;
    } else {
      index -= left;
      size -= left;
    }
  }
  EXPECT_EQ(sides.size(), path.size());
  for (size_t i = 0; i < path.size(); ++i) {
    const std::vector<Digest> both = sides[sides.size() - 1 - i]
                                         ? std::vector<Digest>{digest, path[i]}
                                         : std::vector<Digest>{path[i], digest};
    digest = hasher.Root(both);
  }
  return digest;
}

// The values were made with Python's hashlib from the documented description, not with this code.
TEST(Seal, ChainIsWhatItsDescriptionSays) {
  Hasher sm3(HashKind::kSm3);
  Hasher sha256(HashKind::kSha256);
  EXPECT_EQ(absl::BytesToHexString(sm3.Chain(Hasher::Genesis(), 1, "body")),
            "328d5d8020c62d7feb816dedcdc5cfb67b936da0f2f2ba06db8550f2aafdbde0");
  EXPECT_EQ(absl::BytesToHexString(sha256.Chain(Hasher::Genesis(), 258, "body")),
            "e8d149f5e77a51291a70cfa0ff7695aabed6499df7ee20e29414775e9d6e0368");
  const std::vector<Digest> leaves = {Digest(32, 'a'), Digest(32, 'b'), Digest(32, 'c')};
  EXPECT_EQ(absl::BytesToHexString(sm3.Root(leaves)),
            "09474559327c4fbee71fb00b69fec75daf10a4a69819969a59c06096a2cd365c");
}

TEST(Seal, EveryEntryOfEveryTreeHasAProof) {
  for (const HashKind kind : {HashKind::kSm3, HashKind::kSha256}) {
    Hasher hasher(kind);
    for (size_t size = 1; size <= 33; ++size) {
      const std::vector<Digest> chains = Chains(kind, static_cast<int64_t>(size));
      const Digest root = hasher.Root(chains);
      for (size_t index = 0; index < size; ++index) {
        const std::vector<Digest> path = hasher.Path(chains, index);
        EXPECT_EQ(RootBy(hasher, chains[index], path, index, size), root);
        EXPECT_NE(RootBy(hasher, Digest(32, 'x'), path, index, size), root);
      }
    }
  }
}

TEST(Seal, EveryPartOfAnEntryCounts) {
  Hasher hasher(HashKind::kSm3);
  const Digest chain = hasher.Chain(Hasher::Genesis(), 1, "body");
  EXPECT_NE(hasher.Chain(Hasher::Genesis(), 1, "bodY"), chain);
  EXPECT_NE(hasher.Chain(Hasher::Genesis(), 2, "body"), chain);
  EXPECT_NE(hasher.Chain(chain, 1, "body"), chain);
}

TEST(Seal, IntervalsFollowEachOther) {
  EXPECT_EQ(FirstOfInterval(1), 1);
  EXPECT_EQ(FirstOfInterval(4096), 1);
  EXPECT_EQ(FirstOfInterval(4097), 4097);
}

}  // namespace
}  // namespace gongji::wallet
