// The constructor reads the flags and builds runtime, server and admin port. Run spawns
// StartServing on the executor, while a second thread waits for a signal: it then runs the work
// before the drain, drains the server and stops the executor, and Run destroys the coroutines.
#include "services/common/rpc/process.h"

#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <thread>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "gongji/common/v1/development.pb.h"
#include "services/common/business_day.h"
#include "services/common/log.h"
#include "services/common/rpc/time_wire.h"
#include "services/common/version.h"

ABSL_FLAG(std::string, listen, "127.0.0.1:50051", "gRPC address: unix:/path or host:port");
ABSL_FLAG(std::string, address_file, "", "file that gets the gRPC address once it is served");
ABSL_FLAG(std::string, admin_listen, "127.0.0.1:9090", "admin address: host:port");
ABSL_FLAG(std::string, admin_address_file, "", "file that gets the admin address");
ABSL_FLAG(bool, development, false, "SetBusinessTime, --business_time, --reflection");
ABSL_FLAG(bool, reflection, false, "serve gRPC reflection; only with --development");
ABSL_FLAG(std::string, business_time, "", "RFC 3339 time at which the business clock starts");
ABSL_FLAG(bool, migrate, false,
          "only bring the store to this version's schema, print the versions and end");
ABSL_FLAG(std::string, log_level, "info", "debug, info, warning or error");

namespace gongji::rpc {
namespace {

constexpr absl::Duration kDrainGrace = absl::Seconds(10);
constexpr absl::Duration kMetricsRefresh = absl::Milliseconds(200);

// One thread waits for SIGTERM and SIGINT and takes them.
sigset_t DrainSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

std::optional<absl::Time> BusinessTimeFlag() {
  const std::string text = absl::GetFlag(FLAGS_business_time);
  if (text.empty()) return std::nullopt;
  if (!absl::GetFlag(FLAGS_development)) {
    ExitUnlessOk(absl::InvalidArgumentError("--business_time needs --development"));
  }
  const auto time = ParseTime(text);
  if (!time) ExitUnlessOk(absl::InvalidArgumentError("--business_time is not RFC 3339"));
  return time;
}

void WriteFile(const std::string& path, const std::string& text) {
  if (path.empty()) return;
  // Renamed into place, so that a reader never finds half an address.
  const std::string temporary = path + ".new";
  std::ofstream(temporary) << text << "\n";
  if (std::rename(temporary.c_str(), path.c_str()) != 0) {
    ExitUnlessOk(absl::UnavailableError(absl::StrCat("cannot write ", path)));
  }
}

// There are no certificates, so a port that others can reach would serve anybody.
void CheckListenAddress(const std::string& listen) {
  const bool local = listen.starts_with("unix:") || listen.starts_with("127.") ||
                     listen.starts_with("localhost:") || listen.starts_with("[::1]:");
  if (local || absl::GetFlag(FLAGS_development)) return;
  ExitUnlessOk(absl::InvalidArgumentError(
      "plaintext is served on loopback and Unix sockets only (or with --development)"));
}

Task<absl::StatusOr<common::v1::SetBusinessTimeResponse>> Tell(absl::Time business_time) {
  common::v1::SetBusinessTimeResponse response;
  *response.mutable_business_time() = ToMessage(business_time);
  co_return response;
}

}  // namespace

void ExitUnlessOk(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  std::exit(2);
}

Process::Process(const std::string& service, int argc, char** argv) {
  absl::SetProgramUsageMessage(absl::StrCat("gongji-", service, ": see docs/architecture.md"));
  AnswerVersionFlag(absl::StrCat("gongji-", service));
  absl::ParseCommandLine(argc, argv);
  StartLog(service, absl::GetFlag(FLAGS_log_level));
  if (migrates()) return;
  CheckListenAddress(absl::GetFlag(FLAGS_listen));
  if (absl::GetFlag(FLAGS_reflection) && !absl::GetFlag(FLAGS_development)) {
    ExitUnlessOk(absl::InvalidArgumentError("--reflection needs --development"));
  }
  // A debugging aid of Abseil that the packaged library leaves on: a global graph of held mutexes,
  // kept for every lock that gRPC takes. Our own code holds none.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  // Before any thread is made, so that all inherit it.
  const sigset_t signals = DrainSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  runtime_ = std::make_unique<Runtime>(RuntimeOptions{.business_time = BusinessTimeFlag()});
  scope_ = std::make_unique<TaskScope>();
  server_ = std::make_unique<Server>(*runtime_, *scope_, metrics_,
                                     ServerOptions{.listen = absl::GetFlag(FLAGS_listen),
                                                   .reflection = absl::GetFlag(FLAGS_reflection)});
  if (absl::GetFlag(FLAGS_development)) AddDevelopmentService();
  admin_ = ValueOrExit(Admin::Start(
      absl::GetFlag(FLAGS_admin_listen),
      [this] {
        return absl::StrCat(
            metrics_.Text(),
            "# HELP gongji_business_time_seconds Business time of the process\n"
            "# TYPE gongji_business_time_seconds gauge\ngongji_business_time_seconds ",
            absl::StrFormat("%.3f", business_seconds_.load()), "\n");
      },
      [this] { return ready_.load(); }));
  WriteFile(absl::GetFlag(FLAGS_admin_address_file), admin_->address());
}

Process::~Process() = default;

void Process::AddDevelopmentService() {
  using common::v1::SetBusinessTimeRequest;
  using common::v1::SetBusinessTimeResponse;
  server_->Handle<SetBusinessTimeRequest, SetBusinessTimeResponse>(
      "gongji.common.v1.DevelopmentService/SetBusinessTime",
      [this](CallContext /*context*/, SetBusinessTimeRequest request) {
        return Tell(MoveBusinessTime(FromMessage(request.business_time())));
      });
}

absl::Time Process::MoveBusinessTime(absl::Time to) {
  runtime_->MoveBusinessTime(to);
  const absl::Time now = runtime_->BusinessNow();
  // A program that restarts another process asks this one for the time right after it has jumped.
  business_seconds_ = absl::ToDoubleSeconds(now - absl::UnixEpoch());
  return now;
}

Task<void> Process::StartServing(Task<absl::Status> start) {
  absl::Status started = co_await std::move(start);
  if (started.ok()) {
    const absl::StatusOr<std::string> address = server_->Start();
    started = address.status();
    if (address.ok()) {
      WriteFile(absl::GetFlag(FLAGS_address_file), *address);
      Log(LogLevel::kInfo, "serving", {{"address", *address}});
      ready_ = true;
    }
  }
  if (!started.ok()) {
    Log(LogLevel::kError, "cannot start", {{"status", started.ToString()}});
    exit_code_ = 2;
    // Wakes the waiting thread, which then stops the executor.
    kill(getpid(), SIGTERM);
  }
  while (true) {
    business_seconds_ = absl::ToDoubleSeconds(runtime_->BusinessNow() - absl::UnixEpoch());
    co_await Sleep(*runtime_, kMetricsRefresh);
  }
}

void Process::End(const std::string& why) {
  if (exit_code_ != 0) return;
  exit_code_ = 3;
  Log(LogLevel::kError, "ending", {{"why", why}});
  kill(getpid(), SIGTERM);
}

int Process::EndAsMigrated(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  return 0;
}

bool Process::migrates() { return absl::GetFlag(FLAGS_migrate); }

std::string Process::listen() { return absl::GetFlag(FLAGS_listen); }

void Process::PrepareDrain() {
  if (!before_drain_) return;
  const auto done = std::make_shared<absl::Notification>();
  runtime_->Post([this, done] {
    const auto run = [](Process* process, std::shared_ptr<absl::Notification> ended) -> Task<void> {
      co_await process->before_drain_();
      ended->Notify();
    };
    scope_->Spawn(run(this, done));
  });
  if (!done->WaitForNotificationWithTimeout(kDrainGrace)) {
    Log(LogLevel::kWarning, "draining, although handing over has not ended");
  }
}

int Process::Run(Task<absl::Status> start) {
  scope_->Spawn(StartServing(std::move(start)));
  std::thread waiter([this] {
    const sigset_t signals = DrainSignals();
    int signal = 0;
    sigwait(&signals, &signal);
    if (ready_.exchange(false)) {
      Log(LogLevel::kInfo, "draining");
      PrepareDrain();
      server_->Drain(kDrainGrace);
    }
    runtime_->Stop();
  });
  runtime_->Run();
  waiter.join();
  Log(LogLevel::kInfo, "stopped");
  scope_.reset();
  runtime_->Shutdown();
  server_.reset();
  return exit_code_;
}

}  // namespace gongji::rpc
