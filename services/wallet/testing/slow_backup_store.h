// For tests: a store of backups that waits for the test.
#ifndef GONGJI_SERVICES_WALLET_TESTING_SLOW_BACKUP_STORE_H_
#define GONGJI_SERVICES_WALLET_TESTING_SLOW_BACKUP_STORE_H_

#include <optional>

#include "absl/status/statusor.h"
#include "services/common/env.h"
#include "services/common/task.h"
#include "services/wallet/store/backups.h"

namespace gongji::wallet {

// A backup that ends when the test says so.
class SlowBackupStore final : public BackupStore {
 public:
  explicit SlowBackupStore(Env& env) : env_(env) {}
  Task<absl::StatusOr<Backup>> BackUp() override {
    ++begun;
    if (!fails.ok()) co_return fails;
    end.emplace(env_);
    co_return co_await end->future();
  }

  int begun = 0;
  absl::Status fails;  // not OK: a backup ends with this at once
  std::optional<Promise<absl::StatusOr<Backup>>> end;

 private:
  Env& env_;
};

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_TESTING_SLOW_BACKUP_STORE_H_
