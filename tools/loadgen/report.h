// The flags of the load generator and its report.
#ifndef GONGJI_TOOLS_LOADGEN_REPORT_H_
#define GONGJI_TOOLS_LOADGEN_REPORT_H_

#include <cstdint>
#include <string>

#include "tools/loadgen/drive.h"

namespace CLI {
class App;
}

namespace gongji::load {

struct Flags {
  // prepare, echo, settle, settle-batch, transfer, transfer-batch, ledger-open, ledger-file,
  // ledger, raw-sqlite, or echo-server.
  std::string mode;
  // cluster.json as tests/cluster writes it; not for echo.
  std::string cluster;
  // The address of settlement or of the echo server, instead of that in cluster.json.
  std::string address;
  // Calls in flight; a batch of 64 is one call.
  int in_flight = 64;
  double seconds = 2;
  double warm_up_seconds = 0.5;
  // As in `prepare`; a multiple of 4.
  int64_t persons = 16'000;
  // ledger-open, ledger and raw-sqlite only.
  int64_t accounts = 1'000'000;
  int64_t first_account = 0;  // ledger-open and ledger-file
  int per_call = 1;
  std::string spread = "uniform";
  std::string database;        // raw-sqlite only
  std::string rows = "names";  // raw-sqlite only
  // echo-server only.
  std::string listen = "127.0.0.1:0";
  std::string address_file;

  Load load() const {
    return {.in_flight = in_flight,
            .warm_up = absl::Seconds(warm_up_seconds),
            .time = absl::Seconds(seconds)};
  }
};

void AddFlags(CLI::App& app, Flags& flags);

// Writes the echo server's address to where the process that started it waits for it:
// --address_file, or a line on standard output.
void Tell(const Flags& flags, const std::string& address);

// One line: mode, in_flight, seconds, calls, items, items_in_all, items_per_second,
// calls_per_second, p50_us, p99_us (of calls), cpu_us_per_item (of this process), errors.
std::string JsonOf(const Flags& flags, const Measured& measured);

}  // namespace gongji::load

#endif  // GONGJI_TOOLS_LOADGEN_REPORT_H_
