#include "services/common/testing/fault_proxy.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>
#include <vector>

#include "services/common/errors/check.h"
#include "services/common/testing/unix_socket.h"

namespace gongji::sql {
namespace {

// A request of a test's size arrives in one piece.
constexpr size_t kPiece = 1 << 18;

bool SendAll(int socket, const std::string& bytes) {
  for (size_t sent = 0; sent < bytes.size();) {
    const ssize_t more = send(socket, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (more <= 0) return false;
    sent += static_cast<size_t>(more);
  }
  return true;
}

// Returns "" if the other side is gone.
std::string Receive(int socket) {
  std::string bytes(kPiece, '\0');
  const ssize_t size = recv(socket, bytes.data(), bytes.size(), 0);
  bytes.resize(size > 0 ? static_cast<size_t>(size) : 0);
  return bytes;
}

}  // namespace

FaultProxy::FaultProxy(const std::string& path, std::string target) : target_(std::move(target)) {
  listening_ = ListenOn(path);
  CHECK(pipe(wake_) == 0);
  thread_ = std::thread([this] { Loop(); });
}

FaultProxy::~FaultProxy() {
  CHECK(write(wake_[1], "x", 1) == 1);
  thread_.join();
  for (const Connection& connection : connections_) {
    close(connection.client);
    close(connection.server);
  }
  for (const Held& held : held_) close(held.server);
  for (const int end : {listening_, wake_[0], wake_[1]}) close(end);
}

void FaultProxy::Release() {
  for (; holds_ > 0; --holds_) {
    const Held held = std::move(held_.front());
    held_.pop_front();
    // The answer, or the end: either way the server has done what it was going to do.
    if (SendAll(held.server, held.request)) Receive(held.server);
    close(held.server);
  }
}

void FaultProxy::Accept() {
  Connection connection;
  connection.client = accept(listening_, nullptr, nullptr);
  connection.server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = UnixAddress(target_);
  CHECK(connection.client >= 0 && connection.server >= 0);
  if (connect(connection.server, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) ==
      0) {
    connections_.push_back(connection);
    return;
  }
  close(connection.client);
  close(connection.server);
}

bool FaultProxy::FromClient(Connection& connection) {
  std::string request = Receive(connection.client);
  if (request.empty()) return false;
  switch (next_.exchange(Fault::kNone)) {
    case Fault::kNone:
      break;
    case Fault::kCutRequest:
      return false;
    case Fault::kCutAnswer:
      connection.cut_answer = true;
      break;
    case Fault::kHoldRequest:
      held_.push_back({std::exchange(connection.server, -1), std::move(request)});
      ++holds_;
      return false;
  }
  return SendAll(connection.server, request);
}

bool FaultProxy::FromServer(Connection& connection) {
  const std::string answer = Receive(connection.server);
  return !answer.empty() && !connection.cut_answer && SendAll(connection.client, answer);
}

void FaultProxy::Loop() {
  while (true) {
    std::vector<pollfd> waits = {{.fd = wake_[0], .events = POLLIN, .revents = 0},
                                 {.fd = listening_, .events = POLLIN, .revents = 0}};
    for (const Connection& connection : connections_) {
      waits.push_back({.fd = connection.client, .events = POLLIN, .revents = 0});
      waits.push_back({.fd = connection.server, .events = POLLIN, .revents = 0});
    }
    if (poll(waits.data(), waits.size(), -1) < 0) continue;
    if (waits[0].revents != 0) return;
    size_t at = 2;
    for (auto connection = connections_.begin(); connection != connections_.end();) {
      const bool from_client = waits[at].revents != 0;
      const bool from_server = waits[at + 1].revents != 0;
      at += 2;
      const bool stays =
          (!from_server || FromServer(*connection)) && (!from_client || FromClient(*connection));
      if (stays) {
        ++connection;
        continue;
      }
      // The server comes first: what it does with a request must not depend on when the client
      // knows.
      if (connection->server >= 0) close(connection->server);
      close(connection->client);
      connection = connections_.erase(connection);
    }
    if (waits[1].revents != 0) Accept();
  }
}

}  // namespace gongji::sql
