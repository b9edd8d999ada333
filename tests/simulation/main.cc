// gongji-simulator: runs seeds of the whole cluster in one thread. A failing seed prints the one
// command that replays it.
#include <csignal>
#include <ctime>

#include <cstdio>
#include <map>
#include <string>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "policy/policy.h"
#include "services/common/log.h"
#include "services/common/version.h"
#include "tests/simulation/simulation.h"

ABSL_FLAG(uint64_t, seed, 0, "run this seed only");
ABSL_FLAG(uint64_t, first_seed, 1, "first of the seeds to run");
ABSL_FLAG(uint64_t, seeds, 500, "how many seeds to run");
ABSL_FLAG(bool, trace, false, "print the events of each seed");
ABSL_FLAG(bool, hashes, false, "print the trace hash of each seed");
ABSL_FLAG(bool, stop_at_first, false, "end at the first seed that fails");
ABSL_FLAG(std::string, policy, "policy", "directory of the policy files");

namespace {

// The seed that is running, for the handler of a failed CHECK.
volatile uint64_t running_seed = 0;

void PrintReplay(uint64_t seed) {
  std::printf("seed %llu FAILED; replay: build/release/bin/gongji-simulator --trace --seed=%llu\n",
              static_cast<unsigned long long>(seed), static_cast<unsigned long long>(seed));
}

// A CHECK that fails in a seed is a finding like any other.
void OnAbort(int /*signal*/) {
  PrintReplay(running_seed);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  using gongji::simulation::Outcome;

  gongji::AnswerVersionFlag("gongji-simulator");

  absl::ParseCommandLine(argc, argv);
  // Full disks are normal here.
  gongji::StartLog("simulator", "error");
  const auto shipped = gongji::policy::ReadPolicyTexts(absl::GetFlag(FLAGS_policy));
  if (!shipped.ok()) {
    std::fprintf(stderr, "%s\n", shipped.status().ToString().c_str());
    return 2;
  }
  const bool one = absl::GetFlag(FLAGS_seed) != 0;
  const uint64_t first = one ? absl::GetFlag(FLAGS_seed) : absl::GetFlag(FLAGS_first_seed);
  const uint64_t count = one ? 1 : absl::GetFlag(FLAGS_seeds);
  std::map<std::string, int64_t> marks;
  uint64_t failed = 0;
  uint64_t ran = 0;
  const std::clock_t start = std::clock();
  std::signal(SIGABRT, OnAbort);
  for (uint64_t seed = first; seed < first + count; ++seed) {
    running_seed = seed;
    const Outcome outcome = gongji::simulation::RunSeed(seed, *shipped, absl::GetFlag(FLAGS_trace));
    ++ran;
    for (const auto& [name, times] : outcome.marks) marks[name] += times;
    if (absl::GetFlag(FLAGS_hashes)) {
      std::printf("seed %llu hash %016llx\n", static_cast<unsigned long long>(seed),
                  static_cast<unsigned long long>(outcome.trace_hash));
    }
    if (outcome.violations.empty()) continue;
    ++failed;
    PrintReplay(seed);
    for (const std::string& violation : outcome.violations) {
      std::printf("  %s\n", violation.c_str());
    }
    if (absl::GetFlag(FLAGS_stop_at_first)) break;
  }
  const double cpu_ms = 1000.0 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  for (const auto& [name, times] : marks) {
    std::printf("%-50s %lld\n", name.c_str(), static_cast<long long>(times));
  }
  std::printf("%.1f ms CPU a seed\n", cpu_ms / static_cast<double>(ran));
  std::printf("%llu passed, %llu failed\n", static_cast<unsigned long long>(ran - failed),
              static_cast<unsigned long long>(failed));
  return failed == 0 ? 0 : 1;
}
