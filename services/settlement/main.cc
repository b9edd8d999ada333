// gongji-settlement: operations on money.
#include <cstdio>

#include "policy/policy.h"
#include "services/common/rpc/process.h"
#include "services/common/sql/migrations.h"
#include "services/common/sql/sqlite/sqlite_database.h"
#include "services/common/worker.h"
#include "services/settlement/config.h"
#include "services/settlement/settlement.h"
#include "services/settlement/settlement_service.h"
#include "services/settlement/settlement_store.h"

int main(int argc, char** argv) {
  using gongji::rpc::ValueOrExit;

  gongji::rpc::Process process("settlement", argc, argv);
  auto config = ValueOrExit(gongji::settlement::ReadConfig());
  config.settlement.on_deposed = [&process] {
    process.End("another process drives these operations");
  };
  const auto database = ValueOrExit(gongji::sql::Database::OpenSqlite({.path = config.database}));
  if (gongji::rpc::Process::migrates()) {
    const auto migrated = ValueOrExit(gongji::settlement::MigrateSettlementStore(*database));
    std::fputs(gongji::sql::TextOf({migrated}).c_str(), stdout);
    return 0;
  }
  const auto book = ValueOrExit(gongji::policy::PolicyBook::Load(config.policy));

  gongji::ThreadWorker worker;
  const auto store = ValueOrExit(gongji::settlement::NewSqlSettlementStore(
      process.env(), process.scope(), worker, *database, process.metrics()));
  const auto peers = gongji::settlement::NewGrpcPeers(process.env(), process.scope(), config.peers,
                                                      process.metrics());
  gongji::settlement::Settlement settlement(process.env(), process.scope(), *store, *peers, book,
                                            config.settlement, process.metrics());
  gongji::settlement::AddSettlementService(process.server(), process.env(), process.scope(),
                                           settlement);

  const int exit_code = process.Run(settlement.Start());
  worker.Join();
  return exit_code;
}
