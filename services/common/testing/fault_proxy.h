// For tests: a proxy between a client and a server on Unix sockets that breaks connections on
// request.
#ifndef GONGJI_SERVICES_COMMON_TESTING_FAULT_PROXY_H_
#define GONGJI_SERVICES_COMMON_TESTING_FAULT_PROXY_H_

#include <atomic>
#include <list>
#include <string>
#include <thread>

namespace gongji::sql {

enum class Fault {
  kNone,
  kCutRequest,   // the next request never arrives
  kCutAnswer,    // the request arrives and is done, but the answer is lost
  kHoldRequest,  // the client thinks the request lost, but Release delivers it
};

class FaultProxy {
 public:
  // Listens on `path` and passes on to `target`. Bytes that arrive in one piece are one request.
  FaultProxy(const std::string& path, std::string target);
  ~FaultProxy();
  FaultProxy(const FaultProxy&) = delete;
  FaultProxy& operator=(const FaultProxy&) = delete;

  // Sets what happens to the next request of any client; after it everything passes again.
  void Next(Fault fault) { next_ = fault; }

  // Delivers the held requests and waits until the server has answered or closed.
  void Release();

 private:
  struct Connection {
    int client = -1;
    int server = -1;
    bool cut_answer = false;
  };
  struct Held {
    int server = -1;
    std::string request;
  };

  void Loop();
  void Accept();
  // Both return false if the connection is gone.
  bool FromClient(Connection& connection);
  bool FromServer(Connection& connection);

  const std::string target_;
  int listening_ = -1;
  int wake_[2] = {-1, -1};
  std::atomic<Fault> next_ = Fault::kNone;
  std::list<Connection> connections_;  // of the thread
  std::list<Held> held_;               // of the thread until it has ended a client's connection
  std::atomic<int> holds_ = 0;
  std::thread thread_;
};

}  // namespace gongji::sql

#endif  // GONGJI_SERVICES_COMMON_TESTING_FAULT_PROXY_H_
