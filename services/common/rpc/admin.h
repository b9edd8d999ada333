// The admin port of a process: plain HTTP with /metrics, /livez and /readyz and nothing else. It
// must be reachable only for probes and Prometheus.
#ifndef GONGJI_SERVICES_COMMON_RPC_ADMIN_H_
#define GONGJI_SERVICES_COMMON_RPC_ADMIN_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace gongji::rpc {

class Admin {
 public:
  // Serves on `listen` ("127.0.0.1:9090", port 0: any). `metrics` returns the text of /metrics and
  // `ready` the answer of /readyz; both are called on a thread of the admin server.
  static absl::StatusOr<std::unique_ptr<Admin>> Start(const std::string& listen,
                                                      std::function<std::string()> metrics,
                                                      std::function<bool()> ready);
  ~Admin();

  // "127.0.0.1:40213"
  const std::string& address() const { return address_; }

 private:
  struct Impl;
  Admin();

  std::unique_ptr<Impl> impl_;
  std::string address_;
};

}  // namespace gongji::rpc

#endif  // GONGJI_SERVICES_COMMON_RPC_ADMIN_H_
