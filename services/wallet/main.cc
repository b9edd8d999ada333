// gongji-wallet: one shard of the ledger.
#include <array>
#include <cstdio>

#include "policy/policy.h"
#include "services/common/business_day.h"
#include "services/common/ids.h"
#include "services/common/rpc/process.h"
#include "services/common/sql/migrations.h"
#include "services/common/sql/postgres/postgres.h"
#include "services/common/worker.h"
#include "services/wallet/backup_service.h"
#include "services/wallet/config.h"
#include "services/wallet/gate.h"
#include "services/wallet/store/postgres/lease.h"
#include "services/wallet/store/postgres/postgres_store.h"
#include "services/wallet/store/sqlite/backup.h"
#include "services/wallet/store/wallet_store.h"
#include "services/wallet/wallet.h"
#include "services/wallet/wallet_service.h"
#include "services/wallet/writer/leadership.h"

namespace {

std::vector<gongji::sql::Migrated> Migrate(const std::string& database) {
  using gongji::rpc::ValueOrExit;
  if (!gongji::sql::IsPostgres(database)) {
    return ValueOrExit(gongji::wallet::MigrateSqliteWalletStore(database));
  }
  return {ValueOrExit(gongji::wallet::MigratePostgresWalletStore(database))};
}

// `book` must outlive the writer.
void FollowRules(const gongji::policy::PolicyBook& book, gongji::wallet::Config& config) {
  config.writer.account_year = [&book, area = config.area_province + "0000"](absl::Time at) {
    const gongji::BusinessDay day = gongji::BusinessDayOf(at);
    return gongji::policy::AccountYearOf(book.For(area, day).account, day);
  };
  config.writer.rules = [&book](const std::string& area,
                                gongji::BusinessDay day) -> const gongji::policy::AreaPolicy& {
    return book.For(area, day);
  };
}

}  // namespace

int main(int argc, char** argv) {
  using namespace gongji::wallet;  // NOLINT(google-build-using-namespace): one screen
  using gongji::rpc::ValueOrExit;

  gongji::rpc::Process process("wallet", argc, argv);
  auto config = ValueOrExit(ReadConfig());

  if (gongji::rpc::Process::migrates()) {
    std::fputs(gongji::sql::TextOf(Migrate(config.database)).c_str(), stdout);
    return 0;
  }
  const auto book = ValueOrExit(gongji::policy::PolicyBook::Load(config.policy));
  FollowRules(book, config);

  std::array<gongji::ThreadWorker, 6> threads;
  auto& [append, save, read, history, lease, backup] = threads;
  const WalletWorkers workers = {append, save, read, history};
  std::unique_ptr<WalletStore> store;
  std::unique_ptr<LeaseStore> leases;
  if (gongji::sql::IsPostgres(config.database)) {
    store = ValueOrExit(OpenPostgresWalletStore(
        process.env(), workers, {.connection = config.database, .hash = config.hash}));
    leases = OpenPostgresLeaseStore(process.env(), lease, config.database);
  } else {
    // Its file is locked: no other process can be the writer, or stand by.
    store =
        ValueOrExit(OpenSqliteWalletStore(process.env(), workers, config.database, config.hash));
  }

  std::unique_ptr<Wallet> wallet;
  Leadership leadership(process.env(), process.scope(), leases.get(),
                        {.holder = gongji::NewId(process.env()),
                         .address = config.advertise.empty() ? process.listen() : config.advertise,
                         .start = [&wallet] { return wallet->Start(); },
                         .save = [&wallet] { return wallet->Save(); },
                         .stop_waiting = [&wallet] { wallet->StopWaiting(); },
                         .close = [&wallet] { return wallet->Close(); },
                         .on_lost = [&process](const std::string& why) { process.End(why); }});
  config.writer.on_deposed = [&process] {
    process.End("another process writes this shard, or nobody knows what was written");
  };
  config.writer.standing = [&leadership] { return leadership.Standing(); };
  wallet = std::make_unique<Wallet>(process.env(), process.scope(), *store, config.writer,
                                    process.metrics());
  gongji::rpc::Gate gate(process.env(), process.server(), leadership);
  AddWalletService(gate, *wallet);
  const auto copies = ValueOrExit(OpenBackupStore(process.env(), backup, config));
  Backups backups(process.env(), process.scope(), *copies);
  AddBackupMethods(gate, backups);
  process.BeforeDrain([&leadership] { return leadership.HandOver(); });
  const int exit_code = process.Run(leadership.Start());
  for (gongji::ThreadWorker& thread : threads) thread.Join();
  return exit_code;
}
