// The counters of limits: for each wallet and day a set of transfer ids, under a generation. They
// may lose everything at any time; what is lost is asked from the ledger. Implementations: Redis
// (limits_store_redis.h), memory for tests and the simulator (testing/limits_store_memory.h); both
// pass testing/limits_store_contract.h.
#ifndef GONGJI_SERVICES_LIMITS_LIMITS_STORE_H_
#define GONGJI_SERVICES_LIMITS_LIMITS_STORE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/common/task.h"

namespace gongji::limits {

// No place stays lost for longer than this (P17): an entry that no freeze confirms lapses after it,
// and "full" only refuses if the ledger was asked within it.
inline constexpr absl::Duration kLapse = absl::Seconds(60);

// A wallet on a business day.
struct DayKey {
  std::string psn_no;
  std::string business_day;
};

struct Taken {
  enum class Kind {
    kTaken,       // entered, or entered before
    kFull,        // every place is confirmed, and the ledger was asked recently; nothing changed
    kUnsure,      // full, but some entries are unconfirmed or the last answer of the ledger is old;
                  // nothing changed
    kIncomplete,  // the ledger was not yet asked for this wallet's day; nothing changed
  } kind = Kind::kIncomplete;
  // Places that look free afterwards.
  int left = 0;
};

// UNAVAILABLE means that the counters are away: the call may have acted or not.
class LimitsStore {
 public:
  virtual ~LimitsStore() = default;

  // Enters `transfer_id`, unconfirmed, if one of `max` places is free.
  virtual Task<absl::StatusOr<Taken>> Take(DayKey day, std::string transfer_id, int max,
                                           absl::Time now) = 0;

  // Replaces the day's confirmed entries by `holders`, which the ledger reported; unconfirmed ones
  // that have not lapsed stay. The day is complete afterwards.
  virtual Task<absl::Status> Confirm(DayKey day, std::vector<std::string> holders,
                                     absl::Time now) = 0;

  // Removes `transfer_id` if it is entered.
  virtual Task<absl::Status> GiveBack(DayKey day, std::string transfer_id) = 0;

  // Like Take, without entering anything: kTaken with what is free, or why that is not known.
  virtual Task<absl::StatusOr<Taken>> Peek(DayKey day, int max, absl::Time now) = 0;
};

}  // namespace gongji::limits

#endif  // GONGJI_SERVICES_LIMITS_LIMITS_STORE_H_
