// gongji-wallet: one shard of the ledger.
#include "services/common/rpc/process.h"
#include "services/common/sql/postgres.h"
#include "services/common/worker.h"
#include "services/wallet/config.h"
#include "services/wallet/postgres_store.h"
#include "services/wallet/wallet.h"
#include "services/wallet/wallet_service.h"
#include "services/wallet/wallet_store.h"

int main(int argc, char** argv) {
  using gongji::rpc::ValueOrExit;

  gongji::rpc::Process process("wallet", argc, argv);
  auto config = ValueOrExit(gongji::wallet::ReadConfig());
  config.writer.on_deposed = [&process] { process.End("another process writes this shard"); };

  gongji::ThreadWorker append;
  gongji::ThreadWorker save;
  gongji::ThreadWorker read;
  const gongji::wallet::WalletWorkers workers = {append, save, read};
  const auto store = ValueOrExit(
      gongji::sql::IsPostgres(config.database)
          ? gongji::wallet::OpenPostgresWalletStore(
                process.env(), workers, {.connection = config.database, .hash = config.hash})
          : gongji::wallet::OpenSqliteWalletStore(process.env(), workers, config.database,
                                                  config.hash));
  gongji::wallet::Wallet wallet(process.env(), process.scope(), *store, config.writer,
                                process.metrics());
  gongji::wallet::AddWalletService(process.server(), wallet);

  const int exit_code = process.Run(wallet.Start());
  append.Join();
  save.Join();
  read.Join();
  return exit_code;
}
