// The questions that limits asks other services.
#ifndef GONGJI_SERVICES_LIMITS_LIMITS_PEERS_H_
#define GONGJI_SERVICES_LIMITS_LIMITS_PEERS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/common/task.h"
#include "services/limits/limits_store.h"

namespace gongji::limits {

class LimitsPeers {
 public:
  virtual ~LimitsPeers() = default;

  // Asks the shard of `province` for the operations that hold the places of a wallet's day. The
  // deadline is in wall-clock time.
  virtual Task<absl::StatusOr<std::vector<std::string>>> GetPlaces(std::string province, DayKey day,
                                                                   absl::Time deadline) = 0;
};

}  // namespace gongji::limits

#endif  // GONGJI_SERVICES_LIMITS_LIMITS_PEERS_H_
