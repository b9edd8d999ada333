// What settlement stores. Implementations: SQLite (settlement_store_sqlite.h), memory for tests and
// the simulator (testing/settlement_store_memory.h); both pass testing/settlement_store_contract.h.
#ifndef GONGJI_SERVICES_SETTLEMENT_SETTLEMENT_STORE_H_
#define GONGJI_SERVICES_SETTLEMENT_SETTLEMENT_STORE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/common/task.h"
#include "services/settlement/operation.h"
#include "services/settlement/totals.h"

namespace gongji::settlement {

// The contents of one write, which are stored together or not at all.
struct OperationWrite {
  // operation.version must be the stored version plus one; version 1 is a new operation with a new
  // (caller, request_id).
  OperationPtr operation;
  // True if operation.plan belongs to a new attempt and is stored; otherwise the stored plan stays.
  bool new_plan = false;
  // Added to the totals.
  std::vector<Total> totals = {};
  // Steps of the operation that were applied since its last write.
  std::vector<BookedStep> steps = {};
  // drawn.version must be the stored version of its settlement's Drawn plus one; 1 is that of the
  // first refund.
  std::optional<Drawn> drawn = std::nullopt;
};

// Shared, because it is large and the write is repeated until it succeeds.
using OperationWritePtr = std::shared_ptr<const OperationWrite>;

// Any method may fail with UNAVAILABLE (the store is away) or RESOURCE_EXHAUSTED DISK_FULL; after
// a failed write nothing of it is ever seen.
class SettlementStore {
 public:
  virtual ~SettlementStore() = default;

  // Makes the caller the only driver: raises the epoch, durably, and returns it. Writes of an
  // earlier driver are refused from now on.
  virtual Task<absl::StatusOr<int64_t>> TakeOver() = 0;

  // The operation of a caller's request, or null.
  virtual Task<absl::StatusOr<OperationPtr>> Find(std::string caller, std::string request_id) = 0;

  // The operation with this id, with what refunds have drawn from it; or nothing.
  virtual Task<absl::StatusOr<std::optional<Refundable>>> FindById(std::string operation_id) = 0;

  // Operations that are kDeciding or kCompleting, with ids greater than `after_id`, in order, at
  // most `limit`.
  virtual Task<absl::StatusOr<std::vector<Operation>>> Open(std::string after_id, int limit) = 0;

  // Stores `write` in one transaction, which is durable when it returns. Returns null if it is
  // stored. Returns the existing operation, and stores nothing, if there is another version of the
  // same request.
  //   ABORTED      REFUND_IN_PROGRESS  `drawn` does not follow the stored version
  //   UNAVAILABLE  NOT_WRITER          another driver took over
  virtual Task<absl::StatusOr<OperationPtr>> Write(int64_t epoch, OperationWritePtr write) = 0;

  // How far a stream has been followed; 0 at first. It is only ever raised.
  virtual Task<absl::StatusOr<int64_t>> Cursor(std::string stream) = 0;
  virtual Task<absl::Status> SetCursor(int64_t epoch, std::string stream, int64_t revision) = 0;

  // Steps on the shard of `after.province` that come after `after` by number and id, in order, at
  // most `limit`.
  virtual Task<absl::StatusOr<std::vector<BookedStep>>> Steps(BookedStep after, int limit) = 0;
  // Stores that the shard has booked `step` again, as entry `number`. Nothing changes if `step` is
  // not stored under its present number. Errors as Write.
  virtual Task<absl::Status> Renumber(int64_t epoch, BookedStep step, int64_t number) = 0;

  // Totals in order of day, giver's area, receiver's area.
  virtual Task<absl::StatusOr<std::vector<Total>>> Totals(TotalsPage page) = 0;
};

}  // namespace gongji::settlement

#endif  // GONGJI_SERVICES_SETTLEMENT_SETTLEMENT_STORE_H_
