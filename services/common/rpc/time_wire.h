// absl::Time <-> google.protobuf.Timestamp.
#ifndef GONGJI_SERVICES_COMMON_RPC_TIME_WIRE_H_
#define GONGJI_SERVICES_COMMON_RPC_TIME_WIRE_H_

#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

namespace gongji::rpc {

inline google::protobuf::Timestamp ToMessage(absl::Time time) {
  const timespec parts = absl::ToTimespec(time);
  google::protobuf::Timestamp message;
  message.set_seconds(parts.tv_sec);
  message.set_nanos(static_cast<int32_t>(parts.tv_nsec));
  return message;
}

inline absl::Time FromMessage(const google::protobuf::Timestamp& message) {
  return absl::FromUnixSeconds(message.seconds()) + absl::Nanoseconds(message.nanos());
}

}  // namespace gongji::rpc

#endif  // GONGJI_SERVICES_COMMON_RPC_TIME_WIRE_H_
