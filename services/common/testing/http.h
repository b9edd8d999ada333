// For tests: asks a plain HTTP server.
#ifndef GONGJI_SERVICES_COMMON_TESTING_HTTP_H_
#define GONGJI_SERVICES_COMMON_TESTING_HTTP_H_

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "absl/strings/numbers.h"
#include "services/common/errors/check.h"

namespace gongji {

// The whole answer to GET `path` of the server at `address` ("127.0.0.1:9090"), with its head; ""
// if nobody is there.
inline std::string HttpGet(const std::string& address, const std::string& path) {
  const size_t colon = address.rfind(':');
  sockaddr_in peer{};
  peer.sin_family = AF_INET;
  int port = 0;
  CHECK(absl::SimpleAtoi(address.substr(colon + 1), &port));
  peer.sin_port = htons(static_cast<uint16_t>(port));
  CHECK(inet_pton(AF_INET, address.substr(0, colon).c_str(), &peer.sin_addr) == 1);
  const int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  std::string answer;
  if (connect(connection, reinterpret_cast<const sockaddr*>(&peer), sizeof(peer)) == 0) {
    const std::string request = "GET " + path + " HTTP/1.1\r\nHost: test\r\n\r\n";
    CHECK(send(connection, request.data(), request.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(request.size()));
    char piece[4096];
    for (ssize_t size = 0; (size = recv(connection, piece, sizeof(piece), 0)) > 0;) {
      answer.append(piece, static_cast<size_t>(size));
    }
  }
  close(connection);
  return answer;
}

}  // namespace gongji

#endif  // GONGJI_SERVICES_COMMON_TESTING_HTTP_H_
