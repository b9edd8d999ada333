#include "services/limits/testing/limits_store_memory.h"

#include <algorithm>

namespace gongji::limits {
namespace {

class MemoryLimitsStore final : public LimitsStore {
 public:
  explicit MemoryLimitsStore(MemoryCounters& counters) : counters_(counters) {}

  Task<absl::StatusOr<Taken>> Take(DayKey day, std::string transfer_id, int max,
                                   absl::Time now) override {
    if (counters_.away) co_return Away();
    MemoryCounters::Day& entered = DayOf(day, now);
    Taken taken = Look(entered, max, now);
    if (entered.entries.contains(transfer_id)) {
      taken.kind = Taken::Kind::kTaken;
    } else if (taken.kind == Taken::Kind::kTaken) {
      entered.entries[transfer_id] = now + kLapse;
      --taken.left;
    }
    co_return taken;
  }

  Task<absl::Status> Confirm(DayKey day, std::vector<std::string> holders,
                             absl::Time now) override {
    if (counters_.away) co_return Away();
    MemoryCounters::Day& entered = DayOf(day, now);
    std::erase_if(entered.entries, [](const auto& entry) { return !entry.second.has_value(); });
    for (const std::string& holder : holders) entered.entries[holder] = std::nullopt;
    entered.complete = now;
    co_return absl::OkStatus();
  }

  Task<absl::Status> GiveBack(DayKey day, std::string transfer_id) override {
    if (counters_.away) co_return Away();
    counters_.days[{day.psn_no, day.business_day}].entries.erase(transfer_id);
    co_return absl::OkStatus();
  }

  Task<absl::StatusOr<Taken>> Peek(DayKey day, int max, absl::Time now) override {
    if (counters_.away) co_return Away();
    co_return Look(DayOf(day, now), max, now);
  }

 private:
  static absl::Status Away() { return absl::UnavailableError("the counters are away"); }

  // The day without the entries that have lapsed.
  MemoryCounters::Day& DayOf(const DayKey& key, absl::Time now) {
    MemoryCounters::Day& day = counters_.days[{key.psn_no, key.business_day}];
    std::erase_if(day.entries, [&](const auto& entry) {
      return entry.second.has_value() && *entry.second <= now;
    });
    return day;
  }

  static Taken Look(const MemoryCounters::Day& day, int max, absl::Time now) {
    const auto confirmed = std::count_if(day.entries.begin(), day.entries.end(),
                                         [](const auto& e) { return !e.second.has_value(); });
    const int left = std::max(0, max - static_cast<int>(day.entries.size()));
    if (!day.complete.has_value()) return {Taken::Kind::kIncomplete, 0};
    if (confirmed >= max && *day.complete <= now && *day.complete + kLapse > now) {
      return {Taken::Kind::kFull, 0};
    }
    if (left == 0) return {Taken::Kind::kUnsure, 0};
    return {Taken::Kind::kTaken, left};
  }

  MemoryCounters& counters_;
};

}  // namespace

std::unique_ptr<LimitsStore> NewMemoryLimitsStore(MemoryCounters& counters) {
  return std::make_unique<MemoryLimitsStore>(counters);
}

}  // namespace gongji::limits
