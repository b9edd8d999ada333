// gongji-faults: the long forms of the tests that break a shard's disk (tools/long).
#include <cstdio>
#include <string>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "services/common/log.h"
#include "services/common/version.h"
#include "tests/faults/corruptions.h"
#include "tests/faults/t4.h"

ABSL_FLAG(int64_t, first, 1, "t4: the first access that fails");
ABSL_FLAG(int64_t, step, 1, "t4: to the next one");
ABSL_FLAG(int64_t, count, 10'000, "corruptions: how many");
ABSL_FLAG(uint64_t, seed, 1, "corruptions: of the choices");
ABSL_FLAG(int, damages, 20, "t4: power cuts after each");

namespace {

using Lines = std::vector<std::string>;

int Verdict(const Lines& bad) {
  for (const std::string& line : bad) std::printf("BAD: %s\n", line.c_str());
  return bad.empty() ? 0 : 1;
}

int T4() {
  const auto report = gongji::faults::RunT4({.first = absl::GetFlag(FLAGS_first),
                                             .step = absl::GetFlag(FLAGS_step),
                                             .damages = absl::GetFlag(FLAGS_damages)});
  std::printf(
      "%lld accesses, %lld of them writes; %lld stories with a fault, %lld stopped by it; "
      "%lld damaged images, %zu bad\n",
      static_cast<long long>(report.accesses), static_cast<long long>(report.writes),
      static_cast<long long>(report.stories), static_cast<long long>(report.stopped),
      static_cast<long long>(report.images), report.bad.size());
  return Verdict(report.bad);
}

int Corruptions() {
  const auto report =
      gongji::faults::RunCorruptions(absl::GetFlag(FLAGS_count), absl::GetFlag(FLAGS_seed));
  for (const auto& [how, times] : report.how) {
    std::printf("%-40s %lld\n", how.c_str(), static_cast<long long>(times));
  }
  std::printf("%zu rows; %lld bytes changed at rest and %lld columns through SQL, %zu not found\n",
              report.rows, static_cast<long long>(report.changed_in_file),
              static_cast<long long>(report.changed_in_sql), report.bad.size());
  return Verdict(report.bad);
}

}  // namespace

int main(int argc, char** argv) {
  gongji::AnswerVersionFlag("gongji-faults");
  const auto arguments = absl::ParseCommandLine(argc, argv);
  gongji::StartLog("faults", "error");
  const std::string what = arguments.size() > 1 ? arguments[1] : "";
  if (what == "t4") return T4();
  if (what == "corruptions") return Corruptions();
  std::fprintf(stderr, "usage: gongji-faults t4|corruptions\n");
  return 2;
}
