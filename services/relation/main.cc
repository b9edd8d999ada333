// gongji-relation: persons, proven kinship and family networks.
#include <cstdio>

#include "policy/policy.h"
#include "services/common/rpc/process.h"
#include "services/common/sql/migrations.h"
#include "services/common/sql/sqlite/sqlite_database.h"
#include "services/common/worker.h"
#include "services/relation/config.h"
#include "services/relation/relation.h"
#include "services/relation/relation_peers_grpc.h"
#include "services/relation/relation_service.h"
#include "services/relation/relation_store.h"

int main(int argc, char** argv) {
  using gongji::rpc::ValueOrExit;

  gongji::rpc::Process process("relation", argc, argv);
  const auto config = ValueOrExit(gongji::relation::ReadConfig());
  const auto database = ValueOrExit(gongji::sql::Database::OpenSqlite({.path = config.database}));
  if (gongji::rpc::Process::migrates()) {
    const auto migrated = ValueOrExit(gongji::relation::MigrateRelationStore(*database));
    std::fputs(gongji::sql::TextOf({migrated}).c_str(), stdout);
    return 0;
  }
  const auto book = ValueOrExit(gongji::policy::PolicyBook::Load(config.policy));

  gongji::ThreadWorker worker;
  const auto store = ValueOrExit(gongji::relation::NewSqlRelationStore(
      process.env(), process.scope(), worker, *database, config.store, process.metrics()));
  const auto peers = gongji::relation::NewGrpcPeers(process.env(), config.shards);
  gongji::relation::Relations relations(
      process.env(), *store, *peers, book,
      {.on_deposed = [&process] { process.End("another process writes this store"); }});
  gongji::relation::AddRelationService(process.server(), relations);

  const int exit_code = process.Run(store->TakeOver());
  worker.Join();
  return exit_code;
}
