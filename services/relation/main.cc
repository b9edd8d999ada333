// gongji-relation: persons, proven kinship and family networks.
#include "policy/policy.h"
#include "services/common/rpc/process.h"
#include "services/common/sql/migrations.h"
#include "services/common/sql/sqlite/sqlite_database.h"
#include "services/common/worker.h"
#include "services/relation/config.h"
#include "services/relation/relation.h"
#include "services/relation/relation_peers_grpc.h"
#include "services/relation/relation_service.h"
#include "services/relation/relation_store_sqlite.h"

namespace gongji::relation {
namespace {

int Main(int argc, char** argv) {
  using rpc::ValueOrExit;

  rpc::Process process("relation", argc, argv);
  Config config = ValueOrExit(ReadConfig());
  const auto database = ValueOrExit(sql::Database::OpenSqlite({.path = config.database}));
  if (rpc::Process::migrates()) {
    return rpc::Process::EndAsMigrated(sql::TextOf({ValueOrExit(MigrateRelationStore(*database))}));
  }
  const auto policies = ValueOrExit(policy::PolicyBook::Load(config.policy));

  ThreadWorker worker;
  const auto store = ValueOrExit(NewSqliteRelationStore(
      process.env(), process.scope(), worker, *database, config.store, process.metrics()));
  const auto peers = NewGrpcPeers(process.env(), process.scope(), config.shards, process.metrics());
  config.relation.on_deposed = [&process] { process.End("another process writes this store"); };
  Relations relations(process.env(), *store, *peers, policies, config.relation);
  AddRelationService(process.server(), relations);

  const int exit_code = process.Run(relations.Start());
  worker.Join();
  return exit_code;
}

}  // namespace
}  // namespace gongji::relation

int main(int argc, char** argv) { return gongji::relation::Main(argc, argv); }
