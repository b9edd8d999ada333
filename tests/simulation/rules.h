// The rules of the simulated areas, drawn for each seed: as policy files, of which PolicyBook makes
// what holds on a day, and as the values that must come of it, which the referee uses.
#ifndef GONGJI_TESTS_SIMULATION_RULES_H_
#define GONGJI_TESTS_SIMULATION_RULES_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "policy/policy.h"
#include "tests/simulation/world.h"

namespace gongji::simulation {

// What is known to hold in an area on the day of the seeds.
struct AreaRules {
  // Of the giver's area.
  bool whole_account = true;  // otherwise prior years only
  int64_t min_retained_fen = 0;
  int64_t max_per_receiver_day_fen = 0;  // 0: no cap
  int64_t max_per_bill_fen = 0;          // 0: no cap
  int max_transfers_a_day = 3;
  int64_t max_transfer_fen = 200000;
  absl::Duration opens = absl::Hours(6);
  absl::Duration closes = absl::Hours(22);
  bool sub_account = false;  // others take from what was set aside for them, and from nothing else
  // Of the patient's area.
  std::vector<policy::Bucket> own_first = {policy::Bucket::kCurrentYear,
                                           policy::Bucket::kPriorYears};
  std::vector<policy::Source> sources = {policy::Source::kQuota, policy::Source::kLive};
  std::vector<policy::GiverOrder> giver_order = {policy::GiverOrder::kLocalFirst,
                                                 policy::GiverOrder::kBindTime};
  bool pays_own_expense = false;
};

class DrawnRules {
 public:
  // `shipped` is the national file, which stays as it is; provinces and areas are drawn. 310000 has
  // the rules of Shanghai's own file.
  DrawnRules(World& world, const std::vector<policy::PolicyText>& shipped);

  const policy::PolicyBook& book() const { return book_; }
  // The rules of `area` on the day on which seeds begin.
  const AreaRules& Of(const std::string& area) const;

 private:
  policy::PolicyBook book_;
  std::map<std::string, AreaRules> areas_;
};

// The day of a seed's first events.
BusinessDay FirstDay();

}  // namespace gongji::simulation

#endif  // GONGJI_TESTS_SIMULATION_RULES_H_
