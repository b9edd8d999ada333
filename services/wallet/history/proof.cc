#include "services/wallet/history/proof.h"

#include <algorithm>
#include <span>
#include <utility>

#include "services/common/errors/reasons.h"
#include "services/common/errors/status.h"
#include "services/wallet/store/row_sum.h"

namespace gongji::wallet {
namespace {

// Entries read at a time. Bodies are dropped at once, because those of a whole interval would be
// megabytes.
constexpr int kPage = 512;

struct Chains {
  HashKind hash = HashKind::kSm3;
  std::vector<Digest> chains;  // from entry `first` on
};

absl::Status Missing(int64_t number) { return Damaged("entries", std::to_string(number)); }

// Reads the chains of the entries from `first` to `last`; fewer if the journal ends before.
Task<absl::StatusOr<Chains>> ReadChains(WalletStore& store, int64_t first, int64_t last) {
  Chains read;
  int64_t next = first;
  while (next <= last) {
    const int limit = static_cast<int>(std::min<int64_t>(kPage, last - next + 1));
    ASSIGN_OR_CO_RETURN(SealedPage page, co_await store.Sealed(next - 1, limit));
    read.hash = page.hash;
    for (SealedEntry& entry : page.entries) {
      if (entry.number != next || !entry.whole) co_return Missing(next);
      read.chains.push_back(std::move(entry.chain));
      ++next;
    }
    if (page.entries.empty() && next <= std::min(last, page.last_number)) co_return Missing(next);
    if (page.entries.empty()) break;
  }
  co_return read;
}

}  // namespace

Task<absl::StatusOr<RootPage>> ReadRoots(WalletStore& store, int64_t after, int limit) {
  RootPage page;
  for (int64_t first = FirstOfInterval(after + 1); std::ssize(page.roots) < limit;
       first += kEntriesPerRoot) {
    const int64_t last = first + kEntriesPerRoot - 1;
    ASSIGN_OR_CO_RETURN(const Chains read, co_await ReadChains(store, first, last));
    page.hash = read.hash;
    if (std::ssize(read.chains) < kEntriesPerRoot) break;
    page.roots.push_back({last, Hasher(read.hash).Root(read.chains)});
  }
  co_return page;
}

Task<absl::StatusOr<Proof>> Prove(WalletStore& store, int64_t number, int64_t up_to) {
  if (number < 1) co_return InvalidField("number", "no such entry");
  Proof proof{.number = number, .first_number = FirstOfInterval(number)};
  const int64_t end = proof.first_number + kEntriesPerRoot - 1;
  if (up_to != 0 && (up_to < number || up_to > end)) {
    co_return InvalidField("up_to_number", "not behind the entry in its interval");
  }
  ASSIGN_OR_CO_RETURN(Chains read,
                      co_await ReadChains(store, proof.first_number, up_to == 0 ? end : up_to));
  proof.hash = read.hash;
  proof.last_number = proof.first_number + std::ssize(read.chains) - 1;
  if (number > proof.last_number) co_return InvalidField("number", "no such entry");
  if (up_to > proof.last_number) co_return InvalidField("up_to_number", "no such entry");

  // Read the entry and the one before it, whose chain may belong to the previous interval.
  const int64_t before = std::max<int64_t>(0, number - 2);
  ASSIGN_OR_CO_RETURN(SealedPage page,
                      co_await store.Sealed(before, static_cast<int>(number - before)));
  if (std::ssize(page.entries) != number - before) co_return Missing(number);
  proof.before = number == 1 ? Hasher::Genesis() : page.entries.front().chain;
  proof.body = std::move(page.entries.back().body);
  Hasher hasher(read.hash);
  const auto index = static_cast<size_t>(number - proof.first_number);
  if (hasher.Chain(proof.before, number, proof.body) != read.chains[index]) {
    co_return Missing(number);
  }
  proof.path = hasher.Path(read.chains, index);
  proof.root = hasher.Root(read.chains);
  co_return proof;
}

}  // namespace gongji::wallet
