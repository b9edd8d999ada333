// The use cases of settlement.
#ifndef GONGJI_SERVICES_SETTLEMENT_SETTLEMENT_H_
#define GONGJI_SERVICES_SETTLEMENT_SETTLEMENT_H_

#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "policy/policy.h"
#include "services/common/caller.h"
#include "services/common/env.h"
#include "services/common/metrics.h"
#include "services/common/task.h"
#include "services/settlement/bill.h"
#include "services/settlement/driver.h"
#include "services/settlement/explain.h"
#include "services/settlement/follower.h"
#include "services/settlement/operation.h"
#include "services/settlement/payment.h"
#include "services/settlement/plan.h"
#include "services/settlement/refund.h"
#include "services/settlement/requests.h"
#include "services/settlement/resend.h"
#include "services/settlement/settlement_peers.h"
#include "services/settlement/settlement_store.h"
#include "services/settlement/totals.h"

namespace gongji::settlement {

// The longest time after planning an attempt in which its pivot may be begun
// (Operation::decide_by).
inline constexpr absl::Duration kLongestDecision = absl::Seconds(5);

struct SettlementOptions {
  // How long to wait before asking relation again whether relations have ended.
  absl::Duration follow_pace = absl::Milliseconds(250);
  DriverOptions driver = {};
  // Called when another process has taken over the store. This one is of no use then and should
  // end, so that it is started again.
  std::function<void()> on_deposed = [] {};
};

// An operation as its caller sees it.
struct OperationView {
  OperationPtr operation;
  bool replayed = false;  // the request was known before; another call may have begun it
};

// All on the executor thread; the constructor's references must outlive it. Start must succeed
// before anything else is called.
//
// A write returns the operation once it is charged, the refusal that is final for its request id,
// or an error that decides nothing: REQUEST_IN_PROGRESS (undecided at the deadline),
// PEER_UNAVAILABLE (the attempt is undone, or a service cannot be asked; repeat the id), NOT_WRITER
// (another process has taken over the store), INVALID_FIELD, or an error of SettlementStore.
class Settlement {
 public:
  Settlement(Env& env, TaskScope& scope, SettlementStore& store, SettlementPeers& peers,
             const policy::PolicyBook& policies, SettlementOptions options, Metrics& metrics);

  // Takes over the store, resumes driving its open operations, and begins to follow ended
  // relations.
  Task<absl::Status> Start();

  // Deadlines are times of the wall clock.
  Task<absl::StatusOr<OperationView>> Settle(Caller caller, std::string request_id, Bill bill,
                                             absl::Time deadline);
  Task<absl::StatusOr<OperationView>> Transfer(Caller caller, std::string request_id,
                                               TransferRequest request, absl::Time deadline);
  Task<absl::StatusOr<OperationView>> EndQuota(Caller caller, std::string request_id,
                                               EndQuotaRequest request, absl::Time deadline);
  Task<absl::StatusOr<OperationView>> Cancel(Caller caller, std::string request_id,
                                             CancelRequest request, absl::Time deadline);

  // How Settle would pay the bill now; changes nothing.
  Task<absl::StatusOr<Payment>> Quote(Bill bill, absl::Time deadline);

  // Who could pay, and how much; changes nothing.
  Task<absl::StatusOr<Explanation>> Explain(ExplainQuestion question, absl::Time deadline);

  // Returns the operation of a request. A request that was never seen, or whose attempt is undone,
  // is closed by this: kNever is a binding answer. kDeciding if it is undecided at the deadline.
  Task<absl::StatusOr<OperationPtr>> GetOperation(Caller caller, std::string request_id,
                                                  absl::Time deadline);

  // Sends a page of a shard's steps again; see Resender.
  Task<absl::StatusOr<Resent>> ResendSteps(BookedStep after, int limit, absl::Time deadline) {
    return resender_.Resend(driver_.epoch(), std::move(after), limit, deadline);
  }

  Task<absl::StatusOr<std::vector<Total>>> ListTotals(TotalsPage page) {
    return store_.Totals(page);
  }

 private:
  using Request = std::variant<Bill, TransferRequest, EndQuotaRequest, CancelRequest>;

  // Shared, because it is large and may have to be planned again.
  using RequestPtr = std::shared_ptr<const Request>;

  Task<absl::StatusOr<OperationView>> Submit(std::string caller, std::string request_id,
                                             RequestPtr request, absl::Time deadline);
  // An operation's attempt before it is begun.
  struct Attempt {
    AttemptContext context;
    PlanPtr plan;
  };

  // Plans attempt `number`. A final error refuses the request for good.
  Task<absl::StatusOr<Attempt>> PlanFor(std::string operation_id, int number, RequestPtr request,
                                        absl::Time deadline);
  // The write that begins the attempt after `before`, or refuses the request for good.
  static OperationWritePtr NextAttempt(Operation before, absl::StatusOr<Attempt> planned);
  Task<absl::StatusOr<PlanPtr>> PlanOf(AttemptContext context, std::shared_ptr<const Bill> bill,
                                       absl::Time deadline);
  Task<absl::StatusOr<PlanPtr>> PlanOf(AttemptContext context,
                                       std::shared_ptr<const TransferRequest> request,
                                       absl::Time deadline);
  Task<absl::StatusOr<PlanPtr>> PlanOf(AttemptContext context,
                                       std::shared_ptr<const EndQuotaRequest> request,
                                       absl::Time deadline);
  Task<absl::StatusOr<PlanPtr>> PlanOf(AttemptContext context,
                                       std::shared_ptr<const CancelRequest> request,
                                       absl::Time deadline);
  Task<absl::StatusOr<Payers>> Resolve(ResolveQuestion question, absl::Time deadline);
  // The reply to the caller of an operation, which may still be undecided.
  Task<absl::StatusOr<OperationView>> ReplyFor(OperationPtr operation, bool replayed,
                                               absl::Time deadline);
  // Returns the operation once it is decided, or in kDeciding if it is not decided by `deadline`.
  Task<absl::StatusOr<OperationPtr>> WaitDecided(OperationPtr operation, absl::Time deadline);
  // AREA_NOT_OPEN if no shard serves the area; INSURANCE_NOT_ACTIVE if the person has no area.
  absl::Status CheckShard(const std::string& area) const;
  absl::Status CheckShard(const PersonState& person) const;
  absl::StatusOr<absl::Time> RulesTime(std::optional<absl::Time> at) const;

  Env& env_;
  TaskScope& scope_;
  SettlementStore& store_;
  SettlementPeers& peers_;
  const policy::PolicyBook& policies_;
  Driver driver_;
  Follower follower_;
  Resender resender_;
};

}  // namespace gongji::settlement

#endif  // GONGJI_SERVICES_SETTLEMENT_SETTLEMENT_H_
