// gongji-limits: the day's three places.
#include "policy/policy.h"
#include "services/common/redis/redis.h"
#include "services/common/rpc/process.h"
#include "services/common/worker.h"
#include "services/limits/config.h"
#include "services/limits/limits.h"
#include "services/limits/limits_peers_grpc.h"
#include "services/limits/limits_service.h"
#include "services/limits/limits_store.h"

namespace {

// Nothing has to be taken over: the counters may be empty.
gongji::Task<absl::Status> Ready() { co_return absl::OkStatus(); }

}  // namespace

int main(int argc, char** argv) {
  using gongji::rpc::ValueOrExit;

  gongji::rpc::Process process("limits", argc, argv);
  const auto config = ValueOrExit(gongji::limits::ReadConfig());
  const auto book = ValueOrExit(gongji::policy::PolicyBook::Load(config.policy));

  gongji::redis::Redis redis(config.redis);
  gongji::ThreadWorker worker;
  const auto store =
      gongji::limits::NewRedisLimitsStore(process.env(), process.scope(), worker, redis);
  const auto peers = gongji::limits::NewGrpcPeers(process.env(), process.scope(), config.shards);
  gongji::limits::Limits limits(process.env(), *store, *peers, book, config.limits,
                                process.metrics());
  gongji::limits::AddLimitsService(process.server(), process.env(), process.scope(), limits);

  const int exit_code = process.Run(Ready());
  worker.Join();
  return exit_code;
}
