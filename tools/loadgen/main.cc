// gongji-loadgen: fills a cluster and loads it. One JSON line about each run on standard output.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>

#include "absl/strings/str_format.h"
#include "services/common/log.h"
#include "services/common/rpc/echo.h"
#include "services/common/rpc/process.h"
#include "services/common/status.h"
#include "tools/gongji/client.h"
#include "tools/loadgen/ledger.h"
#include "tools/loadgen/population.h"
#include "tools/loadgen/prepare.h"
#include "tools/loadgen/report.h"
#include "tools/loadgen/work.h"

namespace {

using gongji::Task;
using gongji::cli::Client;
using gongji::load::Flags;

Task<absl::Status> Report(gongji::Env& env, gongji::TaskScope& scope, Flags flags,
                          gongji::load::Work work) {
  const auto measured = co_await gongji::load::Drive(env, scope, std::move(work), flags.load());
  std::printf("%s\n", gongji::load::JsonOf(flags, measured).c_str());
  if (measured.calls == 0) co_return absl::OutOfRangeError("nothing left to do: more --persons");
  if (!measured.errors.empty()) co_return absl::UnknownError("not every call was answered well");
  co_return absl::OkStatus();
}

Task<absl::Status> MeasureLedger(gongji::rpc::Runtime& runtime, gongji::rpc::Channel& shard,
                                 gongji::TaskScope& scope, Flags flags) {
  using gongji::load::Spread;
  const gongji::load::LedgerTarget target{.env = runtime,
                                          .channel = shard,
                                          .accounts = flags.accounts,
                                          .per_call = flags.per_call,
                                          .spread = flags.spread == "hot"    ? Spread::kHot
                                                    : flags.spread == "zipf" ? Spread::kZipf
                                                                             : Spread::kUniform,
                                          .tag = absl::StrFormat("%012x", runtime.Random() >> 16)};
  if (flags.mode == "ledger-open") {
    co_return co_await gongji::load::OpenAccounts(target, scope, flags.first_account,
                                                  flags.accounts);
  }
  co_return co_await Report(runtime, scope, flags, gongji::load::LedgerWork(target));
}

Task<absl::Status> Measure(Client& client, gongji::TaskScope& scope, Flags flags) {
  const int64_t families = flags.persons / gongji::load::kFamilySize;
  if (flags.mode == "prepare") {
    co_return co_await gongji::load::Prepare(client, scope, families);
  }
  const bool batch = flags.mode.ends_with("-batch");
  const gongji::load::Target target{.env = client.env(),
                                    .channel = client.settlement,
                                    .families = families,
                                    .tag = absl::StrFormat("%012x", client.env().Random() >> 16)};
  gongji::load::Work work;
  if (flags.mode == "echo") {
    work = gongji::load::EchoWork(target);
  } else if (flags.mode.starts_with("settle")) {
    work = gongji::load::SettleWork(target, batch);
  } else {
    CO_RETURN_IF_ERROR(co_await gongji::load::BeginNextDay(client));
    work = gongji::load::TransferWork(target, batch);
  }
  co_return co_await Report(client.env(), scope, flags, std::move(work));
}

Task<void> RunThenStop(Task<absl::Status> work, gongji::rpc::Runtime& runtime,
                       absl::Status& status) {
  status = co_await std::move(work);
  runtime.Stop();
}

absl::Status RunClient(const Flags& flags) {
  gongji::cli::Addresses addresses;
  if (!flags.cluster.empty()) {
    ASSIGN_OR_RETURN(addresses, gongji::cli::ReadAddresses(flags.cluster));
  }
  if (!flags.address.empty()) addresses.settlement = flags.address;
  // The bare echo is alone; channels that are never used must still have an address.
  if (flags.cluster.empty()) addresses.relation = addresses.limits = flags.address;
  gongji::rpc::Runtime runtime({});
  absl::Status status;
  Client client(runtime, addresses);
  gongji::TaskScope scope;
  scope.Spawn(RunThenStop(Measure(client, scope, flags), runtime, status));
  runtime.Run();
  return status;
}

absl::Status RunLedger(const Flags& flags) {
  gongji::rpc::Runtime runtime({});
  absl::Status status;
  gongji::rpc::Channel shard(runtime, flags.address);
  gongji::TaskScope scope;
  scope.Spawn(RunThenStop(MeasureLedger(runtime, shard, scope, flags), runtime, status));
  runtime.Run();
  return status;
}

absl::Status RunRawSqlite(const Flags& flags) {
  ASSIGN_OR_RETURN(const double rate, gongji::load::RawSqlite(flags.database, flags.accounts,
                                                              flags.per_call, flags.seconds));
  std::printf("{\"mode\": \"raw-sqlite\", \"items_per_second\": %.1f}\n", rate);
  return absl::OkStatus();
}

absl::Status RunEchoServer(const Flags& flags) {
  return gongji::rpc::ServeEcho(
      flags.listen, gongji::load::EchoMessage(),
      [&](const std::string& address) { gongji::load::Tell(flags, address); });
}

absl::Status Run(const Flags& flags) {
  if (flags.mode == "echo-server") return RunEchoServer(flags);
  if (flags.mode == "raw-sqlite") return RunRawSqlite(flags);
  return flags.mode.starts_with("ledger") ? RunLedger(flags) : RunClient(flags);
}

}  // namespace

// Exit codes: 0 every answer was as expected, 1 not, 2 wrong call.
int main(int argc, char** argv) {
  Flags flags;
  CLI::App app("gongji-loadgen: load for a prepared cluster, or for a bare echo server");
  gongji::load::AddFlags(app, flags);
  CLI11_PARSE(app, argc, argv);
  gongji::StartLog("gongji-loadgen", "warning");
  const absl::Status status = Run(flags);
  if (status.ok()) return 0;
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return 1;
}
