// gongji-limits: the day's three places.
#include "policy/policy.h"
#include "services/common/redis/redis.h"
#include "services/common/rpc/process.h"
#include "services/common/worker.h"
#include "services/limits/config.h"
#include "services/limits/limits.h"
#include "services/limits/limits_peers_grpc.h"
#include "services/limits/limits_service.h"
#include "services/limits/limits_store_redis.h"

namespace gongji::limits {
namespace {

int Main(int argc, char** argv) {
  using rpc::ValueOrExit;

  rpc::Process process("limits", argc, argv);
  const Config config = ValueOrExit(ReadConfig());
  if (rpc::Process::migrates()) {
    return rpc::Process::EndAsMigrated("limits: nothing to migrate, its counters have no schema\n");
  }
  const auto policies = ValueOrExit(policy::PolicyBook::Load(config.policy));

  ThreadWorker worker;
  redis::Redis redis(config.redis);
  const auto store = NewRedisLimitsStore(process.env(), process.scope(), worker, redis);
  const auto peers = NewGrpcPeers(process.env(), process.scope(), config.shards, process.metrics());
  Limits limits(process.env(), *store, *peers, policies, config.limits, process.metrics());
  AddLimitsService(process.server(), limits);

  const int exit_code = process.Run(limits.Start());
  worker.Join();
  return exit_code;
}

}  // namespace
}  // namespace gongji::limits

int main(int argc, char** argv) { return gongji::limits::Main(argc, argv); }
