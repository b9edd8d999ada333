// gongji-wallet: one shard of the ledger.
#include "policy/policy.h"
#include "services/common/business_day.h"
#include "services/common/ids.h"
#include "services/common/rpc/process.h"
#include "services/common/sql/migrations.h"
#include "services/wallet/backup_service.h"
#include "services/wallet/config.h"
#include "services/wallet/gate.h"
#include "services/wallet/shard.h"
#include "services/wallet/wallet.h"
#include "services/wallet/wallet_service.h"
#include "services/wallet/writer/leadership.h"

namespace gongji::wallet {
namespace {

// Has the writer follow `policies`, which must outlive it.
void FollowRules(const policy::PolicyBook& policies, Config& config) {
  config.writer.account_year = [&policies, area = config.area_province + "0000"](absl::Time at) {
    const BusinessDay day = BusinessDayOf(at);
    return policy::AccountYearOf(policies.For(area, day).account, day);
  };
  config.writer.rules = [&policies](const std::string& area,
                                    BusinessDay day) -> const policy::AreaPolicy& {
    return policies.For(area, day);
  };
}

int Main(int argc, char** argv) {
  using rpc::ValueOrExit;

  rpc::Process process("wallet", argc, argv);
  Config config = ValueOrExit(ReadConfig());
  if (rpc::Process::migrates()) {
    return rpc::Process::EndAsMigrated(sql::TextOf(ValueOrExit(MigrateShard(config))));
  }
  const auto policies = ValueOrExit(policy::PolicyBook::Load(config.policy));
  FollowRules(policies, config);

  ShardThreads threads;
  const ShardStores stores = ValueOrExit(OpenShard(process.env(), threads, config));
  std::unique_ptr<Wallet> wallet;
  Leadership leadership(process.env(), process.scope(), stores.leases.get(),
                        {.holder = NewId(process.env()),
                         .address = config.advertise.empty() ? process.listen() : config.advertise,
                         .start = [&wallet] { return wallet->Start(); },
                         .save = [&wallet] { return wallet->Save(); },
                         .stop_waiting = [&wallet] { wallet->StopWaiting(); },
                         .close = [&wallet] { return wallet->Close(); },
                         .on_lost = [&process](const std::string& why) { process.End(why); }});
  config.writer.on_deposed = [&process] {
    process.End("another process writes this shard, or nobody knows what was written");
  };
  config.writer.check_serving = [&leadership] { return leadership.CheckServing(); };
  wallet = std::make_unique<Wallet>(process.env(), process.scope(), *stores.wallet, config.writer,
                                    process.metrics());
  Gate gate(process.env(), process.server(), leadership);
  AddWalletService(gate, *wallet);
  Backups backups(process.env(), process.scope(), *stores.backups);
  AddBackupMethods(gate, backups);

  process.BeforeDrain([&leadership] { return leadership.HandOver(); });
  const int exit_code = process.Run(leadership.Start());
  threads.Join();
  return exit_code;
}

}  // namespace
}  // namespace gongji::wallet

int main(int argc, char** argv) { return gongji::wallet::Main(argc, argv); }
