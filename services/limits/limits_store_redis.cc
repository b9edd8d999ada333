#include "services/limits/limits_store_redis.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "gen/limits_scripts.h"
#include "services/common/batcher.h"
#include "services/common/ids.h"
#include "services/common/redis/redis.h"

namespace gongji::limits {
namespace {

using redis::Redis;
using redis::Reply;
using redis::ScriptCall;

constexpr char kGenerationKey[] = "gongji:limits:generation";

class RedisLimitsStore final : public LimitsStore {
 public:
  RedisLimitsStore(Env& env, TaskScope& scope, Worker& worker, Redis& redis)
      : env_(env),
        worker_(worker),
        redis_(redis),
        batcher_(env, scope, {.max_batch = 64, .max_in_flight = 2},
                 [this](std::vector<ScriptCall> calls) { return RunCalls(std::move(calls)); }) {}

  Task<absl::StatusOr<Taken>> Take(DayKey day, std::string transfer_id, int max,
                                   absl::Time now) override {
    return Ask(CallOf(day, "take", now, {std::move(transfer_id), absl::StrCat(max), Lapse()}));
  }

  Task<absl::Status> Confirm(DayKey day, std::vector<std::string> holders,
                             absl::Time now) override {
    auto call = CallOf(day, "confirm", now, std::move(holders));
    co_return (co_await Ask(std::move(call))).status();
  }

  Task<absl::Status> GiveBack(DayKey day, std::string transfer_id) override {
    auto call = CallOf(day, "return", absl::UnixEpoch(), {std::move(transfer_id)});
    co_return (co_await Ask(std::move(call))).status();
  }

  Task<absl::StatusOr<Taken>> Peek(DayKey day, int max, absl::Time now) override {
    return Ask(CallOf(day, "peek", now, {absl::StrCat(max), Lapse()}));
  }

 private:
  static std::string Lapse() { return absl::StrCat(absl::ToInt64Milliseconds(kLapse)); }

  ScriptCall CallOf(const DayKey& day, const std::string& action, absl::Time now,
                    std::vector<std::string> more) {
    ScriptCall call;
    call.keys = {kGenerationKey, absl::StrCat("gongji:limits:", day.psn_no, ":", day.business_day)};
    call.arguments = {action, absl::StrCat(absl::ToUnixMillis(now)), NewId(env_)};
    for (std::string& argument : more) call.arguments.push_back(std::move(argument));
    return call;
  }

  Task<absl::StatusOr<Taken>> Ask(ScriptCall call) {
    auto reply = co_await batcher_.Call(std::move(call));
    if (!reply.ok()) co_return reply.status();
    if (!reply->ok()) co_return reply->status();
    co_return Parse(**reply);
  }

  static absl::StatusOr<Taken> Parse(const Reply& reply) {
    Taken taken;
    if (reply.list.size() != 2 || !absl::SimpleAtoi(reply.list[1], &taken.left)) {
      return absl::UnavailableError("redis: an answer that is none");
    }
    const std::string& kind = reply.list[0];
    taken.kind = kind == "taken"    ? Taken::Kind::kTaken
                 : kind == "full"   ? Taken::Kind::kFull
                 : kind == "unsure" ? Taken::Kind::kUnsure
                                    : Taken::Kind::kIncomplete;
    return taken;
  }

  Task<std::vector<absl::StatusOr<Reply>>> RunCalls(std::vector<ScriptCall> calls) {
    return RunOn<std::vector<absl::StatusOr<Reply>>>(
        env_, worker_,
        [this, calls = std::move(calls)] { return redis_.RunScript(kScriptTake, calls); });
  }

  Env& env_;
  Worker& worker_;
  Redis& redis_;
  Batcher<ScriptCall, absl::StatusOr<Reply>> batcher_;
};

}  // namespace

std::unique_ptr<LimitsStore> NewRedisLimitsStore(Env& env, TaskScope& scope, Worker& worker,
                                                 redis::Redis& redis) {
  return std::make_unique<RedisLimitsStore>(env, scope, worker, redis);
}

}  // namespace gongji::limits
