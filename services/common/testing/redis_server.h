// A private Redis for tests: its own process on a Unix socket in a folder of its own, which is gone
// when the object is destroyed.
#ifndef GONGJI_SERVICES_COMMON_TESTING_REDIS_SERVER_H_
#define GONGJI_SERVICES_COMMON_TESTING_REDIS_SERVER_H_

#include <sys/types.h>

#include <string>

namespace gongji::redis {

class RedisServer {
 public:
  // Starts the server and waits until it answers; ends the process if it does not within 10 s.
  RedisServer();
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  // For RedisOptions::address.
  std::string address() const { return "unix:" + socket_; }

  // Sends SIGKILL and starts an empty server on the same socket.
  void Restart();
  // Sends SIGKILL; Restart starts the server again.
  void Kill();

 private:
  void Start();

  std::string folder_;
  std::string socket_;
  pid_t pid_ = 0;
};

}  // namespace gongji::redis

#endif  // GONGJI_SERVICES_COMMON_TESTING_REDIS_SERVER_H_
