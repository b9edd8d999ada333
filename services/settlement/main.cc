// gongji-settlement: operations on money.
#include "policy/policy.h"
#include "services/common/rpc/process.h"
#include "services/common/sql/migrations.h"
#include "services/common/sql/sqlite/sqlite_database.h"
#include "services/common/worker.h"
#include "services/settlement/config.h"
#include "services/settlement/settlement.h"
#include "services/settlement/settlement_peers_grpc.h"
#include "services/settlement/settlement_service.h"
#include "services/settlement/settlement_store_sqlite.h"

namespace gongji::settlement {
namespace {

int Main(int argc, char** argv) {
  using rpc::ValueOrExit;

  rpc::Process process("settlement", argc, argv);
  Config config = ValueOrExit(ReadConfig());
  const auto database = ValueOrExit(sql::Database::OpenSqlite({.path = config.database}));
  if (rpc::Process::migrates()) {
    return rpc::Process::EndAsMigrated(
        sql::TextOf({ValueOrExit(MigrateSettlementStore(*database))}));
  }
  const auto policies = ValueOrExit(policy::PolicyBook::Load(config.policy));

  ThreadWorker worker;
  const auto store = ValueOrExit(NewSqliteSettlementStore(process.env(), process.scope(), worker,
                                                          *database, process.metrics()));
  const auto peers = NewGrpcPeers(process.env(), process.scope(), config.peers, process.metrics());
  config.settlement.on_deposed = [&process] {
    process.End("another process drives these operations");
  };
  Settlement settlement(process.env(), process.scope(), *store, *peers, policies, config.settlement,
                        process.metrics());
  AddSettlementService(process.server(), settlement);

  const int exit_code = process.Run(settlement.Start());
  worker.Join();
  return exit_code;
}

}  // namespace
}  // namespace gongji::settlement

int main(int argc, char** argv) { return gongji::settlement::Main(argc, argv); }
