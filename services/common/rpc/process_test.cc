// The life of a service, from its flags to its exit code. A process has flags, a log and signals of
// its own, so that each life is one of another process; what is not so there is told on its
// standard error.
#include "services/common/rpc/process.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "gongji/common/v1/development.pb.h"
#include "grpc/health/v1/health.pb.h"
#include "services/common/business_day.h"
#include "services/common/rpc/channel.h"
#include "services/common/rpc/time_wire.h"
#include "services/common/testing/http.h"
#include "services/common/testing/temporary_folder.h"

namespace gongji::rpc {
namespace {

using common::v1::SetBusinessTimeRequest;
using common::v1::SetBusinessTimeResponse;
using testing::ExitedWithCode;

void Must(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "not so: %s\n", what);
  _exit(99);
}

// A process of the flags given, on free ports of this machine.
class Life {
 public:
  explicit Life(std::vector<std::string> flags) : flags_(std::move(flags)) {
    flags_.insert(flags_.begin(),
                  {"test", "--listen=127.0.0.1:0", "--admin_listen=127.0.0.1:0",
                   "--address_file=" + file("address"), "--admin_address_file=" + file("admin")});
    std::vector<char*> argv;
    for (std::string& flag : flags_) argv.push_back(flag.data());
    process_ = new Process("test", static_cast<int>(argv.size()), argv.data());
  }
  ~Life() { std::filesystem::remove_all(folder_); }
  Life(const Life&) = delete;
  Life& operator=(const Life&) = delete;

  Process& process() { return *process_; }
  std::string file(const std::string& name) const { return folder_ / name; }
  // The line in a file.
  std::string LineOf(const std::string& name) const {
    std::string line;
    std::getline(std::ifstream(file(name)), line);
    return line;
  }
  std::string Admin(const std::string& path) const { return HttpGet(LineOf("admin"), path); }
  bool IsReady() const { return Admin("/readyz").starts_with("HTTP/1.1 200 "); }

  // Does `work` once the process serves, and then sends it a signal.
  Task<absl::Status> StartAndThen(std::function<Task<void>(Life&)> work, int signal) {
    process_->scope().Spawn(OnceServing(std::move(work), signal));
    Must(!IsReady(), "not ready before it serves");
    co_return absl::OkStatus();
  }

 private:
  Task<void> OnceServing(std::function<Task<void>(Life&)> work, int signal) {
    while (!std::filesystem::exists(file("address"))) {
      co_await Sleep(process_->env(), absl::Milliseconds(1));
    }
    co_await work(*this);
    kill(getpid(), signal);
  }

  const std::filesystem::path folder_ = MakeTemporaryFolder();
  std::vector<std::string> flags_;
  // Never destroyed: the admin server takes two seconds to end once it was asked something.
  Process* process_;
};

class ProcessDeathTest : public testing::Test {
 protected:
  ProcessDeathTest() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

Task<void> LookAround(Life& life) {
  Must(life.IsReady(), "ready while it serves");
  Must(absl::EndsWith(life.Admin("/livez"), "\r\n\r\nok\n"), "live");
  const std::string metrics = life.Admin("/metrics");
  Must(absl::StrContains(metrics, "\ntest_total{kind=\"x\"} 3\n"), "counts");
  Must(absl::StrContains(metrics, "\ntest_level 2.5\n"), "measures");
  Must(absl::StrContains(metrics, "\ntest_seconds_bucket{le=\"1\"} 1\n"), "distributes");
  Must(absl::StrContains(metrics, "\ngongji_business_time_seconds 1"), "tells business time");
  Process& process = life.process();
  const absl::Time end = process.env().Now() + absl::Seconds(9);
  Channel channel(process.env(), life.LineOf("address"));
  Must((co_await channel.CallRaw("grpc.health.v1.Health/Check", "", end)).ok(), "healthy");
  Must(absl::StrContains(
           life.Admin("/metrics"),
           "\ngongji_rpc_server_seconds_count{method=\"grpc.health.v1.Health/Check\"} 1\n"),
       "times its calls");
  const auto moved = co_await channel.Call<SetBusinessTimeRequest, SetBusinessTimeResponse>(
      "gongji.common.v1.DevelopmentService/SetBusinessTime", {}, end);
  Must(moved.status().code() == absl::StatusCode::kUnimplemented, "no clock to set");
}

int ServeUntil(int signal) {
  Life life({});
  Process& process = life.process();
  for (int i = 0; i < 3; ++i) process.metrics().counter("test_total", "x", {{"kind", "x"}}).Add(1);
  process.metrics().gauge("test_level", "x", {}).Set(2.5);
  process.metrics().histogram("test_seconds", "x", {}, {1, 2}).Observe(0.5);
  bool handed_over = false;
  process.BeforeDrain([&]() -> Task<void> {
    Must(!life.IsReady(), "not ready once it ends");
    handed_over = true;
    co_return;
  });
  const int code = process.Run(life.StartAndThen(LookAround, signal));
  Must(handed_over, "handed over");
  return code;
}

TEST_F(ProcessDeathTest, ServesUntilASignalHandsOverAndDrains) {
  for (const int signal : {SIGTERM, SIGINT}) {
    EXPECT_EXIT(_exit(ServeUntil(signal)), ExitedWithCode(0),
                "\"event\":\"serving\",\"address\":\"127.0.0.1:.*\"draining\".*\"stopped\"");
  }
}

Task<void> MoveTheClock(Life& life) {
  Process& process = life.process();
  Channel channel(process.env(), life.LineOf("address"));
  const absl::Time end = process.env().Now() + absl::Seconds(9);
  const absl::Time monday = *ParseTime("2026-03-02T09:30:00+08:00");
  const absl::Time begun = process.env().BusinessNow();
  Must(begun >= monday && begun < monday + absl::Hours(1), "begins at its time");
  for (const absl::Duration by : {absl::Hours(48), -absl::Hours(48)}) {
    SetBusinessTimeRequest request;
    *request.mutable_business_time() = ToMessage(monday + by);
    const auto moved = co_await channel.Call<SetBusinessTimeRequest, SetBusinessTimeResponse>(
        "gongji.common.v1.DevelopmentService/SetBusinessTime", request, end);
    Must(moved.ok(), "has a clock to set");
    const absl::Time told = FromMessage(moved->business_time());
    Must(told >= monday + absl::Hours(48) && told < monday + absl::Hours(49), "only forward");
  }
  // Monday's second 1772415000, and two days.
  Must(absl::StrContains(life.Admin("/metrics"), "gongji_business_time_seconds 17725878"), "told");
}

int ServeWithAClock() {
  Life life({"--development", "--business_time=2026-03-02T09:30:00+08:00"});
  return life.process().Run(life.StartAndThen(MoveTheClock, SIGTERM));
}

TEST_F(ProcessDeathTest, InDevelopmentTheBusinessClockIsSet) {
  EXPECT_EXIT(_exit(ServeWithAClock()), ExitedWithCode(0), "stopped");
}

Task<absl::Status> Fail() { co_return absl::NotFoundError("no store"); }

int FailToStart(const std::vector<std::string>& flags, bool fails) {
  Life life(flags);
  const int code = life.process().Run(fails ? Fail() : life.StartAndThen(LookAround, SIGTERM));
  Must(!std::filesystem::exists(life.file("address")), "no address");
  return code;
}

TEST_F(ProcessDeathTest, WhatCannotStartEndsWithTheReason) {
  EXPECT_EXIT(_exit(FailToStart({}, true)), ExitedWithCode(2),
              "\"cannot start\",\"status\":\"NOT_FOUND: no store\".*stopped");
  EXPECT_EXIT(_exit(FailToStart({"--listen=unix:/no/such/folder/socket"}, false)),
              ExitedWithCode(2), "cannot listen on unix:/no/such/folder/socket");
}

Task<void> EndTwice(Life& life) {
  life.process().End("deposed");
  life.process().End("again");
  co_return;
}

int EndItself() {
  Life life({});
  return life.process().Run(life.StartAndThen(EndTwice, 0));
}

TEST_F(ProcessDeathTest, WhatEndsItselfIsStartedAgainByItsSupervisor) {
  EXPECT_EXIT(_exit(EndItself()), ExitedWithCode(3), "\"ending\",\"why\":\"deposed\".*stopped");
}

struct FlagCase {
  std::vector<std::string> flags;
  std::string problem;  // "": none
};

TEST_F(ProcessDeathTest, FlagsThatDoNotFitAreRefusedAtOnce) {
  const FlagCase cases[] = {
      {{"--business_time=2026-03-02T09:30:00+08:00"}, "--business_time needs --development"},
      {{"--development", "--business_time=monday"}, "--business_time is not RFC 3339"},
      {{"--reflection"}, "--reflection needs --development"},
      {{"--listen=0.0.0.0:0"}, "plaintext is served on loopback and Unix sockets only"},
      {{"--listen=10.127.0.1:0"}, "plaintext is served on loopback and Unix sockets only"},
      {{"--admin_listen=nowhere"}, "cannot serve the admin port on nowhere"},
      {{"--admin_address_file=/no/such/folder/file"}, "cannot write /no/such/folder/file"},
      {{"--listen=0.0.0.0:0", "--development"}, ""},
      {{"--development", "--reflection"}, ""},
      {{"--listen=unix:/tmp/x"}, ""},
      {{"--listen=127.0.0.2:0"}, ""},
      {{"--listen=localhost:0"}, ""},
      {{"--listen=[::1]:0"}, ""},
      {{"--admin_address_file="}, ""},
  };
  for (const FlagCase& one : cases) {
    EXPECT_EXIT((Life(one.flags), _exit(0)), ExitedWithCode(one.problem.empty() ? 0 : 2),
                one.problem)
        << testing::PrintToString(one.flags);
  }
}

int OnlyMigrate() {
  Life life({"--migrate", "--listen=0.0.0.0:0"});
  Must(Process::migrates(), "migrates");
  Must(Process::listen() == "0.0.0.0:0", "says where it would listen");
  Must(!std::filesystem::exists(life.file("admin")), "serves nothing");
  return Process::EndAsMigrated("test: version 0 -> 3\n");
}

TEST_F(ProcessDeathTest, AMigrationServesNothing) {
  EXPECT_EXIT(_exit(OnlyMigrate()), ExitedWithCode(0), "");
}

}  // namespace
}  // namespace gongji::rpc
