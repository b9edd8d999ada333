// The measure that every service is compared with: what gRPC alone costs on the machine at hand. It
// has one thread, one completion queue and one unary method that copies its message, and uses
// nothing of rpc::Server.
#ifndef GONGJI_TOOLS_LOADGEN_ECHO_H_
#define GONGJI_TOOLS_LOADGEN_ECHO_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "google/protobuf/message.h"

namespace gongji::rpc {

inline constexpr char kEchoMethod[] = "gongji.common.v1.EchoService/Echo";

// Serves kEchoMethod with messages of the type of `prototype` until the process ends. Calls
// `serving` once with the address as in ServerOptions::listen. UNAVAILABLE if it cannot listen.
absl::Status ServeEcho(const std::string& listen, const google::protobuf::Message& prototype,
                       const std::function<void(const std::string& address)>& serving);

}  // namespace gongji::rpc

#endif  // GONGJI_TOOLS_LOADGEN_ECHO_H_
