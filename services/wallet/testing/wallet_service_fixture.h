// For tests: a shard behind a loopback channel, with one contribution in its journal.
#ifndef GONGJI_SERVICES_WALLET_TESTING_WALLET_SERVICE_FIXTURE_H_
#define GONGJI_SERVICES_WALLET_TESTING_WALLET_SERVICE_FIXTURE_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "gongji/wallet/v1/wallet.pb.h"
#include "services/common/metrics.h"
#include "services/common/testing/loopback.h"
#include "services/ledger/accounts.h"
#include "services/ledger/transaction_wire.h"
#include "services/wallet/backup_service.h"
#include "services/wallet/testing/slow_backup_store.h"
#include "services/wallet/testing/wallet_store_memory.h"
#include "services/wallet/wallet_service.h"

namespace gongji::wallet {

class WalletServiceTest : public testing::Test {
 protected:
  WalletServiceTest() {
    AddWalletService(loopback_.server(), wallet_);
    AddBackupMethods(loopback_.server(), backups_);
    EXPECT_TRUE(loopback_.Wait(wallet_.Start()).ok());
    loopback_.Connect();
    v1::ContributeRequest request;
    v1::Contribution* line = request.add_contributions();
    line->set_line_id("line");
    line->set_psn_no("p");
    line->set_current_fen(300);
    line->set_prior_fen(500);
    line->set_year(2026);
    line->set_source("employer");
    const auto response = Call<v1::ContributeResponse>("Contribute", request);
    EXPECT_TRUE(response->outcomes(0).has_written()) << response->DebugString();
  }

  template <class Response, class Request>
  absl::StatusOr<Response> Call(const std::string& method, const Request& request) {
    return loopback_.Call<Response>("gongji.wallet.v1.WalletService/" + method, request);
  }

  static v1::Transaction Pay(const std::string& id, int64_t fen) {
    v1::Transaction message;
    ledger::Fill({.id = id,
                  .kind = ledger::Kind::kPivot,
                  .holder = "op",
                  .groups = {{fen, fen, {{.from = ledger::PriorAccount("p"), .to = "provider/h"}}}},
                  .claims = {{{"bill/h/" + id + "/1"}, ledger::ClaimSubject::kBill}}},
                 message);
    return message;
  }

  rpc::Loopback loopback_;
  WalletDisk disk_;
  std::unique_ptr<WalletStore> store_ = NewMemoryWalletStore(loopback_.runtime(), disk_);
  SlowBackupStore backup_store_{loopback_.runtime()};
  Backups backups_{loopback_.runtime(), loopback_.scope(), backup_store_};
  // The account year is fixed, because the loopback has the real clock.
  Wallet wallet_{loopback_.runtime(),
                 loopback_.scope(),
                 *store_,
                 {.account_year = [](absl::Time) { return 2026; }},
                 NullMetrics()};
};

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_TESTING_WALLET_SERVICE_FIXTURE_H_
