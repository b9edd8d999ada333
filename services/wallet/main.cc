// gongji-wallet: one shard of the ledger.
#include "services/common/rpc/process.h"
#include "services/common/sql/database.h"
#include "services/common/worker.h"
#include "services/wallet/config.h"
#include "services/wallet/wallet.h"
#include "services/wallet/wallet_service.h"
#include "services/wallet/wallet_store.h"

int main(int argc, char** argv) {
  using gongji::rpc::ValueOrExit;

  gongji::rpc::Process process("wallet", argc, argv);
  auto config = ValueOrExit(gongji::wallet::ReadConfig());
  config.wallet.on_deposed = [&process] { process.End("another process writes this shard"); };

  const auto database = ValueOrExit(gongji::sql::Database::OpenSqlite({.path = config.database}));
  gongji::ThreadWorker worker;
  const auto store =
      ValueOrExit(gongji::wallet::NewSqlWalletStore(process.env(), worker, *database));
  gongji::wallet::Wallet wallet(process.env(), process.scope(), *store, config.wallet,
                                process.metrics());
  gongji::wallet::AddWalletService(process.server(), wallet);

  const int exit_code = process.Run(wallet.Start());
  worker.Join();
  return exit_code;
}
