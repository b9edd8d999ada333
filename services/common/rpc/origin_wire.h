// What a request says about the channel through which it came.
#ifndef GONGJI_SERVICES_COMMON_RPC_ORIGIN_WIRE_H_
#define GONGJI_SERVICES_COMMON_RPC_ORIGIN_WIRE_H_

#include "gongji/common/v1/caller.pb.h"
#include "services/common/caller.h"

namespace gongji::rpc {

// Returns `caller`, known from the transport, with channel, clerk and consent of the request.
Caller CallerWith(Caller caller, const common::v1::Origin& origin);

// Channel, clerk and consent of `caller`, in the form of a request.
common::v1::Origin OriginOf(const Caller& caller);

}  // namespace gongji::rpc

#endif  // GONGJI_SERVICES_COMMON_RPC_ORIGIN_WIRE_H_
