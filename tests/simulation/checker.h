// Checks the promises on the disks: those that must hold after every event, and those that must
// hold once nothing is going on any more.
#ifndef GONGJI_TESTS_SIMULATION_CHECKER_H_
#define GONGJI_TESTS_SIMULATION_CHECKER_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/simulation/cluster.h"
#include "tests/simulation/draws.h"
#include "tests/simulation/past.h"
#include "tests/simulation/referee.h"
#include "tests/simulation/workload.h"

namespace gongji::simulation {

class Checker {
 public:
  // `rules` are those that were drawn, or null in a world with shipped ones, whose workload asks
  // for nothing itself.
  Checker(Cluster& cluster, const Workload& workload, const DrawnRules* rules)
      : cluster_(cluster),
        workload_(workload),
        rules_(rules),
        draws_(rules),
        past_(cluster.world()),
        referee_(cluster, rules, past_) {}

  // Checks after an event; reads only what was appended since the last call.
  void AfterEvent();

  // Checks when all is quiet.
  void AtEnd();

  // To be called when clocks were set: then spans of time mean nothing in this seed.
  void ClocksWereSet() { clocks_were_set_ = true; }

  const std::vector<std::string>& violations() const { return violations_; }

 private:
  // The content of one journal so far.
  struct Shard {
    size_t seen = 0;
    std::map<std::string, int64_t> balances;  // folded from the rows
    // By account, each entry that moved money of it and the balance after it.
    std::map<std::string, std::map<int64_t, int64_t>> history;
    int64_t saved_number = 0;
    std::map<std::string, ledger::Outcome> outcomes;
    std::map<std::string, std::set<std::string>> held;  // "<psn>/<day>" -> operations with a place
    std::map<std::string, ledger::Person> persons;
    int64_t last_number = 0;
    absl::Time last_at = absl::InfinitePast();
  };

  void CheckEntry(const std::string& host, Shard& shard, const ledger::Entry& entry);
  void CheckRows(const std::string& host, Shard& shard, const ledger::Entry& entry);
  void CheckPersons(const std::string& host, Shard& shard, const ledger::Entry& entry);
  static int64_t QuotaOf(const Shard& shard, const std::string& psn_no);
  void CheckYears(const std::string& host, Shard& shard, const ledger::Entry& entry);
  void CheckSetAside(const Shard& shard, const ledger::Entry& entry);
  void CheckStep(Shard& shard, const ledger::Entry& entry);
  void CheckPivot(const std::string& operation, const Shard& shard, const ledger::Entry& entry);
  // Everything noted since the last call becomes true at once.
  void NoteTogether();
  void NoteBalance(const Shard& shard, const std::string& name);
  void NotePlace(const Shard& shard, const std::string& day, const std::string& operation);
  void CheckWaterfall(const std::string& operation, const settlement::SettlePlan& plan,
                      const Shard& shard, const ledger::Entry& entry);
  void NoteSettlement(const std::string& operation, const settlement::SettlePlan& plan,
                      const ledger::Entry& entry);
  void NoteRefund(const settlement::RefundPlan& plan, const ledger::Entry& entry);
  void CheckRelationStood(const std::string& relation_id, const std::string& operation);
  void FollowRelations();
  void CheckSums(const std::string& host, const Shard& shard);
  void CheckTables(const std::string& host, const Shard& shard);
  void CheckGrants();
  void CheckEndedRelations();
  const std::map<std::string, ledger::Account>& AccountsOf(const std::string& area);
  void CheckClearing();
  void CheckOperations();
  void CheckTold();
  void CheckAnswers();
  void CheckTotals();
  void Expect(bool holds, const std::string& promise, const std::string& what);

  Cluster& cluster_;
  const Workload& workload_;
  const DrawnRules* const rules_;
  Draws draws_;
  Past past_;
  std::map<std::string, int64_t> noted_;
  const Referee referee_;
  std::map<std::string, Shard> shards_;
  // At the end, by host.
  std::map<std::string, std::map<std::string, ledger::Account>> accounts_;
  // Operation and attempt -> steps that were applied ("freeze", "pivot", "release").
  std::map<std::string, std::set<std::string>> applied_;
  // Place keys by the freeze's step id, from its answer.
  std::map<std::string, std::string> place_of_;
  // Operation -> the text of its pivot's entry, as its caller gets it.
  std::map<std::string, std::string> charged_;
  // Bill -> operation that settled it.
  std::map<std::string, std::string> settled_bills_;
  // Periods in which own money was set aside.
  std::set<std::string> set_asides_;
  // Settlement -> what its pivot took, less what refunds returned.
  std::map<std::string, int64_t> taken_fen_;
  // Giver's and receiver's area -> what was shared according to the ledger.
  std::map<std::pair<std::string, std::string>, int64_t> totals_fen_;
  // The same -> what refunds returned of it.
  std::map<std::pair<std::string, std::string>, int64_t> refunds_fen_;
  // Relation -> when its end was durable.
  std::map<std::string, absl::Duration> ended_at_;
  size_t seen_changes_ = 0;
  bool clocks_were_set_ = false;
  std::vector<std::string> violations_;
};

}  // namespace gongji::simulation

#endif  // GONGJI_TESTS_SIMULATION_CHECKER_H_
