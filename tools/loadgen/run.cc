#include "tools/loadgen/run.h"

#include <cstdio>
#include <string>
#include <utility>

#include "absl/strings/str_format.h"
#include "services/common/errors/status.h"
#include "services/common/rpc/runtime.h"
#include "tools/gongji/client.h"
#include "tools/loadgen/echo.h"
#include "tools/loadgen/ledger.h"
#include "tools/loadgen/population.h"
#include "tools/loadgen/prepare.h"
#include "tools/loadgen/raw_sqlite.h"
#include "tools/loadgen/work.h"

namespace gongji::load {
namespace {

using cli::Client;

constexpr int64_t kContributionFen = 30'000;

Task<absl::Status> Report(Env& env, TaskScope& scope, Flags flags, Work work) {
  const auto measured = co_await Drive(env, scope, std::move(work), flags.load());
  std::printf("%s\n", JsonOf(flags, measured).c_str());
  if (measured.calls == 0) co_return absl::OutOfRangeError("nothing left to do: more --persons");
  if (!measured.errors.empty()) co_return absl::UnknownError("not every call was answered well");
  co_return absl::OkStatus();
}

Task<absl::Status> MeasureLedger(rpc::Runtime& runtime, rpc::Channel& shard, TaskScope& scope,
                                 Flags flags) {
  const LedgerTarget target{.env = runtime,
                            .channel = shard,
                            .accounts = flags.accounts,
                            .per_call = flags.per_call,
                            .spread = flags.spread == "hot"    ? Spread::kHot
                                      : flags.spread == "zipf" ? Spread::kZipf
                                                               : Spread::kUniform,
                            .tag = absl::StrFormat("%012x", runtime.Random() >> 16)};
  if (flags.mode == "ledger-open" || flags.mode == "ledger-file") {
    const bool open = flags.mode == "ledger-open";
    Lines lines{.tag = open ? "open" : target.tag, .in_flight = flags.in_flight};
    (open ? lines.prior_fen : lines.current_fen) = open ? kOpeningFen : kContributionFen;
    co_return co_await SendLines(target, scope, std::move(lines), flags.first_account,
                                 flags.accounts);
  }
  co_return co_await Report(runtime, scope, flags, LedgerWork(target));
}

Task<absl::Status> Measure(Client& client, TaskScope& scope, Flags flags) {
  const int64_t families = flags.persons / kFamilySize;
  if (flags.mode == "prepare") {
    co_return co_await Prepare(client, scope, families);
  }
  const bool batch = flags.mode.ends_with("-batch");
  const Target target{.env = client.env(),
                      .channel = client.settlement,
                      .families = families,
                      .tag = absl::StrFormat("%012x", client.env().Random() >> 16)};
  Work work;
  if (flags.mode == "echo") {
    work = EchoWork(target);
  } else if (flags.mode.starts_with("settle")) {
    work = SettleWork(target, batch);
  } else {
    CO_RETURN_IF_ERROR(co_await BeginNextDay(client));
    work = TransferWork(target, batch);
  }
  co_return co_await Report(client.env(), scope, flags, std::move(work));
}

Task<void> RunThenStop(Task<absl::Status> work, rpc::Runtime& runtime, absl::Status& status) {
  status = co_await std::move(work);
  runtime.Stop();
}

absl::Status RunClient(const Flags& flags) {
  cli::Addresses addresses;
  if (!flags.cluster.empty()) {
    ASSIGN_OR_RETURN(addresses, cli::ReadAddresses(flags.cluster));
  }
  if (!flags.address.empty()) addresses.settlement = flags.address;
  // The bare echo has no other services, but channels that are never used must have an address too.
  if (flags.cluster.empty()) addresses.relation = addresses.limits = flags.address;
  rpc::Runtime runtime({});
  absl::Status status;
  Client client(runtime, addresses);
  TaskScope scope;
  scope.Spawn(RunThenStop(Measure(client, scope, flags), runtime, status));
  runtime.Run();
  return status;
}

absl::Status RunLedger(const Flags& flags) {
  rpc::Runtime runtime({});
  absl::Status status;
  rpc::Channel shard(runtime, flags.address);
  TaskScope scope;
  scope.Spawn(RunThenStop(MeasureLedger(runtime, shard, scope, flags), runtime, status));
  runtime.Run();
  return status;
}

absl::Status RunRawSqlite(const Flags& flags) {
  const RawRows rows = flags.rows == "names" ? RawRows::kNames : RawRows::kIntegers;
  ASSIGN_OR_RETURN(const double rate,
                   RawSqlite(flags.database, rows, flags.accounts, flags.per_call, flags.seconds));
  std::printf("{\"mode\": \"raw-sqlite\", \"items_per_second\": %.1f}\n", rate);
  return absl::OkStatus();
}

absl::Status RunEchoServer(const Flags& flags) {
  return rpc::ServeEcho(flags.listen, EchoMessage(),
                        [&](const std::string& address) { Tell(flags, address); });
}

}  // namespace

absl::Status Run(const Flags& flags) {
  if (flags.mode == "echo-server") return RunEchoServer(flags);
  if (flags.mode == "raw-sqlite") return RunRawSqlite(flags);
  return flags.mode.starts_with("ledger") ? RunLedger(flags) : RunClient(flags);
}

}  // namespace gongji::load
