#include "services/settlement/follower.h"

#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/backoff.h"
#include "services/common/errors/reasons.h"
#include "services/common/ids.h"
#include "services/settlement/plan.h"

namespace gongji::settlement {

std::string EndRequestId(const std::string& relation_id) {
  return absl::StrCat("end/", relation_id);
}

Follower::Follower(Env& env, SettlementStore& store, SettlementPeers& peers, Driver& driver,
                   absl::Duration pace, Metrics& metrics)
    : env_(env),
      store_(store),
      peers_(peers),
      driver_(driver),
      pace_(pace),
      ended_total_(metrics.counter("gongji_settlement_followed_ends_total",
                                   "Ended relations whose quota was returned", {})) {}

Task<void> Follower::Follow() {
  std::optional<int64_t> cursor;
  Backoff backoff;
  bool failed = false;
  while (true) {
    // Failed, until this pass has reached its end.
    if (std::exchange(failed, true)) co_await backoff.Pause(env_);
    if (!cursor.has_value()) {
      const auto stored = co_await store_.Cursor(kRelationStream);
      if (!stored.ok()) continue;
      cursor = *stored;
    }
    auto changes = co_await peers_.ListChanges(*cursor, env_.Now() + kTry);
    if (!changes.ok()) continue;
    const int64_t revision = changes->revision;
    if (revision > *cursor) {
      const absl::Status taken = co_await Take(*std::move(changes));
      if (ReasonOf(taken) == reason::kNotWriter.name) {
        driver_.Deposed();
        co_return;
      }
      if (!taken.ok()) continue;
      cursor = revision;
    } else {
      co_await Sleep(env_, pace_);
    }
    failed = false;
    backoff.Reset();
  }
}

Task<absl::Status> Follower::Take(RelationChanges changes) {
  for (RelationState& relation : changes.relations) {
    if (!relation.ended || relation.live) continue;
    // If one of the shards does not exist, there was no transfer and will be none.
    if (!peers_.HasShard(policy::ProvinceOf(relation.giver_area)) ||
        !peers_.HasShard(policy::ProvinceOf(relation.receiver_area))) {
      continue;
    }
    CO_RETURN_IF_ERROR(co_await Begin(std::move(relation)));
  }
  co_return co_await store_.SetCursor(driver_.epoch(), kRelationStream, changes.revision);
}

Task<absl::Status> Follower::Begin(RelationState relation) {
  const absl::Time at = env_.BusinessNow();
  Operation end{.id = NewId(env_),
                .caller = kFollowerIdentity,
                .request_id = EndRequestId(relation.relation_id),
                .fingerprint = relation.relation_id,
                .decide_by = absl::InfiniteFuture(),
                .at = at,
                .business_day = BusinessDayOf(at),
                .version = 1};
  const AttemptContext context{.operation_id = end.id,
                               .attempt = end.attempt,
                               .decide_by = end.decide_by,
                               .at = at,
                               .business_day = end.business_day};
  end.plan = std::make_shared<const Plan>(PlanEndOfRelation(relation, context));
  auto write = std::make_shared<const OperationWrite>(OperationWrite{
      .operation = std::make_shared<const Operation>(std::move(end)), .new_plan = true});
  ASSIGN_OR_CO_RETURN(const OperationPtr existing, co_await driver_.Begin(std::move(write)));
  if (existing == nullptr) ended_total_.Add(1);
  co_return absl::OkStatus();
}

}  // namespace gongji::settlement
