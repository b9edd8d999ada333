// Totals of shared money by day and areas (R31).
#ifndef GONGJI_SERVICES_SETTLEMENT_TOTALS_H_
#define GONGJI_SERVICES_SETTLEMENT_TOTALS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "services/common/business_day.h"
#include "services/settlement/operation.h"

namespace gongji::settlement {

// The total from one giver's area to one receiver's area on a day.
struct Total {
  std::string giver_area;
  std::string receiver_area;
  BusinessDay day;
  int64_t count = 0;
  int64_t amount_fen = 0;
  int64_t refund_count = 0;
  int64_t refunded_fen = 0;

  friend bool operator==(const Total&, const Total&) = default;
};

// What the outcome of an operation adds to the totals, once per operation.
std::vector<Total> TotalsOf(const Operation& operation);

// One total for each day, giver's area and receiver's area.
using TotalsByKey = std::map<std::tuple<BusinessDay, std::string, std::string>, Total>;
void AddTo(TotalsByKey& totals, const Total& total);

// A page of totals, which begins after the total `after`.
struct TotalsPage {
  BusinessDay first_day;
  BusinessDay last_day;
  std::optional<Total> after;
  int limit = 100;
};

}  // namespace gongji::settlement

#endif  // GONGJI_SERVICES_SETTLEMENT_TOTALS_H_
