// For tests: sockets at a path.
#ifndef GONGJI_SERVICES_COMMON_TESTING_UNIX_SOCKET_H_
#define GONGJI_SERVICES_COMMON_TESTING_UNIX_SOCKET_H_

#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <string>

#include "services/common/errors/check.h"

namespace gongji {

inline sockaddr_un UnixAddress(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  CHECK(path.size() < sizeof(address.sun_path));
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

// A socket that listens on `path`. Whoever connects gets through, and waits until somebody accepts.
inline int ListenOn(const std::string& path) {
  const int listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = UnixAddress(path);
  CHECK(bind(listening, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 &&
        listen(listening, 16) == 0);
  return listening;
}

}  // namespace gongji

#endif  // GONGJI_SERVICES_COMMON_TESTING_UNIX_SOCKET_H_
