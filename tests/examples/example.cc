// A Play builds a cluster, lets the player of tools/gongji send the lines of the file to it, with a
// storm if asked for, and collects what was printed and all balances at the end. PlayExample plays
// once without faults and then compares every seed with that.
#include "tests/examples/example.h"

#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "policy/policy.h"
#include "services/ledger/accounts.h"
#include "tests/examples/faces.h"
#include "tests/simulation/checker.h"
#include "tests/simulation/cluster.h"
#include "tests/simulation/storm.h"
#include "tools/gongji/line.h"
#include "tools/gongji/play.h"

namespace gongji::simulation {
namespace {

// A lost call is repeated until it is answered.
constexpr int kTries = 100'000;
// The longest virtual time of a play; days of an example pass by setting clocks.
constexpr absl::Duration kLongest = absl::Hours(2);
constexpr absl::Duration kQuietWithin = absl::Seconds(30);

// Balances by account; the ids of relations are left out, because they are drawn.
using Balances = std::map<std::string, int64_t>;

struct Played {
  std::vector<std::string> problems;
  Balances balances;
  std::string text;
};

// One play of a file on a cluster of its own.
class Play {
 public:
  Play(const policy::PolicyBook& policies, std::string file, uint64_t seed, absl::Time start,
       std::FILE* out)
      : world_(seed),
        cluster_(world_, policies, start),
        workload_(cluster_, nullptr),
        checker_(cluster_, workload_, nullptr),
        storm_(cluster_, nullptr, false),
        file_(std::move(file)),
        out_(out) {
    ServeFaces(cluster_);
  }

  Played Run(bool faults) {
    for (const std::string& host : kHosts) cluster_.Boot(host);
    RunUntil(absl::Seconds(1), [] { return false; });
    if (faults) storm_.Begin();
    cluster_.client().scope().Spawn(PlayFile());
    const bool ended = RunUntil(world_.now() + kLongest, [this] { return ended_; });
    if (faults) storm_.Heal();
    if (!ended) problems_.emplace_back("the example does not come to its end");
    RunUntil(world_.now() + kQuietWithin, [] { return false; });
    checker_.AtEnd();
    for (const std::string& violation : checker_.violations()) problems_.push_back(violation);
    return {problems_, BalancesOf(), ""};
  }

 private:
  Task<void> PlayFile() {
    cli::Client client(cluster_.client().env(), ChannelsTo(cluster_), kTries);
    cli::Player player(client, file_, {.fresh = true, .patient = true, .out = out_});
    const auto played = co_await player.Play();
    if (!played.ok()) {
      problems_.push_back(played.status().ToString());
    } else if (*played != cli::kDone) {
      problems_.emplace_back("not every expectation held");
    }
    ended_ = true;
  }

  template <class Done>
  bool RunUntil(absl::Duration until, Done done) {
    while (!done()) {
      if (!world_.Step(until)) return done();
      checker_.AfterEvent();
      if (!checker_.violations().empty()) return true;
    }
    return true;
  }

  Balances BalancesOf() {
    Balances balances;
    for (const auto& [host, disk] : cluster_.wallets()) {
      for (const auto& [name, account] : wallet::AccountsOf(disk)) {
        const auto parsed = ledger::ParseAccount(name);
        const std::string key =
            parsed->relation_id.empty()
                ? name
                : absl::StrCat(std::string(parsed->psn_no), "/quota/", std::string(parsed->bucket));
        if (account.balance_fen != 0) balances[absl::StrCat(host, "/", key)] += account.balance_fen;
      }
    }
    return balances;
  }

  World world_;
  Cluster cluster_;
  Workload workload_;
  Checker checker_;
  Storm storm_;
  const std::string file_;
  std::FILE* const out_;
  bool ended_ = false;
  std::vector<std::string> problems_;
};

// Business time of the first line that names one, and a minute before it.
absl::Time StartOf(const std::string& file) {
  auto lines = cli::ReadLines(file);
  if (lines.ok()) {
    for (auto& [number, line] : *lines) {
      if (const auto at = line.Time("at")) return *at - absl::Minutes(1);
    }
  }
  return absl::FromUnixSeconds(1772415000);
}

Played PlayOnce(const policy::PolicyBook& policies, const std::string& file, uint64_t seed,
                bool faults) {
  char* text = nullptr;
  size_t size = 0;
  std::FILE* out = open_memstream(&text, &size);
  Played played = Play(policies, file, seed, StartOf(file), out).Run(faults);
  std::fclose(out);
  played.text.assign(text, size);
  std::free(text);
  return played;
}

std::string Difference(const Balances& expected, const Balances& found) {
  Balances difference = found;
  for (const auto& [name, fen] : expected) difference[name] -= fen;
  std::erase_if(difference, [](const auto& entry) { return entry.second == 0; });
  return absl::StrJoin(difference, ", ", absl::PairFormatter(" differs by "));
}

}  // namespace

bool PlayExample(const policy::PolicyBook& policies, const std::string& file, Seeds seeds) {
  const Played calm = PlayOnce(policies, file, 1, false);
  bool good = calm.problems.empty();
  if (!good) std::printf("%s%s\n", calm.text.c_str(), absl::StrJoin(calm.problems, "\n").c_str());
  for (uint64_t seed = seeds.first; good && seed < seeds.first + seeds.count; ++seed) {
    Played played = PlayOnce(policies, file, seed, true);
    const std::string difference = Difference(calm.balances, played.balances);
    if (!difference.empty()) played.problems.push_back("end balances: " + difference);
    good = played.problems.empty();
    if (!good || seeds.print) std::printf("%s", played.text.c_str());
    if (good) continue;
    std::printf(
        "%s FAILED; replay: build/release/bin/gongji-example-simulator --seed=%llu %s\n  %s\n",
        file.c_str(), static_cast<unsigned long long>(seed), file.c_str(),
        absl::StrJoin(played.problems, "\n  ").c_str());
  }
  return good;
}

}  // namespace gongji::simulation
