#include "tools/loadgen/report.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

namespace gongji::load {
namespace {

double Percentile(const std::vector<absl::Duration>& rising, int percent) {
  if (rising.empty()) return 0;
  return absl::ToDoubleMicroseconds(rising[rising.size() * static_cast<size_t>(percent) / 100]);
}

void AddLedgerFlags(CLI::App& app, Flags& flags) {
  for (const std::string name : {"ledger-open", "ledger-file", "ledger", "raw-sqlite"}) {
    CLI::App* command = app.add_subcommand(name, "load one shard of the ledger, or SQLite alone");
    command->callback([&flags, name] { flags.mode = name; });
    command->add_option("--accounts", flags.accounts, "how many there are")
        ->check(CLI::Range(int64_t{2}, int64_t{100'000'000}));
    if (name == "raw-sqlite") {
      command->add_option("--database", flags.database, "file")->required();
      command->add_option("--rows", flags.rows, "as the shard's accounts, or as small as can be")
          ->check(CLI::IsMember({"names", "integers"}));
    } else {
      command->add_option("--address", flags.address, "of the shard")->required();
    }
    command->add_option("--in_flight", flags.in_flight, "calls at once")
        ->check(CLI::Range(1, 4096));
    if (name == "ledger-open" || name == "ledger-file") {
      command->add_option("--first_account", flags.first_account, "those before are left out");
      continue;
    }
    command->add_option("--per_call", flags.per_call, "transactions of a call or commit")
        ->check(CLI::Range(1, 256));
    command->add_option("--spread", flags.spread, "whose money moves")
        ->check(CLI::IsMember({"uniform", "zipf", "hot"}));
    command->add_option("--seconds", flags.seconds, "measured time");
    command->add_option("--warm_up_seconds", flags.warm_up_seconds, "time before");
  }
}

}  // namespace

void AddFlags(CLI::App& app, Flags& flags) {
  app.require_subcommand(1);
  const auto add = [&](const std::string& name, const std::string& help) {
    CLI::App* command = app.add_subcommand(name, help);
    command->callback([&flags, name] { flags.mode = name; });
    return command;
  };
  AddLedgerFlags(app, flags);
  CLI::App* server = add("echo-server", "serve the bare echo until killed");
  server->add_option("--listen", flags.listen, "host:port, port 0 takes a free one");
  server->add_option("--address_file", flags.address_file,
                     "file that gets the address; none: printed");

  const auto add_persons = [&](CLI::App* command) {
    command->add_option("--cluster", flags.cluster, "cluster.json")->required();
    command->add_option("--address", flags.address, "of settlement, instead of cluster.json's");
    command->add_option("--persons", flags.persons, "how many were prepared, a multiple of 4")
        ->check(CLI::Range(4, 1'000'000));
  };
  add_persons(add("prepare", "fill a fresh cluster with families"));
  for (const std::string name : {"echo", "settle", "settle-batch", "transfer", "transfer-batch"}) {
    CLI::App* command = add(name, name == "echo" ? "192 bytes there and back" : "load settlement");
    if (name == "echo") {
      command->add_option("--address", flags.address, "of the echo server")->required();
    } else {
      add_persons(command);
    }
    command->add_option("--in_flight", flags.in_flight, "calls at once")
        ->check(CLI::Range(1, 4096));
    command->add_option("--seconds", flags.seconds, "measured time");
    command->add_option("--warm_up_seconds", flags.warm_up_seconds, "time before");
  }
}

void Tell(const Flags& flags, const std::string& address) {
  if (flags.address_file.empty()) {
    std::printf("%s\n", address.c_str());
    std::fflush(stdout);
    return;
  }
  // Renamed into place, so that a reader never finds half an address.
  const std::string temporary = flags.address_file + ".new";
  std::ofstream(temporary) << address << "\n";
  std::rename(temporary.c_str(), flags.address_file.c_str());
}

std::string JsonOf(const Flags& flags, const Measured& measured) {
  const double seconds = absl::ToDoubleSeconds(measured.time);
  const auto items = static_cast<double>(std::max<int64_t>(measured.items, 1));
  const nlohmann::ordered_json json = {
      {"mode", flags.mode},
      {"in_flight", flags.in_flight},
      {"seconds", seconds},
      {"calls", measured.calls},
      {"items", measured.items},
      {"items_in_all", measured.items_in_all},
      {"items_per_second", static_cast<double>(measured.items) / seconds},
      {"calls_per_second", static_cast<double>(measured.calls) / seconds},
      {"p50_us", Percentile(measured.latencies, 50)},
      {"p99_us", Percentile(measured.latencies, 99)},
      {"cpu_us_per_item", absl::ToDoubleMicroseconds(measured.cpu) / items},
      {"errors", measured.errors}};
  return json.dump();
}

}  // namespace gongji::load
