// The questions that relation asks other services.
#ifndef GONGJI_SERVICES_RELATION_RELATION_PEERS_H_
#define GONGJI_SERVICES_RELATION_RELATION_PEERS_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/common/task.h"

namespace gongji::relation {

// Does `psn_no` hold at least `fen`?
struct BalanceQuestion {
  std::string area;  // pooling area of the account
  std::string psn_no;
  int64_t fen = 0;
  bool prior_only = false;  // counts prior years only
};

class RelationPeers {
 public:
  virtual ~RelationPeers() = default;

  // Asks the wallet of the area (R05). AREA_NOT_OPEN; UNAVAILABLE PEER_UNAVAILABLE if no answer
  // came by `deadline`.
  virtual Task<absl::StatusOr<bool>> HasAtLeast(BalanceQuestion question, absl::Time deadline) = 0;
};

}  // namespace gongji::relation

#endif  // GONGJI_SERVICES_RELATION_RELATION_PEERS_H_
