// Every call waits for as long as `delay` says, writes also after they took effect; in between it
// reads or changes the disk at once, with the checks that SettlementStore promises. Operations,
// plans and draws go through their stored form, as in the SQL store.
#include "services/settlement/testing/settlement_store_memory.h"

#include "services/common/errors/check.h"
#include "services/common/errors/reasons.h"

namespace gongji::settlement {
namespace {

std::string BytesOf(const std::map<std::string, std::string>& rows, const std::string& key) {
  const auto row = rows.find(key);
  return row == rows.end() ? "" : row->second;
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

  Task<absl::StatusOr<OperationPtr>> Find(std::string caller, std::string request_id) override {
    co_await Wait();
    co_return Stored(caller, request_id);
  }

  Task<absl::StatusOr<std::optional<Refundable>>> FindById(std::string operation_id) override {
    co_await Wait();
    if (!disk_.operations.contains(operation_id)) co_return std::nullopt;
    co_return Refundable{OperationOf(operation_id), DrawnOf(operation_id)};
  }

  Task<absl::StatusOr<std::vector<Operation>>> Open(std::string after_id, int limit) override {
    co_await Wait();
    std::vector<Operation> open;
    for (auto at = disk_.operations.upper_bound(after_id);
         at != disk_.operations.end() && std::ssize(open) < limit; ++at) {
      Operation operation = OperationOf(at->first);
      if (operation.state == State::kDeciding || operation.state == State::kCompleting) {
        open.push_back(std::move(operation));
      }
    }
    co_return open;
  }

  Task<absl::StatusOr<OperationPtr>> Write(int64_t epoch, OperationWritePtr written) override {
    co_await Wait();
    if (epoch != disk_.epoch) co_return Refuse(reason::kNotWriter);
    const OperationWrite& write = *written;
    const Operation& operation = *write.operation;
    const OperationPtr stored = Stored(operation.caller, operation.request_id);
    const int64_t version = stored != nullptr ? stored->version : 0;
    if (version != operation.version - 1) co_return stored;
    if (write.drawn.has_value()) {
      const Drawn& drawn = *write.drawn;
      if (DrawnOf(drawn.settlement_id).version != drawn.version - 1) {
        co_return Refuse(reason::kRefundInProgress);
      }
      disk_.drawn[drawn.settlement_id] = EncodeDrawn(drawn);
    }
    disk_.requests[{operation.caller, operation.request_id}] = operation.id;
    disk_.operations[operation.id] = EncodeOperation(operation);
    if (write.new_plan) disk_.plans[operation.id] = EncodePlan(*operation.plan);
    for (const Total& total : write.totals) AddTo(disk_.totals, total);
    for (const BookedStep& step : write.steps) Add(step);
    co_await Wait();
    co_return nullptr;
  }

  Task<absl::StatusOr<int64_t>> Cursor(std::string stream) override {
    co_await Wait();
    co_return disk_.cursors[stream];
  }

  Task<absl::Status> SetCursor(int64_t epoch, std::string stream, int64_t revision) override {
    co_await Wait();
    if (epoch != disk_.epoch) co_return Refuse(reason::kNotWriter);
    disk_.cursors[stream] = revision;
    co_await Wait();
    co_return absl::OkStatus();
  }

  Task<absl::StatusOr<std::vector<BookedStep>>> Steps(BookedStep after, int limit) override {
    co_await Wait();
    std::vector<BookedStep> steps;
    for (auto at = disk_.steps.upper_bound({after.province, after.number, after.id});
         at != disk_.steps.end() && std::get<0>(at->first) == after.province &&
         std::ssize(steps) < limit;
         ++at) {
      steps.push_back({after.province, std::get<1>(at->first), std::get<2>(at->first), at->second});
    }
    co_return steps;
  }

  Task<absl::Status> Renumber(int64_t epoch, BookedStep step, int64_t number) override {
    co_await Wait();
    if (epoch != disk_.epoch) co_return Refuse(reason::kNotWriter);
    if (disk_.steps.erase({step.province, step.number, step.id}) > 0) {
      step.number = number;
      Add(step);
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
  OperationPtr Stored(const std::string& caller, const std::string& request_id) const {
    const auto request = disk_.requests.find({caller, request_id});
    if (request == disk_.requests.end()) return nullptr;
    return std::make_shared<const Operation>(OperationOf(request->second));
  }

  Operation OperationOf(const std::string& id) const {
    Operation operation;
    CHECK(DecodeOperation(BytesOf(disk_.operations, id), operation));
    if (const auto bytes = disk_.plans.find(id); bytes != disk_.plans.end()) {
      Plan plan;
      CHECK(DecodePlan(bytes->second, plan));
      operation.plan = std::make_shared<const Plan>(std::move(plan));
    }
    return operation;
  }

  Drawn DrawnOf(const std::string& settlement_id) const {
    Drawn drawn;
    CHECK(DecodeDrawn(BytesOf(disk_.drawn, settlement_id), drawn));
    return drawn;
  }

  void Add(const BookedStep& step) {
    disk_.steps[{step.province, step.number, step.id}] = step.release;
  }

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
