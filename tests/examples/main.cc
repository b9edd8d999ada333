// gongji-example-simulator: plays examples on the simulated cluster (example.h).
//   gongji-example-simulator [--seeds=20] examples/*.jsonl
#include <cstdio>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "policy/policy.h"
#include "services/common/log.h"
#include "services/common/version.h"
#include "tests/examples/example.h"

ABSL_FLAG(uint64_t, seed, 0, "play with this seed only, and print what is played");
ABSL_FLAG(uint64_t, seeds, 20, "how many seeds to play each example with");
ABSL_FLAG(std::string, policy, "policy", "directory of the policy files");

int main(int argc, char** argv) {
  gongji::AnswerVersionFlag("gongji-example-simulator");
  const std::vector<char*> words = absl::ParseCommandLine(argc, argv);
  // Full disks are normal here.
  gongji::StartLog("examples", "error");
  const auto policies = gongji::policy::PolicyBook::Load(absl::GetFlag(FLAGS_policy));
  if (!policies.ok()) {
    std::fprintf(stderr, "%s\n", policies.status().ToString().c_str());
    return 2;
  }
  gongji::simulation::Seeds seeds{.count = absl::GetFlag(FLAGS_seeds)};
  if (const uint64_t one = absl::GetFlag(FLAGS_seed); one != 0) seeds = {one, 1, true};
  size_t passed = 0;
  for (size_t i = 1; i < words.size(); ++i) {
    if (gongji::simulation::PlayExample(*policies, words[i], seeds)) ++passed;
  }
  std::printf("%zu passed, %zu failed\n", passed, words.size() - 1 - passed);
  return passed == words.size() - 1 ? 0 : 1;
}
