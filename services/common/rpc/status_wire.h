// Errors as messages: absl::Status <-> google.rpc.Status, for batch items and status details.
#ifndef GONGJI_SERVICES_COMMON_RPC_STATUS_WIRE_H_
#define GONGJI_SERVICES_COMMON_RPC_STATUS_WIRE_H_

#include "absl/status/status.h"
#include "google/rpc/status.pb.h"

namespace gongji::rpc {

// An error without a reason, whose text is not meant for callers, becomes a bland INTERNAL.
google::rpc::Status ToMessage(const absl::Status& status);

// An error from a peer with its reason, metadata and finality.
absl::Status FromMessage(const google::rpc::Status& message);

}  // namespace gongji::rpc

#endif  // GONGJI_SERVICES_COMMON_RPC_STATUS_WIRE_H_
