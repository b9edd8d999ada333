// What every service process has around its domain: flags, log, metrics, admin port, server, and a
// life from start to drain.
#ifndef GONGJI_SERVICES_COMMON_RPC_PROCESS_H_
#define GONGJI_SERVICES_COMMON_RPC_PROCESS_H_

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "services/common/metrics_prometheus.h"
#include "services/common/rpc/admin.h"
#include "services/common/rpc/runtime.h"
#include "services/common/rpc/server.h"
#include "services/common/task.h"

namespace gongji::rpc {

// Flags that all services have (also through --flagfile):
//   --listen              gRPC address: unix:/path or host:port, port 0 takes a free one
//   --address_file        where to write the gRPC address once it is served
//   --admin_listen        admin address: host:port
//   --admin_address_file  where to write the admin address
//   --development         allows plaintext off loopback, and offers SetBusinessTime
//   --reflection          serves gRPC reflection; only with --development
//   --business_time       RFC 3339; business time starts here; only with --development
//   --log_level           debug, info, warning, error
//   --migrate             the process only brings its store to the newest schema and ends
//   --version             prints version and commit and ends
//
// `main` makes a Process first and everything else after it, so that the Process is destroyed last.
class Process {
 public:
  // Reads the flags; ends the process with an error text if they are wrong.
  Process(const std::string& service, int argc, char** argv);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  Runtime& env() { return *runtime_; }
  Metrics& metrics() { return metrics_; }
  // Owner of all coroutines of the process.
  TaskScope& scope() { return *scope_; }
  Server& server() { return *server_; }

  // Runs `start` and, when it succeeds, serves until SIGTERM or SIGINT: then the process is not
  // ready, takes no new calls, and lets running calls end within 10 s. Returns the exit code.
  // Afterwards no coroutine exists any more, so that the domain may be destroyed.
  int Run(Task<absl::Status> start);

  // `work` runs when the process is asked to end, before it stops taking calls; it has 10 s.
  void BeforeDrain(std::function<Task<void>()> work) { before_drain_ = std::move(work); }

  // True if the process only migrates its store: then this object has no other use.
  static bool migrates();
  // Prints what was migrated and returns the exit code.
  static int EndAsMigrated(const std::string& text);

  // The gRPC address on which the flags ask to listen.
  static std::string listen();

  // Begins to drain as for SIGTERM, with an exit code that is not 0, so that the supervisor starts
  // the process again.
  void End(const std::string& why);

 private:
  // Runs before_drain_ on the executor; called on the thread that waits for signals.
  void PrepareDrain();
  Task<void> StartServing(Task<absl::Status> start);
  void AddDevelopmentService();
  absl::Time MoveBusinessTime(absl::Time to);

  PrometheusMetrics metrics_;
  std::unique_ptr<Runtime> runtime_;
  std::unique_ptr<TaskScope> scope_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<Admin> admin_;
  std::atomic<bool> ready_ = false;
  std::atomic<double> business_seconds_ = 0;
  int exit_code_ = 0;
  std::function<Task<void>()> before_drain_;
};

// Ends the process with `status` on standard error unless it is OK; for what must succeed at start.
void ExitUnlessOk(const absl::Status& status);

template <class T>
T ValueOrExit(absl::StatusOr<T> value) {
  ExitUnlessOk(value.status());
  return *std::move(value);
}

}  // namespace gongji::rpc

#endif  // GONGJI_SERVICES_COMMON_RPC_PROCESS_H_
