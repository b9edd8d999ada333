// gongji-wallet: one shard of the ledger.
#include "policy/policy.h"
#include "services/common/business_day.h"
#include "services/common/rpc/process.h"
#include "services/common/worker.h"
#include "services/wallet/config.h"
#include "services/wallet/wallet.h"
#include "services/wallet/wallet_service.h"
#include "services/wallet/wallet_store.h"

int main(int argc, char** argv) {
  using gongji::rpc::ValueOrExit;

  gongji::rpc::Process process("wallet", argc, argv);
  auto config = ValueOrExit(gongji::wallet::ReadConfig());
  config.writer.on_deposed = [&process] { process.End("another process writes this shard"); };

  const auto book = ValueOrExit(gongji::policy::PolicyBook::Load(config.policy));
  config.writer.account_year = [&book, area = config.area_province + "0000"](absl::Time at) {
    const gongji::BusinessDay day = gongji::BusinessDayOf(at);
    return gongji::policy::AccountYearOf(book.For(area, day).account, day);
  };
  config.writer.sweep_years = true;

  gongji::ThreadWorker append;
  gongji::ThreadWorker save;
  gongji::ThreadWorker read;
  const auto store = ValueOrExit(gongji::wallet::OpenSqliteWalletStore(
      process.env(), {append, save, read}, config.database, config.hash));
  gongji::wallet::Wallet wallet(process.env(), process.scope(), *store, config.writer,
                                process.metrics());
  gongji::wallet::AddWalletService(process.server(), wallet);

  const int exit_code = process.Run(wallet.Start());
  append.Join();
  save.Join();
  read.Join();
  return exit_code;
}
