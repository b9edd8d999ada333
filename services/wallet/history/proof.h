// Proofs that an entry is in the journal, and the roots that they lead to (seal.h).
#ifndef GONGJI_SERVICES_WALLET_HISTORY_PROOF_H_
#define GONGJI_SERVICES_WALLET_HISTORY_PROOF_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/common/task.h"
#include "services/wallet/rules/seal.h"
#include "services/wallet/store/wallet_store.h"

namespace gongji::wallet {

struct Root {
  int64_t number = 0;  // of the last entry
  Digest root;

  friend bool operator==(const Root&, const Root&) = default;
};

struct RootPage {
  HashKind hash = HashKind::kSm3;
  std::vector<Root> roots;
};

// chain(number) is computed from `before` and `body`; chain(number) and `path` lead to `root`.
struct Proof {
  HashKind hash = HashKind::kSm3;
  int64_t number = 0;
  std::string body;
  Digest before;  // chain of the entry before
  int64_t first_number = 0;
  int64_t last_number = 0;
  std::vector<Digest> path;
  Digest root;
};

// Roots of the complete intervals that end after entry `after`, in order, at most `limit`.
// DATA_LOSS ROW_DAMAGED if an entry is missing.
Task<absl::StatusOr<RootPage>> ReadRoots(WalletStore& store, int64_t after, int limit);

// INVALID_FIELD if there is no such entry, or if `up_to` is neither it nor a later entry of its
// interval; ROW_DAMAGED if a stored entry does not fit its chain.
Task<absl::StatusOr<Proof>> Prove(WalletStore& store, int64_t number, int64_t up_to);

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_HISTORY_PROOF_H_
