#include "services/settlement/settlement_store_memory.h"

#include "services/common/check.h"
#include "services/reasons/reasons.h"

namespace gongji::settlement {
namespace {

Operation Decode(const std::string& bytes) {
  Operation operation;
  CHECK(DecodeOperation(bytes, operation));
  return operation;
}

class MemorySettlementStore final : public SettlementStore {
 public:
  MemorySettlementStore(Env& env, SettlementDisk& disk, SettlementDiskDelay delay)
      : env_(env), disk_(disk), delay_(std::move(delay)) {}

  Task<absl::StatusOr<int64_t>> TakeOver() override {
    co_await Wait();
    const int64_t epoch = ++disk_.epoch;
    co_await Wait();
    co_return epoch;
  }

  Task<absl::StatusOr<std::optional<Operation>>> Find(std::string caller,
                                                      std::string request_id) override {
    co_await Wait();
    const auto found = disk_.requests.find({caller, request_id});
    if (found == disk_.requests.end()) co_return std::nullopt;
    co_return Decode(disk_.operations.at(found->second));
  }

  Task<absl::StatusOr<std::vector<Operation>>> Open(std::string after_id, int limit) override {
    co_await Wait();
    std::vector<Operation> open;
    for (auto at = disk_.operations.upper_bound(after_id);
         at != disk_.operations.end() && std::ssize(open) < limit; ++at) {
      Operation operation = Decode(at->second);
      if (operation.state == State::kDeciding || operation.state == State::kCompleting) {
        open.push_back(std::move(operation));
      }
    }
    co_return open;
  }

  Task<absl::Status> Write(int64_t epoch, Operation operation, std::vector<Total> totals) override {
    co_await Wait();
    if (epoch != disk_.epoch) co_return Refuse(reason::kNotWriter);
    const auto key = std::pair(operation.caller, operation.request_id);
    const auto stored = disk_.requests.find(key);
    const int64_t version =
        stored == disk_.requests.end() ? 0 : Decode(disk_.operations.at(stored->second)).version;
    if (version != operation.version - 1) co_return Refuse(reason::kRequestInProgress);
    disk_.requests[key] = operation.id;
    disk_.operations[operation.id] = EncodeOperation(operation);
    for (const Total& total : totals) {
      auto [row, added] =
          disk_.totals.try_emplace({total.day, total.giver_area, total.receiver_area}, total);
      if (added) continue;
      row->second.count += total.count;
      row->second.amount_fen += total.amount_fen;
    }
    co_await Wait();
    co_return absl::OkStatus();
  }

  Task<absl::StatusOr<std::vector<Total>>> Totals(TotalsPage page) override {
    co_await Wait();
    std::vector<Total> totals;
    auto at = page.after.has_value()
                  ? disk_.totals.upper_bound(
                        {page.after->day, page.after->giver_area, page.after->receiver_area})
                  : disk_.totals.lower_bound({page.first_day, "", ""});
    for (; at != disk_.totals.end() && at->second.day <= page.last_day &&
           std::ssize(totals) < page.limit;
         ++at) {
      totals.push_back(at->second);
    }
    co_return totals;
  }

 private:
  Task<void> Wait() {
    const absl::Duration delay = delay_();
    if (delay > absl::ZeroDuration()) co_await Sleep(env_, delay);
  }

  Env& env_;
  SettlementDisk& disk_;
  const SettlementDiskDelay delay_;
};

}  // namespace

std::unique_ptr<SettlementStore> NewMemorySettlementStore(Env& env, SettlementDisk& disk,
                                                          SettlementDiskDelay delay) {
  return std::make_unique<MemorySettlementStore>(env, disk, std::move(delay));
}

}  // namespace gongji::settlement
