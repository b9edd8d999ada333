// Load for one shard of the ledger, without the services before it.
#ifndef GONGJI_TOOLS_LOADGEN_LEDGER_H_
#define GONGJI_TOOLS_LOADGEN_LEDGER_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "services/common/rpc/channel.h"
#include "services/common/task.h"
#include "tools/loadgen/drive.h"

namespace gongji::load {

// How moves are spread over the accounts.
enum class Spread {
  kUniform,  // from any account to any other
  kZipf,     // the same, but the n-th account is n times as rare as the first
  kHot,      // from any account to one control account
};

struct LedgerTarget {
  Env& env;
  rpc::Channel& channel;  // of the shard
  int64_t accounts = 0;
  int per_call = 1;  // 1..256
  Spread spread = Spread::kUniform;
  // Makes the ids of this run different from those of all others; at most 20 characters.
  std::string tag;
};

// A contribution file with a line for each account, sent in calls of 256.
struct Lines {
  std::string tag;        // part of the ids of its lines
  int64_t prior_fen = 0;  // opening balance
  int64_t current_fen = 0;
  int in_flight = 1;
};

// An opening balance that is not used up by any measurement.
inline constexpr int64_t kOpeningFen = 1'000'000'000;

// Contributes to the accounts first..last-1. It can be repeated.
Task<absl::Status> SendLines(LedgerTarget target, TaskScope& scope, Lines lines, int64_t first,
                             int64_t last);

// Transactions of one move each, `per_call` of them in a BatchApply.
Work LedgerWork(LedgerTarget target);

// The name of the benchmark's account with this number.
std::string AccountAt(int64_t number);

// Draws one of the accounts; the same for the same seed.
int64_t Draw(uint64_t seed, int64_t accounts, Spread spread);

}  // namespace gongji::load

#endif  // GONGJI_TOOLS_LOADGEN_LEDGER_H_
