// The promises, checked on the disks: what must hold after every event, and what must hold once
// nothing is going on any more.
#ifndef GONGJI_TESTS_SIMULATION_CHECKER_H_
#define GONGJI_TESTS_SIMULATION_CHECKER_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/simulation/cluster.h"
#include "tests/simulation/workload.h"

namespace gongji::simulation {

class Checker {
 public:
  Checker(Cluster& cluster, const Workload& workload) : cluster_(cluster), workload_(workload) {}

  // After an event: looks only at what was appended since the last call.
  void AfterEvent();

  // When all is quiet.
  void AtEnd();

  const std::vector<std::string>& violations() const { return violations_; }

 private:
  // What one journal says so far.
  struct Shard {
    size_t seen = 0;
    std::map<std::string, int64_t> balances;  // folded from the rows
    std::map<std::string, wallet::Outcome> outcomes;
    std::map<std::string, std::set<std::string>> held;  // "<psn>/<day>" -> operations with a place
    int64_t last_number = 0;
    absl::Time last_at = absl::InfinitePast();
  };

  void CheckEntry(const std::string& host, Shard& shard, const wallet::Entry& entry);
  void CheckRows(const std::string& host, Shard& shard, const wallet::Entry& entry);
  void CheckStep(Shard& shard, const wallet::Entry& entry);
  void CheckTables(const std::string& host, const Shard& shard);
  void CheckGrants();
  void CheckClearing();
  void CheckOperations();
  void CheckTold();
  void CheckTotals();
  void Expect(bool holds, const std::string& promise, const std::string& what);

  Cluster& cluster_;
  const Workload& workload_;
  std::map<std::string, Shard> shards_;
  // Operation and attempt -> steps that were applied ("freeze", "pivot", "release").
  std::map<std::string, std::set<std::string>> applied_;
  // Place keys by the freeze's step id, from its answer.
  std::map<std::string, std::string> place_of_;
  // Operation -> what its pivot's entry says, as a caller is told it.
  std::map<std::string, std::string> charged_;
  // Bill -> operation that settled it.
  std::map<std::string, std::string> settled_bills_;
  std::vector<std::string> violations_;
};

}  // namespace gongji::simulation

#endif  // GONGJI_TESTS_SIMULATION_CHECKER_H_
